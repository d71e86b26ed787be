// The certificates on a real control plane: what Serin's own account may do is enough to keep them, and kube-apiserver,
// which reaches two webhooks by their Service, trusts whichever it meets at every moment of a change of the CA.
import { deepEqual, equal, match } from 'node:assert/strict';
import { type Server, createServer } from 'node:https';
import { json } from 'node:stream/consumers';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { KubeConfig } from '@kubernetes/client-node';
import { systemClock } from '../../src/clock.ts';
import { createKube } from '../../src/kube/client.ts';
import { createTransport } from '../../src/kube/transport.ts';
import { type Pair, systemEntropy } from '../../src/tls/issue.ts';
import { certsOnce } from '../../src/tls/rotate.ts';
import { startControlPlane } from '../rig/control-plane.ts';
import { kubeconfig } from '../rig/kubeconfig.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { until } from '../rig/processes.ts';
import type { Outcome } from '../rig/run-program.ts';
import { controlPlaneTools, toolchain } from '../rig/toolchain.ts';
import { type Replica, custodyOf, day, replica, stoppedClock } from '../tls/replica.ts';

const { stateDir, prepared: binaries } = await enterNamespace(() => toolchain(controlPlaneTools));
const plane = await startControlPlane({ stateDir, binaries });
after(() => plane.stop());
const manifests = join(import.meta.dirname, '../../manifests');
const kubectl = async (line: string): Promise<Outcome> => {
  const said = await plane.kubectl(line.split(' '));
  equal(said.code, 0, said.stderr);
  return said;
};
await kubectl(`apply -k ${manifests}`);
await kubectl('create namespace shop');
await kubectl('label namespace shop serin.dev/mode=canary');
await kubectl('-n shop create deployment web --image=shop:1');

const token = (await kubectl('-n serin-system create token serin')).stdout.trim();
const config = new KubeConfig();
config.loadFromString(kubeconfig(plane.port, { caPem: plane.caPem, token }));
const kube = createKube(createTransport(config), systemClock);

// kube-apiserver goes by the real time. So the past is played: a CA of 245 days ago is due at 243; five days ago it
// was not, and the leaf of that day is still good.
const today = Date.now();
const time = { now: today - 5 * day };

interface Webhook extends Replica {
  readonly answered: () => number;
  readonly close: () => void;
}

/** A replica whose webhook, at a pod's address, allows everything, in a new connection each time. */
function webhook(address: string): Webhook {
  let answered = 0;
  let server: Server | undefined;
  const serve = (pair: Pair): void => {
    if (server !== undefined) return server.setSecureContext(pair);
    server = createServer(pair, (request, response) => {
      void json(request).then((review) => {
        const { uid } = (review as { request: { uid: string } }).request;
        answered += 1;
        response.writeHead(200, { 'content-type': 'application/json', connection: 'close' });
        response.end(
          JSON.stringify({
            apiVersion: 'admission.k8s.io/v1',
            kind: 'AdmissionReview',
            response: { uid, allowed: true },
          }),
        );
      });
    }).listen(8443, address);
  };
  const close = (): void => void server?.close();
  return {
    ...replica(kube, time, { onPair: serve, entropy: systemEntropy }),
    answered: () => answered,
    close,
  };
}

const addresses = ['10.244.0.11', '10.244.0.12'];
const webhooks = addresses.map(webhook);
after(async () => {
  for (const each of webhooks) each.close();
  await Promise.all(webhooks.map((each) => each.stop()));
});
const turn = (): Promise<unknown> => Promise.all(webhooks.map((each) => each.turn()));
const answers = (): number => webhooks.reduce((sum, each) => sum + each.answered(), 0);
let release = 0;
const changeTemplate = (): Promise<unknown> => {
  release += 1;
  const template = { metadata: { annotations: { release: String(release) } } };
  return plane.api.patch('/apis/apps/v1/namespaces/shop/deployments/web', { spec: { template } });
};

test('what Serin’s account may do is enough to issue certificates and have them trusted', async () => {
  const clock = stoppedClock({ now: today - 245 * day });
  const custody = custodyOf(kube, clock, systemEntropy);
  match(await certsOnce(custody), /issued a CA and .* was made to trust them\.$/);
  match(await certsOnce(custody), /are in order; .* trusts them\.$/);
});

test('kube-apiserver calls the webhooks by their Service and trusts them', async () => {
  await turn();
  await plane.api.create('/apis/discovery.k8s.io/v1/namespaces/serin-system/endpointslices', {
    metadata: { name: 'by-hand', labels: { 'kubernetes.io/service-name': 'serin-webhook' } },
    addressType: 'IPv4',
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    ports: [{ name: 'https', port: 8443 }],
  });
  const isAsked = async (): Promise<boolean> => {
    await changeTemplate();
    return answers() > 0;
  };
  await until('a template change to be asked about', isAsked);
});

test('no template change fails while the CA is replaced, and both replicas serve its leaf after it', async () => {
  const rotated = new AbortController();
  const changes = (async () => {
    while (!rotated.signal.aborted) await changeTemplate();
  })();
  time.now = today;
  await turn();
  deepEqual(
    webhooks.map((each) => each.served.length),
    [1, 1],
  );
  await turn();
  const before = webhooks.map((each) => each.answered());
  await until('kube-apiserver to meet each new leaf a few times', () =>
    webhooks.every((each, index) => each.answered() > (before[index] ?? 0) + 3),
  );
  rotated.abort();
  await changes;
  const [one, two] = webhooks.map((each) => each.served);
  equal(one?.length, 2);
  deepEqual(one, two);
});

test('a webhook configuration that was replaced without a caBundle is trusted again after one poll', async () => {
  await kubectl(`replace -f ${manifests}/base/webhook.yaml`);
  // What is not trusted is not asked, and a change goes on without it.
  const isAsked = async (): Promise<boolean> => {
    const before = answers();
    await changeTemplate();
    return answers() > before;
  };
  await until('the webhook not to be trusted', async () => !(await isAsked()));
  await turn();
  await until('the webhook to be trusted', isAsked);
});
