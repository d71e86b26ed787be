// The manifests on a real control plane with none of Serin's processes running: what must go on goes on, and what runs
// inside kube-apiserver does its work. What is held and refused is in down.test.ts and down-refused.test.ts.
import { deepEqual, equal, match, rejects } from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type ApiObject, createApi } from '../rig/api.ts';
import { startControlPlane } from '../rig/control-plane.ts';
import { findIstioCrds } from '../rig/istio-crds.ts';
import { text } from '../rig/manifests.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { until } from '../rig/processes.ts';
import type { Outcome } from '../rig/run-program.ts';
import { controlPlaneTools, toolchain } from '../rig/toolchain.ts';

interface Deployment extends ApiObject {
  readonly metadata: ApiObject['metadata'] & { readonly generation: number };
  readonly status: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly { type: string; status: string; reason: string; message: string }[];
  };
}

const { stateDir, prepared } = await enterNamespace(async () => ({
  binaries: await toolchain(controlPlaneTools),
  crds: await findIstioCrds(),
}));
const plane = await startControlPlane({ stateDir, binaries: prepared.binaries });
after(() => plane.stop());

const manifests = join(import.meta.dirname, '../../manifests');
const web = '/apis/apps/v1/namespaces/shop/deployments/web';

const kubectl = (line: string): Promise<Outcome> => plane.kubectl(line.split(' '));
const shop = (line: string): Promise<Outcome> => kubectl(`-n shop ${line}`);
async function succeeds(outcome: Promise<Outcome>): Promise<void> {
  const { code, stderr } = await outcome;
  equal(code, 0, stderr);
}
const annotations = (values: Record<string, string | null>): object => ({
  metadata: { annotations: values },
});

/** The Deployment once the Deployment controller has seen its newest spec. */
const observed = (): Promise<Deployment> =>
  until('the Deployment controller to see the Deployment', async () => {
    const found = await plane.api.get<Deployment>(web);
    return found.status.observedGeneration === found.metadata.generation ? found : undefined;
  });
const progressing = (deployment: Deployment): string => {
  const condition = deployment.status.conditions?.find(({ type }) => type === 'Progressing');
  return `${condition?.status} ${condition?.reason}`;
};

await succeeds(kubectl(`apply --server-side -f ${prepared.crds}`));
await succeeds(kubectl(`apply -k ${manifests}`));
await succeeds(kubectl(`apply -f ${manifests}/examples/shop.yaml`));
await succeeds(kubectl('create namespace plain'));
await succeeds(kubectl('-n plain create deployment web --image=shop:1'));
const token = (await kubectl('-n serin-system create token serin')).stdout.trim();
/** The API as Serin may use it: its own account, its own rules. */
const serin = createApi(plane.port, { caPem: plane.caPem, token });
after(() => serin.close());

test('the pods of Serin are admitted where only restricted ones are', async () => {
  await until('two pods', async () => {
    const pods = await plane.api.get<{ items: unknown[] }>('/api/v1/namespaces/serin-system/pods');
    return pods.items.length === 2;
  });
});

test('everything can be applied again', async () => {
  await succeeds(kubectl(`apply -k ${manifests}`));
  await succeeds(kubectl(`apply -f ${manifests}/examples/shop.yaml`));
});

const goesOn = {
  'a label': 'label deployment web team=shop',
  'an annotation of somebody else': 'annotate deployment web note=fine',
  'a scale': 'scale deployment web --replicas=3',
  'a change of the strategy': 'patch deployment web --type=merge -p={"spec":{"minReadySeconds":1}}',
  'a new Deployment': 'create deployment other --image=shop:1',
  'a deletion': 'delete deployment other --wait=false',
  'a restart': 'rollout restart deployment/web',
  'a pause': 'rollout pause deployment/web',
  'the end of a pause': 'rollout resume deployment/web',
  'a plan': 'annotate deployment web serin.dev/canary=onFailure:restore',
  // There is no kubelet.
  'a version where no pod is available': 'set image deployment/web web=shop:1.1',
};
for (const [what, line] of Object.entries(goesOn))
  test(`with Serin down, ${what} goes on`, async () => {
    await succeeds(shop(line));
    await observed();
  });

test('with Serin down, namespaces without the label notice nothing', () =>
  succeeds(kubectl('-n plain set image deployment/web shop=shop:2')));

test('Serin’s own writes do not come back to its webhook, and its rules let it make them', async () => {
  await serin.patch(web, annotations({ 'serin.dev/state': '{"phase":"Pending"}' }));
  await serin.patch(`${web}/status`, annotations({ 'serin.dev/history': '[]' }));
  await serin.patch(`${web}/scale`, { spec: { replicas: 4 } });
});

test('Serin reads the Secret that a namespace gives it for metrics, its own for Prometheus, and no other', async () => {
  const read = (namespace: string, name: string): Promise<ApiObject> =>
    serin.get(`/api/v1/namespaces/${namespace}/secrets/${name}`);
  await succeeds(shop('create secret generic other --from-literal=a=b'));
  await succeeds(kubectl('-n serin-system create secret generic serin-prometheus --from-literal=token=x'));
  await rejects(read('shop', 'datadog'), /forbidden/);
  await succeeds(kubectl(`apply -f ${manifests}/examples/metric-secrets.yaml`));
  const given = await until('the Role to be known', () => read('shop', 'datadog').catch(() => undefined));
  equal(given.metadata.name, 'datadog');
  equal((await read('serin-system', 'serin-prometheus')).metadata.name, 'serin-prometheus');
  await rejects(read('shop', 'other'), /forbidden/);
});

test('Serin may ask for MetricTemplates, also where they are not installed', async () => {
  const path = '/apis/flagger.app/v1beta1/namespaces/shop/metrictemplates/latency';
  await rejects(serin.get(path), /not find the requested resource|404/);
});

test('nobody but Serin changes an annotation of ours through the status', async () => {
  const guarded = /annotations serin.dev\/\* cannot be changed through the status of a Deployment/;
  const forged = [{ 'serin.dev/state': '{}' }, { 'serin.dev/state': null }, { 'serin.dev/stable': '[]' }];
  for (const values of forged) await rejects(plane.api.patch(`${web}/status`, annotations(values)), guarded);
  await plane.api.patch(`${web}/status`, annotations({ 'example.com/mine': 'fine' }));
});

test('the Deployment controller goes on writing the status of a Deployment with a state', async () => {
  const before = await observed();
  await succeeds(shop('label deployment web observed=yes'));
  await succeeds(shop('scale deployment web --replicas=5'));
  const later = await observed();
  equal(later.metadata.generation > before.metadata.generation, true);
});

const failure = {
  type: 'Progressing',
  status: 'False',
  reason: 'ProgressDeadlineExceeded',
  message: 'the canary failed',
};
let image = 2;

/** Holds a candidate and fails it, then holds the next one; answers every state of the Deployment after that. */
async function failThenApply(): Promise<Deployment[]> {
  const held = (phase: string): object => {
    image += 1;
    const containers = [{ name: 'web', image: `shop:${image}` }];
    return {
      ...annotations({ 'serin.dev/state': JSON.stringify({ phase, actor: '"phase":"Failed"' }) }),
      spec: { paused: true, template: { spec: { containers } } },
    };
  };
  await serin.patch(web, held('Failed'));
  await observed();
  await serin.patch(`${web}/status`, { status: { conditions: [failure] } });
  await serin.patch(web, annotations({ note: String(image) }));
  equal(progressing(await observed()), 'False ProgressDeadlineExceeded');
  const seen: Deployment[] = [];
  const abort = new AbortController();
  const path = '/apis/apps/v1/namespaces/shop/deployments?fieldSelector=metadata.name=web';
  const listening = Promise.withResolvers<undefined>();
  plane.api.follow<Deployment>(
    path,
    { list: () => listening.resolve(undefined), change: (_, object) => seen.push(object) },
    abort.signal,
  );
  await listening.promise;
  await serin.patch(web, held('Pending'));
  const last = await observed();
  await until('the last state to be seen', () =>
    seen.some(({ metadata }) => metadata.resourceVersion === last.metadata.resourceVersion),
  );
  abort.abort();
  return seen;
}

test('without the policy, the failure of one rollout is seen under the generation of the next', async () => {
  const last = (await failThenApply()).at(-1);
  equal(last && progressing(last), 'False ProgressDeadlineExceeded');
});

test('the command of docs/install.md finds that this server has what the policies need', async () => {
  const path = '/apis/admissionregistration.k8s.io/v1';
  match(text('docs/install.md'), new RegExp(`kubectl get --raw ${path} . grep -q mutatingadmissionpolicies`));
  match(await plane.api.text(path), /mutatingadmissionpolicies/);
});

test('with the policy, it never is, and a failure itself stays until then', async () => {
  await succeeds(kubectl(`apply -k ${manifests}/policies`));
  await until('the policy to be in force', async () => {
    const last = (await failThenApply()).at(-1);
    return last !== undefined && progressing(last) === 'Unknown DeploymentPaused';
  });
  const seen = await failThenApply();
  const current = seen.filter(({ metadata, status }) => status.observedGeneration === metadata.generation);
  deepEqual([...new Set(current.map(progressing))], ['Unknown DeploymentPaused']);
});
