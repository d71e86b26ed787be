// Label selectors as they stand in a query: `app=web,tier in (a, b),!canary`.
type Labels = Readonly<Record<string, string>>;

/** Whether the labels meet every part of the selector; throws where it is none. */
export function matchesLabels(selector: string, labels: Labels): boolean {
  const parts = selector.match(/[^,(]+(?:\([^)]*\))?/g) ?? [];
  return parts.every((part) => meets(part.trim(), labels));
}

function meets(part: string, labels: Labels): boolean {
  const set = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(part);
  if (set !== null) {
    const [, key = '', how, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    return values.includes(labels[key] ?? '') === (how === 'in');
  }
  const [, not, key = '', how, value] = /^(!?)([^=!\s]+)\s*(?:(==|=|!=)\s*(\S*))?$/.exec(part) ?? [];
  if (key === '') throw new Error(`no label selector: ${part}`);
  if (how === undefined) return key in labels === (not === '');
  return (labels[key] === value) === (how !== '!=');
}
