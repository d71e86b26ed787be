// A label and what belongs to it, as one block of lines.
import { type Line, type Span, span, type Style, widthOf, wrapText } from './lines.ts';

const labelWidth = 10;

/** Cells left beside a label. */
export function besideLabel(width: number): number {
  return Math.max(1, width - labelWidth);
}

/** The lines with the label before the first and blanks before the others. */
export function labelled(label: string, lines: readonly Line[]): readonly Line[] {
  return lines.map((line, index) => [
    { text: (index === 0 ? label : '').padEnd(labelWidth), style: 'faint' },
    ...line,
  ]);
}

/** A text that may have several lines, each wrapped; `lead` stands before the first, and blanks before the others. */
export function wrapped(
  text: string,
  width: number,
  { style, lead = '' }: { readonly style?: Style; readonly lead?: string } = {},
): readonly Line[] {
  return text
    .split('\n')
    .flatMap((part) => wrapText(span(part).text, width - widthOf(lead)))
    .map((line, index) => [
      { text: index === 0 ? lead : ' '.repeat(widthOf(lead)) },
      { text: line, ...(style === undefined ? {} : { style }) },
    ]);
}

/** Spans one after another with blanks between, in as many lines as they need. */
export function flowing(spans: readonly Span[], between: number, width: number): readonly Line[] {
  const lines: Span[][] = [[]];
  let used = 0;
  for (const each of spans) {
    const current = lines.at(-1) ?? [];
    const needed = widthOf(each.text);
    if (current.length > 0 && used + between + needed > width) {
      lines.push([each]);
      used = needed;
      continue;
    }
    if (current.length > 0) current.push({ text: ' '.repeat(between) });
    current.push(each);
    used += needed + (current.length > 1 ? between : 0);
  }
  return lines;
}
