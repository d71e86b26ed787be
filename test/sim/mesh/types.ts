// The ports of the simulated mesh: what clients' proxies know, what requests come to, what Prometheus makes of it.
import type { PrometheusOptions } from '../../../src/prometheus/client.ts';
import type { Life } from '../time.ts';

/** How a version of the software behaves; by image. */
export interface Behaviour {
  /** Share of requests answered with a 500. */
  readonly errors: number;
  /** Mean duration of a request in ms. */
  readonly durationMs: number;
  /** `crash`: ends a moment after each start; `missing`: the image cannot be pulled; `never`: runs, is never ready. */
  readonly start: 'ok' | 'crash' | 'missing' | 'never';
  /** From scheduled to ready. */
  readonly readyMs: number;
}

/** What became of requests in one step of time, for one host. */
export interface Outcome {
  readonly at: number;
  readonly host: string;
  /** Deployment that answered (`namespace/name`), or undefined where none was reached. */
  readonly workload: string | undefined;
  readonly count: number;
  /**
   * `ok`; `app` the software's own 5xx; `no-endpoint` the proxy knew no pod of the cluster it chose; `no-cluster` the
   * route names a Service the proxy does not know; `refused` the pods it knew had gone; `cut` a request or stream that
   * was open when its pod went.
   */
  readonly result: 'ok' | 'app' | 'no-endpoint' | 'no-cluster' | 'refused' | 'cut';
  /** The HTTP status that the clients were answered with (404 with `no-cluster` where no route matches at all). */
  readonly status?: number;
  /** When the last of them began at the latest: `at` is when they ended, which streams and slow answers do long after. */
  readonly begunAt?: number;
}

export interface SimMesh {
  /** Requests per second that people send to a host; 0 stops them. */
  load(host: string, perSecond: number): void;
  /** Streams that are kept open by clients of a host, each `seconds` long, so many at a time. */
  streams(host: string, count: number, seconds: number): void;
  /** Told of every outcome. */
  onOutcome(listener: (outcome: Outcome) => void): void;
  /** Requests per second that a Deployment (`namespace/name`) has answered of late: what an autoscaler sees. */
  rateOf(workload: string): number;
  /** From a write to when a proxy knows it: least and most, in ms. */
  propagation: { leastMs: number; mostMs: number };
  /** The Prometheus API, as production's client uses it. */
  prometheus(life: Life): PrometheusOptions['fetch'];
  /** What ails Prometheus: it is down, answers 5xx or HTML, is slow, does not scrape the twin, was restarted with empty memory. */
  ailment: 'none' | 'down' | 'error' | 'page' | 'truncated' | 'slow' | 'unscraped' | 'empty';
  restartPrometheus(): void;
}
