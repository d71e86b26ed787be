// Ways to release that are more than a share of the traffic, on real parts with visitors in the shop: without analysis,
// suspended, without a split, in place, together, with a scaler, by delegation. docs/acceptance.md has the table.
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import type { KubeObject } from '../../src/kube/objects.ts';
import type { State } from '../../src/rollout/types.ts';
import { numberAt, objectAt, textAt } from '../../src/routing/json.ts';
import type { ApiObject } from '../rig/api.ts';
import { until } from '../rig/processes.ts';
import { patient, stateOf } from '../rig/shop-lab.ts';
import { podsOf } from '../rig/shop-history.ts';
import { nobodyLost, openStreet, type StreetShop } from '../rig/street.ts';

const street = await openStreet();
after(() => street.close());
const { gates } = street;
const opens = (type: string) => ({ name: 'approval', type, url: `${gates.url}/gate/check` });
const unmeasured = { interval: '3s', metrics: [] };
const list = (...items: readonly object[]): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'List', items });

async function promoted(shop: StreetShop, state: State): Promise<void> {
  equal(state.phase, 'Succeeded', JSON.stringify([state, await shop.events()]));
  match((await shop.does('rollout status deployment/web --timeout=10s')).stdout, /successfully rolled out/);
  deepEqual(await shop.versions(10), ['2']);
  await shop.leftNoTrace();
  await nobodyLost(shop.visitors);
}

suite('Istio', { concurrency: true }, () => {
  test('I-12: skipAnalysis promotes without a check, and still loses nobody', async () => {
    const shop = await street.open('skipped', { skipAnalysis: true, analysis: { interval: '600s' } });
    const before = await shop.main();
    await promoted(shop, await shop.release('shop:2'));
    const [first, ...weights] = await shop.weights(before);
    deepEqual([first, weights.at(-1)], [100, 0]);
  });

  test('suspend lets nothing begin and holds what is on trial; without it all goes on', async () => {
    const analysis = { ...unmeasured, stepWeights: [20, 40, 60, 80] };
    const shop = await street.open('suspended', { suspend: true, analysis });
    const before = await shop.main();
    await shop.does('set image deployment/web web=shop:2');
    await shop.says(/^Normal CanaryHeld .*suspended by the plan/);
    deepEqual([stateOf(await shop.main()).phase, await shop.twin()], ['Pending', undefined]);
    await shop.replan({ analysis });
    await shop.says(/^Normal CanaryAdvanced canary weight 20/);
    await shop.replan({ suspend: true, analysis });
    await shop.says(/^Normal CanaryHeld weight \d+ holds: suspended by the plan/);
    deepEqual(await shop.versions(60), ['1', '2']);
    await shop.replan({ analysis });
    await promoted(shop, await shop.ends());
    deepEqual((await shop.weights(before)).slice(0, 5), [20, 40, 60, 80, 100]);
  });

  test('K-1, K-2: provider kubernetes waits for its gate, checks the twin without traffic, and writes no route', async () => {
    const analysis = { ...unmeasured, iterations: 3, webhooks: [opens('confirm-rollout')] };
    const shop = await street.open('meshless', { provider: 'kubernetes', analysis });
    const before = await shop.main();
    await shop.does('set image deployment/web web=shop:2');
    await shop.says(/^Normal CanaryHeld .*gate approval \(confirm-rollout\) is closed/);
    deepEqual([stateOf(await shop.main()).phase, await shop.twin()], ['Pending', undefined]);
    gates.set('gate', 'meshless', 'web', true);
    await shop.says(/^Normal CanaryAdvanced check 2 of 3 passed without traffic/);
    deepEqual([...shop.visitors.snapshot().byVersion.keys()], ['1']);
    await promoted(shop, await shop.ends());
    deepEqual(await shop.weights(before), []);
  });

  test('in place: the Deployment itself rolls by shares, held at each until it is confirmed, with no twin and no route', async () => {
    const more = { name: 'approval', type: 'confirm-traffic-increase', url: street.gateFrom(25) };
    const analysis = { ...unmeasured, stepWeights: [25, 50], webhooks: [more] };

    const shop = await street.open('onsite', { promotion: 'inPlace', analysis });
    const before = await shop.main();
    await shop.does('set image deployment/web web=shop:2');
    await shop.says(/^Normal CanaryHeld 25 % of the pods hold: gate approval/);
    const { updated, available } = podsOf(await shop.main());
    ok(updated > 0 && updated <= 2, `${updated} of 4 pods have rolled, and a batch is two`);
    deepEqual([available >= 3, await shop.twin()], [true, undefined]);
    deepEqual(await shop.versions(60), ['1', '2']);
    gates.set('gate', 'onsite', 'web', true);
    await promoted(shop, await shop.ends());
    deepEqual(await shop.weights(before), []);
  });

  test('K-4, K-5: the scaler stays with the Deployment, and the twin has a copy of it with bounds of its own', async () => {
    const scaler = {
      ...{ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'web' } },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        ...{ minReplicas: 4, maxReplicas: 6 },
        metrics: [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 99 } },
          },
        ],
      },
    };
    const plan = {
      autoscalerRef: { kind: 'HorizontalPodAutoscaler', name: 'web' },
      twinScaler: { minReplicas: 4, maxReplicas: 5 },
      analysis: { ...unmeasured, stepWeights: [50], webhooks: [opens('confirm-promotion')] },
    };
    const shop = await street.open('scaled', plan, {
      prepare: (at) => at.does('apply -f -', JSON.stringify(scaler)),
    });
    await shop.does('patch hpa web --type=merge -p {"spec":{"minReplicas":5}}');
    const path = '/apis/autoscaling/v2/namespaces/scaled/horizontalpodautoscalers';
    const scalers = async () => (await street.plane.api.get<{ items: KubeObject[] }>(path)).items;
    await until('the scaler to act', async () => podsOf(await shop.main()).ready === 5, patient);
    await shop.does('set image deployment/web web=shop:2');
    await shop.says(/^Normal CanaryHeld weight 50 holds: gate approval/);
    const copy = (await scalers()).find(({ metadata }) => metadata.name !== 'web')?.['spec'];
    deepEqual(
      [
        textAt(objectAt(copy, 'scaleTargetRef'), 'name'),
        numberAt(copy, 'minReplicas'),
        numberAt(copy, 'maxReplicas'),
      ],
      ['web-canary', 4, 5],
    );
    gates.set('gate', 'scaled', 'web', true);
    await promoted(shop, await shop.ends());
    const left = await scalers();
    deepEqual(
      left.map(({ metadata }) => metadata.name),
      ['web'],
    );
    const spec = left[0]?.['spec'];
    deepEqual([textAt(objectAt(spec, 'scaleTargetRef'), 'name'), numberAt(spec, 'minReplicas')], ['web', 5]);
  });

  test('I-9: a VirtualService that another one delegates to is split as any, and the other is not touched', async () => {
    const root = {
      ...{ apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata: { name: 'root' } },
      spec: { hosts: ['delegated.example.com'], gateways: ['shop'], http: [{ delegate: { name: 'shop' } }] },
    };
    const analysis = { ...unmeasured, stepWeights: [50], webhooks: [opens('confirm-promotion')] };
    const shop = await street.open(
      'delegated',
      { service: { delegation: true }, analysis },
      {
        prepare: async (at) => {
          const ops = ['hosts', 'gateways'].map((field) => ({ op: 'remove', path: `/spec/${field}` }));
          await at.does(`patch virtualservice shop --type=json -p ${JSON.stringify(ops)}`);
          await at.does('apply -f -', JSON.stringify(root));
        },
      },
    );
    const read = () =>
      street.plane.api.get('/apis/networking.istio.io/v1/namespaces/delegated/virtualservices/root');
    const { metadata: untouched } = await read();
    await shop.does('set image deployment/web web=shop:2');
    await shop.says(/^Normal CanaryHeld weight 50 holds: gate approval/);
    deepEqual(await shop.versions(60), ['1', '2']);
    gates.set('gate', 'delegated', 'web', true);
    await promoted(shop, await shop.ends());
    equal((await read()).metadata.resourceVersion, untouched.resourceVersion);
  });

  test('a group of two is promoted together, and falls together', async () => {
    const webhooks = [opens('confirm-promotion')];
    const shop = await street.open('group', { analysis: { ...unmeasured, stepWeights: [50], webhooks } });
    gates.set('gate', 'group', 'web', true);
    const cart = (text: string): object => JSON.parse(text.replaceAll('"web"', '"cart"')) as object;
    const both = (image: string): string => {
      const web = shop.manifest(image, { 'serin.dev/group': 'checkout' });
      return list(JSON.parse(web) as object, cart(web));
    };
    const ports = [{ name: 'http', port: 80, targetPort: 'http' }];
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'cart' },
      spec: { selector: { app: 'cart' }, ports },
    };
    await shop.does('apply -f -', list(service));
    await shop.does('apply -f -', both('shop:1'));
    await shop.does('rollout status deployment/cart --timeout=60s');
    const outcome = (name: string): Promise<State> =>
      until(
        `the rollout of ${name} to end`,
        async () => {
          const path = `/apis/apps/v1/namespaces/group/deployments/${name}`;
          const state = stateOf(await street.plane.api.get<KubeObject & ApiObject>(path));
          return 'endedAt' in state && state;
        },
        { timeoutMs: 120_000 },
      );
    await shop.does('apply -f -', both('shop:2'));
    await shop.says(/^Normal CanaryHeld weight 50 holds: passed, and waits for cart of group checkout/);
    gates.set('gate', 'group', 'cart', true);
    deepEqual([(await outcome('web')).phase, (await outcome('cart')).phase], ['Succeeded', 'Succeeded']);
    gates.set('gate', 'group', 'cart', false);
    await shop.does('apply -f -', both('shop:4'));
    await shop.reaches('Waiting');
    await shop.does('annotate deployment cart serin.dev/command=abort');
    const [web, fallen] = [await outcome('web'), await outcome('cart')];
    deepEqual([web.phase, fallen.phase], ['Failed', 'Failed']);
    match('message' in web ? (web.message ?? '') : '', /^cart, of group checkout too, is rolled back/);
    deepEqual(await shop.versions(20), ['2']);
    await nobodyLost(shop.visitors);
  });
});
