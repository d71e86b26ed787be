/** What a query can have in braces: Flagger's template functions. */
const templateFunctions = ['namespace', 'name', 'target', 'service', 'interval', 'variables'] as const;
type Value = Exclude<(typeof templateFunctions)[number], 'variables'>;

/** What stands in braces: a value of the rollout, a variable of the plan, or something nothing is known of. */
type Placeholder =
  | { readonly kind: 'value'; readonly name: Value }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'unknown'; readonly written: string };

/** The ways to write a variable: as a field, or by `index` where its name is no identifier. */
const variables = [/^\.?variables\.([A-Za-z_]\w*)$/, /^index \.?variables "([^"]+)"$/];

export type Filled =
  | { readonly ok: true; readonly query: string }
  | { readonly ok: false; readonly mistakes: readonly string[] };

/** The template with every placeholder filled in, or each that is not known and what would be. */
export function fillQuery(
  template: string,
  values: Readonly<Record<Value, string>>,
  given: Readonly<Record<string, string>> = {},
): Filled {
  const mistakes: string[] = [];
  const told = (mistake: string): string => {
    mistakes.push(mistake);
    return '';
  };
  const query = filledBy(template, (inner) => {
    if (inner === undefined) return told('holds {{ without }}');
    const placeholder = placeholderOf(inner);
    const value = valueOf(placeholder, values, given);
    return value ?? told(mistakeOf(placeholder, given));
  });
  return mistakes.length === 0 ? { ok: true, query } : { ok: false, mistakes: [...new Set(mistakes)] };
}

/** By hand, since a pattern with blanks on either side takes minutes over a text of nothing but blanks. */
function filledBy(template: string, fill: (inner: string | undefined) => string): string {
  let [filled, at] = ['', 0];
  for (;;) {
    const open = template.indexOf('{{', at);
    if (open === -1) return filled + template.slice(at);
    const close = template.indexOf('}}', open);
    if (close === -1) return filled + template.slice(at, open) + fill(undefined);
    const inner = template.slice(open + 2, close);
    // Go's trim markers take the blanks beside the braces with them.
    const [trimsLeft, trimsRight] = [inner.startsWith('-'), inner.endsWith('-')];
    const before = template.slice(at, open);
    const value = fill(inner.slice(trimsLeft ? 1 : 0, trimsRight ? -1 : undefined));
    filled += (trimsLeft ? before.trimEnd() : before) + value;
    const rest = template.slice(close + 2);
    at = template.length - (trimsRight ? rest.trimStart() : rest).length;
  }
}

function placeholderOf(inner: string): Placeholder {
  const text = inner.trim().replaceAll(/\s+/g, ' ');
  const value = templateFunctions.find((name) => name === text);
  if (value !== undefined && value !== 'variables') return { kind: 'value', name: value };
  const variable = variables.map((way) => way.exec(text)?.[1]).find((name) => name !== undefined);
  return variable === undefined ? { kind: 'unknown', written: text } : { kind: 'variable', name: variable };
}

function valueOf(
  placeholder: Placeholder,
  values: Readonly<Record<Value, string>>,
  given: Readonly<Record<string, string>>,
): string | undefined {
  switch (placeholder.kind) {
    case 'value':
      return values[placeholder.name];
    case 'variable':
      return Object.hasOwn(given, placeholder.name) ? given[placeholder.name] : undefined;
    case 'unknown':
      return undefined;
  }
}

function mistakeOf(placeholder: Placeholder, given: Readonly<Record<string, string>>): string {
  if (placeholder.kind === 'variable') {
    const names = Object.keys(given);
    const has = names.length === 0 ? 'is not given' : `has only ${names.join(', ')}`;
    return `holds the variable ${placeholder.name}, and templateVariables ${has}`;
  }
  const written = placeholder.kind === 'unknown' ? placeholder.written : placeholder.name;
  const holds = `holds {{ ${written} }}`;
  const unrouted = { ingress: 'Ingress', route: 'HTTPRoute' }[written];
  if (unrouted !== undefined)
    return `${holds}, but no ${unrouted} is edited by Serin: write its name, or give it as a variable`;
  return `${holds}; what can be filled in is ${templateFunctions.join(', ')} (as variables.NAME)`;
}
