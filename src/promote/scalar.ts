// One value of a YAML file, changed where it stands: what is around it stays as it was written.
import { isAlias, isScalar, parseDocument } from 'yaml';

/** Where a value stands in its text, and how it is quoted there. */
export interface Spot {
  readonly start: number;
  readonly end: number;
  readonly value: string;
  readonly quote: '' | "'" | '"';
}

/** A text, also where it looks like a number: as it is written, 1.10 is no number here. */
export function textOf(node: unknown): string | undefined {
  if (!isScalar(node)) return undefined;
  if (typeof node.value === 'string') return node.value;
  return node.type === 'PLAIN' && node.value !== null ? node.source : undefined;
}

/** The place of a value; or, in words that follow its name, why it cannot be changed there. */
export function spotOf(node: unknown): Spot | string {
  if (node === undefined || node === null) return 'is missing';
  if (isAlias(node)) return `is the alias *${node.source}: others have the same value`;
  const value = textOf(node);
  if (!isScalar(node) || node.range === undefined || node.range === null || value === undefined)
    return 'is no text';
  if (node.anchor !== undefined) return `has the anchor &${node.anchor}: others have the same value`;
  const [start, end] = node.range;
  const quote = node.type === undefined ? undefined : quotes[node.type];
  return quote === undefined ? 'is a block of text' : { start, end, value, quote };
}

const quotes: Readonly<Record<string, Spot['quote']>> = { PLAIN: '', QUOTE_SINGLE: "'", QUOTE_DOUBLE: '"' };

/** The text with another value there; it is read back as exactly that text. */
export function withValue(text: string, { start, end, quote }: Spot, value: string): string {
  const mark = quote === '' && !isText(value) ? '"' : quote;
  return `${text.slice(0, start)}${mark}${value}${mark}${text.slice(end)}`;
}

/** False of what means something else without quotes: 1.10 is the number 1.1, 1e3 is 1000. */
function isText(value: string): boolean {
  return parseDocument(value).contents?.toJSON() === value;
}
