import { eachCount, type Series } from '../analysis/samples.ts';
import { type Arms, samplesQueries } from './queries.ts';
import { armOf, type Counts, countsOf } from './readings.ts';
import type { Sample } from './answers.ts';
import type { Ask } from './client.ts';

/**
 * What came in, and over how long that was seen: a Prometheus that has just begun knows less than was asked for. Errors
 * are of an arm's own making, and of those stable's are wanted; after a promotion it may have had no requests yet.
 */
export interface Incoming {
  /** Of both arms: a canary has its part of what comes in, and after its promotion has had all of it. */
  readonly requests: number;
  /** Of stable alone where it had any, else of both. */
  readonly of: Counts;
  readonly overMs: number;
}

/** The requests of the last `arms.windowMs`, as far as they were scraped; undefined where none were. */
export async function incoming(ask: Ask, arms: Arms): Promise<Incoming | undefined> {
  const answer = await ask.samples(samplesQueries(arms, arms.windowMs).requests);
  return answer.kind === 'error' ? undefined : incomingIn(answer.series, arms);
}

function incomingIn(series: readonly Series[], arms: Arms): Incoming | undefined {
  const own = series.filter(({ labels }) => armOf(labels, arms) !== undefined);
  const times = own.flatMap(({ points }) => [points[0]?.[0] ?? [], points.at(-1)?.[0] ?? []].flat());
  const [from, until] = [Math.min(...times), Math.max(...times)];
  const overMs = until - from;
  if (!(overMs > 0)) return undefined;
  const samples: Sample[] = [];
  eachCount(own, [from, until], ({ labels }, _, value) => samples.push({ labels, value }));
  const [stable, canary] = (['stable', 'canary'] as const).map((arm) => countsOf(samples, arms, arm));
  if (stable === undefined && canary === undefined) return undefined;
  const requests = (stable?.requests ?? 0) + (canary?.requests ?? 0);
  return { requests, of: stable ?? canary ?? { requests, errors: 0 }, overMs };
}
