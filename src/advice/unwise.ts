// Plans that are legal, and that somebody will be sorry for.
import { usualFloor } from '../config/floor.ts';
import { weightsOf } from '../rollout/strategy.ts';
import type { RolloutSpec } from '../rollout/types.ts';
import { lengthText } from './length.ts';

/** What is unwise, and where in the plan. */
export interface Doubt {
  readonly path: string;
  readonly text: string;
}

type Look = (spec: RolloutSpec) => Doubt | undefined;

/** What Prometheus is usually set to; two samples are the least that a rate is made of. */
const usualScrapeMs = 15_000;
const longestBadMs = 30 * 60_000;

/** Everything unwise about a plan. */
export function doubtsIn(spec: RolloutSpec): readonly Doubt[] {
  // Who skips the analysis is told that, and no more: the rest of the plan is not followed.
  if (spec.skipAnalysis)
    return [{ path: 'skipAnalysis', text: 'each candidate is promoted without a single check' }];
  return looks.flatMap((look) => look(spec) ?? []);
}

const looks: readonly Look[] = [
  suspended,
  bigStep,
  shortTrial,
  shortInterval,
  shortWindow,
  seesNothing,
  neverFails,
  lateRollback,
  copies,
  openGates,
  slowGates,
  quickDeadline,
  coarse,
];

function suspended({ suspended: isSuspended }: RolloutSpec): Doubt | undefined {
  if (!isSuspended) return undefined;
  return {
    path: 'suspend',
    text: 'no candidate goes on trial: every change waits, held, until this is gone',
  };
}

function bigStep({ analysis: { strategy } }: RolloutSpec): Doubt | undefined {
  const weights = weightsOf(strategy);
  const index = weights.findIndex((each, at) => each - (weights[at - 1] ?? 0) > usualFloor.step);
  const [before = 0, step = 0] = [weights[index - 1], weights[index]];
  if (index === -1) return undefined;
  const path = 'analysis.stepWeights';
  const what = `${step} % of the traffic come at once after ${before} %`;
  return {
    path,
    text: `${what}: a bad version meets most of the users before its first check; mode enforce refuses that; begin at 5, say`,
  };
}

function shortTrial({ analysis: { strategy, intervalMs } }: RolloutSpec): Doubt | undefined {
  const checks = strategy.kind === 'weights' ? strategy.weights.length : strategy.iterations;
  if (checks > 1 || intervalMs >= 5 * 60_000) return undefined;
  const path = strategy.kind === 'weights' ? 'analysis.stepWeights' : 'analysis.iterations';
  return {
    path,
    text: `one check after ${lengthText(intervalMs)} decides for all users: have several, or a longer interval`,
  };
}

function shortInterval({ analysis }: RolloutSpec): Doubt | undefined {
  if (analysis.intervalMs >= usualScrapeMs || !isMeasured(analysis)) return undefined;
  const text = `checks every ${lengthText(analysis.intervalMs)} are closer together than scrapes usually are (15s): what Prometheus does not have yet is inconclusive; scrape as often, or let Serin do so (--scrape)`;
  return { path: 'analysis.interval', text };
}

function shortWindow({ analysis }: RolloutSpec): Doubt | undefined {
  const index = analysis.metrics.findIndex(({ intervalMs }) => intervalMs < 2 * usualScrapeMs);
  const metric = analysis.metrics[index];
  if (metric === undefined) return undefined;
  const text = `a window of ${lengthText(metric.intervalMs)} holds fewer than two scrapes of the usual 15s: no rate comes of that; take 1m`;
  return { path: `analysis.metrics[${index}].interval`, text };
}

function isMeasured({ metrics, compare }: RolloutSpec['analysis']): boolean {
  return metrics.length > 0 || compare !== undefined;
}

function seesNothing({ promotion, router, analysis }: RolloutSpec): Doubt | undefined {
  const { metrics, compare, gates } = analysis;
  const isGated = gates.some(({ type }) => ['rollout', 'pre-rollout', 'confirm-promotion'].includes(type));
  if (isGated || metrics.some(({ query }) => query !== undefined)) return undefined;
  const path = 'analysis.metrics';
  // In place nothing tells the arms apart: the comparison has nothing to compare.
  if (metrics.length === 0 && (compare === undefined || promotion === 'inPlace'))
    return { path, text: 'nothing is measured: a version that starts is promoted, whatever it answers' };
  if (router !== 'none') return undefined;
  return {
    path,
    text: 'provider kubernetes sends the candidate no requests, so that these metrics have nothing to say: have a gate or a query of your own',
  };
}

function neverFails({ analysis: { metrics } }: RolloutSpec): Doubt | undefined {
  const index = metrics.findIndex(
    ({ name, query, min, max }) =>
      query === undefined && (name === 'request-success-rate' ? (min ?? 0) <= 0 : (max ?? 0) >= 60_000),
  );
  const metric = metrics[index];
  if (metric === undefined) return undefined;
  return {
    path: `analysis.metrics[${index}].thresholdRange`,
    text: `${metric.name} never leaves that range: it cannot fail`,
  };
}

function lateRollback({ analysis }: RolloutSpec): Doubt | undefined {
  const ms = analysis.threshold * analysis.intervalMs;
  if (ms <= longestBadMs || analysis.metrics.length === 0) return undefined;
  const path = 'analysis.threshold';
  return {
    path,
    text: `${analysis.threshold} failed checks of ${lengthText(analysis.intervalMs)} take ${lengthText(ms)}: what only the thresholds see has its users for that long`,
  };
}

function copies({ analysis: { strategy } }: RolloutSpec): Doubt | undefined {
  if (strategy.mirror === undefined) return undefined;
  return {
    path: 'analysis.mirror',
    text: 'requests are done twice, those that write too: only for what may be repeated',
  };
}

function openGates({ analysis: { gates } }: RolloutSpec): Doubt | undefined {
  const index = gates.findIndex(({ disableTls }) => disableTls);
  if (index === -1) return undefined;
  const path = `analysis.webhooks[${index}].disableTLS`;
  return { path, text: "whoever stands between can answer in the gate's place" };
}

function slowGates({ analysis: { gates, intervalMs } }: RolloutSpec): Doubt | undefined {
  const index = gates.findIndex(({ type, timeoutMs }) => type !== 'event' && timeoutMs > intervalMs);
  const gate = gates[index];
  if (gate === undefined) return undefined;
  const path = `analysis.webhooks[${index}].timeout`;
  return {
    path,
    text: `an answer may take ${lengthText(gate.timeoutMs)}, longer than the ${lengthText(intervalMs)} between checks, each of which waits for it`,
  };
}

function quickDeadline({ progressDeadlineMs }: RolloutSpec): Doubt | undefined {
  if (progressDeadlineMs >= 60_000) return undefined;
  const path = 'progressDeadlineSeconds';
  return {
    path,
    text: `pods that take longer than ${lengthText(progressDeadlineMs)} to get ready fail the candidate: an image that must be pulled may`,
  };
}

function coarse({ analysis: { compare } }: RolloutSpec): Doubt | undefined {
  if (compare === undefined) return undefined;
  if (compare.falseRollback > 0.05)
    return {
      path: 'analysis.compare.falseRollback',
      text: `one good release in ${Math.round(1 / compare.falseRollback)} may be rolled back by chance`,
    };
  if (compare.tolerance <= 4) return undefined;
  return {
    path: 'analysis.compare.tolerance',
    text: `${compare.tolerance} times the errors of stable are let pass`,
  };
}
