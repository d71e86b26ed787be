/** A sample as a page of Prometheus's text exposition format shows it. */
export interface Exposed {
  readonly name: string;
  /** Its labels as they are written, without the braces: read by `labelsOf` where they are wanted. */
  readonly labels: string;
  /** May be NaN or an infinity. */
  readonly value: number;
}

export type Page =
  | { readonly kind: 'page'; readonly samples: readonly Exposed[] }
  | { readonly kind: 'error'; readonly why: string };

/**
 * Reads the samples that are wanted off a page (text format 0.0.4); lines of other metrics are passed over unread. A line
 * that cannot be read and a page that ends in the middle of one are errors: half a page would be half the truth.
 */
export function readPage(text: string, isWanted: (name: string) => boolean): Page {
  if (text !== '' && !text.endsWith('\n'))
    return { kind: 'error', why: 'the page ends in the middle of a line' };
  const samples: Exposed[] = [];
  for (const [at, line] of text.split('\n').entries()) {
    const [name] = /^[a-zA-Z_:][\w:]*/.exec(line) ?? [];
    if (name === undefined && /^[ \t\r]*(#|$)/.test(line)) continue;
    if (name !== undefined && !isWanted(name)) continue;
    const sample = name === undefined ? undefined : sampleIn(name, line.slice(name.length));
    if (sample === undefined) return { kind: 'error', why: `line ${at + 1} of the page is no sample` };
    samples.push(sample);
  }
  return { kind: 'page', samples };
}

// Neither a value nor a timestamp has a brace, so the last one ends the labels whatever stands in them.
const afterName = /^[ \t]*(?:\{([^]*)\})?[ \t]*([^\s{}]+)(?:[ \t]+[+-]?\d+)?[ \t\r]*$/;

function sampleIn(name: string, rest: string): Exposed | undefined {
  const [, labels = '', text = ''] = afterName.exec(rest) ?? [];
  const value = numberIn(text);
  return value === undefined ? undefined : { name, labels, value };
}

const finite = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const infinite = /^([+-]?)Inf$/;

function numberIn(text: string): number | undefined {
  if (finite.test(text)) return Number(text);
  if (text === 'NaN') return Number.NaN;
  const [, sign] = infinite.exec(text) ?? [];
  return sign === undefined ? undefined : Number(`${sign}Infinity`);
}

/** The labels of a sample by name; undefined where they are not written as the format wants them. */
export function labelsOf(text: string): Readonly<Record<string, string>> | undefined {
  const labels = new Map<string, string>();
  const one = /[ \t]*([a-zA-Z_]\w*)[ \t]*=[ \t]*"([^"\\]*(?:\\[^][^"\\]*)*)"[ \t]*(?:,[ \t]*|$)/y;
  while (one.lastIndex < text.length) {
    const [, name = '', escaped = ''] = one.exec(text) ?? [];
    const value = unescaped(escaped);
    if (name === '' || labels.has(name) || value === undefined) return undefined;
    labels.set(name, value);
  }
  return Object.fromEntries(labels);
}

const meant: Readonly<Record<string, string>> = { '\\\\': '\\', '\\"': '"', '\\n': '\n' };

function unescaped(text: string): string | undefined {
  if (!text.includes('\\')) return text;
  const escapes = text.match(/\\[^]/g) ?? [];
  return escapes.every((each) => each in meant)
    ? text.replaceAll(/\\[^]/g, (each) => meant[each] ?? each)
    : undefined;
}
