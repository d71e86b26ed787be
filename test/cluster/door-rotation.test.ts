// The certificates of the real webhook server under load on a real kube-apiserver: nobody notices that they change. With
// SERIN_SOAK=1 (npm run soak:door) it is 10 000 changes, with gaps longer than the 90 s for which kube-apiserver keeps an
// idle connection.
import { deepEqual, equal, ok } from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { KubeConfig } from '@kubernetes/client-node';
import { decide } from '../../src/admission/mutate.ts';
import { createWebhookServer, type WebhookOptions, type WebhookServer } from '../../src/admission/server.ts';
import { untouched } from '../../src/admission/verdict.ts';
import { systemClock } from '../../src/clock.ts';
import { createKube } from '../../src/kube/client.ts';
import { resources } from '../../src/kube/objects.ts';
import { createTransport } from '../../src/kube/transport.ts';
import { listAt, objectAt, textAt } from '../../src/routing/json.ts';
import { systemEntropy } from '../../src/tls/issue.ts';
import { silent } from '../admission/silent.ts';
import { manifestOf } from '../clients/objects.ts';
import { startControlPlane } from '../rig/control-plane.ts';
import { kubeconfig } from '../rig/kubeconfig.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { until } from '../rig/processes.ts';
import { controlPlaneTools, toolchain } from '../rig/toolchain.ts';
import { replica } from '../tls/replica.ts';

const isSoak = process.env['SERIN_SOAK'] === '1';
const rotations = 3;
const callsBetween = isSoak ? 3_400 : 700;
const idleMs = isSoak ? 95_000 : 0;

const { stateDir, prepared: binaries } = await enterNamespace(() => toolchain(controlPlaneTools));
const plane = await startControlPlane({ stateDir, binaries });
after(() => plane.stop());
const { api } = plane;
const kubectl = async (line: string): Promise<string> => {
  const { code, stdout, stderr } = await plane.kubectl(line.split(' '));
  equal(code, 0, stderr);
  return stdout;
};
const manifests = join(import.meta.dirname, '../../manifests');
await kubectl(`apply -k ${manifests}`);
await kubectl('create namespace shop');
await kubectl('label namespace shop serin.dev/mode=canary');
const token = (await kubectl('-n serin-system create token serin')).trim();
const config = new KubeConfig();
config.loadFromString(kubeconfig(plane.port, { caPem: plane.caPem, token }));
const kube = createKube(createTransport(config), systemClock);

/** Reviews by what became of them. */
const reviews = new Map<WebhookOutcome, number>();
type WebhookOutcome = Parameters<WebhookOptions['onReview']>[0];
const addresses = ['10.244.0.11', '10.244.0.12'];
const servers: WebhookServer[] = [];
const replicas = addresses.map((address) => {
  let server: WebhookServer | undefined;
  return replica(
    kube,
    { now: Date.now() },
    {
      entropy: systemEntropy,
      onPair: (pair) => {
        if (server !== undefined) return server.reload(pair);
        server = createWebhookServer({
          ...{ ...pair, log: silent, ready: () => true, metrics: async () => '' },
          decide: (asked) => decide(asked, { controller: 'system:serviceaccount:serin-system:serin' }),
          validate: async () => untouched,
          onReview: (outcome) => reviews.set(outcome, (reviews.get(outcome) ?? 0) + 1),
        });
        servers.push(server);
        void server.app.listen({ port: 8443, host: address });
      },
    },
  );
});
const turn = (): Promise<unknown> => Promise.all(replicas.map((each) => each.turn()));
after(async () => {
  await Promise.all(replicas.map((each) => each.stop()));
  for (const { app } of servers) {
    app.server.closeAllConnections();
    await app.close();
  }
});

const shops = ['one', 'two', 'three', 'four'];
const deploymentsIn = (namespace: string): string => `/apis/apps/v1/namespaces/${namespace}/deployments`;
let releases = 0;
const change = (namespace: string, name: string): Promise<unknown> => {
  releases += 1;
  const template = { metadata: { annotations: { release: `r${releases}` } } };
  return api.patch(`${deploymentsIn(namespace)}/${name}`, { spec: { template } });
};
const answered = (): number => [...reviews.values()].reduce((sum, count) => sum + count, 0);

/** Changes templates in a few Deployments at once, until that many were changed and `goesOn` is over. */
async function load(count: number, goesOn: Promise<unknown>): Promise<number> {
  const work = { isOver: false };
  void goesOn.then(() => (work.isOver = true));
  let changed = 0;
  const worker = async (name: string): Promise<void> => {
    while (changed < count || !work.isOver) {
      changed += 1;
      await change('shop', name);
    }
  };
  await Promise.all(shops.map(worker));
  return changed;
}

test('the replicas come up with one certificate of one CA, and are called', async () => {
  await turn();
  await turn();
  await api.create('/apis/discovery.k8s.io/v1/namespaces/serin-system/endpointslices', {
    metadata: { name: 'by-hand', labels: { 'kubernetes.io/service-name': 'serin-webhook' } },
    addressType: 'IPv4',
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    ports: [{ name: 'https', port: 8443 }],
  });
  // Nothing is there to protect and their owner has paused them: nothing has to roll for a change to be asked about.
  for (const name of shops)
    await api.create(deploymentsIn('shop'), manifestOf(name, 'shop:1', { replicas: 0, paused: true }));
  await until('a change to be reviewed', async () => {
    await change('shop', 'one');
    return answered() > 0;
  });
  const [one, two] = replicas.map((each) => each.served);
  equal(one?.length, 1);
  deepEqual(one, two);
});

test(`no change of ${rotations * callsBetween} is missed while the CA is replaced ${rotations} times under load`, async () => {
  const before = answered();
  let changed = 0;
  for (let rotation = 1; rotation <= rotations; rotation += 1) {
    // Idle connections of kube-apiserver end by themselves, and are made anew with whatever is served by then.
    await sleep(idleMs);
    await api.delete('/api/v1/namespaces/serin-system/secrets/serin-certs');
    const rotated = turn().then(turn).then(turn);
    changed += await load(callsBetween, rotated);
    const [one, two] = replicas.map((each) => each.served);
    equal(one?.length, rotation + 1);
    deepEqual(one, two);
  }
  ok(changed >= rotations * callsBetween);
  ok(answered() - before >= changed, `${answered() - before} of ${changed} were reviewed`);
  deepEqual([...reviews.keys()], ['passed']);
  const page = await api.text('/metrics');
  // Of the webhooks above, which are meant to fail, and of none of ours.
  const open = page
    .split('\n')
    .filter((line) => line.startsWith('apiserver_admission_webhook_fail_open_count{'));
  deepEqual(
    open.filter((line) => line.includes('serin.dev')),
    [],
  );
});

test('a caBundle that somebody changes is put right by the next poll; the rest of the configuration is its owner’s', async () => {
  const path = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/serin';
  const foreign = Buffer.from('-----BEGIN CERTIFICATE-----\\nMII=\\n-----END CERTIFICATE-----\\n').toString(
    'base64',
  );
  const edits = [
    { op: 'replace', path: '/webhooks/0/clientConfig/caBundle', value: foreign },
    { op: 'replace', path: '/webhooks/0/timeoutSeconds', value: 7 },
  ];
  await api.patch(path, edits);
  await turn();
  const found = await kube.get(resources.mutatingWebhooks, undefined, 'serin');
  const webhooks = listAt(found, 'webhooks');
  const bundles = webhooks.map((each) => textAt(objectAt(each, 'clientConfig'), 'caBundle'));
  equal(new Set(bundles).size, 1);
  ok(bundles[0] !== foreign);
  equal(objectAt({ first: webhooks[0] ?? null }, 'first')['timeoutSeconds'], 7);
  const before = answered();
  await until('a change to be reviewed', async () => {
    await change('shop', 'one');
    return answered() > before;
  });
});

for (const namespace of ['kube-system', 'serin-system'])
  test(`${namespace} does not wait for Serin, not even where somebody labels it`, async () => {
    await kubectl(`label namespace ${namespace} serin.dev/mode=canary --overwrite`);
    await api.create(deploymentsIn(namespace), manifestOf('own', 'shop:1', { replicas: 0 }));
    const before = answered();
    await change(namespace, 'own');
    await change('shop', 'two');
    equal(answered(), before + 1);
  });
