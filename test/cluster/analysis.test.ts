// What the comparison makes of real traffic, as a real mesh counts it and a real Prometheus tells it: a shop in a namespace of
// its own for each. Only verdicts are judged, never how long they took.
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Comparison } from '../../src/analysis/comparison.ts';
import { objectAt, textAt } from '../../src/routing/json.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import { openLab, prepareLab } from '../rig/lab.ts';
import { type Load, startLoad } from '../rig/load.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { until } from '../rig/processes.ts';
import { ledgerOf, makeShop, type Shop } from '../rig/shop-client.ts';
import { patient, stateOf } from '../rig/shop-lab.ts';

const { stateDir, prepared } = await enterNamespace(prepareLab);
const lab = await openLab({ stateDir, prepared, settle: '1s' });
after(() => lab.close());

/** A threshold that nothing here crosses; durations are not compared: this machine is shared. */
const lenient = '[{name: request-success-rate, thresholdRange: {min: 60}, interval: 5s}]';
const planOf = (interval: string, weights: string, metrics = lenient): string =>
  `analysis: {interval: ${interval}, threshold: 1, stepWeights: ${weights}, metrics: ${metrics}, compare: {latency: false}}`;

/** Visitors of a shop until `during` is over; they have been served when it begins. */
async function visited(namespace: string, ratePerSecond: number, during: () => Promise<void>): Promise<void> {
  const where = { url: lab.mesh.gatewayUrl, host: `${namespace}.example.com` };
  const come = (bounds: { readonly maxSeconds: number; readonly maxRequests: number }): Load =>
    startLoad({ ...where, ratePerSecond, ...bounds });
  await until(
    `the gateway to serve ${namespace}`,
    async () => (await come({ maxSeconds: 5, maxRequests: 3 }).ended).byVersion.size > 0,
    patient,
  );
  const visitors = come({ maxSeconds: 200, maxRequests: 20_000 });
  try {
    await during();
  } finally {
    await visitors.stop();
  }
}

/** How the rollout of a shop ended, in its own words. */
async function endOf(shop: Shop, phase: 'Failed' | 'Succeeded'): Promise<string> {
  const ended = await until(
    'the rollout to end',
    async () => {
      const state = stateOf(await shop.main());
      return 'endedAt' in state && state;
    },
    patient,
  );
  equal(ended.phase, phase, ended.message);
  return ended.message;
}

/** The Event that says why a candidate is let through. */
async function whyPromoted(namespace: string): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/events`;
  const { items } = await lab.plane.api.get<{ items: KubeObject[] }>(path);
  const found = items.find(
    (event) =>
      textAt(event, 'reason') === 'CanaryPromoting' &&
      textAt(objectAt(event, 'involvedObject'), 'name') === 'web',
  );
  return textAt(found, 'message') ?? '';
}

/** What is kept of the comparison, once it has counted more than `before`. */
function counted(shop: Shop, before = 0): Promise<Comparison> {
  const look = async (): Promise<Comparison | false> => {
    const kept = ledgerOf(await shop.main())?.comparison;
    return kept !== undefined && kept.stable.requests > before && kept;
  };
  return until('the comparison to go on', look, patient);
}

const worse =
  /^canary worse than stable: canary failed \d+ of \d+, stable 0 of \d+, odds ratio above \S+ at 95 %/;

describe('each in a shop of its own', { concurrency: true }, () => {
  test('a version that fails too little for any threshold is rolled back by comparison', async () => {
    const shop = await makeShop(lab, 'worse', planOf('60s', '[50]'));
    await visited('worse', 60, async () => {
      await shop.does('set image deployment/web web=shop:3');
      match(await endOf(shop, 'Failed'), worse);
    });
  });

  test('a version that fails as stable does is promoted, though both fail', async () => {
    const shop = await makeShop(lab, 'alike', planOf('6s', '[30, 50]'), 'shop:3');
    await visited('alike', 60, async () => {
      await shop.does('set env deployment/web NEW=yes');
      await endOf(shop, 'Succeeded');
      match(await whyPromoted('alike'), /^analysis passed( by its timer)?, odds ratio/);
    });
  });

  test('of a visitor now and then too little is learnt, and the promotion says that its timer ran out', async () => {
    const shop = await makeShop(lab, 'quiet', planOf('4s', '[50]', '[]'));
    await visited('quiet', 1, async () => {
      await shop.does('set image deployment/web web=shop:2');
      await endOf(shop, 'Succeeded');
      equal(
        await whyPromoted('quiet'),
        'analysis passed by its timer, odds ratio not known: moving all traffic to the canary',
      );
    });
  });

  test('a version that crashes again and again once it has traffic fails by that, whoever visits', async () => {
    const shop = await makeShop(lab, 'crashing', planOf('600s', '[50]'));
    await shop.does('set env deployment/web SHOP_CRASH_AFTER_MS=4000');
    match(
      await endOf(shop, 'Failed'),
      /^the canary (broke|cannot start): pod web-canary-\S+: container web crash-loops: ended \d+ times/,
    );
  });
});

test('a Prometheus that starts again, knowing nothing, takes nothing from what was learnt and hides no version that is worse', async () => {
  const [good, bad] = await Promise.all([
    makeShop(lab, 'forgotten', planOf('5s', '[20, 60, 80]')),
    makeShop(lab, 'hidden', planOf('60s', '[50]')),
  ]);
  await bad.does('set image deployment/web web=shop:3');
  await bad.onTrial();
  await visited('forgotten', 60, async () => {
    await good.does('set image deployment/web web=shop:2');
    const before = await counted(good);
    await lab.mesh.restartPrometheus();
    const [later] = await Promise.all([
      counted(good, before.stable.requests),
      visited('hidden', 60, async () => match(await endOf(bad, 'Failed'), worse)),
    ]);
    deepEqual([before.canary.errors, later.canary.errors, later.stable.errors], [0, 0, 0]);
    ok(later.canary.requests >= before.canary.requests);
    await endOf(good, 'Succeeded');
  });
});
