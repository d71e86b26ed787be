// What our webhook adds to a PATCH of a Deployment on a real kube-apiserver: the same change to two Deployments in turns, one
// in a namespace with a canary and one without. Both are paused by their owner, so that nothing rolls.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { startControlPlane, type ControlPlane } from '../../rig/control-plane.ts';
import { startKubelet } from '../../rig/kubelet.ts';
import { until } from '../../rig/processes.ts';
import type { Binaries, controlPlaneTools } from '../../rig/toolchain.ts';
import { manifestOf } from '../../clients/objects.ts';
import { quantile } from '../statistics.ts';
import { startContender } from './contender.ts';

const webhookFile = join(import.meta.dirname, '../../../manifests/base/webhook.yaml');
const warmUp = 50;

interface Plan {
  readonly stateDir: string;
  readonly binaries: Pick<Binaries, (typeof controlPlaneTools)[number]>;
  readonly patches: number;
}

export interface Latency {
  readonly with: Quantiles;
  readonly without: Quantiles;
  readonly added: Quantiles;
  /** Reviews that came of changes that are none of ours: labels, scale, status, other namespaces. */
  readonly callsForOthers: number;
}

interface Quantiles {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Boots a control plane with the webhook of manifests/ in it and measures. */
export async function measureLatency({ stateDir, binaries, patches }: Plan): Promise<Latency> {
  const plane = await startControlPlane({ stateDir, binaries });
  const kubelet = await startKubelet(plane);
  const serin = await startContender('serin', '');
  try {
    await install(plane, serin);
    await openShops(plane);
    const [held, plain]: [number[], number[]] = [[], []];
    for (let release = 0; release < patches + warmUp; release += 1) {
      const [one, other] = [await timed(plane, 'shop', release), await timed(plane, 'plain', release)];
      if (release < warmUp) continue;
      held.push(one);
      plain.push(other);
    }
    const before = (await serin.usage()).reviews;
    if (before < patches) throw new Error(`of ${patches} changes ${before} were reviewed`);
    await changeOthers(plane);
    const of = (times: readonly number[]): Quantiles => ({
      p50Ms: quantile(times, 0.5),
      p99Ms: quantile(times, 0.99),
    });
    const [withIt, without] = [of(held), of(plain)];
    const added = { p50Ms: withIt.p50Ms - without.p50Ms, p99Ms: withIt.p99Ms - without.p99Ms };
    return { with: withIt, without, added, callsForOthers: (await serin.usage()).reviews - before };
  } finally {
    serin.child.disconnect();
    await kubelet.stop();
    await plane.stop();
  }
}

const path = (namespace: string): string => `/apis/apps/v1/namespaces/${namespace}/deployments/web`;

/** The webhook configuration as it is installed, but for where the webhook is. */
async function install(plane: ControlPlane, { port, ca }: { port: number; ca: string }): Promise<void> {
  const found = parseAllDocuments(readFileSync(webhookFile, 'utf8')).map(
    (each) => each.toJS() as { kind: string; webhooks: object[] },
  );
  const mutating = found.find(({ kind }) => kind === 'MutatingWebhookConfiguration');
  const clientConfig = {
    url: `https://127.0.0.1:${port}/mutate`,
    caBundle: Buffer.from(ca).toString('base64'),
  };
  const webhooks = mutating?.webhooks.map((each) => ({ ...each, clientConfig }));
  await plane.api.create('/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations', {
    ...mutating,
    webhooks,
  });
}

async function openShops(plane: ControlPlane): Promise<void> {
  for (const [namespace, labels] of [
    ['shop', { 'serin.dev/mode': 'canary' }],
    ['plain', {}],
  ] as const) {
    await plane.api.create('/api/v1/namespaces', { metadata: { name: namespace, labels } });
    await plane.api.create(`/apis/apps/v1/namespaces/${namespace}/deployments`, manifestOf('web', 'shop:1'));
    await until(`${namespace} to serve`, async () => {
      const { status } = await plane.api.get<{ status?: { availableReplicas?: number } }>(path(namespace));
      return status?.availableReplicas === 1;
    });
    await plane.api.patch(path(namespace), { spec: { paused: true } });
  }
}

async function timed(plane: ControlPlane, namespace: string, release: number): Promise<number> {
  const template = { metadata: { annotations: { release: `r${release}` } } };
  const begun = performance.now();
  await plane.api.patch(path(namespace), { spec: { template } });
  return performance.now() - begun;
}

async function changeOthers({ api }: ControlPlane): Promise<void> {
  for (let round = 0; round < 20; round += 1) {
    await api.patch(path('shop'), {
      metadata: { labels: { round: `r${round}` }, annotations: { note: `r${round}` } },
    });
    await api.patch(`${path('shop')}/scale`, { spec: { replicas: 1 + (round % 2) } });
    await api.patch(`${path('shop')}/status`, { metadata: { annotations: { seen: `r${round}` } } });
    await api.patch(path('plain'), {
      spec: { template: { metadata: { annotations: { round: `r${round}` } } } },
    });
  }
}
