// The way a candidate would go, in time: at the earliest, since pods and gates take theirs.
import { noticedFrom, type Traffic } from '../rollout/foresight.ts';
import { checksOf, weightsOf } from '../rollout/strategy.ts';
import type { RolloutSpec } from '../rollout/types.ts';

interface CourseStep {
  readonly label: string;
  /** What it has of the traffic meanwhile, in words. */
  readonly share: string;
  /** Since its pods are ready, in ms. */
  readonly fromMs: number;
  readonly lastsMs: number;
  /** For each traffic that was asked for: the rate of errors, in 0..1, that is noticed; null where none is. */
  readonly noticed: readonly (number | null)[];
}

export interface Course {
  readonly steps: readonly CourseStep[];
  /** Until all traffic goes to it, since its pods are ready, in ms. */
  readonly totalMs: number;
  /** Until failed checks alone roll it back; absent where nothing is checked. */
  readonly rollbackMs?: number;
  /** True where both arms are compared at every look, so that a rollback may come sooner. */
  readonly isCompared: boolean;
  readonly gates: readonly string[];
}

/** The steps of the plan; `isSplit` is false where no traffic can be split. */
export function courseOf(spec: RolloutSpec, isSplit: boolean, traffics: readonly Traffic[]): Course {
  const { intervalMs, threshold, compare, gates } = spec.analysis;
  const isCompared =
    compare !== undefined &&
    isSplit &&
    spec.promotion === 'shift' &&
    weightsOf(spec.analysis.strategy).length > 0;
  const shares = spec.skipAnalysis ? [] : sharesOf(spec, isSplit);
  const steps = shares.map((each, index): CourseStep => {
    const { label, share, weight, count = 1 } = each;
    const before = shares.slice(0, index).reduce((sum, { count: checks = 1 }) => sum + checks, 0);
    const lastsMs = count * intervalMs;
    const isSeen = isCompared && weight !== undefined && compare.errorRate;
    const noticed = isSeen
      ? traffics.map((traffic) => noticedFrom(compare, traffic, weight, lastsMs) ?? null)
      : [];
    return { label, share, fromMs: before * intervalMs, lastsMs, noticed };
  });
  const asked = gates.filter(({ type }) => type !== 'event' && type !== 'post-rollout');
  return {
    steps,
    totalMs: steps.reduce((sum, { lastsMs }) => sum + lastsMs, 0),
    ...(spec.skipAnalysis || !isJudged(spec) ? {} : { rollbackMs: threshold * intervalMs }),
    isCompared: isCompared && !spec.skipAnalysis,
    gates: asked.map(({ name, type }) => `${name} (${type})`),
  };
}

function isJudged({ analysis: { metrics, gates } }: RolloutSpec): boolean {
  return metrics.length > 0 || gates.some(({ type }) => type === 'rollout' || type === 'pre-rollout');
}

interface Share {
  readonly label: string;
  readonly share: string;
  readonly weight?: number;
  readonly count?: number;
}

function sharesOf({ promotion, analysis: { strategy } }: RolloutSpec, isSplit: boolean): readonly Share[] {
  const weights = weightsOf(strategy);
  const isInPlace = promotion === 'inPlace';
  if (strategy.kind === 'weights' && (isSplit || isInPlace)) {
    const copies: readonly Share[] =
      strategy.mirror === undefined ? [] : [{ label: 'copies', share: `copies of ${strategy.mirror} %` }];
    const of = isInPlace ? ' of the pods' : '';
    return [
      ...copies,
      ...weights.map((weight, index) => ({
        ...{ label: String(index + 1), share: `${weight} %${of}` },
        ...(isInPlace ? {} : { weight }),
      })),
    ];
  }
  const count = checksOf(strategy);
  return [
    { label: count === 1 ? '1 check' : `${count} checks`, share: withoutWeight(strategy, isSplit), count },
  ];
}

function withoutWeight(strategy: RolloutSpec['analysis']['strategy'], isSplit: boolean): string {
  if (!isSplit) return 'no traffic';
  if (strategy.kind === 'iterations' && strategy.match !== undefined) return 'who matches';
  return strategy.mirror === undefined ? 'no traffic' : `copies of ${strategy.mirror} %`;
}
