// Every way to release that moves traffic by Istio, on real parts with visitors: what Flagger's end-to-end scenarios do, with
// what users meet looked at. docs/acceptance.md has the table.
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { until } from '../rig/processes.ts';
import { patient, stateOf } from '../rig/shop-lab.ts';
import { nobodyLost, openStreet, type StreetShop } from '../rig/street.ts';

const street = await openStreet();
after(() => street.close());
const { gates } = street;
const gate = (type: string, path: string) => ({ name: `${type}-${path}`, type, url: `${gates.url}/${path}` });
const opens = (type: string) => gate(type, 'gate/check');
/** Nothing is measured: what is looked at is where the traffic goes. */
const unmeasured = { interval: '3s', metrics: [] };

/** One of the calls that gates have had from a shop, parsed. */
const calls = (path: string, namespace: string): readonly Record<string, unknown>[] =>
  gates.calls
    .filter((call) => call.path === `/${path}`)
    .map(({ body }) => JSON.parse(body) as Record<string, unknown>)
    .filter((body) => body['namespace'] === namespace);

/** How many of so many answers are the twin's, while a gate holds the weight. */
async function shareOf(shop: StreetShop, version: string, times: number): Promise<number> {
  let met = 0;
  for (let n = 0; n < times; n += 1) met += (await shop.ask()).version === version ? 1 : 0;
  return met;
}

const template = {
  ...{ apiVersion: 'flagger.app/v1beta1', kind: 'MetricTemplate', metadata: { name: 'latency' } },
  spec: {
    provider: { type: 'prometheus' },
    query: `histogram_quantile(0.99, sum(rate(istio_request_duration_milliseconds_bucket{reporter="{{ variables.reporter }}",
      destination_workload_namespace="{{ namespace }}", destination_workload=~"{{ target }}"}[{{ interval }}])) by (le))`,
  },
};
const metricTemplates = {
  ...{ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' },
  metadata: { name: 'metrictemplates.flagger.app' },
  spec: {
    ...{ group: 'flagger.app', scope: 'Namespaced' },
    names: { plural: 'metrictemplates', singular: 'metrictemplate', kind: 'MetricTemplate' },
    versions: [
      {
        ...{ name: 'v1beta1', served: true, storage: true },
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};
await street.kubectl('apply -f -', JSON.stringify(metricTemplates));
await street.kubectl('wait --for=condition=Established crd/metrictemplates.flagger.app --timeout=30s');

suite('Istio', { concurrency: true }, () => {
  test('I-1, I-3, L-2: by steps, with a MetricTemplate, and back by stepWeightPromotion', async () => {
    const metric = {
      name: 'latency',
      templateRef: { name: 'latency' },
      templateVariables: { reporter: 'source' },
    };
    const analysis = {
      ...{ interval: '4s', threshold: 15, stepWeights: [20, 60], stepWeightPromotion: 50, compare: false },
      metrics: [{ ...metric, thresholdRange: { max: 4000 }, interval: '4s' }],
      webhooks: [{ name: 'more', type: 'confirm-traffic-increase', url: street.gateFrom(20) }],
    };
    const prepare = (at: { does(line: string, input: string): Promise<unknown> }): Promise<unknown> =>
      at.does('apply -f -', JSON.stringify(template));
    const shop = await street.open('steps', { analysis }, { prepare });
    const before = await shop.main();
    await shop.does('set image deployment/web web=shop:2');
    await shop.says(/^Normal CanaryHeld weight 20 holds: gate more \(confirm-traffic-increase\) is closed: /);
    // 40 on average; six standard deviations.
    const met = await shareOf(shop, '2', 200);
    ok(met > 6 && met < 74, `${met} of 200 requests met the canary at a weight of 20`);
    gates.set('gate', 'steps', 'web', true);
    const state = await shop.ends();
    equal(state.phase, 'Succeeded', JSON.stringify(state));
    deepEqual(await shop.weights(before), [20, 60, 100, 50, 0]);
    match((await shop.does('rollout status deployment/web --timeout=10s')).stdout, /successfully rolled out/);
    await shop.leftNoTrace();
    await nobodyLost(shop.visitors);
  });

  test('I-4: blue/green shows nobody the candidate before all checks; its hooks try it, and hear of the end', async () => {
    const analysis = {
      ...{ ...unmeasured, iterations: 3 },
      webhooks: [
        gate('pre-rollout', 'green-smoke'),
        gate('rollout', 'green-load'),
        gate('post-rollout', 'green-end'),
      ],
    };
    const shop = await street.open('green', { analysis });
    // What Flagger's load tester does: it asks the pods of the twin, and says no where they fail.
    const tryTwin = async (): Promise<boolean> => {
      const pods = street.kubelet
        .pods()
        .filter(({ labels, namespace }) => namespace === 'green' && labels['app'] === 'web-canary');
      const answers = await Promise.all(pods.map(({ ip }) => fetch(`http://${ip}:8080/`)));
      return (
        pods.length > 0 && answers.every(({ ok: fine, headers }) => fine && headers.get('x-version') === '2')
      );
    };
    const metByUsers: string[] = [];
    gates.at('/green-load', (_, response) => {
      metByUsers.push(...shop.visitors.snapshot().byVersion.keys());
      void tryTwin().then((fine) => response.writeHead(fine ? 200 : 500).end());
    });
    const before = await shop.main();
    const state = await shop.release('shop:2');
    equal(state.phase, 'Succeeded', JSON.stringify([state, await shop.events()]));
    equal(calls('green-smoke', 'green').length, 1);
    equal(gates.calls.filter(({ path }) => path === '/green-load').length, 3);
    deepEqual([...new Set(metByUsers)], ['1']);
    // No share of the users before all of them; back as the pods carry it.
    equal(
      (await shop.weights(before)).find((weight) => weight > 0),
      100,
    );
    const end = await until('the hook to be told', () => calls('green-end', 'green')[0], patient);
    deepEqual([end['phase'], end['revision']], ['Succeeded', state.revision]);
    await shop.leftNoTrace();
    await nobodyLost(shop.visitors);
  });

  test('I-5, C-3: A/B by cookie and by header: only they meet the candidate until the promotion is confirmed', async () => {
    const analysis = {
      ...{ ...unmeasured, iterations: 2 },
      match: [
        { headers: { cookie: { regex: '^(.*?;)?(type=insider)(;.*)?$' } } },
        { headers: { 'x-canary': { exact: 'insider' } } },
      ],
      webhooks: [opens('confirm-promotion'), gate('post-rollout', 'insiders-end')],
    };
    const shop = await street.open('insiders', { analysis });
    await shop.does('set image deployment/web web=shop:2');
    await shop.says(/^Normal CanaryHeld weight 0 holds: gate confirm-promotion\S+ \S+ is closed: /);
    equal(stateOf(await shop.main()).phase, 'Waiting');
    for (const headers of [
      { cookie: 'type=insider' },
      { cookie: 'a=b;type=insider;c=d' },
      { 'x-canary': 'insider' },
    ])
      deepEqual(await shop.versions(20, headers), ['2'], JSON.stringify(headers));
    for (const headers of [{}, { cookie: 'type=insiders' }, { 'x-canary': 'no' }])
      deepEqual(await shop.versions(20, headers), ['1'], JSON.stringify(headers));
    deepEqual([...shop.visitors.snapshot().byVersion.keys()], ['1']);
    gates.set('gate', 'insiders', 'web', true);
    const state = await shop.ends();
    equal(state.phase, 'Succeeded', JSON.stringify(state));
    await until('the hook to be told', () => calls('insiders-end', 'insiders')[0], patient);
    await shop.leftNoTrace();
    deepEqual(await shop.versions(10), ['2']);
    await nobodyLost(shop.visitors);
  });

  test('mirroring: the candidate gets copies, nobody sees its answers, and then the weights begin', async () => {
    const analysis = {
      ...{ ...unmeasured, stepWeights: [50], mirror: true },
      webhooks: [opens('confirm-traffic-increase')],
    };
    const shop = await street.open('copied', { analysis });
    const before = await shop.main();
    await shop.does('set image deployment/web web=shop:2');
    await shop.says(/^Normal CanaryHeld weight 0 holds: gate confirm-traffic-increase/);
    const [copies, sent] = [shop.served('web-canary'), shop.visitors.snapshot().sent];
    await until('the next hundred requests', () => shop.visitors.snapshot().sent >= sent + 100, patient);
    // What is on its way at either end may be missing.
    await until('their copies', () => shop.served('web-canary') >= copies + 90, patient);
    deepEqual([...shop.visitors.snapshot().byVersion.keys()], ['1']);
    gates.set('gate', 'copied', 'web', true);
    const state = await shop.ends();
    equal(state.phase, 'Succeeded', JSON.stringify(state));
    deepEqual((await shop.weights(before)).slice(0, 3), [0, 50, 100]);
    await shop.leftNoTrace();
    await nobodyLost(shop.visitors);
  });

  test('I-10, I-11: who came to the candidate stays with it by a cookie, which a rollback makes void', async () => {
    const sessionAffinity = { cookieName: 'shop-canary', maxAge: 3600 };
    const analysis = {
      ...unmeasured,
      stepWeights: [30],
      sessionAffinity,
      webhooks: [opens('confirm-promotion')],
    };
    const shop = await street.open('loyal', { analysis });
    await shop.does('set image deployment/web web=shop:2');
    const came = await until(
      'somebody to come to the canary',
      async () => {
        const answer = await shop.ask();
        return answer.version === '2' && answer;
      },
      patient,
    );
    const [given = ''] = came.cookies;
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
    await nobodyLost(shop.visitors);
  });
});
