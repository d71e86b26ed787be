import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import type { Asking } from '../../src/controller/hooks.ts';
import { type Measuring, withMeasurements } from '../../src/controller/measure.ts';
import type { Scene } from '../../src/controller/scene.ts';
import type { Routing } from '../../src/controller/ways.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import type { Arms } from '../../src/prometheus/queries.ts';
import type { In, MetricSpec } from '../../src/rollout/types.ts';
import { aGate, noGates } from '../gates/rig.ts';
import { aPlan, World } from '../rollout/world.ts';

const metric = (more: Partial<MetricSpec>): MetricSpec => ({
  name: 'x',
  intervalMs: 60_000,
  max: 1,
  ...more,
});
const metrics = [
  metric({ name: 'request-success-rate' }),
  metric({ name: 'query', query: 'up' }),
  metric({ name: 'source', query: 'q', provider: { type: 'datadog', secretName: 'datadog' } }),
  metric({ name: 'template', template: { name: 'latency' } }),
];
const service: KubeObject = {
  metadata: { name: 'front', namespace: 'shop', uid: '1', resourceVersion: '1' },
};
const split: Routing = {
  kind: 'split',
  ways: [
    {
      ...{ service, maker: undefined, routes: [] },
      split: { service: { name: 'front', namespace: 'shop', ports: [] }, twinService: 'front-canary' },
    },
  ],
  besides: [],
};

type Rolling = Pick<In<'Rolling'>, 'phase' | 'checks' | 'reached'>;

/** What is asked for in the middle of a rollout, an interval after the weight came into force. */
async function measured(routing: Routing, asking?: Asking, rolling?: Rolling) {
  const plan = aPlan({
    analysis: {
      intervalMs: 60_000,
      threshold: 3,
      strategy: { kind: 'weights', weights: [10] },
      gates: asking === undefined ? [] : [aGate('http://gate/', { type: 'rollout' })],
      metrics,
    },
  });
  const world = new World(plan);
  const now = world.now + 90_000;
  const ledger = {
    v: 1,
    revision: 'new',
    startedAt: 0,
    ticks: 0,
    passed: 0,
    failed: 0,
    silent: 0,
    weight: 10,
    weightAt: world.now,
  } as const;
  world.twin = { replicas: 1, ready: 1, revision: 'new', ledger };
  const main: KubeObject = { metadata: { name: 'web', namespace: 'shop', uid: '2', resourceVersion: '1' } };
  const trial: Scene['state'] = {
    ...{
      v: 1,
      revision: 'new',
      stableRevision: 'old',
      actor: 'ann',
      ownPause: false,
      startedAt: 0,
      needed: 1,
    },
    ...{ weight: 10, message: '', phase: 'Progressing', since: 0 },
  };
  const scene: Scene = {
    ...{
      main,
      spec: plan.spec,
      twinName: 'web-canary',
      labels: { ok: false, why: '' },
      routing,
      services: [],
      others: [],
      made: [],
      scaler: false,
    },
    state: rolling === undefined ? trial : { ...trial, ...rolling, since: world.now },
  };
  const asked: { readonly names: readonly string[]; readonly arms: Arms }[] = [];
  const metricSource: Measuring = {
    measure: (given, arms) => {
      asked.push({ names: given.map(({ name }) => name), arms });
      return Promise.resolve([]);
    },
    count: () => Promise.reject(new Error('no comparison in the plan')),
    incoming: () => Promise.reject(new Error('nothing is told in the middle of a rollout')),
  };
  const clock = { now: () => now, sleep: () => Promise.resolve() };
  const seen = await withMeasurements(
    { clock, metricSource, ...(asking ?? noGates) },
    plan,
    scene,
    world.observe(),
  );
  return { asked, said: seen.gates?.map(({ says }) => says) };
}

const arms = { namespace: 'shop', stable: 'web', canary: 'web-canary', windowMs: 90_000 };

test('with traffic that is split, every metric is measured, no further back than the weight', async () => {
  const services = { stable: 'front', canary: 'front-canary' };
  deepEqual((await measured(split)).asked, [
    { names: ['request-success-rate', 'query', 'source', 'template'], arms: { ...arms, services } },
  ]);
});

test('without it, what the mesh would know is not asked for, what the plan asks others is', async () => {
  deepEqual((await measured({ kind: 'none', why: 'Istio is not installed' })).asked, [
    { names: ['query', 'source', 'template'], arms },
  ]);
});

test('nothing is measured for a check whose gates have not answered, and once they have all is there at once', async () => {
  const closed = { name: 'approval', type: 'rollout', says: 'closed', why: '' } as const;
  const answered: Asking = { ...noGates, gates: { ...noGates.gates, answers: () => [closed] } };
  const { asked, said } = await measured(split, noGates);
  deepEqual([asked.length, said], [0, undefined]);
  const after = await measured(split, answered);
  deepEqual([after.asked.length, after.said], [1, ['closed']]);
});

test('where main itself rolls, the whole of it is measured, no further back than its share', async () => {
  const rolling: Rolling = { phase: 'Rolling', checks: { at: 0, failed: 0, silent: 0 }, reached: true };
  const whole = { namespace: 'shop', stable: 'web', canary: 'web', windowMs: 90_000 };
  const { asked } = await measured({ kind: 'none', why: 'in place' }, undefined, rolling);
  deepEqual(asked, [{ names: ['query', 'source', 'template'], arms: whole }]);
});
