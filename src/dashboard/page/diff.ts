/** One line of what differs. */
export interface DiffLine {
  readonly is: 'same' | 'gone' | 'new';
  readonly text: string;
}

/** The lines, or how many of them are left out since both sides have them. */
export type Shown = DiffLine | { readonly is: 'folded'; readonly lines: number };

/** Of two texts whose middles are longer than this together, the middles are shown as replaced: nobody reads that. */
const mostCells = 4_000_000;

/** What makes `after` of `before`, line by line, with as few lines changed as can be. */
export function diffLines(before: string, after: string): readonly DiffLine[] {
  const [a, b] = [linesOf(before), linesOf(after)];
  const ends = Math.min(a.length, b.length);
  const alike = (index: number): boolean => a[index] === b[index];
  const alikeFromEnd = (index: number): boolean => a[a.length - 1 - index] === b[b.length - 1 - index];
  let head = 0;
  while (head < ends && alike(head)) head += 1;
  let tail = 0;
  while (tail < ends - head && alikeFromEnd(tail)) tail += 1;
  return [
    ...a.slice(0, head).map(same),
    ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...a.slice(a.length - tail).map(same),
  ];
}

/** The same with runs of lines that both have cut to `context` around each change. */
export function folded(lines: readonly DiffLine[], context = 3): readonly Shown[] {
  const near = lines.map((_, index) =>
    lines.slice(Math.max(0, index - context), index + context + 1).some(({ is }) => is !== 'same'),
  );
  const shown: Shown[] = [];
  lines.forEach((line, index) => {
    const last = shown.at(-1);
    if (near[index] === true) shown.push(line);
    else if (last?.is === 'folded') shown[shown.length - 1] = { is: 'folded', lines: last.lines + 1 };
    else shown.push({ is: 'folded', lines: 1 });
  });
  return shown;
}

function middle(a: readonly string[], b: readonly string[]): readonly DiffLine[] {
  if (a.length * b.length > mostCells) return [...a.map(gone), ...b.map(added)];
  const longest = commonLengths(a, b);
  const at = (row: number, column: number): number => longest[row * (b.length + 1) + column] ?? 0;
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    if (left !== undefined && left === right) {
      lines.push(same(left));
      i += 1;
      j += 1;
    } else if (left !== undefined && (right === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push(gone(left));
      i += 1;
    } else {
      lines.push(added(right ?? ''));
      j += 1;
    }
  }
  return lines;
}

/** How many lines the rests from (i, j) have in common, row by row. */
function commonLengths(a: readonly string[], b: readonly string[]): Uint32Array {
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const [below, right] = [lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0];
      lengths[i * width + j] =
        a[i] === b[j] ? 1 + (lengths[(i + 1) * width + j + 1] ?? 0) : Math.max(below, right);
    }
  return lengths;
}

function linesOf(text: string): readonly string[] {
  const lines = text.split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

const same = (text: string): DiffLine => ({ is: 'same', text });
const gone = (text: string): DiffLine => ({ is: 'gone', text });
const added = (text: string): DiffLine => ({ is: 'new', text });
