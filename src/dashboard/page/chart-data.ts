import type { Line } from '../wire.ts';

/** Seconds since 1970. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Shorter than this, a chart shows noise. */
const leastSeconds = 120;

/** The time that all lines of a rollout are shown over. */
export function spanOf(lines: readonly Line[], now: number): Span {
  const ends = lines.flatMap(({ at }) => (at.length === 0 ? [] : [at[0] ?? now, at.at(-1) ?? now]));
  const [from, to] = [Math.min(now, ...ends), Math.max(now, ...ends)];
  return { from: Math.min(from, to - leastSeconds), to };
}

/** The line with its last values held until the end: what was asked for stays so until something else is. */
export function heldUntil({ at, values }: Line, to: number): Line {
  if (at.length === 0 || (at.at(-1) ?? to) >= to) return { at, values };
  return { at: [...at, to], values: values.map((each) => [...each, each.at(-1) ?? null]) };
}

/** True where there is a line to be drawn, and not only a point. */
export function hasValues({ values }: Line): boolean {
  return values.some((each) => each.filter((value) => value !== null).length > 1);
}

/** The last value that is known of each line. */
export function lastOf({ values }: Line): readonly (number | null)[] {
  return values.map((each) => each.findLast((value) => value !== null) ?? null);
}

/** A dozen points at most, evenly over the line: what can be read out. */
export function readable(
  { at, values }: Line,
  most = 12,
): readonly (readonly [number, readonly (number | null)[]])[] {
  const step = Math.max(1, Math.ceil(at.length / most));
  return at.flatMap((time, index) =>
    (at.length - 1 - index) % step === 0 ? [[time, values.map((each) => each[index] ?? null)] as const] : [],
  );
}
