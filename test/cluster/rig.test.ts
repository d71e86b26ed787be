// The rig itself: what stands on it is only as real as this.
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { after, test } from 'node:test';
import { startControlPlane } from '../rig/control-plane.ts';
import { type PodView, startKubelet } from '../rig/kubelet.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { until } from '../rig/processes.ts';
import { startResourceMetrics } from '../rig/resource-metrics.ts';
import { controlPlaneTools, toolchain } from '../rig/toolchain.ts';

const { stateDir, prepared } = await enterNamespace(() => toolchain(controlPlaneTools));
const plane = await startControlPlane({ stateDir, binaries: prepared });
const kubelet = await startKubelet(plane);
const metrics = await startResourceMetrics(plane, kubelet);
after(async () => {
  await metrics.stop();
  await kubelet.stop();
  await plane.stop();
});

async function kubectl(line: string, input?: object): Promise<string> {
  const options = input === undefined ? {} : { input: JSON.stringify(input) };
  const { code, stdout, stderr } = await plane.kubectl(line.split(' '), options);
  equal(code, 0, stderr);
  return stdout.trim();
}

interface Shop {
  readonly replicas?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly pod?: object;
  readonly container?: object;
}

/** Applies a Deployment of that version of the shop, named like it. */
async function applyShop(
  name: string,
  tag: string,
  { replicas = 1, env = {}, pod, container }: Shop = {},
): Promise<void> {
  const labels = { app: name };
  await kubectl('apply -f -', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              name: 'shop',
              image: `shop:${tag}`,
              ports: [{ containerPort: 8080 }],
              env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
              ...container,
            },
          ],
          ...pod,
        },
      },
    },
  });
}

function podsOf(app: string): PodView[] {
  return kubelet.pods().filter(({ labels }) => labels['app'] === app);
}

function firstPodOf(app: string): Promise<PodView> {
  return until(`a pod of ${app}`, () => podsOf(app)[0]);
}

function readyPodOf(app: string): Promise<PodView> {
  return until(`a ready pod of ${app}`, () => podsOf(app).find(({ isReady }) => isReady));
}

/** The status of the answer, or the code of the error where there is none. */
async function ask({ ip }: PodView): Promise<number | string> {
  return fetch(`http://${ip}:8080/`).then(
    async (response) => {
      await response.text();
      return response.status;
    },
    (error: { cause: { code: string } }) => error.cause.code,
  );
}

test('a ready pod answers at its address with its version and its name, and is counted', async () => {
  await applyShop('web', '2', { replicas: 2 });
  await kubectl('rollout status deployment/web --timeout=20s');
  const pod = await readyPodOf('web');
  const response = await fetch(`http://${pod.ip}:8080/`);
  deepEqual(await response.json(), { version: '2', pod: pod.name });
  deepEqual(kubelet.served(pod.name), new Map([[200, 1]]));
});

test('a deleted pod finishes what is in flight, and whoever connects later is refused', async () => {
  await applyShop('slow', '1', { env: { SHOP_LATENCY_MS: '1500' } });
  const pod = await readyPodOf('slow');
  // It takes longer than the pod goes on serving once it is told to end.
  const inFlight = ask(pod);
  await kubectl(`delete pod ${pod.name}`);
  equal(await inFlight, 200);
  equal(await ask(pod), 'ECONNREFUSED');
  ok((await readyPodOf('slow')).ip !== pod.ip, 'no address is given twice');
});

test('a pod deleted by force is gone at once', async () => {
  await applyShop('forced', '1', { env: { SHOP_LINGER_MS: '60000' } });
  const pod = await readyPodOf('forced');
  await kubectl(`delete pod ${pod.name} --force`);
  equal(await until('refusal', async () => (await ask(pod)) === 'ECONNREFUSED', { timeoutMs: 2000 }), true);
});

const waiting = [
  { tag: 'crash', reason: 'CrashLoopBackOff', restarts: /^[1-9]/ },
  { tag: 'missing', reason: 'ImagePullBackOff', restarts: /^0/ },
] as const;
for (const { tag, reason, restarts } of waiting) {
  test(`shop:${tag} waits with ${reason}`, async () => {
    await applyShop(tag, tag);
    const { name } = await firstPodOf(tag);
    const path =
      '-o jsonpath={.status.containerStatuses[0].state.waiting.reason},{.status.containerStatuses[0].restartCount}';
    const seen = await until(reason, async () => {
      const [why, count = ''] = (await kubectl(`get pod ${name} ${path}`)).split(',');
      return why === reason && count;
    });
    match(seen, restarts);
  });
}

test('shop:late becomes ready later than others, shop:never does not', async () => {
  await applyShop('never', 'never');
  await applyShop('late', 'late', { env: { SHOP_READY_AFTER_MS: '1500' } });
  await applyShop('soon', '1');
  await readyPodOf('soon');
  equal((await firstPodOf('late')).isReady, false);
  await readyPodOf('late');
  equal((await firstPodOf('never')).isReady, false);
  equal(await ask(await firstPodOf('never')), 200, 'it serves, but says that it is not ready');
});

test('shop:3 fails about one request in twenty', async () => {
  await applyShop('failing', '3', { env: { SHOP_LATENCY_MS: '0' } });
  const pod = await readyPodOf('failing');
  for (let round = 0; round < 40; round += 1) await Promise.all(Array.from({ length: 25 }, () => ask(pod)));
  const served = kubelet.served(pod.name);
  const failures = served.get(503) ?? 0;
  equal((served.get(200) ?? 0) + failures, 1000);
  // Six standard deviations around 50.
  ok(failures > 8 && failures < 92, `${failures} of 1000`);
});

test('a killed container is started again and counted', async () => {
  const pod = await readyPodOf('soon');
  kubelet.kill(pod.name, 'shop', 'SIGKILL');
  await until('the restart', async () => {
    const restarts = await kubectl(
      `get pod ${pod.name} -o jsonpath={.status.containerStatuses[0].restartCount}`,
    );
    return restarts === '1';
  });
  await until('readiness', () => podsOf('soon').some(({ isReady, name }) => isReady && name === pod.name));
});

test('what the rig cannot do is refused in a sentence, not left out', async () => {
  const volume = { name: 'settings', configMap: { name: 'settings' } };
  const container = { volumeMounts: [{ name: 'settings', mountPath: '/settings' }] };
  await applyShop('mounting', '1', { pod: { volumes: [volume] }, container });
  const { name } = await firstPodOf('mounting');
  const message = await until('the refusal', async () => {
    const path = '-o jsonpath={.status.containerStatuses[0].state.waiting.message}';
    return (await kubectl(`get pod ${name} ${path}`)) || undefined;
  });
  equal(message, 'the rig mounts no volume but emptyDir and the token: settings');
});

test('pods go on, and new ones come, over a restart of the API server', async () => {
  const pod = await readyPodOf('web');
  await plane.restart('kube-apiserver');
  equal(await ask(pod), 200);
  await kubectl('scale deployment web --replicas=3');
  await until('the third pod', () => podsOf('web').filter(({ isReady }) => isReady).length === 3);
});

test('the audit log holds what a user wrote, and of the rig only that it wrote', async () => {
  await kubectl('label deployment web seen=yes');
  const events = plane.auditEvents();
  const label = events.find(
    ({ verb, requestURI }) => verb === 'patch' && requestURI.includes('/deployments/web?'),
  );
  deepEqual(
    [label?.user.username, label?.requestObject],
    ['admin', { metadata: { labels: { seen: 'yes' } } }],
  );
  const ours = events.filter(({ user, verb }) => user.username === 'rig-kubelet' && verb === 'patch');
  ok(ours.length > 0);
  deepEqual(new Set(ours.map(({ requestObject }) => requestObject)), new Set([undefined]));
});

test('an autoscaler follows the requests, up and down', async () => {
  await applyShop('scaled', '1', { container: { resources: { requests: { cpu: '20m' } } } });
  await kubectl('apply -f -', {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'scaled' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'scaled' },
      maxReplicas: 3,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
        },
      ],
      behavior: { scaleDown: { stabilizationWindowSeconds: 0 } },
    },
  });
  const pod = await readyPodOf('scaled');
  const load = setInterval(() => void ask(pod), 20);
  try {
    await until('three pods', () => podsOf('scaled').length === 3, { timeoutMs: 40_000 });
  } finally {
    clearInterval(load);
  }
  await until('one pod', () => podsOf('scaled').length === 1, { timeoutMs: 40_000 });
});
