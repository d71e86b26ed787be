import {
  latencyWealth,
  type LatencyEvidence,
  noLatencyEvidence,
  tellingEdge,
  withDurations,
} from './latency.ts';
import { type Bounds, interval, type Interval, noBounds, withTick as withTickOfBounds } from './odds.ts';
import { logWealth, noEvidence, scatter, withTick } from './sequential.ts';

/** How canary and stable are compared. */
export interface ComparisonSpec {
  readonly errorRate: boolean;
  readonly latency: boolean;
  /** The chance, in 0..1, that a canary as good as stable is ever rolled back by the comparison; of all it compares. */
  readonly falseRollback: number;
  /** The odds ratio, at least 1, up to which the canary is not called worse. */
  readonly tolerance: number;
  /** Percent of stable's requests that may fail; while more do, the trouble is not the canary's and nothing is judged. */
  readonly objective?: number;
}

/** What one arm did in a tick. */
export interface ArmTick {
  readonly requests: number;
  readonly errors: number;
  /** Requests whose durations were told in this tick, a proxy may do so seconds later; absent: those of `requests`. */
  readonly timed?: number;
  /** Of them the slower ones, for each edge; empty where the durations are not known. */
  readonly slower: readonly number[];
}

/** Both arms over the same time. */
export interface ComparedTick {
  /** Up to when, Unix ms by the clock of the source. */
  readonly until: number;
  readonly edges: readonly number[];
  readonly canary: ArmTick;
  readonly stable: ArmTick;
}

/** What a source has counted of both arms, scrape by scrape. */
export type Counting =
  | {
      readonly kind: 'ticks';
      readonly ticks: readonly ComparedTick[];
      /** What stable did before, scrape by scrape, where nothing of it was counted yet. */
      readonly earlier?: Comparison['recent'];
    }
  /** Nothing there to compare. */
  | { readonly kind: 'absent'; readonly why: string }
  /** Something is there and some of it is missing: it may be what fails. */
  | { readonly kind: 'incomplete'; readonly why: string }
  | { readonly kind: 'error'; readonly why: string };

/** All that is kept of a comparison: a few numbers for each thing compared, however long it goes on. */
export interface Comparison {
  /** Everything up to then has been counted, once. */
  readonly until: number;
  readonly canary: Totals;
  readonly stable: Totals;
  readonly errors: readonly number[];
  readonly latency: LatencyEvidence;
  readonly bounds: Bounds;
  /** Requests and errors of stable in the last ticks, for how its errors scatter. */
  readonly recent: readonly (readonly [requests: number, errors: number])[];
}

interface Totals {
  readonly requests: number;
  readonly errors: number;
}

/** Ticks of stable by which the scatter of its errors is judged. */
const recentTicks = 40;
const none: Totals = { requests: 0, errors: 0 };

/** A comparison that begins at `since`, Unix ms; stable's ticks of before tell how its errors scatter. */
export function comparisonFrom(since: number, earlier: Comparison['recent'] = []): Comparison {
  const { grid } = noEvidence;
  return {
    until: since,
    canary: none,
    stable: none,
    errors: grid,
    latency: noLatencyEvidence,
    bounds: noBounds,
    recent: earlier.slice(-recentTicks),
  };
}

/** The comparison with the ticks that came after it; what it has counted before is left out. */
export function withTicks(
  before: Comparison,
  ticks: readonly ComparedTick[],
  spec: ComparisonSpec,
): Comparison {
  return ticks
    .filter(({ until }) => until > before.until)
    .reduce((seen, tick) => withOne(seen, tick, spec), before);
}

function withOne(before: Comparison, tick: ComparedTick, { tolerance }: ComparisonSpec): Comparison {
  const { canary, stable, edges, until } = tick;
  // By the past alone: how this very tick scatters must not decide how much it counts.
  const temper = scatter(before.recent.map(([requests, errors]) => ({ requests, errors })));
  const bounds = withTickOfBounds(before.bounds, { canary, stable }, temper);
  const isTimed = edges.length > 0 && canary.slower.length === edges.length;
  const durations = { edges, canary: timed(canary), stable: timed(stable) };
  const latency = withDurations(before.latency, durations, tolerance, temper);
  return {
    until,
    canary: sum(before.canary, canary),
    stable: sum(before.stable, stable),
    errors: rounded(withTick({ grid: before.errors }, { canary, stable }, tolerance, temper).grid),
    latency: isTimed ? { edges, grid: latency.grid.map(rounded) } : before.latency,
    bounds: { above: rounded(bounds.above), below: rounded(bounds.below) },
    recent: [...before.recent, [stable.requests, stable.errors] as const].slice(-recentTicks),
  };
}

function timed({ requests, timed: told = requests, slower }: ArmTick) {
  return { requests: told, slower };
}

/** It is kept in an annotation: more digits than these tell nothing. */
function rounded(logs: readonly number[]): readonly number[] {
  return logs.map((log) => Math.round(log * 1e4) / 1e4);
}

function sum(a: Totals, b: Totals): Totals {
  return { requests: a.requests + b.requests, errors: a.errors + b.errors };
}

/** What a comparison says by now. */
export interface Compared {
  /** `open`: not shown to be worse, which is not the same as shown to be as good. */
  readonly verdict: 'worse' | 'open';
  /** What decided, or speaks most against the canary. */
  readonly by: 'errors' | 'latency' | undefined;
  /** The log wealth of that, and the bound it is measured by. */
  readonly wealth: number;
  readonly bound: number;
  /** Where the odds ratio of an error lies, at 95 %. */
  readonly odds: Interval;
  /** The edge in ms, where latency speaks. */
  readonly edge: number | undefined;
}

/** Judges all that was counted; may be asked after every tick. */
export function judge(comparison: Comparison, spec: ComparisonSpec): Compared {
  const parts = [
    ...(spec.errorRate ? [{ by: 'errors' as const, wealth: logWealth({ grid: comparison.errors }) }] : []),
    ...(spec.latency ? [{ by: 'latency' as const, wealth: latencyWealth(comparison.latency) }] : []),
  ];
  // The allowed chance is shared out: each thing compared is a chance of its own to be wrong.
  const bound = Math.log(Math.max(1, parts.length) / spec.falseRollback);
  const [first] = parts.toSorted((a, b) => b.wealth - a.wealth);
  const wealth = first?.wealth ?? Number.NEGATIVE_INFINITY;
  return {
    verdict: wealth >= bound ? 'worse' : 'open',
    by: first?.by,
    wealth,
    bound,
    odds: interval(comparison.bounds, 0.05),
    edge: first?.by === 'latency' ? tellingEdge(comparison.latency) : undefined,
  };
}
