// Text for terminals: spans with a meaning, measured in cells, cut and wrapped to a width. What comes from a cluster may
// hold anything; no control character of it reaches a terminal.

export type Style = 'strong' | 'faint' | 'good' | 'bad' | 'warn' | 'canary';

export interface Span {
  readonly text: string;
  readonly style?: Style;
}

export type Line = readonly Span[];

/** A span of text from anywhere: in one line, with nothing in it that a terminal obeys. */
export function span(text: string, style?: Style): Span {
  const clean = text.replaceAll(/\s+/gu, ' ').replaceAll(obeyed, '\ufffd');
  return style === undefined ? { text: clean } : { text: clean, style };
}

// Marks of direction too: what is shown must be what was written.
const obeyed = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;

/** Cells of a text. */
export function widthOf(text: string): number {
  // Nearly all there is.
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  return Array.from(text).reduce((sum, character) => sum + cellsOf(character), 0);
}

function cellsOf(character: string): number {
  if (/[\p{Mn}\p{Me}\p{Cf}]/u.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18aff}\u{1b000}-\u{1b2ff}\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

/** Cells of a line. */
export function lineWidth(line: Line): number {
  return line.reduce((sum, { text }) => sum + widthOf(text), 0);
}

/** The text in at most `width` cells, with `…` where something is left out: at its end, or in front. */
export function cutText(text: string, width: number, from: 'end' | 'front' = 'end'): string {
  if (widthOf(text) <= width) return text;
  if (width < 1) return '';
  const characters = from === 'end' ? Array.from(text) : Array.from(text).toReversed();
  const kept: string[] = [];
  for (let [index, room] = [0, width - 1]; index < characters.length; index += 1) {
    const character = characters[index] ?? '';
    room -= cellsOf(character);
    if (room < 0) break;
    kept.push(character);
  }
  return from === 'end' ? `${kept.join('')}…` : `…${kept.toReversed().join('')}`;
}

/** The line in at most `width` cells. */
export function cutLine(line: Line, width: number): Line {
  if (lineWidth(line) <= width) return line;
  const kept: Span[] = [];
  let room = width;
  for (const each of line) {
    const needed = widthOf(each.text);
    // The last that fits whole still needs room for the mark, unless nothing follows.
    const text = needed < room ? each.text : cutText(`${each.text} `, room);
    if (text !== '') kept.push({ ...each, text });
    room -= needed;
    if (room <= 0) break;
  }
  return kept;
}

/** The text with blanks up to `width` cells. */
export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** The words of the text in lines of at most `width` cells; a word that is longer is broken. */
export function wrapText(text: string, width: number): readonly string[] {
  const room = Math.max(1, width);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((each) => broken(each, room))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (widthOf(longer) <= room) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

function broken(word: string, room: number): readonly string[] {
  if (widthOf(word) <= room) return [word];
  const parts: string[] = [];
  let part = '';
  for (const character of word) {
    if (part !== '' && widthOf(part + character) > room) {
      parts.push(part);
      part = '';
    }
    part += character;
  }
  return [...parts, part];
}

const codes: Readonly<Record<Style, string>> = {
  strong: '1',
  faint: '2',
  good: '32',
  bad: '1;31',
  warn: '33',
  canary: '36',
};

/** The line as it is written, without blanks at its end. */
export function painted(line: Line, colour: boolean): string {
  const plain = line.map(({ text }) => text).join('');
  if (!colour) return plain.trimEnd();
  return line
    .map(({ text, style }) =>
      style === undefined || text === '' ? text : `\u001b[${codes[style]}m${text}\u001b[0m`,
    )
    .join('');
}
