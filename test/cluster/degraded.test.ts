// A cluster that lacks something, or has something in the way: each shop lives in a namespace of its own, the release
// goes as far as it safely can, and says what it does without.
import { deepEqual, equal, match } from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { readLedger } from '../../src/config/state.ts';
import { listAt, objectAt, textAt } from '../../src/routing/json.ts';
import { openBareLab, prepareLab } from '../rig/lab.ts';
import { startLoad } from '../rig/load.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { config, deployment, openPlainShop, service, virtualService, weightsOf } from '../rig/plain-shop.ts';
import { until } from '../rig/processes.ts';
import { patient, stateOf } from '../rig/shop-lab.ts';

/** Where Serin looks for Prometheus: nobody is there until the tests put somebody there. */
const prometheusPort = 9191;

const { stateDir, prepared } = await enterNamespace(prepareLab);
const lab = await openBareLab({
  ...{ stateDir, prepared, settle: '1s' },
  prometheusUrl: `http://127.0.0.1:${prometheusPort}`,
});
after(() => lab.close());

const successRate = { name: 'request-success-rate', thresholdRange: { min: 99 }, interval: '3s' };
/** A metric of the plan's own that needs no traffic and is always good. */
const query = 'label_replace(vector(99), "of", "{{ namespace }}", "", "")';
const ownMetric = { name: 'own', query, thresholdRange: { min: 90 }, interval: '1s' };
const analysis = { interval: '1s', threshold: 1, stepWeights: [20, 60], metrics: [ownMetric] };

/** Four mistakes. */
const wrong = { analysis: { interval: 'soon', threshold: 0, stepWeights: [60, 20] }, alert: [] };
const checked = 'web is checked without traffic: readiness, restarts and the plan';

test('without Istio a release is checked without traffic, and says so before and after', async () => {
  const builtIn = { analysis: { ...analysis, metrics: [successRate] } };
  const shop = await openPlainShop(lab, 'bare', builtIn, service('web'));
  match(await shop.set('image deployment/web web=shop:2'), new RegExp(`Istio is not installed: ${checked}`));
  await shop.says(/Normal CanaryStarted .*without traffic: Istio is not installed/);
  await shop.reaches('Succeeded');
  await shop.says(/Normal CanaryAdvanced check 1 of 2 passed without traffic/);
  deepEqual(await shop.names('deployments', 'services'), ['web', 'web']);
});

/** Namespaces whose questions Prometheus leaves without an answer. */
const unheard = new Set(['mute']);

/** Prometheus as Serin is told where it is. */
function listenFor(prometheusUrl: string): void {
  const server = createServer((request, response) => {
    const asked = decodeURIComponent(request.url ?? '');
    if ([...unheard].some((namespace) => asked.includes(`"${namespace}"`))) {
      request.socket.destroy();
      return;
    }
    void fetch(`${prometheusUrl}${request.url}`).then(async (answer) =>
      response.writeHead(answer.status).end(await answer.text()),
    );
  });
  server.listen(prometheusPort, '127.0.0.1').unref();
}

describe('with Istio', { concurrency: true }, () => {
  let gatewayUrl = '';
  before(async () => {
    const mesh = await lab.startMesh();
    gatewayUrl = mesh.gatewayUrl;
    listenFor(mesh.prometheusUrl);
    // Istio that comes later is found by itself in half a minute; new processes need not wait for that.
    await lab.kubectl('-n serin-system rollout restart deployment/serin');
    await lab.kubectl('-n serin-system rollout status deployment/serin --timeout=180s');
  });

  test('a Service that nothing routes to gets a VirtualService at the gateway for the release alone', async () => {
    const host = 'open.example.com';
    const gateway = {
      ...{ apiVersion: 'networking.istio.io/v1', kind: 'Gateway', metadata: { name: 'edge' } },
      spec: {
        selector: { istio: 'ingressgateway' },
        servers: [{ hosts: [host], port: { name: 'http', number: 80, protocol: 'HTTP' } }],
      },
    };
    const measured = { ...analysis, interval: '3s', metrics: [successRate] };
    const plan = { service: { hosts: [host], gateways: ['open/edge'] }, analysis: measured };
    const shop = await openPlainShop(lab, 'open', plan, service('web'), gateway);
    const bounds = { ratePerSecond: 40, maxSeconds: 120, maxRequests: 4_800 };
    const visitors = startLoad({ url: gatewayUrl, host, ...bounds });
    try {
      await shop.set('image deployment/web web=shop:2');
      const { metadata, ...made } = await shop.split('web-serin');
      const owner = await shop.get('deployments', 'web');
      deepEqual(
        listAt(metadata, 'ownerReferences').map((each) => textAt(each, 'uid')),
        [owner.metadata.uid],
      );
      const spec = objectAt(made, 'spec');
      deepEqual([spec['hosts'], spec['gateways']], [[host], ['open/edge']]);
      await shop.reaches('Succeeded');
      deepEqual(await shop.names('virtualservices', 'deployments', 'services'), ['web', 'web']);
      const { byVersion } = visitors.snapshot();
      deepEqual([...byVersion.keys()].filter((version) => /^\d$/.test(version)).sort(), ['1', '2']);
      await shop.set('env deployment/web SHOP_ERROR_RATE=1');
      await shop.split('web-serin');
      match((await shop.reaches('Failed')).phase, /Failed/);
      await shop.says(/Warning CanaryFailed (failed checks threshold|canary worse)/);
      deepEqual(await shop.names('virtualservices', 'deployments', 'services'), ['web', 'web']);
    } finally {
      await visitors.stop();
    }
  });

  test('without hosts of its own it is made for the host of the Service, in the mesh', async () => {
    const shop = await openPlainShop(lab, 'inner', { analysis }, service('web'));
    await shop.set('image deployment/web web=shop:2');
    const spec = objectAt(await shop.split('web-serin'), 'spec');
    deepEqual([spec['hosts'], spec['gateways']], [['web.inner.svc.cluster.local'], ['mesh']]);
    await shop.reaches('Succeeded');
    deepEqual(await shop.names('virtualservices', 'deployments', 'services'), ['web', 'web']);
  });

  test('pods that no Service selects are checked without traffic, by the metrics of the plan', async () => {
    const shop = await openPlainShop(lab, 'alone', { analysis });
    const warned = await shop.set('image deployment/web web=shop:2');
    match(warned, new RegExp(`no Service selects its pods: ${checked}`));
    await shop.says(/Normal CanaryStarted .*without traffic: no Service selects the pods/);
    await shop.reaches('Succeeded');
    equal(await shop.set('image deployment/web web=shop:crash'), warned);
    match(JSON.stringify(await shop.reaches('Failed', 'Succeeded')), /"Failed".*crash-loops/);
    deepEqual(await shop.names('virtualservices', 'deployments', 'services'), ['web']);
  });

  test('while Prometheus does not answer the weight holds, people are told why, and an answer ends it', async () => {
    const shop = await openPlainShop(
      lab,
      'mute',
      { analysis },
      service('web'),
      virtualService('mute.example.com'),
    );
    await shop.set('image deployment/web web=shop:2');
    await shop.says(
      /Warning CanaryHeld weight 20 holds, nothing is known: own not measured: Prometheus at http\S+: \S/,
    );
    await shop.reaches('Waiting');
    deepEqual(weightsOf(await shop.get('virtualservices', 'shop')), [80, 20]);
    const main = await shop.get('deployments', 'web');
    const ledger = readLedger(main.metadata.annotations);
    if (ledger === undefined || 'corrupt' in ledger) throw new Error('no ledger');
    deepEqual([ledger.passed, ledger.failed, ledger.last?.verdict], [0, 0, 'error']);
    unheard.clear();
    await shop.reaches('Succeeded');
  });

  test('mistakes in the defaults of the namespace hold the release until they are mended', async () => {
    const shop = await openPlainShop(lab, 'slips', wrong, service('web'));
    await shop.set('image deployment/web web=shop:2');
    const said = await shop.says(/Warning CanaryHeld the canary cannot go on/);
    for (const path of ['alert', 'analysis.interval', 'analysis.threshold', 'analysis.stepWeights'])
      match(said, new RegExp(`ConfigMap serin: ${path}`));
    equal(stateOf(await shop.get('deployments', 'web')).phase, 'Pending');
    await shop.apply(config({ analysis }));
    await shop.reaches('Succeeded');
  });

  test('they hold no one back from the stable version', async () => {
    const shop = await openEndless('slipped');
    await shop.apply(config(wrong));
    await shop.set('image deployment/web web=shop:1');
    await shop.reaches('Aborted');
    await shop.isLeftAs(['shop', 'web', 'web']);
  });

  test('a Deployment of the user with the name of the twin is left alone, and named as what is in the way', async () => {
    const shop = await openPlainShop(
      lab,
      'taken',
      { analysis },
      service('web'),
      deployment('web-canary', 'mine'),
    );
    const { uid, generation } = (await shop.get('deployments', 'web-canary')).metadata;
    await shop.set('image deployment/web web=shop:2');
    await shop.says(/Warning CanaryHeld Deployment taken\/web-canary exists and is not the twin's/);
    await shop.set('image deployment/web web=shop:1');
    await shop.reaches('Aborted');
    const { metadata } = await shop.get('deployments', 'web-canary');
    deepEqual([metadata.uid, metadata.generation], [uid, generation]);
    const writers = listAt(metadata, 'managedFields').map((entry) => textAt(entry, 'manager'));
    deepEqual(new Set(writers), new Set(['kubectl-client-side-apply', 'kube-controller-manager']));
  });

  test('a Service of the user with that name, too; once it is gone the release goes on', async () => {
    const shop = await openPlainShop(lab, 'called', { analysis }, service('web'), service('web-canary'));
    const theirs = await shop.get('services', 'web-canary');
    await shop.set('image deployment/web web=shop:2');
    await shop.says(/Warning CanaryHeld Service called\/web-canary exists and is not the twin's/);
    deepEqual(await shop.get('services', 'web-canary'), theirs);
    await shop.kubectl('delete service web-canary');
    await shop.reaches('Succeeded');
  });

  test('a Deployment that is deleted during its release leaves nothing of it behind', async () => {
    const shop = await openEndless('gone');
    await shop.kubectl('delete deployment web');
    await shop.isLeftAs(['shop', 'web']);
  });

  test('nor does one that is replaced by force', async () => {
    const shop = await openEndless('forced');
    await lab.kubectl('-n forced replace --force -f -', JSON.stringify(deployment('web', 'web')));
    await shop.isLeftAs(['shop', 'web', 'web']);
  });
});

test('what is deleted while no controller leads leaves nothing behind either', async () => {
  const shop = await openEndless('away');
  const ours = lab.kubelet.pods().filter(({ namespace }) => namespace === 'serin-system');
  // Killed outright, the leader keeps its Lease for a while: nobody leads when the Deployment goes.
  for (const { name } of ours) lab.kubelet.kill(name, 'controller', 'SIGKILL');
  await shop.kubectl('delete deployment web');
  await shop.isLeftAs(['shop', 'web']);
});

/** A shop in the middle of a release that would not end. */
async function openEndless(namespace: string) {
  const slow = { analysis: { ...analysis, interval: '600s' } };
  const shop = await openPlainShop(lab, namespace, slow, service('web'), virtualService(`${namespace}.test`));
  const now = async (): Promise<unknown> => {
    const { metadata, ...rest } = await shop.get('virtualservices', 'shop');
    return [rest['spec'], metadata.annotations];
  };
  const untouched = await now();
  await shop.set('image deployment/web web=shop:2');
  await shop.split('shop');
  return {
    ...shop,
    /** These objects there are in the end, and the routes as they were. */
    isLeftAs: async (names: readonly string[]): Promise<void> => {
      const left = async (): Promise<unknown> => [
        await now(),
        (await shop.names('deployments', 'services', 'virtualservices')).toSorted(),
      ];
      const isSo = async (): Promise<boolean> => isDeepStrictEqual(await left(), [untouched, names]);
      // Where it never is so, the comparison shows what is left.
      await until('all of the release to be taken away', isSo, patient).catch(() => undefined);
      deepEqual(await left(), [untouched, names]);
    },
  };
}
