// A screen that is drawn again and again without flicker: each frame is one write that covers the last, and a terminal
// that knows how shows it at once.
import { cutLine, type Line, painted } from './lines.ts';
import type { Io } from './verb.ts';

const escape = '\u001b[';
/** The other screen, without a cursor: what the user had is there again afterwards. */
const open = `${escape}?1049h${escape}?25l`;
const close = `${escape}?25h${escape}?1049l`;
/** Between these a terminal that knows them (mode 2026) shows nothing. */
const [hold, release] = [`${escape}?2026h`, `${escape}?2026l`];

export interface Screen {
  /** Shows these lines in place of the last; what does not fit below is told as a number. */
  draw(lines: readonly Line[]): void;
  /** Gives the terminal back, with the last frame in it. */
  close(): void;
}

/** Takes the terminal. */
export function openScreen({ out, terminal }: Io): Screen {
  let last: string | undefined;
  let shown: readonly Line[] = [];
  out(open);
  return {
    draw(lines) {
      const { columns, rows } = terminal.size();
      shown = lines;
      const frame = framed(fitting(lines, rows, usable(columns)), terminal.colour);
      if (frame !== last) out(`${hold}${frame}${release}`);
      last = frame;
    },
    close() {
      out(close);
      out(shown.map((line) => `${painted(line, terminal.colour)}\n`).join(''));
    },
  };
}

/** What clears a line behind a text that fills it takes the text's last character (xterm and others). */
export function usable(columns: number): number {
  return columns - 1;
}

function fitting(lines: readonly Line[], rows: number, columns: number): readonly Line[] {
  const cut = lines.map((line) => cutLine(line, columns));
  if (cut.length <= rows) return cut;
  const left = cut.length - rows + 1;
  return [...cut.slice(0, rows - 1), cutLine([{ text: `… ${left} more lines`, style: 'faint' }], columns)];
}

/** From the top left corner; what was there before goes line by line, never all at once. */
function framed(lines: readonly Line[], colour: boolean): string {
  const text = lines.map((line) => `${painted(line, colour)}${escape}K`).join('\r\n');
  return `${escape}H${text}${escape}J`;
}
