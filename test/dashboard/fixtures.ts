// Rollouts as reports tell of them, one of each kind that looks different on the page.
import type { Node, Report, Version } from '../../src/report/report.ts';

/** 2026-11-24 12:00 UTC. */
export const noon = 1_795_521_600_000;
const minute = 60_000;

const version = (image: string, revision: string, ready: number, more: Partial<Version> = {}): Version => ({
  ...{ revision, images: [{ container: 'web', image: `registry.example.com/shop/${image}` }] },
  ...{ pods: { ready, wanted: ready }, ...more },
});

const pods = (set: string, arm: 'stable' | 'canary', count: number, status = 'Running'): readonly Node[] =>
  Array.from({ length: count }, (_, index) => ({
    ...{ kind: 'Pod', name: `${set}-${'bcdfghjk'[index] ?? 'x'}4x2p`, arm, ready: status === 'Running' },
    ...{ status, children: [] },
  }));

function treeOf(name: string, twinStatus = 'Running'): readonly Node[] {
  const [main, twin] = [`${name}-7d4b9c6f58`, `${name}-canary-5c9d8f7b66`];
  const deployment = (
    of: string,
    arm: 'stable' | 'canary',
    status: string,
    set: string,
    count: number,
  ): Node => ({
    ...{ kind: 'Deployment', name: of, arm, ready: status !== '0/1 ready', status },
    children: [
      {
        ...{ kind: 'ReplicaSet', name: set, arm, ready: true, status: `${count} pods` },
        children: pods(set, arm, count, arm === 'canary' ? twinStatus : 'Running'),
      },
    ],
  });
  return [
    deployment(name, 'stable', 'paused, 3/3 ready', main, 3),
    deployment(`${name}-canary`, 'canary', twinStatus === 'Running' ? '1/1 ready' : '0/1 ready', twin, 1),
  ];
}

/** One on trial, in the middle of its plan, with everything there is to show. */
export function trial(name = 'web', namespace = 'shop', at = noon): Report {
  return {
    ...{ namespace, name, at, phase: 'Progressing', attention: false, actor: 'ann@example.com' },
    ...{ startedAt: at - 7 * minute, message: '2 checks passed at weight 20; the next may raise it' },
    stable: version('web:1.8.2', '6f1c09aa', 3, {
      ...{ served: { requests: 52_310, errors: 47 }, p99Ms: 86, successPercent: 99.91 },
    }),
    candidate: version('web:1.9.0', 'b04d77e1', 1, {
      ...{ served: { requests: 13_077, errors: 15 }, p99Ms: 91, successPercent: 99.89 },
    }),
    steps: [
      { label: '5 %', is: 'done' },
      { label: '20 %', is: 'now' },
      { label: '40 %', is: 'ahead' },
      { label: '60 %', is: 'ahead' },
      { label: '100 %', is: 'ahead' },
    ],
    weight: { asked: 20, seen: [{ route: 'VirtualService shop', weight: 20 }] },
    checks: {
      ...{ passed: 4, failed: 0, threshold: 2, silent: 0 },
      last: {
        ...{ at: at - 21_000, verdict: 'pass' },
        evidence: [
          'request-success-rate: canary 99.89 %, stable 99.91 %, at least 99 % is wanted',
          'request-duration: canary 91 ms, stable 86 ms, at most 500 ms is wanted',
        ],
      },
    },
    evidence: { wealth: -0.62, bound: 5.3, odds: { least: 0.67, most: 2 } },
    next: { what: 'a check, then 40 % of the traffic', at: at + 39_000 },
    history: [
      {
        ...{
          revision: '6f1c09aa',
          outcome: 'Succeeded',
          actor: 'ben@example.com',
          message: '4 checks passed',
        },
        ...{ startedAt: at - 3000 * minute, endedAt: at - 2986 * minute },
      },
      {
        ...{ revision: '11c7e0d2', outcome: 'Failed', actor: 'ann@example.com' },
        message:
          'request-success-rate: canary 94.12 %, stable 99.93 %, at least 99 % is wanted (2 of 2 checks)',
        ...{ startedAt: at - 1500 * minute, endedAt: at - 1497 * minute },
      },
    ],
    events: [
      {
        at: at - 7 * minute,
        type: 'Normal',
        reason: 'CanaryStarted',
        message: 'web:1.9.0 is tried',
        count: 1,
      },
      {
        at: at - 5 * minute,
        type: 'Normal',
        reason: 'WeightChanged',
        message: '5 % of the traffic',
        count: 1,
      },
      { at: at - 2 * minute, type: 'Warning', reason: 'NoData', message: 'no requests in 30s', count: 2 },
      { at: at - minute, type: 'Normal', reason: 'WeightChanged', message: '20 % of the traffic', count: 1 },
    ],
    tree: treeOf(name),
  };
}

/** One that was rolled back. */
export function failed(name = 'cart', namespace = 'shop', at = noon): Report {
  const { next: _, checks: __, evidence: ___, ...rest } = trial(name, namespace, at);
  return {
    ...rest,
    ...{ phase: 'Failed', attention: true, endedAt: at - 2 * minute, steps: [] },
    message: 'an error is 5 or more times as likely on the canary as on stable: rolled back',
    weight: { asked: 0, seen: [] },
    tree: treeOf(name).slice(0, 1),
  };
}

/** One whose pods do not come up. */
export function crashing(name = 'search', namespace = 'shop', at = noon): Report {
  const { checks: _, evidence: __, next: ___, ...rest } = trial(name, namespace, at);
  return {
    ...rest,
    ...{
      phase: 'Starting',
      attention: true,
      message: 'container web of the canary crash-loops (exit code 1)',
    },
    weight: { asked: 0, seen: [], unsplit: 'no VirtualService routes to Service shop/search' },
    tree: treeOf(name, 'CrashLoopBackOff'),
  };
}

/** One that somebody holds. */
export function paused(name = 'pay', namespace = 'billing', at = noon): Report {
  const { next: _, ...rest } = trial(name, namespace, at);
  return {
    ...rest,
    pause: { actor: 'ops@example.com', at: at - 3 * minute, reason: 'until the sale is over' },
    next: { what: 'nothing, until somebody resumes it' },
  };
}

/** One with nothing under way. */
export function idle(name: string, namespace: string, at = noon): Report {
  return {
    ...{ namespace, name, at, phase: 'Idle', attention: false, message: '' },
    ...{ stable: version(`${name}:2.0.1`, '0d1e2f3a', 2), steps: [], weight: { asked: 0, seen: [] } },
    ...{ history: [], events: [], tree: treeOf(name).slice(0, 1) },
  };
}

/** One that was promoted. */
export function succeeded(name: string, namespace: string, at = noon): Report {
  return {
    ...idle(name, namespace, at),
    history: trial(name, namespace, at).history,
    ...{ phase: 'Succeeded', message: '4 checks passed', actor: 'ben@example.com' },
    ...{ startedAt: at - 90 * minute, endedAt: at - 76 * minute },
  };
}

/** One of each kind, and so many more with nothing under way. */
export function many(more: number, at = noon): readonly Report[] {
  const others = Array.from({ length: more }, (_, index) => {
    const name = `service-${String(index).padStart(3, '0')}`;
    return index % 9 === 0 ? succeeded(name, `team-${index % 7}`, at) : idle(name, `team-${index % 7}`, at);
  });
  const kinds = [
    trial(undefined, undefined, at),
    failed(undefined, undefined, at),
    crashing(undefined, undefined, at),
  ];
  return [...kinds, paused(undefined, undefined, at), ...others];
}
