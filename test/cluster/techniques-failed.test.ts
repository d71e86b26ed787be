// How candidates fail on real parts, with visitors in the shop: by what is measured, by what a gate says, and what may be
// tried again afterwards. docs/acceptance.md has the table.
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import type { State } from '../../src/rollout/types.ts';
import { serving } from '../rig/shop-client.ts';
import { openStreet, nobodyLost, type StreetShop } from '../rig/street.ts';

const street = await openStreet();
after(() => street.close());
const { gates } = street;

interface Version {
  readonly image: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Applies the owner's file with that version in it; comes back when the rollout has ended. */
async function apply(shop: StreetShop, { image, env = {}, annotations }: Version): Promise<State> {
  const file = JSON.parse(shop.manifest(image)) as { spec: { template: Template } };
  const { metadata, spec } = file.spec.template;
  const [container] = spec.containers;
  const variables = Object.entries(env).map(([name, value]) => ({ name, value }));
  const containers = [{ ...container, ...(variables.length === 0 ? {} : { env: variables }) }];
  const template = { metadata: { ...metadata, annotations }, spec: { ...spec, containers } };
  await shop.does('apply -f -', JSON.stringify({ ...file, spec: { ...file.spec, template } }));
  return shop.ends();
}
interface Template {
  readonly metadata: object;
  readonly spec: { readonly containers: readonly object[] };
}

/** How the rollout failed, as kubectl tells it; main's pods are those of before. */
async function failed(
  shop: StreetShop,
  state: State,
  pods: Awaited<ReturnType<typeof serving>>,
): Promise<string> {
  ok(state.phase === 'Failed', JSON.stringify(state));
  match(
    (await shop.refused('rollout status deployment/web --timeout=10s')).stderr,
    /exceeded its progress deadline/,
  );
  const [now, before] = [await serving(shop), pods];
  deepEqual(now.pods, before.pods, 'no pod of main has gone or restarted');
  ok((await shop.events()).includes(`Warning CanaryFailed ${state.message}`));
  await shop.leftNoTrace();
  return state.message;
}

const broken = { SHOP_ERROR_RATE: '0.5' };
const rate = { name: 'request-success-rate', thresholdRange: { min: 90 }, interval: '3s' };
const measured = { interval: '3s', threshold: 2, stepWeights: [50], compare: false };

suite('Istio', { concurrency: true }, () => {
  test('N-1 to N-4: a version fails, is taken back, fails again, and is promoted once it is mended', async () => {
    const shop = await street.open('lifecycle', { analysis: { ...measured, metrics: [rate] } });
    const pods = await serving(shop);
    const bad = { image: 'shop:2', env: broken };
    match(
      await failed(shop, await apply(shop, bad), pods),
      /^failed checks threshold reached \(2\): success rate \S+ % < 90 %/,
    );
    const tried = await shop.main();
    equal((await apply(shop, { image: 'shop:1' })).phase, 'Aborted', 'what runs is asked for again');
    deepEqual((await serving(shop)).pods, pods.pods);
    deepEqual(await shop.weights(tried), [], 'that is no rollout');
    const again = await apply(shop, bad);
    await failed(shop, again, pods);
    const mended = await apply(shop, { image: 'shop:2', annotations: { thisis: 'theway' } });
    equal(mended.phase, 'Succeeded', JSON.stringify(mended));
    deepEqual(await shop.versions(10), ['2']);
    deepEqual(await shop.outcomes(), ['Failed', 'Failed', 'Succeeded']);
    await shop.leftNoTrace();
    const { byVersion, errors } = await shop.visitors.stop();
    deepEqual([byVersion.get('1')?.failed, errors.transport], [0, new Map()]);
  });

  test('C-2: a slow version is rolled back by its latency, and no request of anybody fails', async () => {
    const metric = { name: 'request-duration', thresholdRange: { max: 500 }, interval: '3s' };
    const shop = await street.open('slow', { analysis: { ...measured, metrics: [metric] } });
    const pods = await serving(shop);
    const state = await apply(shop, { image: 'shop:2', env: { SHOP_LATENCY_MS: '1500' } });
    match(await failed(shop, state, pods), /^failed checks threshold reached \(2\): P99 \d+ ms > 500 ms/);
    await nobodyLost(shop.visitors);
  });

  test('a gate of type rollback takes a version back that all metrics find well', async () => {
    const webhooks = [{ name: 'orders', type: 'rollback', url: `${gates.url}/rollback/check` }];
    const plan = { analysis: { ...measured, stepWeights: [20, 40, 60, 80], metrics: [rate], webhooks } };
    const shop = await street.open('recalled', plan);
    const pods = await serving(shop);
    await shop.does('set image deployment/web web=shop:2');
    await shop.says(/^Normal CanaryAdvanced canary weight 40/);
    gates.set('rollback', 'recalled', 'web', true);
    match(await failed(shop, await shop.ends(), pods), /^rolled back by gate orders/);
    await nobodyLost(shop.visitors);
  });

  test('what a gate of type pre-rollout refuses is met by no user', async () => {
    const webhooks = [{ name: 'smoke', type: 'pre-rollout', url: `${gates.url}/gate/halt` }];
    const shop = await street.open('refused', { analysis: { ...measured, metrics: [rate], webhooks } });
    const [pods, before] = [await serving(shop), await shop.main()];
    match(
      await failed(shop, await shop.release('shop:2'), pods),
      /gate smoke \(pre-rollout\) is closed: .* 403/,
    );
    deepEqual(
      (await shop.weights(before)).filter((weight) => weight > 0),
      [],
    );
    deepEqual([...shop.visitors.snapshot().byVersion.keys()], ['1']);
    await nobodyLost(shop.visitors);
  });

  test('I-13, I-14: a version without an image fails at once, and the stable version goes on as it was', async () => {
    const shop = await street.open('imageless', {
      progressDeadlineSeconds: 60,
      analysis: { ...measured, metrics: [rate] },
    });
    const pods = await serving(shop);
    const message = await failed(shop, await shop.release('shop:missing'), pods);
    match(message, /cannot get its image shop:missing/);
    await nobodyLost(shop.visitors);
  });

  test('in place: pods that fail requests are taken back, and the stable version is whole again', async () => {
    const shop = await street.open('onsite', {
      promotion: 'inPlace',
      analysis: { ...measured, stepWeights: [25], metrics: [rate] },
    });
    // The share is one pod of four, and a batch is two: of either all users together get enough errors.
    const state = await apply(shop, { image: 'shop:2', env: { SHOP_ERROR_RATE: '1' } });
    ok(state.phase === 'Failed', JSON.stringify(state));
    match(state.message, /^failed checks threshold reached \(2\): success rate \S+ % < 90 %/);
    deepEqual(await shop.versions(40), ['1']);
    await shop.leftNoTrace();
    const { byVersion, errors } = await shop.visitors.stop();
    deepEqual([byVersion.get('1')?.failed, errors.transport], [0, new Map()]);
  });
});
