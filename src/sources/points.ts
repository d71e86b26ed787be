import type { Failed } from '../prometheus/answers.ts';
import { durationText } from '../prometheus/queries.ts';
import type { Json, Measured } from '../rollout/types.ts';
import type { Question } from './provider.ts';

/** A value of a series that a source gives in buckets. */
export interface Point {
  /** When its bucket begins, in Unix ms. */
  readonly at: number;
  readonly value: number | undefined;
}

/**
 * The newest point whose bucket has ended: one that is still filling tells of half the requests. None from before the
 * canary had its traffic, either: it would tell of another weight or of another canary.
 */
export function newestWhole(points: readonly Point[], bucketMs: number, question: Question): Measured {
  const { now, lookBackMs } = question;
  const whole = points.filter(
    ({ at, value }) => value !== undefined && at >= now - lookBackMs && at + bucketMs <= now,
  );
  const newest = whole.sort((a, b) => b.at - a.at)[0];
  if (newest?.value !== undefined) return { kind: 'value', value: newest.value };
  const window = `${durationText(bucketMs)} within the last ${durationText(lookBackMs)}`;
  return {
    kind: 'absent',
    why: points.length === 0 ? 'the query gives no value' : `the query gives no value for a whole ${window}`,
  };
}

/** The one of a list of series, else what to say. */
export function onlySeries<T>(series: readonly T[]): { readonly one: T } | Measured {
  const [one, ...more] = series;
  if (one === undefined) return { kind: 'absent', why: 'the query gives no value' };
  if (more.length === 0) return { one };
  return manyValues(series.length);
}

/** Of several values none is taken, since their order means nothing. */
export function manyValues(count: number): Failed {
  return { kind: 'error', why: `the query gives ${count} values, but one is wanted: sum or select them` };
}

/** An answer of another API, or one that was cut. */
export const notOfTheApi: Failed = { kind: 'error', why: 'the answer is not one of its API' };

/** A number as sources write it; a bare null is no value. */
export function numberIn(json: Json | undefined): number | undefined {
  return typeof json === 'number' && Number.isFinite(json) ? json : undefined;
}
