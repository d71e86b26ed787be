// Lines of a rollout, from what Prometheus answered.
import type { Series as Samples } from '../analysis/samples.ts';
import type { RangeAnswer, Sample } from '../prometheus/answers.ts';
import type { Arm, Arms } from '../prometheus/queries.ts';
import { countsOf, p99 } from '../prometheus/readings.ts';
import { lineOf } from './series.ts';
import type { Line, Series } from './wire.ts';

/** Rate, errors and latency of both arms, from what `requestsQuery` and `latencyQuery` give over a range. */
export function trafficLines(
  requests: RangeAnswer,
  latency: RangeAnswer,
  arms: Arms,
): Pick<Series, 'rate' | 'errors' | 'latency'> {
  const seconds = arms.windowMs / 1000;
  const counted = (samples: readonly Sample[], arm: Arm) => countsOf(samples, arms, arm);
  return {
    rate: linesOf(requests, (samples, arm) => {
      const counts = counted(samples, arm);
      return counts === undefined ? null : counts.requests / seconds;
    }),
    errors: linesOf(requests, (samples, arm) => {
      const counts = counted(samples, arm);
      return counts === undefined ? null : (100 * counts.errors) / counts.requests;
    }),
    latency: linesOf(latency, (samples, arm) => {
      const measured = p99({ kind: 'samples', samples, warnings: [] }, arms, arm);
      return measured.kind === 'value' ? measured.value : null;
    }),
  };
}

/** Both arms' values at each time of the answer. */
function linesOf(answer: RangeAnswer, value: (samples: readonly Sample[], arm: Arm) => number | null): Line {
  return lineOf(
    momentsOf(answer).map(([at, samples]) => [at, [value(samples, 'stable'), value(samples, 'canary')]]),
  );
}

/** A query's one value. */
export function onlyLine(answer: RangeAnswer): Line {
  return lineOf(momentsOf(answer).map(([at, [sample]]) => [at, [sample?.value ?? null, null]]));
}

/** The samples of all series by time (Unix seconds), oldest first. */
function momentsOf(answer: RangeAnswer): readonly (readonly [at: number, samples: readonly Sample[]])[] {
  const moments = new Map<number, Sample[]>();
  const series: readonly Samples[] = answer.kind === 'series' ? answer.series : [];
  for (const { labels, points } of series)
    for (const [ms, value] of points) {
      const at = Math.round(ms / 1000);
      const samples = moments.get(at) ?? [];
      samples.push({ labels, value });
      moments.set(at, samples);
    }
  return [...moments].sort(([a], [b]) => a - b);
}
