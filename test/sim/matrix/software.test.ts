// Rows 35 to 42: the software itself, and what Prometheus and the mesh say of it.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { names, resources } from '../../../src/kube/objects.ts';
import { ticksOf } from '../../../src/prometheus/ticks.ts';
import { textAt } from '../../../src/routing/json.ts';
import { at as scrapedAt, counter } from '../../prometheus/counters.ts';
import type { Event, Trouble } from '../history.ts';
import { annotation } from '../invariants/reading.ts';
import { play, release } from './scenario.ts';

const good = [release(2_000, 'shop:good-2')];
const bad = [release(2_000, 'shop:bad-2')];
const on = (at: number, trouble: Trouble): Event => ({ at, ...trouble });

for (const image of ['never', 'crash', 'missing']) {
  test(`row 35: a canary that does not come up (${image}): rolled back by the deadline, and never given a weight`, async () => {
    const played = await play({ events: [release(2_000, `shop:${image}-2`)] });
    assert.equal(played.phase, 'Failed');
    assert.deepEqual(played.weights, []);
    const took = (played.serins.at(-1)?.at ?? 0) - (played.serins[0]?.at ?? 0);
    assert.ok(took <= 45_000, `${took} ms`);
  });
}

test('row 36: pods of the canary end again and again, and its counters begin anew: its errors are not lost', async () => {
  const kills = [9_000, 13_000, 17_000].map(
    (at): Event => ({ at, do: 'kill-pod', of: 'web-canary', nth: 0 }),
  );
  const played = await play({ events: [...bad, ...kills], analysis: { interval: '6s' } });
  assert.equal(played.phase, 'Failed');
});
// Row 36: that restarts count against it though it comes up again is in test/controller/observe.test.ts.

for (const ailment of ['down', 'error', 'page', 'truncated', 'slow', 'empty'] as const) {
  test(`row 37: Prometheus (${ailment}): the weight holds, nothing is promoted or rolled back by it, and it goes on afterwards`, async () => {
    const forMs = 40_000;
    const played = await play({ events: [...good, on(4_000, { do: 'ailment', ailment, forMs })] });
    const from = Date.parse('2026-11-24T09:00:00Z') + 25_000;
    const early = played
      .of(resources.virtualServices)
      .filter(({ at }) => at > from && at < from + forMs - 25_000);
    if (ailment !== 'empty') assert.deepEqual(early, []);
    assert.equal(played.phase, 'Succeeded');
  });
}

test('row 38: the first errors of a version are a new series: they are counted, however short an interval is', async () => {
  for (const seed of [1, 2, 3]) {
    const analysis = { interval: '2s', stepWeights: [50], threshold: 2 };
    const played = await play({ events: bad, analysis, seed });
    assert.equal(played.phase, 'Failed');
  }
});

// The simulated proxies count at the source; that it holds is in test/rollout/compare.test.ts.
test('row 39: one of two replicas is not scraped: the tick is incomplete, not judged', () => {
  const series = ['web', 'web-canary'] as const;
  const requests = series.map((workload) => counter({ workload }, 0, 10, 20, 30));
  const arms = { namespace: 'shop', stable: 'web', canary: 'web-canary', windowMs: 60_000 };
  const asked = { routedSince: scrapedAt(5), timedFrom: scrapedAt(5), ready: { stable: 1, canary: 2 } };
  assert.deepEqual(ticksOf({ requests, durations: [] }, arms, asked, 0), {
    kind: 'incomplete',
    why: 'only 1 of 2 ready pods of web-canary are scraped',
  });
});

test('row 40: no traffic at all: nothing is promoted for it, and it goes on when there is some', async () => {
  const played = await play({
    events: [{ at: 1_000, do: 'load', perSecond: 0 }, ...good, { at: 90_000, do: 'load', perSecond: 50 }],
  });
  const promoting = played
    .of(resources.deployments, 'web')
    .find(({ object }) => /Promoting/.test(annotation(object, names.state) ?? ''));
  assert.ok((promoting?.at ?? 0) > Date.parse('2026-11-24T09:01:30Z'));
  assert.ok(played.phases.includes('Waiting'));
  assert.equal(played.phase, 'Succeeded');
});
test('row 40: so little traffic that statistics say nothing: promoted by a timer that says so', async () => {
  const played = await play({
    events: [{ at: 1_000, do: 'load', perSecond: 1 }, ...good],
    analysis: { interval: '10s' },
  });
  assert.equal(played.phase, 'Succeeded');
  const told = played.of(resources.events).map(({ object }) => textAt(object, 'message') ?? '');
  assert.ok(
    told.some((message) => message.startsWith('analysis passed by its timer')),
    told.join('\n'),
  );
});

// Row 41: that an incident of both arms is no regression is in test/rollout/compare.test.ts and test/analysis.

for (const mostMs of [5_000, 20_000]) {
  test(`row 42: proxies hear of a weight up to ${mostMs / 1_000} s late: a good version is promoted, a bad one is not`, async () => {
    const late = on(1_000, { do: 'propagation', leastMs: 100, mostMs, forMs: 600_000 });
    const shop = { settleMs: Math.min(mostMs, 6_000) + 500 };
    const analysis = { interval: '8s' };
    assert.equal((await play({ events: [late, ...good], shop, analysis })).phase, 'Succeeded');
    assert.equal((await play({ events: [late, ...bad], shop, analysis })).phase, 'Failed');
  });
}
