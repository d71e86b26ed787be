// Ways to release by an HTTPRoute alone, at a real gateway with visitors. Steps, and a version that fails those who asked for
// it, are in gateway-rollout.test.ts. docs/acceptance.md has the table.
import { deepEqual, equal, match } from 'node:assert/strict';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import type { KubeObject } from '../../src/kube/objects.ts';
import type { ApiObject } from '../rig/api.ts';
import { until } from '../rig/processes.ts';
import type { Shop } from '../rig/shop-client.ts';
import { patient } from '../rig/shop-lab.ts';
import { nobodyLost, openStreet, type StreetShop } from '../rig/street.ts';

const street = await openStreet(true);
after(() => street.close());
const { gates } = street;
await street.kubectl(`apply -f ${join(import.meta.dirname, '../rig/mesh-config/gateway-api.yaml')}`);

const webhooks = [{ name: 'owner', type: 'confirm-promotion', url: `${gates.url}/gate/check` }];
const held = /^Normal CanaryHeld weight \d+ holds: gate owner \(confirm-promotion\) is closed/;

/** A shop that no VirtualService routes to, and what its HTTPRoute is. */
async function routed(
  namespace: string,
  analysis: object,
): Promise<readonly [StreetShop, () => Promise<string>]> {
  const route = {
    ...{ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', metadata: { name: 'shop' } },
    spec: {
      parentRefs: [{ name: 'edge', namespace: 'istio-system' }],
      hostnames: [`${namespace}.example.com`],
      rules: [{ backendRefs: [{ name: 'web', port: 80 }], timeouts: { request: '60s' } }],
    },
  };
  const prepare = async (shop: Shop): Promise<void> => {
    await shop.does('delete virtualservice/shop gateway.networking.istio.io/shop');
    await shop.does('apply -f -', JSON.stringify(route));
  };
  const plan = {
    provider: 'gatewayapi:v1',
    analysis: { interval: '3s', metrics: [], webhooks, ...analysis },
  };
  const shop = await street.open(namespace, plan, { prepare });
  const path = `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/httproutes/shop`;
  const read = async (): Promise<string> => {
    const { metadata, spec } = await street.plane.api.get<KubeObject & ApiObject>(path);
    return JSON.stringify([metadata.annotations, spec]);
  };
  return [shop, read];
}

async function promoted(shop: StreetShop): Promise<void> {
  gates.set('gate', shop.namespace, 'web', true);
  equal((await shop.ends()).phase, 'Succeeded', JSON.stringify(await shop.events()));
  deepEqual(await shop.versions(10), ['2']);
  await shop.leftNoTrace();
  await nobodyLost(shop.visitors);
}

suite('Gateway API', { concurrency: true }, () => {
  test('G-2: blue/green shows nobody the candidate until it is confirmed', async () => {
    const [shop, route] = await routed('green', { iterations: 2 });
    const untouched = await route();
    await shop.does('set image deployment/web web=shop:2');
    await shop.says(held);
    deepEqual([...shop.visitors.snapshot().byVersion.keys()], ['1']);
    await promoted(shop);
    equal(await route(), untouched);
  });

  test('G-3: A/B by header sends those who have it to the candidate, and all others to stable', async () => {
    const [shop, route] = await routed('insiders', {
      iterations: 2,
      match: [{ headers: { 'x-canary': { exact: 'insider' } } }],
    });
    const untouched = await route();
    await shop.does('set image deployment/web web=shop:2');
    await shop.says(held);
    deepEqual(await shop.versions(20, { 'x-canary': 'insider' }), ['2']);
    deepEqual(await shop.versions(20, { 'x-canary': 'no' }), ['1']);
    deepEqual([...shop.visitors.snapshot().byVersion.keys()], ['1']);
    await promoted(shop);
    equal(await route(), untouched);
  });

  test('G-4: the cookie of the candidate keeps its users, and is void once it is taken back', async () => {
    const sessionAffinity = { cookieName: 'shop-canary', maxAge: 3600 };
    const [shop, route] = await routed('loyal', { stepWeights: [30], sessionAffinity });
    const untouched = await route();
    await shop.does('set image deployment/web web=shop:2');
    await shop.says(held);
    const isOfCanary = async () => {
      const answer = await shop.ask();
      return answer.version === '2' && answer;
    };
    const [given = ''] = (await until('somebody to come to the canary', isOfCanary, patient)).cookies;
    match(given, /^shop-canary=[0-9a-f]+; Max-Age=3600/);
    const cookie = given.slice(0, given.indexOf(';'));
    deepEqual(await shop.versions(20, { cookie }), ['2']);
    deepEqual(await shop.versions(60, { cookie: 'shop-canary=another' }), ['1', '2']);
    await shop.does('set image deployment/web web=shop:1');
    equal((await shop.ends()).phase, 'Aborted');
    await until(
      'the gateway to know',
      async () => (await shop.versions(20, { cookie })).join() === '1',
      patient,
    );
    await shop.leftNoTrace();
    equal(await route(), untouched);
    await nobodyLost(shop.visitors);
  });
});
