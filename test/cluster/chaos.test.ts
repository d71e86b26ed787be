// Twenty releases under load, of every kind that there is, in five shops at once, while the processes of Serin are killed at
// random: who is promoted loses nobody, each ends where it must, and nothing is left over.
import { deepEqual, equal, ok } from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { State } from '../../src/rollout/types.ts';
import { until } from '../rig/processes.ts';
import { patient, stateOf } from '../rig/shop-lab.ts';
import { openStreet, type StreetShop } from '../rig/street.ts';
import { Dice } from '../sim/dice.ts';

/** Draws when which process is killed; another number is another course of events. */
const seed = Number(process.env['SERIN_CHAOS_SEED'] ?? 1);
const over = new AbortController();
const street = await openStreet();
after(() => {
  over.abort();
  return street.close();
});

const rate = { name: 'request-success-rate', thresholdRange: { min: 90 }, interval: '3s' };
const analysis = { interval: '3s', threshold: 2, compare: false, metrics: [rate] };
const unmeasured = { ...analysis, metrics: [] };
const insiders = [{ headers: { 'x-canary': { exact: 'yes' } } }];
const plans = {
  steps: { analysis: { ...analysis, stepWeights: [30, 60] } },
  'steps back by steps': { analysis: { ...analysis, stepWeights: [50], stepWeightPromotion: 50 } },
  'blue/green': { analysis: { ...unmeasured, iterations: 2 } },
  'A/B': { analysis: { ...unmeasured, iterations: 2, match: insiders } },
  mirrored: { analysis: { ...unmeasured, stepWeights: [50], mirror: true } },
  affine: { analysis: { ...unmeasured, stepWeights: [50], sessionAffinity: { cookieName: 'kept' } } },
  skipped: { skipAnalysis: true, analysis },
  'in place': { promotion: 'inPlace', analysis: { ...analysis, stepWeights: [50] } },
} as const;

const broken = [{ name: 'SHOP_ERROR_RATE', value: '0.5' }];
interface Release {
  readonly plan: keyof typeof plans;
  /** What is wrong with it; absent where it is to be promoted. */
  readonly fault?: { readonly image?: string; readonly env?: typeof broken };
}
const errors = { env: broken };
const crash = { image: 'shop:crash' };
const missing = { image: 'shop:missing' };
const courses: { readonly [namespace: string]: readonly Release[] } = {
  north: [{ plan: 'steps' }, { plan: 'steps', fault: errors }, { plan: 'blue/green' }, { plan: 'mirrored' }],
  east: [
    { plan: 'A/B' },
    { plan: 'steps', fault: crash },
    { plan: 'affine' },
    { plan: 'steps back by steps' },
  ],
  south: [{ plan: 'in place' }, { plan: 'mirrored' }, { plan: 'steps', fault: errors }, { plan: 'in place' }],
  west: [{ plan: 'skipped' }, { plan: 'affine' }, { plan: 'A/B', fault: crash }, { plan: 'steps' }],
  centre: [
    { plan: 'blue/green', fault: missing },
    { plan: 'steps back by steps' },
    { plan: 'A/B' },
    { plan: 'skipped' },
  ],
};

const kills = { controller: 0, webhook: 0 };

/** Kills one process of Serin after another, outright, in whatever it is doing. */
async function rage(): Promise<void> {
  const dice = new Dice(seed);
  for (;;) {
    await sleep(dice.between(3_000, 6_000), undefined, { signal: over.signal }).catch(() => undefined);
    if (over.signal.aborted) return;
    const pods = street.kubelet.pods().filter(({ namespace }) => namespace === 'serin-system');
    const victim = pods[dice.between(0, pods.length - 1)];
    const container = dice.chance(0.5) ? 'controller' : 'webhook';
    if (victim === undefined) continue;
    street.kubelet.kill(victim.name, container, 'SIGKILL');
    kills[container] += 1;
  }
}

/** Asks for the release as its owner does, again where that is refused; comes back with how it ended. */
async function release(shop: StreetShop, { plan, fault = {} }: Release, image: string): Promise<State> {
  const { annotations } = (await shop.main()).metadata;
  await shop.replan(plans[plan]);
  const container = { name: 'web', image: fault.image ?? image, env: fault.env ?? null };
  const patch = JSON.stringify({ spec: { template: { spec: { containers: [container] } } } });
  const isTaken = async (): Promise<boolean> => {
    await shop.does(`patch deployment web --patch=${patch}`);
    return true;
  };
  await until('the release to be taken', isTaken, patient);
  const hasEnded = async (): Promise<State | false> => {
    const now = await shop.main();
    // With no webhook there was nobody to write whose rollout it is: the state is that of the last one for a while.
    if (now.metadata.annotations?.['serin.dev/state'] === annotations?.['serin.dev/state']) return false;
    const state = stateOf(now);
    return 'endedAt' in state && state;
  };
  return until(`${plan} in ${shop.namespace} to end`, hasEnded, { timeoutMs: 150_000 });
}

/** What went wrong with the requests of a release, by status or kind. */
function lossesIn({ visitors }: StreetShop, phase: string): readonly string[] {
  const counts = visitors.snapshot().byPhase.get(phase);
  ok(counts !== undefined, `no request was sent in ${phase}`);
  return [...counts.errors.byStatus.keys(), ...counts.errors.transport.keys()].map(String);
}

suite(`with seed ${seed}`, { concurrency: true }, () => {
  before(() => void rage());
  for (const [namespace, releases] of Object.entries(courses))
    test(`the shop in the ${namespace} has its ${releases.length} releases`, async () => {
      const shop = await street.open(namespace, plans.steps, { ratePerSecond: 12 });
      let stable = '1';
      for (const [n, each] of releases.entries()) {
        const what = `${namespace} ${n} (${each.plan})`;
        shop.visitors.mark(what);
        const state = await release(shop, each, `shop:${namespace}-${n}`);
        equal(state.phase, each.fault === undefined ? 'Succeeded' : 'Failed', JSON.stringify([what, state]));
        if (each.fault === undefined) stable = `${namespace}-${n}`;
        // Until the gateway knows of the end, the failing version goes on answering.
        const isBack = async (): Promise<boolean> => (await shop.versions(20)).join() === stable;
        await until(`${stable} alone to answer`, isBack, patient);
        deepEqual(lossesIn(shop, what), each.fault === errors ? ['503'] : [], what);
        await shop.leftNoTrace();
      }
      deepEqual(
        await shop.outcomes(),
        releases.map(({ fault }) => (fault === undefined ? 'Succeeded' : 'Failed')),
      );
      deepEqual((await shop.visitors.stop()).errors.transport, new Map());
    });
});

test('all that happened while both kinds of processes were killed again and again', () => {
  over.abort();
  ok(kills.controller >= 5 && kills.webhook >= 5, JSON.stringify(kills));
});
