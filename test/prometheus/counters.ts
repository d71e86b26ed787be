// Counters of Istio as Prometheus tells their raw samples.
import type { Series } from '../../src/analysis/samples.ts';

/** Scrapes at 0, 5, 10, ... seconds of a day. */
const t0 = 1_700_000_000_000;
export const at = (seconds: number): number => t0 + seconds * 1000;

interface Counter {
  readonly workload: 'web' | 'web-canary' | 'unknown';
  readonly pod?: string;
  readonly code?: string;
  readonly reporter?: string;
  readonly service?: string;
  readonly le?: string;
  readonly replica?: string;
}

/** A counter that stood so at each scrape; undefined where it was not there. */
export function counter(
  { workload, pod = `${workload}-1`, code = '200', reporter = 'destination', ...more }: Counter,
  ...values: readonly (number | undefined)[]
): Series {
  const { service = workload, le, replica } = more;
  const labels = {
    ...{ reporter, destination_workload: workload, destination_service: `${service}.shop.svc.cluster.local` },
    ...{ response_code: code, pod, instance: `${pod}:15020` },
    ...(le === undefined ? {} : { le }),
    ...(replica === undefined ? {} : { prometheus_replica: replica }),
  };
  const points = values.flatMap((value, scrape) =>
    value === undefined ? [] : [[at(5 * scrape), value] as const],
  );
  return { labels, points };
}
