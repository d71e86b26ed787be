// What goes beside a weight at a real Envoy, and a VirtualService that its owner's tools write while a rollout runs: on a
// real control plane, through the webhook and past it.
import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { request } from 'node:http';
import { after, test } from 'node:test';
import { stringify } from 'yaml';
import type { KubeObject } from '../../src/kube/objects.ts';
import type { JsonObject } from '../../src/rollout/types.ts';
import { split } from '../../src/routing/istio.ts';
import { listAt, objectAt } from '../../src/routing/json.ts';
import type { SplitOptions } from '../../src/routing/router.ts';
import { splitAnnotation } from '../../src/routing/types.ts';
import { patched, to, virtualServiceIn, web as shopWeb } from '../routing/builders.ts';
import { until } from '../rig/processes.ts';
import { isHeld } from '../rig/shop-history.ts';
import { openShop, patient, shopHost, shopRoutes, stateOf } from '../rig/shop-lab.ts';

/** One step, and no end to it but the owner's. */
const plan = 'analysis: {interval: 600s, threshold: 1, stepWeights: [20], metrics: []}\n';
let written: JsonObject = {};
const shop = await openShop((object) => {
  if (object.kind === 'HorizontalPodAutoscaler') return undefined;
  if (object.kind === 'VirtualService') written = object as unknown as JsonObject;
  return object;
});
after(() => shop.close());
const { plane } = shop;
await plane.api.patch('/api/v1/namespaces/shop/configmaps/serin', { data: { 'canary.yaml': plan } });

const routes = (): Promise<KubeObject> =>
  plane.api.get<KubeObject & { metadata: { resourceVersion: string } }>(shopRoutes);
/** The owner's file, with what they change in its only route. */
const file = (change: JsonObject = {}): string => {
  const [primary] = listAt(written['spec'], 'http');
  const spec = { ...objectAt(written, 'spec'), http: [{ ...(primary as JsonObject), ...change }] };
  return stringify({ ...written, spec });
};
const weights = (object: JsonObject): readonly unknown[] => {
  const [primary] = listAt(object['spec'], 'http');
  return listAt(primary, 'route').map((entry) => [
    objectAt(entry, 'destination')['host'],
    (entry as JsonObject)['weight'],
  ]);
};
const twenty = [
  ['web', 80],
  ['web-canary', 20],
];

interface Answer {
  readonly version: string;
  readonly cookies: readonly string[];
}

/** Who answers one request through the gateway. */
function ask(host: string, headers: { readonly [name: string]: string } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      shop.mesh.gatewayUrl,
      { headers: { ...headers, host }, agent: false },
      (response) => {
        response.resume();
        response.on('end', () =>
          resolve({
            version: String(response.headers['x-version']),
            cookies: response.headers['set-cookie'] ?? [],
          }),
        );
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

async function asked(times: number, host: string, headers = {}): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (let n = 0; n < times; n += 1) answers.push(await ask(host, headers));
  return answers;
}

const versionsOf = (answers: readonly Answer[]): readonly string[] =>
  [...new Set(answers.map(({ version }) => version))].toSorted((a, b) => a.localeCompare(b));

test('whatever the owner’s tools write in the middle of a rollout, the split is carried, and their change with it', async () => {
  await shop.kubectl('-n shop set image deployment/web web=shop:2');
  await until('the twin to have traffic', async () => weights(await routes()).length === 2, patient);
  deepEqual(weights(await routes()), twenty);

  const ssa = 'apply --server-side --force-conflicts --field-manager=gitops -f -';
  for (const [n, tool] of ['apply -f -', ssa, 'replace -f -'].entries()) {
    for (const input of [file(), file({ timeout: `${n + 11}s` })]) {
      const { code, stderr } = await plane.kubectl(tool.split(' '), { input });
      equal(code, 0, `${tool}: ${stderr}`);
      match(stderr, /carried: while the canary of web runs/, tool);
      const now = await routes();
      deepEqual(weights(now), twenty, tool);
      ok(splitAnnotation in (now.metadata.annotations ?? {}), tool);
    }
    const [primary] = listAt((await routes())['spec'], 'http');
    equal((primary as JsonObject)['timeout'], `${n + 11}s`, tool);
  }
  // 60 requests: with a share of 20 % neither version is left out but once in 600,000 runs.
  deepEqual(versionsOf(await asked(60, shopHost)), ['1', '2']);
});

test('what is written while no webhook is called, the controller puts back', async () => {
  const path = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/serin';
  const { webhooks } = await plane.api.get<{ webhooks: { name: string }[] }>(path);
  const at = webhooks.findIndex(({ name }) => name === 'routes.serin.dev');
  const op = [{ op: 'remove', path: `/webhooks/${at}` }];
  await shop.kubectl(`patch mutatingwebhookconfiguration serin --type json -p ${JSON.stringify(op)}`);
  const dry = ['replace', '--dry-run=server', '-o', 'json', '-f', '-'];
  await until('kube-apiserver to call it no more', async () => {
    const { stdout } = await plane.kubectl(dry, { input: file() });
    return weights(JSON.parse(stdout) as JsonObject).length === 1;
  });
  await shop.kubectl('replace -f -', file({ timeout: '21s' }));
  await until('the split to be back', async () => weights(await routes()).length === 2, patient);
  const now = await routes();
  deepEqual(weights(now), twenty);
  equal((listAt(now['spec'], 'http')[0] as JsonObject)['timeout'], '21s');
});

test('and in the end the routes are as their owner wrote them last', async () => {
  await shop.kubectl('-n shop set image deployment/web web=shop:1');
  await until('the rollout to end', async () => stateOf(await shop.main()).phase === 'Aborted', patient);
  const ended = await routes();
  const [primary] = listAt(written['spec'], 'http');
  const expected = { ...objectAt(written, 'spec'), http: [{ ...(primary as JsonObject), timeout: '21s' }] };
  deepEqual(ended['spec'], expected);
  equal(splitAnnotation in (ended.metadata.annotations ?? {}), false);
  equal(isHeld(await shop.main()), false);
});

/** Two versions that no rollout knows of: Serin looks at no Deployment of this namespace. */
const lanes = 'lanes';
const laneHost = 'lanes.example.com';
const workload = (name: string, image: string): object[] => [
  {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: lanes } },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'web', image, ports: [{ containerPort: 8080 }] }] },
      },
    },
  },
  {
    ...{ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: lanes } },
    spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  },
];
const target = { ...shopWeb, service: { ...shopWeb.service, namespace: lanes } };
const plain: JsonObject = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name: 'lanes', namespace: lanes },
  spec: {
    hosts: [laneHost],
    gateways: ['lanes'],
    http: [{ match: [{ uri: { prefix: '/' } }], route: [{ destination: { host: 'web' } }] }],
  },
};
/** Applies what Serin would make of it; without its annotation no Serin looks at it. */
const give = async (weight: number, options: SplitOptions): Promise<void> => {
  const { spec = null } = patched(plain, split(plain, target, weight, options));
  await shop.kubectl('apply -f -', JSON.stringify({ ...plain, spec }));
};
const affinity = { cookieName: 'serin', value: 'trial.1', maxAgeSeconds: 60, path: '/' };

test('Istio takes every form of what goes beside a weight', async () => {
  for (const options of [
    {},
    { beside: { mirror: 20 } },
    { beside: { affinity, mirror: 5, match: [{ headers: { a: {} } }] } },
  ]) {
    for (const name of ['tester-lane', 'subsets', 'streams', 'delegate']) {
      const before = virtualServiceIn(name);
      const { spec = null } = patched(before, split(before, shopWeb, 30, options));
      const object = { ...before, metadata: { name: `form-${name}`, namespace: 'default' }, spec };
      await shop.kubectl('apply --dry-run=server -f -', JSON.stringify(object));
    }
  }
  const forms = { mirror: { host: 'a' }, mirrors: [{ destination: { host: 'b' } }] };
  const spec = { hosts: ['x'], http: [{ route: [to('web')], ...forms }] };
  const both = { ...plain, metadata: { name: 'both', namespace: 'default' }, spec };
  await rejects(
    shop.kubectl('apply --dry-run=server -f -', JSON.stringify(both)),
    /cannot contain both mirror and mirrors/,
  );
});

test('Envoy sends to the twin who matches, and those who were there before; a mirror is answered by stable alone', async () => {
  const gateway = {
    ...{
      apiVersion: 'networking.istio.io/v1',
      kind: 'Gateway',
      metadata: { name: 'lanes', namespace: lanes },
    },
    spec: {
      selector: { istio: 'ingressgateway' },
      servers: [{ hosts: [laneHost], port: { number: 80, name: 'http', protocol: 'HTTP' } }],
    },
  };
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: lanes } };
  const items = [namespace, ...workload('web', 'shop:1'), ...workload('web-canary', 'shop:2'), gateway];
  await shop.kubectl('apply -f -', JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const tester = { 'x-tester': 'yes' };
  await give(0, { beside: { match: [{ headers: { 'x-tester': { exact: 'yes' } } }] } });
  await until(
    'testers to get to the twin',
    async () => (await ask(laneHost, tester)).version === '2',
    patient,
  );
  deepEqual(versionsOf(await asked(20, laneHost, tester)), ['2']);
  deepEqual(versionsOf(await asked(20, laneHost)), ['1']);

  await give(50, { beside: { affinity } });
  const cookie = 'serin=trial.1';
  const stays = { cookie: `a=b; ${cookie}` };
  await until('who was there to stay', async () => (await ask(laneHost, stays)).version === '2', patient);
  deepEqual(versionsOf(await asked(20, laneHost, stays)), ['2']);
  const answers = await asked(40, laneHost, { cookie: 'serin=trial.0' });
  deepEqual(versionsOf(answers), ['1', '2']);
  for (const { version, cookies } of answers)
    deepEqual(cookies, version === '2' ? [`${cookie}; Max-Age=60; Path=/`] : []);

  const served = (): number => {
    const pods = shop.kubelet.pods().filter(({ name }) => name.startsWith('web-canary-'));
    return pods
      .flatMap(({ name }) => [...shop.kubelet.served(name)])
      .reduce((sum, [, count]) => sum + count, 0);
  };
  await give(0, { beside: { mirror: 100 } });
  await until(
    'copies to come',
    async () => {
      const [before, answer] = [served(), await ask(laneHost, stays)];
      return answer.version === '1' && served() > before;
    },
    patient,
  );
  deepEqual(versionsOf(await asked(20, laneHost, stays)), ['1']);
});
