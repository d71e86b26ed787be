import { fillQuery, type Filled } from '../config/query-template.ts';
import type { MetricSpec } from '../rollout/types.ts';

/** Whose requests are measured. */
export interface Arms {
  readonly namespace: string;
  /** The Deployments, by name: `destination_workload` in Istio's metrics. */
  readonly stable: string;
  readonly canary: string;
  /** How far back is looked. */
  readonly windowMs: number;
  /** The Services in front of them; where given, requests that reached no pod are counted, too. */
  readonly services?: { readonly stable: string; readonly canary: string };
}

export type Arm = 'stable' | 'canary';

/** The labels that the answers of `requestsQuery` keep apart. */
const kept = 'reporter, destination_workload, destination_service, response_code, grpc_response_status';

/**
 * PromQL for the requests of both arms in the window, by code. Nothing is divided there: an arm all of whose answers
 * are errors has no series of successes, and a quotient of it would be empty rather than 0. A request whose client hung
 * up (code 0) says nothing of the arm. Where no endpoint was chosen (a twin that lost all its pods), the client's proxy
 * knows the Service but no workload.
 */
export function requestsQuery(arms: Arms): string {
  const window = durationText(arms.windowMs);
  const increase = (selector: string): string =>
    `sum by (${kept}) (increase(istio_requests_total{${selector},response_code!="0"}[${window}]))`;
  const reached = increase(workloads(arms));
  if (arms.services === undefined) return reached;
  const selector = `destination_workload=~"unknown|",destination_service=~${quoted(hostsOf(arms, arms.services))}`;
  return `${reached} or ${increase(selector)}`;
}

/** PromQL for the 99th percentile of the duration, in ms, of both arms in the window, by reporter. */
export function latencyQuery(arms: Arms): string {
  const series = `istio_request_duration_milliseconds_bucket{${workloads(arms)}}`;
  const rate = `rate(${series}[${durationText(arms.windowMs)}])`;
  return `histogram_quantile(0.99, sum by (reporter, destination_workload, le) (${rate}))`;
}

/**
 * Range selectors for the raw samples of both arms, requests and durations. By the Services where they are known: that
 * counts also what reached no pod, and only requests that were split.
 */
export function samplesQueries(
  arms: Arms,
  rangeMs: number,
): { readonly requests: string; readonly durations: string } {
  const whose =
    arms.services === undefined
      ? workloads(arms)
      : `destination_service=~${quoted(hostsOf(arms, arms.services))}`;
  const range = `{${whose},response_code!="0"}[${durationText(rangeMs)}]`;
  return {
    requests: `istio_requests_total${range}`,
    durations: `istio_request_duration_milliseconds_bucket${range}`,
  };
}

function hostsOf({ namespace }: Arms, { stable, canary }: NonNullable<Arms['services']>): string {
  return `(${anyOf([stable, canary].map((name) => `${name}.${namespace}.svc`))})\\..+`;
}

/**
 * A user's query for one arm. The variables mean what they mean in Flagger: `target` is the workload that is measured,
 * `name` and `service` are the Deployment and the Service that the user knows.
 */
export function filled(
  { query = '', variables }: Pick<MetricSpec, 'query' | 'variables'>,
  arms: Arms,
  arm: Arm,
): Filled {
  const values = {
    namespace: arms.namespace,
    target: arms[arm],
    interval: durationText(arms.windowMs),
    name: arms.stable,
    service: arms.services?.stable ?? arms.stable,
  };
  return fillQuery(query, values, variables);
}

/** Milliseconds as PromQL writes a duration; in seconds where they are whole. */
export function durationText(ms: number): string {
  const whole = Math.max(1, Math.round(ms));
  return whole % 1000 === 0 ? `${whole / 1000}s` : `${whole}ms`;
}

function workloads({ namespace, stable, canary }: Arms): string {
  const names = quoted(anyOf([stable, canary]));
  return `destination_workload_namespace=${quoted(namespace)},destination_workload=~${names}`;
}

/** A regular expression that matches these texts alone; PromQL anchors it at both ends. */
function anyOf(texts: readonly string[]): string {
  return texts.map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)).join('|');
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', String.raw`\\`).replaceAll('"', String.raw`\"`).replaceAll('\n', String.raw`\n`)}"`;
}
