/** What of a long list is to be drawn. */
export interface Rows {
  readonly from: number;
  /** Not drawn any more. */
  readonly to: number;
}

interface View {
  readonly count: number;
  readonly rowHeight: number;
  readonly scrollTop: number;
  readonly height: number;
}

/** Rows beyond either end, so that a turn of the wheel finds them there. */
export const beyond = 6;

/** The rows that are seen, and a few beyond; never more than fit, however long the list is. */
export function rowsIn({ count, rowHeight, scrollTop, height }: View): Rows {
  const first = Math.floor(Math.max(0, scrollTop) / rowHeight) - beyond;
  const seen = Math.ceil(Math.max(0, height) / rowHeight) + 1 + 2 * beyond;
  const from = Math.max(0, Math.min(first, count - seen));
  return { from, to: Math.min(count, Math.max(0, first) + seen) };
}

/** Where a list has to stand for a row to be seen whole; undefined where it is. */
export function scrollFor(
  index: number,
  { rowHeight, scrollTop, height }: Omit<View, 'count'>,
): number | undefined {
  const [top, bottom] = [index * rowHeight, (index + 1) * rowHeight];
  if (top < scrollTop) return top;
  return bottom > scrollTop + height ? bottom - height : undefined;
}
