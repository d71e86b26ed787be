// What each technique is for, in whole rollouts: who gets what, and when. That nothing else happens is for the invariants.
import { strict as assert } from 'node:assert';
import { describe, test } from 'node:test';
import { type Resource, resources } from '../../../src/kube/objects.ts';
import type { Write } from '../api/types.ts';
import { beta } from '../draws.ts';
import type { Event, PlanText, Shop } from '../history.ts';
import { imageOf, isPaused, replicaSets, replicasOf, stateOf } from '../invariants/reading.ts';
import { type Note, notesOf } from '../invariants/routes.ts';
import { crash, healthy, isCall, play, type Played, release } from './scenario.ts';

const good = [release(2_000, 'shop:good-2')];
const planOf = (analysis: Partial<PlanText['analysis']>, more: Partial<PlanText> = {}): PlanText => ({
  ...{ progressDeadlineSeconds: 30, onFailure: 'hold' },
  ...more,
  analysis: { interval: '3s', threshold: 1, ...analysis },
});
const said = (at: number, verb: 'pause' | 'resume' | 'abort' | 'promote' | 'retry' | 'rollback'): Event => ({
  ...{ at, do: 'command', verb },
});

/** What the routes gave, each as it was written: the weight and what was beside it. */
function given(played: Played, resource: Resource = resources.virtualServices): readonly string[] {
  const told = played
    .of(resource)
    .flatMap(({ object, type }) => (type === 'DELETED' ? [] : notesOf(object).slice(0, 1)))
    .map(({ weight, beside }: Note) => [String(weight), ...Object.keys(beside ?? {})].join(' '));
  return told.filter((each, at) => each !== told[at - 1]);
}

function of(played: Played, workload: string): number {
  const all = played.outcomes.filter((each) => each.workload === workload);
  return all.reduce((sum, { count }) => sum + count, 0);
}

describe('technique: weights', () => {
  test('technique: copies come before the first weight, and end with it', async () => {
    const plan = planOf({ stepWeights: [20, 60], mirror: true, mirrorWeight: 50 });
    const played = await play({ events: good, shop: { plan } });
    assert.deepEqual(given(played), ['0 mirror', '20', '60', '100', '0']);
    assert.deepEqual(played.phases, healthy);
  });

  test('technique: a bad version that is mirrored fails before any user has met it', async () => {
    const plan = planOf({ stepWeights: [20, 60], mirror: true, interval: '6s' });
    const played = await play({ events: [release(2_000, 'shop:bad-2')], shop: { plan } });
    assert.deepEqual(given(played), ['0 mirror', '0']);
    assert.equal(of(played, 'shop/web-canary'), 0);
    assert.equal(played.phase, 'Failed');
  });

  test('technique: who has the cookie stays with the canary, and that ends with all traffic', async () => {
    const plan = planOf({ stepWeights: [20, 60], sessionAffinity: { cookieName: 'shop-canary' } });
    const played = await play({ events: good, shop: { plan, special: 0.2 } });
    assert.deepEqual(given(played), ['20 affinity', '60 affinity', '100', '0']);
    assert.deepEqual(played.phases, healthy);
  });

  test('technique: traffic goes back to the Deployment by the steps of the plan', async () => {
    const plan = planOf({ stepWeights: [50], stepWeightPromotion: 40 });
    const played = await play({ events: good, shop: { plan } });
    assert.deepEqual(played.weights, [50, 100, 60, 20, 0]);
  });
});

for (const [routes, resource] of [
  ['two', resources.virtualServices],
  ['subsets', resources.virtualServices],
  ['http-route', resources.httpRoutes],
] as const) {
  const shop: Partial<Shop> = { routes, special: 0.2 };
  test(`technique: who meets the condition is sent to the canary, and nobody else, until all are (${routes})`, async () => {
    const plan = planOf({ iterations: 3, match: [beta] });
    const played = await play({ events: good, shop: { ...shop, plan } });
    assert.deepEqual(given(played, resource), ['0 match', '100', '0']);
    assert.deepEqual(played.phases, healthy);
  });

  test(`technique: a bad version is taken from those who met it alone (${routes})`, async () => {
    const plan = planOf({ iterations: 3, match: [beta], interval: '6s' });
    const played = await play({ events: [release(2_000, 'shop:bad-2')], shop: { ...shop, plan } });
    assert.deepEqual(given(played, resource), ['0 match', '0']);
    assert.equal(played.phase, 'Failed');
    const [canary, stable] = [of(played, 'shop/web-canary'), of(played, 'shop/web')];
    assert.ok(canary > 0 && canary < stable / 5, `${canary} requests of ${stable}`);
  });

  test(`technique: the stable template applied again ends what was given by a condition (${routes})`, async () => {
    const plan = planOf({ iterations: 3, match: [beta], interval: '6s' });
    const played = await play({ events: [...good, release(9_000, 'shop:good-1')], shop: { ...shop, plan } });
    assert.deepEqual([given(played, resource), played.phase], [['0 match', '0'], 'Aborted']);
  });

  test(`technique: a Deployment that is deleted on trial leaves its routes as they were (${routes})`, async () => {
    const gone: Event = { at: 9_000, do: 'delete', propagation: 'Background' };
    const plan = planOf({ stepWeights: [50], interval: '9s' });
    const played = await play({ events: [...good, gone], shop: { ...shop, plan } });
    const [first, last] = [played.of(resource).at(0), played.of(resource).at(-1)];
    assert.ok(played.of(resource).length > 2, 'it was split');
    assert.deepEqual(last?.object['spec'], first?.object['spec']);
  });
}

test('technique: blue/green gives nothing until all checks have passed, then everything', async () => {
  const played = await play({ events: good, shop: { plan: planOf({ iterations: 3, metrics: [] }) } });
  assert.deepEqual(given(played), ['100', '0']);
  assert.equal(played.ticks, 3);
});

test('technique: without a mesh the canary is checked with no traffic, and the Deployment rolls', async () => {
  const plan = planOf({ iterations: 2, metrics: [] }, { provider: 'kubernetes' });
  const played = await play({ events: good, shop: { plan } });
  assert.deepEqual([given(played), played.ticks, played.phase], [[], 2, 'Succeeded']);
});

describe('technique: in place', () => {
  const plan = planOf({ stepWeights: [25, 50] }, { promotion: 'inPlace' });

  test('technique: in place main rolls a share at a time, is held at each, and no twin is made', async () => {
    const played = await play({ events: good, shop: { plan } });
    assert.equal(played.count('ADDED', resources.deployments, 'web-canary'), 0);
    assert.deepEqual(held(played), [25, 50]);
    assert.deepEqual([played.phase, imageOf(played.main)], ['Succeeded', 'shop:good-2']);
    assert.ok(played.main !== undefined && !isPaused(played.main));
  });

  test('technique: in place Serin is gone as soon as it lets main go: one batch has rolled when it is back', async () => {
    let goneAt: number | undefined;
    const played = await play({
      ...{ events: good, shop: { plan } },
      intercept: (call, { world }) => {
        const now = world?.time.now ?? 0;
        if (goneAt !== undefined) return now < goneAt + 25_000 ? crash.before : undefined;
        if (!isCall.unhold(call)) return undefined;
        goneAt = now;
        return crash.after;
      },
    });
    const back = (goneAt ?? 0) + 25_000;
    const rolled = played
      .of(replicaSets)
      .filter(({ object, at }) => imageOf(object) === 'shop:good-2' && at < back)
      .map(({ object }) => replicasOf(object));
    assert.equal(Math.max(...rolled), 2);
    assert.deepEqual([held(played), played.phase], [[25, 50], 'Succeeded']);
  });

  test('technique: in place a share that is all of its pods is judged, and main is not left held', async () => {
    const all = planOf({ stepWeights: [90], interval: '40s' }, { promotion: 'inPlace' });
    const played = await play({ events: good, shop: { plan: all } });
    assert.deepEqual([held(played), played.phase], [[90], 'Succeeded']);
    assert.ok(played.main !== undefined && !isPaused(played.main));
  });

  test('technique: in place a bad version is replaced by stable', async () => {
    const late = { ...plan, analysis: { ...plan.analysis, interval: '6s' } };
    const played = await play({ events: [release(2_000, 'shop:worse-2')], shop: { plan: late } });
    assert.deepEqual([played.phase, imageOf(played.main)], ['Failed', 'shop:good-1']);
    assert.deepEqual(held(played), [25]);
  });
});

/** The shares at which main was held and judged. */
function held(played: Played): readonly number[] {
  const judged = played.of(resources.deployments, 'web').flatMap(({ object }: Write) => {
    const state = stateOf(object);
    return state?.phase === 'Rolling' && state.reached && isPaused(object) ? [state.weight] : [];
  });
  return [...new Set(judged)];
}

describe('technique: commands', () => {
  test('technique: a pause keeps the weight while checks go on, and resume lets it go on', async () => {
    const played = await play({ events: [...good, said(7_000, 'pause'), said(40_000, 'resume')] });
    const raised = played
      .of(resources.virtualServices)
      .find(({ object }) => notesOf(object)[0]?.weight === 60);
    const start = Date.parse('2026-11-24T09:00:00Z');
    assert.ok((raised?.at ?? 0) > start + 40_000, 'the weight waited');
    assert.ok(played.ticks > 10, `${played.ticks} checks`);
    assert.equal(played.phase, 'Succeeded');
  });

  test('technique: a failed candidate that is tried again begins with no evidence and ends by its own', async () => {
    const played = await play({
      events: [release(2_000, 'shop:bad-2'), said(60_000, 'retry')],
      analysis: { interval: '6s' },
    });
    assert.equal(played.phases.filter((phase) => phase === 'Starting').length, 2);
    assert.equal(played.phases.filter((phase) => phase === 'Failed').length, 2);
  });

  test('technique: going back makes what ran before the candidate, and skips its analysis', async () => {
    const played = await play({ events: [...good, said(60_000, 'rollback')] });
    assert.deepEqual([played.phase, imageOf(played.main)], ['Succeeded', 'shop:good-1']);
    assert.equal(played.phases.filter((phase) => phase === 'Progressing').length, 1);
  });
});

describe('technique: a group', () => {
  const phasesOf = (played: Played, name: string): readonly string[] => {
    const all = played.of(resources.deployments, name).map(({ object }) => stateOf(object)?.phase ?? '');
    return all.filter((phase, at) => phase !== '' && phase !== all[at - 1]);
  };

  test('technique: a group is promoted together', async () => {
    const played = await play({
      events: [{ ...release(2_000, 'shop:good-2'), others: 'shop:good-2' }],
      shop: { group: 3 },
    });
    for (const name of ['web', 'web-b', 'web-c']) assert.equal(phasesOf(played, name).at(-1), 'Succeeded');
  });

  test('technique: one that fails takes the others with it, and none of them ever had all traffic', async () => {
    const played = await play({
      events: [{ ...release(2_000, 'shop:good-2'), others: 'shop:worse-2' }],
      shop: { group: 2 },
      analysis: { interval: '6s', threshold: 2 },
    });
    for (const name of ['web', 'web-b']) {
      assert.equal(phasesOf(played, name).at(-1), 'Failed');
      assert.ok(!phasesOf(played, name).includes('Promoting.Shift'), name);
    }
  });
});

test("technique: what guards the Deployment's pods guards the twin's before the first of them is there", async () => {
  const played = await play({ events: good, shop: { guarded: true } });
  const made = (resource: Resource, name: RegExp): number =>
    played.of(resource).find(({ type, object }) => type === 'ADDED' && name.test(object.metadata.name))
      ?.version ?? 0;
  const pod = made(resources.pods, /^web-canary/);
  for (const resource of [resources.networkPolicies, resources.podDisruptionBudgets]) {
    const shadow = made(resource, /^web-canary/);
    assert.ok(shadow > 0 && shadow < pod, `${resource.kind} ${shadow}, pod ${pod}`);
    assert.equal(played.count('DELETED', resource, 'web-canary'), 1);
  }
});
