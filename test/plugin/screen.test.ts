// A frame is one write that covers the last, and nothing is written where nothing changed.
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { terminalOf } from '../../src/plugin/process.ts';
import { openScreen } from '../../src/plugin/screen.ts';
import { terminal } from './terminal.ts';

const lines = (...texts: string[]) => texts.map((text) => [{ text }]);

test('a frame begins at the corner, clears each line behind its text, and what is below', () => {
  const written: string[] = [];
  const { io } = terminal({ columns: 11, rows: 5 });
  const screen = openScreen({ ...io, out: (text) => written.push(text) });
  screen.draw(lines('one', 'two, and more than fits'));
  screen.draw(lines('one', 'two, and more than fits'));
  screen.draw(lines('one'));
  screen.close();
  deepEqual(written, [
    '\u001b[?1049h\u001b[?25l',
    '\u001b[?2026h\u001b[Hone\u001b[K\r\ntwo, and …\u001b[K\u001b[J\u001b[?2026l',
    '\u001b[?2026h\u001b[Hone\u001b[K\u001b[J\u001b[?2026l',
    '\u001b[?25h\u001b[?1049l',
    'one\n',
  ]);
  // Clearing all of it first is what flickers.
  ok(!written.join('').includes('\u001b[2J'));
});

test('what does not fit is told as a number', () => {
  const written: string[] = [];
  const { io } = terminal({ columns: 20, rows: 3 });
  const screen = openScreen({ ...io, out: (text) => written.push(text) });
  screen.draw(lines('1', '2', '3', '4', '5'));
  equal(written[1]?.includes('2\u001b[K\r\n… 3 more lines\u001b[K'), true);
});

test('colour is for a terminal whose user wants it', () => {
  const tty = { isTTY: true, columns: 90, rows: 30 };
  const colour = (stream: object, env: Record<string, string>, isPlain = false): boolean =>
    terminalOf(stream, env, isPlain).colour;
  deepEqual(
    [
      colour(tty, {}),
      colour(tty, { NO_COLOR: '' }),
      colour(tty, { NO_COLOR: '1' }),
      colour(tty, {}, true),
      colour(tty, { TERM: 'dumb' }),
      colour({}, {}),
    ],
    [true, true, false, false, false, false],
  );
  deepEqual(terminalOf(tty, {}, false).size(), { columns: 90, rows: 30 });
  deepEqual(terminalOf({}, { COLUMNS: '72' }, false).size(), { columns: 72, rows: 24 });
  equal(terminalOf({}, {}, false).size().columns, Number.POSITIVE_INFINITY);
  deepEqual(terminalOf({ ...tty, columns: 0, rows: 0 }, {}, false).size(), { columns: 80, rows: 24 });
});
