import { countsBetween, rhythmOf, type Series, type TargetOf } from '../analysis/samples.ts';
import type { ArmTick, ComparedTick, Counting } from '../analysis/comparison.ts';
import type { Arm, Arms } from './queries.ts';
import { armOf, isError } from './readings.ts';

/** Raw samples of both arms. */
export interface Samples {
  readonly requests: readonly Series[];
  /** Cumulative buckets. */
  readonly durations: readonly Series[];
}

/** What is asked to be counted. */
export interface Asked {
  /** Since when the traffic is routed as it is, with nothing of before under way any more: Unix ms by our clock. */
  readonly routedSince: number;
  /** Before that durations are not counted: pods that have just started are slow. By our clock. */
  readonly timedFrom: number;
  /** Up to when all was counted before: Unix ms by the source's clock. */
  readonly countedUntil?: number;
  /** Pods of each arm that are ready, and so should be scraped. */
  readonly ready: Readonly<Record<Arm, number>>;
}

/** Labels by which two Prometheus that scrape the same are told apart, where a query layer shows both. */
const replicaLabels = ['replica', 'prometheus_replica', '__replica__', 'prometheus'];

const targetOf: TargetOf = ({ pod = '', instance = '' }) => `${pod} ${instance}`;

/**
 * Counts requests, errors and slow requests of both arms, a tick for each scrape, since when nothing is counted; the source's
 * clock is `aheadMs` ahead of ours. Of several reporters
 * the one that saw most requests counts, whatever their outcome: chosen by outcome, the test would not be fair.
 */
export function ticksOf(samples: Samples, arms: Arms, asked: Asked, aheadMs: number): Counting {
  const since = countedSince(asked, aheadMs);
  const requests = single(samples.requests).filter(({ labels }) => armOf(labels, arms) !== undefined);
  const rhythm = rhythmOf(requests, targetOf);
  if (rhythm.until === undefined || rhythm.intervalMs === undefined)
    return { kind: 'absent', why: 'no samples of these workloads' };
  const step = Math.max(rhythm.intervalMs, 1000);
  const cuts = cutsBetween(since, rhythm.until, step);
  if (cuts.length < 2) return { kind: 'absent', why: 'no scrape since the traffic was routed so' };
  const reporter = reporterOf(requests, cuts);
  const own = requests.filter(({ labels }) => labels['reporter'] === reporter);
  const missing = reporter === 'destination' ? unscraped(own, arms, asked.ready, rhythm.silent) : undefined;
  if (missing !== undefined) return { kind: 'incomplete', why: missing };
  const durations = single(samples.durations).filter(({ labels }) => labels['reporter'] === reporter);
  const timedFrom = asked.timedFrom + aheadMs;
  const ticks = counted(own, durations, arms, cuts).map((tick, at) =>
    (cuts[at] ?? 0) < timedFrom ? untimed(tick) : tick,
  );
  return { kind: 'ticks', ticks };
}

/** From when on is counted, by the source's clock. */
export function countedSince({ routedSince, countedUntil = 0 }: Asked, aheadMs: number): number {
  return Math.max(routedSince + aheadMs, countedUntil);
}

/** One series of each that only differ by which Prometheus scraped them: the one with most samples. */
function single(series: readonly Series[]): readonly Series[] {
  if (!series.some(({ labels }) => replicaLabels.some((name) => name in labels))) return series;
  const best = new Map<string, Series>();
  for (const each of series) {
    const rest = Object.entries(each.labels).filter(([name]) => !replicaLabels.includes(name));
    const key = JSON.stringify(rest.toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const known = best.get(key);
    if (known === undefined || known.points.length < each.points.length) best.set(key, each);
  }
  return [...best.values()];
}

function cutsBetween(since: number, until: number, step: number): readonly number[] {
  const count = Math.floor((until - since) / step);
  return Array.from({ length: Math.max(0, count) + 1 }, (_, at) => since + at * step);
}

function reporterOf(requests: readonly Series[], cuts: readonly number[]): string {
  const totals = new Map<string, number>();
  countsBetween(requests, cuts).forEach((counts, at) => {
    const reporter = requests[at]?.labels['reporter'] ?? '';
    totals.set(reporter, (totals.get(reporter) ?? 0) + counts.reduce((sum, count) => sum + count, 0));
  });
  // `source` first where they saw the same: it knows of requests that reached no pod.
  const ranked = [...totals].toSorted(([a, x], [b, y]) => y - x || (a < b ? 1 : -1));
  return ranked[0]?.[0] ?? '';
}

/** Says so where fewer pods of an arm are scraped than are ready: the others may be the ones that fail. */
function unscraped(
  series: readonly Series[],
  arms: Arms,
  ready: Asked['ready'],
  silent: readonly string[],
): string | undefined {
  for (const arm of ['canary', 'stable'] as const) {
    const targets = series
      .filter(({ labels }) => armOf(labels, arms) === arm)
      .map(({ labels }) => targetOf(labels));
    const heard = new Set(targets.filter((target) => !silent.includes(target))).size;
    if (heard > 0 && heard < ready[arm])
      return `only ${heard} of ${ready[arm]} ready pods of ${arms[arm]} are scraped`;
  }
  return undefined;
}

function counted(
  requests: readonly Series[],
  durations: readonly Series[],
  arms: Arms,
  cuts: readonly number[],
): readonly ComparedTick[] {
  const edges = edgesOf(durations);
  const blank = (): { requests: number; errors: number; slower: number[] } => ({
    requests: 0,
    errors: 0,
    slower: edges.map(() => 0),
  });
  const ticks = cuts.slice(1).map((until) => ({ until, edges, canary: blank(), stable: blank() }));
  forEachCount(requests, arms, cuts, (labels, arm, tick, count) => {
    const into = ticks[tick]?.[arm];
    if (into === undefined) return;
    into.requests += count;
    if (isError(labels)) into.errors += count;
    into.slower = into.slower.map((slower) => slower + count);
  });
  // Slower than an edge are all requests but those that its bucket counts.
  forEachCount(durations, arms, cuts, (labels, arm, tick, count) => {
    const slower = ticks[tick]?.[arm].slower;
    const at = edges.indexOf(Number(labels['le']));
    if (slower?.[at] !== undefined) slower[at] -= count;
  });
  return ticks.map(({ canary, stable, ...tick }) => ({
    ...tick,
    canary: clean(canary),
    stable: clean(stable),
  }));
}

function untimed(tick: ComparedTick): ComparedTick {
  const { canary, stable } = tick;
  return { ...tick, edges: [], canary: { ...canary, slower: [] }, stable: { ...stable, slower: [] } };
}

function forEachCount(
  series: readonly Series[],
  arms: Arms,
  cuts: readonly number[],
  tell: (labels: Series['labels'], arm: Arm, tick: number, count: number) => void,
): void {
  countsBetween(series, cuts).forEach((counts, at) => {
    const labels = series[at]?.labels ?? {};
    const arm = armOf(labels, arms);
    if (arm !== undefined) counts.forEach((count, tick) => tell(labels, arm, tick, count));
  });
}

function edgesOf(durations: readonly Series[]): readonly number[] {
  const edges = new Set(durations.map(({ labels }) => Number(labels['le'])));
  return [...edges].filter((edge) => Number.isFinite(edge)).toSorted((a, b) => a - b);
}

/** A scrape between two counters of one proxy may show one request in only one of them. */
function clean({ requests, errors, slower }: ArmTick): ArmTick {
  const whole = Math.round(requests);
  return {
    requests: whole,
    errors: Math.min(whole, Math.round(errors)),
    slower: slower.map((count) => Math.min(whole, Math.max(0, Math.round(count)))),
  };
}
