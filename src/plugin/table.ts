// Columns as wide as what is in them, as far as there is room.
import { cutText, type Line, padded, span, type Style, widthOf } from './lines.ts';

export interface Cell {
  readonly text: string;
  readonly style?: Style;
  /** `front` where the end tells more, as of an image. */
  readonly cut?: 'front';
}

export interface Column {
  readonly title: string;
  /** What it may shrink to; a column without does not. */
  readonly least?: number;
}

const gap = 2;

/** Rows under their titles in at most `width` cells: the columns that may shrink do so, the widest first; the rest is cut. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number,
): readonly Line[] {
  const titles = columns.map(({ title }): Cell => ({ text: title, style: 'faint' }));
  const widths = fitted(
    columns.map(({ title, least }, index) => ({
      wanted: Math.max(widthOf(title), ...rows.map((row) => widthOf(span(row[index]?.text ?? '').text))),
      least,
    })),
    width,
  );
  const isTitled = columns.some(({ title }) => title !== '');
  return [...(isTitled ? [titles] : []), ...rows].map((row) => lineOf(row, widths));
}

function lineOf(row: readonly Cell[], widths: readonly number[]): Line {
  return row.map(({ text, style, cut }, index) => {
    const room = widths[index] ?? 0;
    const { text: clean } = span(text);
    const shown = cutText(clean, room, cut ?? 'end');
    const isLast = index === row.length - 1;
    return { text: isLast ? shown : padded(shown, room + gap), ...(style === undefined ? {} : { style }) };
  });
}

interface Wish {
  readonly wanted: number;
  readonly least: number | undefined;
}

function fitted(wishes: readonly Wish[], width: number): readonly number[] {
  const widths = wishes.map(({ wanted }) => wanted);
  const over = (): number => widths.reduce((sum, each) => sum + each, gap * (widths.length - 1)) - width;
  while (over() > 0) {
    const widest = widths.reduce<number | undefined>((best, each, index) => {
      const least = wishes[index]?.least;
      if (least === undefined || each <= least) return best;
      return best === undefined || each > (widths[best] ?? 0) ? index : best;
    }, undefined);
    if (widest === undefined) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}
