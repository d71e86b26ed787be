import type { Measured } from '../rollout/types.ts';
import type { Answer, Sample } from './answers.ts';
import { type Arm, type Arms, durationText } from './queries.ts';

/** Requests of one arm as one reporter counted them. */
export interface Counts {
  readonly requests: number;
  readonly errors: number;
}

/** gRPC's own server errors (UNKNOWN, DEADLINE_EXCEEDED, INTERNAL, UNAVAILABLE, DATA_LOSS): they come with code 200. */
const grpcErrors = new Set(['2', '4', '13', '14', '15']);

/**
 * The counts of an arm in the view of the reporter that saw it worst; undefined where none saw a request. The reporters
 * are never summed: source and destination count the same request once each. Neither will do alone: the destination's
 * proxy cannot see a request that never reached a pod, and a mesh with nothing but a gateway has no destination's proxy.
 */
export function countsOf(samples: readonly Sample[], arms: Arms, arm: Arm): Counts | undefined {
  const views = new Map<string, Counts>();
  for (const { labels, value } of samples) {
    if (armOf(labels, arms) !== arm || !Number.isFinite(value)) continue;
    const reporter = labels['reporter'] ?? '';
    const { requests, errors } = views.get(reporter) ?? { requests: 0, errors: 0 };
    views.set(reporter, { requests: requests + value, errors: errors + (isError(labels) ? value : 0) });
  }
  const seen = [...views.values()].filter(({ requests }) => requests > 0);
  return seen.sort((a, b) => b.errors / b.requests - a.errors / a.requests || b.requests - a.requests)[0];
}

/** The percent of an arm's requests that were answered without a server error. */
export function successRate(answer: Answer, arms: Arms, arm: Arm): Measured {
  if (answer.kind === 'error') return answer;
  const counts = countsOf(answer.samples, arms, arm);
  if (counts === undefined) return noRequests(answer.warnings, arms);
  return { kind: 'value', value: (100 * (counts.requests - counts.errors)) / counts.requests };
}

/** The 99th percentile of an arm's durations in ms, as the reporter saw it that saw the longest. */
export function p99(answer: Answer, arms: Arms, arm: Arm): Measured {
  if (answer.kind === 'error') return answer;
  const values = answer.samples
    .filter(({ labels, value }) => armOf(labels, arms) === arm && Number.isFinite(value))
    .map(({ value }) => value);
  if (values.length === 0) return noRequests(answer.warnings, arms);
  return { kind: 'value', value: Math.max(...values) };
}

/** The one value of a user's query. Of several none is taken, since their order means nothing. */
export function onlyValue(answer: Answer): Measured {
  if (answer.kind === 'error') return answer;
  const [first, ...more] = answer.samples;
  if (more.length > 0) {
    return {
      kind: 'error',
      why: `the query gives ${more.length + 1} values, but one is wanted: sum or select them`,
    };
  }
  if (first === undefined) return absent('the query gives no value', answer.warnings);
  if (!Number.isFinite(first.value)) return absent(`the query gives ${first.value}`, answer.warnings);
  return { kind: 'value', value: first.value };
}

/** Whose request a series counts: by the workload that answered, else by the Service that was asked. */
export function armOf(labels: Sample['labels'], { stable, canary, services }: Arms): Arm | undefined {
  const workload = labels['destination_workload'] ?? '';
  if (workload === canary) return 'canary';
  if (workload === stable) return 'stable';
  const [service] = (labels['destination_service'] ?? '').split('.');
  if (service === services?.canary) return 'canary';
  return service === services?.stable ? 'stable' : undefined;
}

/** True for answers that are the server's fault. */
export function isError(labels: Sample['labels']): boolean {
  return (
    (labels['response_code'] ?? '').startsWith('5') || grpcErrors.has(labels['grpc_response_status'] ?? '')
  );
}

function noRequests(warnings: readonly string[], { windowMs }: Arms): Measured {
  return absent(`no requests in ${durationText(windowMs)}`, warnings);
}

function absent(why: string, warnings: readonly string[]): Measured {
  return { kind: 'absent', why: warnings.length === 0 ? why : `${why} (${warnings.join('; ')})` };
}
