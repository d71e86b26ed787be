import { gained, type Series } from '../analysis/samples.ts';
import type { Arm, Arms } from '../prometheus/queries.ts';
import { isError } from '../prometheus/readings.ts';
import { type Exposed, labelsOf } from './exposition.ts';

// Envoy itself writes every name with a prefix, Istio's build of it does not.
const counters = /^(?:envoy_)?istio_(requests_total|request_duration_milliseconds_bucket)$/;

/** True for the metrics that are counted. */
export function isCounted(name: string): boolean {
  return counters.test(name);
}

/** What is known of a pod from the API. */
export interface PodSeen {
  readonly name: string;
  readonly arm: Arm;
  readonly ip: string;
  readonly ready: boolean;
  /** When it came to be, Unix ms. */
  readonly startedAt: number;
}

/** What a line of the page is to us: one of the sums of the pod, or nothing. */
interface Line {
  readonly sum: string | undefined;
  readonly value: number;
}

const [answered, failed] = ['200', '500'];
/** More of a pod's are never kept: half an hour at 2 s. */
const mostPoints = 900;

/**
 * The requests that one pod's proxy has counted since it was first heard, as a few counters that never fall: what each
 * line of its page gained is added up, since lines come and go and start again with the proxy.
 */
export class CountedPod {
  readonly #pod: PodSeen;
  readonly #sums = new Map<string, [at: number, value: number][]>();
  #lines: ReadonlyMap<string, Line> = new Map();
  /** When a page of it was last heard, Unix ms. */
  heardAt: number | undefined;

  constructor(pod: PodSeen) {
    this.#pod = pod;
  }

  /** True where its proxy has any line of these requests. */
  get counts(): boolean {
    return [...this.#lines.values()].some(({ sum }) => sum !== undefined);
  }

  /**
   * Takes in a page that came at `at`. What it gained counts where all of it is after `since`: since the page before, or
   * since the pod's start where there was none. Says why where the page cannot be.
   */
  hear(page: readonly Exposed[], arms: Arms, at: number, since: number): string | undefined {
    const from = this.heardAt ?? this.#pod.startedAt;
    const isAfter = from >= since;
    const gains = new Map([answered, failed].map((sum) => [sum, 0]));
    const lines = new Map<string, Line>();
    for (const { name, labels, value } of page) {
      const key = `${name}{${labels}`;
      if (lines.has(key)) return 'the same line twice';
      const known = this.#lines.get(key);
      const sum = known === undefined ? sumOf(name, labels, arms) : known.sum;
      if (sum === 'unreadable') return 'labels that cannot be read';
      lines.set(key, { sum, value });
      if (sum === undefined) continue;
      if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) return `a counter that is ${value}`;
      gains.set(sum, (gains.get(sum) ?? 0) + gained(known?.value ?? 0, value));
    }
    this.#lines = lines;
    this.heardAt = at;
    for (const [sum, gain] of gains) this.#add(sum, isAfter ? gain : 0, at, isAfter ? from : at);
    return undefined;
  }

  /** Where a sum is new it stood at nothing at `from`: else its first requests would be taken for old ones. */
  #add(sum: string, gain: number, at: number, from: number): void {
    const points = this.#sums.get(sum) ?? (from < at ? [[from, 0]] : []);
    points.push([at, (points.at(-1)?.[1] ?? 0) + gain]);
    this.#sums.set(sum, points);
  }

  /** Forgets what is not needed to tell what was gained after `before`. */
  forget(before: number): void {
    for (const points of this.#sums.values()) {
      const next = points.findIndex(([at]) => at > before);
      const old = Math.max((next === -1 ? points.length : next) - 1, points.length - mostPoints, 0);
      points.splice(0, old);
    }
  }

  /** Its counters as Prometheus would tell their raw samples. */
  series(arms: Arms): { readonly requests: readonly Series[]; readonly durations: readonly Series[] } {
    const { name: pod, arm } = this.#pod;
    const labels = { reporter: 'destination', destination_workload: arms[arm], pod };
    const all = [...this.#sums].map(([sum, points]) => ({ sum, points }));
    const isRequests = ({ sum }: { readonly sum: string }): boolean => sum === answered || sum === failed;
    return {
      requests: all
        .filter(isRequests)
        .map(({ sum, points }) => ({ labels: { ...labels, response_code: sum }, points })),
      durations: all
        .filter((each) => !isRequests(each))
        .map(({ sum, points }) => ({ labels: { ...labels, le: sum.slice(le.length) }, points })),
    };
  }
}

const le = 'le ';

/** The same requests that Prometheus is asked for: those that were split, and whose client did not hang up. */
function sumOf(name: string, text: string, arms: Arms): string | undefined {
  const labels = labelsOf(text);
  if (labels === undefined) return 'unreadable';
  // Its own requests to others are on the same page.
  if (labels['reporter'] !== 'destination' || labels['response_code'] === '0') return undefined;
  if (!isOf(arms, labels['destination_service'] ?? '')) return undefined;
  if (name.endsWith('_bucket')) return `${le}${labels['le'] ?? ''}`;
  return isError(labels) ? failed : answered;
}

function isOf({ namespace, services }: Arms, host: string): boolean {
  if (services === undefined) return true;
  const [service, of] = host.split('.');
  return of === namespace && (service === services.stable || service === services.canary);
}
