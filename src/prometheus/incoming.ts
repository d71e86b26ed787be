import { eachCount, type Series } from '../analysis/samples.ts';
import { type Arms, samplesQueries } from './queries.ts';
import { armOf, type Counts, countsOf } from './readings.ts';
import type { Sample } from './answers.ts';
import type { Ask } from './client.ts';

/** What came in to stable, and over how long that was seen: a Prometheus that has just begun knows less than was asked for. */
export interface Incoming extends Counts {
  readonly overMs: number;
}

/** The requests to stable in the last `arms.windowMs`, as far as they were scraped; undefined where none were. */
export async function incoming(ask: Ask, arms: Arms): Promise<Incoming | undefined> {
  const answer = await ask.samples(samplesQueries(arms, arms.windowMs).requests);
  return answer.kind === 'error' ? undefined : incomingIn(answer.series, arms);
}

function incomingIn(series: readonly Series[], arms: Arms): Incoming | undefined {
  const own = series.filter(({ labels }) => armOf(labels, arms) === 'stable');
  const times = own.flatMap(({ points }) => [points[0]?.[0] ?? [], points.at(-1)?.[0] ?? []].flat());
  const [from, until] = [Math.min(...times), Math.max(...times)];
  const overMs = until - from;
  if (!(overMs > 0)) return undefined;
  const samples: Sample[] = [];
  eachCount(own, [from, until], ({ labels }, _, value) => samples.push({ labels, value }));
  const counts = countsOf(samples, arms, 'stable');
  return counts === undefined ? undefined : { ...counts, overMs };
}
