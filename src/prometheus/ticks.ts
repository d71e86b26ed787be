import { eachCount, rhythmOf, type Series, type TargetOf } from '../analysis/samples.ts';
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
 * Counts requests, errors and slow requests of both arms, a tick for each scrape that is not counted yet; the source's clock
 * is `aheadMs` ahead of ours. Of several reporters the one that saw most requests counts, whatever their outcome: chosen by
 * outcome, the test would not be fair.
 */
export function ticksOf(samples: Samples, arms: Arms, asked: Asked, aheadMs: number): Counting {
  const since = countedSince(asked, aheadMs);
  const isDoubled = samples.requests.some(({ labels }) => replicaLabels.some((name) => name in labels));
  const single = (series: readonly Series[]): readonly Series[] => (isDoubled ? oneOfEach(series) : series);
  const requests = single(samples.requests).filter(({ labels }) => armOf(labels, arms) !== undefined);
  const rhythm = rhythmOf(requests, targetOf);
  if (rhythm.until === undefined || rhythm.intervalMs === undefined)
    return { kind: 'absent', why: 'no samples of these workloads' };
  const step = Math.max(rhythm.intervalMs, 1000);
  const cuts = cutsBetween(since, rhythm.until, step);
  // What is there will be told by the next scrape; until then a check would judge half of it.
  if (cuts.length < 2) return { kind: 'incomplete', why: 'no scrape since the traffic was routed so' };
  const reporter = reporterOf(requests, cuts);
  const isOwn = ({ labels }: Series): boolean => labels['reporter'] === reporter;
  const own = requests.filter(isOwn);
  const missing = reporter === 'destination' ? unscraped(own, arms, asked.ready, rhythm.silent) : undefined;
  if (missing !== undefined) return { kind: 'incomplete', why: missing };
  const all = single(samples.durations);
  // There are twenty times as many of them, and where one reporter has all requests it has all durations.
  const durations = own.length === requests.length ? all : all.filter(isOwn);
  const timedFrom = asked.timedFrom + aheadMs;
  const ticks = counted(own, durations, arms, cuts).map((tick, at) =>
    (cuts[at] ?? 0) < timedFrom ? untimed(tick) : tick,
  );
  const earlier = asked.countedUntil === undefined ? stableBefore(own, arms, since, step) : [];
  return { kind: 'ticks', ticks, ...(earlier.length === 0 ? {} : { earlier }) };
}

/** From when on is counted, by the source's clock. */
export function countedSince({ routedSince, countedUntil = 0 }: Asked, aheadMs: number): number {
  return Math.max(routedSince + aheadMs, countedUntil);
}

/** One series of each that only differ by which Prometheus scraped them: the one with most samples. */
function oneOfEach(series: readonly Series[]): readonly Series[] {
  const best = new Map<string, Series>();
  for (const each of series) {
    const rest = Object.entries(each.labels).filter(([name]) => !replicaLabels.includes(name));
    const key = JSON.stringify(rest.toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const known = best.get(key);
    if (known === undefined || known.points.length < each.points.length) best.set(key, each);
  }
  return [...best.values()];
}

/** Ticks of stable from before the trial; below three they tell nothing of how its errors scatter. */
function stableBefore(
  requests: readonly Series[],
  arms: Arms,
  since: number,
  step: number,
): readonly (readonly [requests: number, errors: number])[] {
  const stable = requests.filter(({ labels }) => armOf(labels, arms) === 'stable');
  const oldest = Math.min(...stable.map(({ points }) => points[0]?.[0] ?? Number.POSITIVE_INFINITY));
  // Where the answer begins not every pod has been scraped: its counter would be taken for a new one.
  const count = Math.floor((since - oldest) / step) - 2;
  if (!(count >= 3)) return [];
  const cuts = cutsBetween(since - count * step, since, step);
  return counted(stable, [], arms, cuts).map(({ stable: { requests: of, errors } }) => [of, errors]);
}

function cutsBetween(since: number, until: number, step: number): readonly number[] {
  const count = Math.floor((until - since) / step);
  return Array.from({ length: Math.max(0, count) + 1 }, (_, at) => since + at * step);
}

function reporterOf(requests: readonly Series[], cuts: readonly number[]): string {
  const totals = new Map<string, number>();
  for (const { labels } of requests) totals.set(labels['reporter'] ?? '', 0);
  eachCount(requests, cuts, ({ labels }, _, count) => {
    const reporter = labels['reporter'] ?? '';
    totals.set(reporter, (totals.get(reporter) ?? 0) + count);
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
  const { edges, at } = edgesOf(durations);
  const isToldLater = durations.some(({ labels }) => labels['le'] === all);
  const told = isToldLater ? { timed: 0 } : {};
  const blank = (): Sums => ({ requests: 0, errors: 0, ...told, within: edges.map(() => 0) });
  const ticks = cuts.slice(1).map((until) => ({ until, canary: blank(), stable: blank() }));
  const intoOf = (labels: Series['labels'], tick: number) => {
    const arm = armOf(labels, arms);
    return arm === undefined ? undefined : ticks[tick]?.[arm];
  };
  eachCount(requests, cuts, ({ labels }, tick, count) => {
    const into = intoOf(labels, tick);
    if (into === undefined) return;
    into.requests += count;
    if (isError(labels)) into.errors += count;
  });
  eachCount(durations, cuts, ({ labels }, tick, count) => {
    const into = intoOf(labels, tick);
    const edge = at.get(labels['le'] ?? '');
    if (into === undefined) return;
    if (edge !== undefined) into.within[edge] = (into.within[edge] ?? 0) + count;
    else if (labels['le'] === all) into.timed = (into.timed ?? 0) + count;
  });
  return ticks.map(({ until, canary, stable }) => ({
    ...{ until, edges },
    ...{ canary: clean(canary), stable: clean(stable) },
  }));
}

function untimed(tick: ComparedTick): ComparedTick {
  const { canary, stable } = tick;
  return { ...tick, edges: [], canary: { ...canary, slower: [] }, stable: { ...stable, slower: [] } };
}

/** The edges that there are, ascending, and where each is by its label; two labels may say the same edge. */
function edgesOf(durations: readonly Series[]): {
  readonly edges: readonly number[];
  readonly at: ReadonlyMap<string, number>;
} {
  const texts = new Set<string>();
  for (const { labels } of durations) texts.add(labels['le'] ?? '');
  const known = [...texts].map((text) => [text, text === '' ? Number.NaN : Number(text)] as const);
  const finite = known.filter(([, edge]) => Number.isFinite(edge));
  const edges = [...new Set(finite.map(([, edge]) => edge))].toSorted((a, b) => a - b);
  return { edges, at: new Map(finite.map(([text, edge]) => [text, edges.indexOf(edge)])) };
}

/** The bucket of every request whose duration is known. */
const all = '+Inf';

interface Sums {
  requests: number;
  errors: number;
  timed?: number;
  readonly within: number[];
}

/**
 * Slower than an edge are all requests but those within it. Envoy counts a request at once, and its duration with the next
 * flush of its histograms (each 5 s): those that are not told yet are not slow.
 */
function clean({ requests, errors, timed, within }: Sums): ArmTick {
  const whole = Math.round(requests);
  const told = timed === undefined ? whole : Math.round(timed);
  return {
    requests: whole,
    errors: Math.min(whole, Math.round(errors)),
    ...(timed === undefined ? {} : { timed: told }),
    slower: within.map((each) => Math.min(told, Math.max(0, Math.round(told - each)))),
  };
}
