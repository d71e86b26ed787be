// Serin is down on a Kubernetes that cannot hold by itself (below 1.36: no manifests/policies): what would get past the
// canary is refused with a sentence, and so is whatever forges what Serin writes. No process of Serin ever runs here.
import { deepEqual, equal, match } from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { writeState } from '../../src/config/state.ts';
import { type KubeObject, names } from '../../src/kube/objects.ts';
import type { State } from '../../src/rollout/types.ts';
import { numberAt } from '../../src/routing/json.ts';
import { states } from '../admission/deployments.ts';
import { createApi } from '../rig/api.ts';
import { startControlPlane } from '../rig/control-plane.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { deployment } from '../rig/plain-shop.ts';
import { until } from '../rig/processes.ts';
import { type Client, clientIn } from '../rig/shop-client.ts';
import { type Deployment, patient } from '../rig/shop-lab.ts';
import { controlPlaneTools, toolchain } from '../rig/toolchain.ts';

const { stateDir, prepared } = await enterNamespace(async () => ({
  binaries: await toolchain(controlPlaneTools),
}));
const plane = await startControlPlane({ stateDir, binaries: prepared.binaries });
after(() => plane.stop());
const { api } = plane;
const cluster = clientIn(plane, 'serin-system');
await cluster.does(`apply -k ${join(import.meta.dirname, '../../manifests')}`);
const token = (await cluster.does('create token serin')).stdout.trim();
/** The API as Serin uses it. */
const serin = createApi(plane.port, { caPem: plane.caPem, token });
after(() => serin.close());

/** A Deployment `web` in a namespace of its own, with pods that say they are ready: there is no kubelet. */
async function open(namespace: string, mode = 'canary'): Promise<Client> {
  const shop = clientIn(plane, namespace);
  await cluster.does(`create namespace ${namespace}`);
  await shop.does('create -f -', JSON.stringify(deployment('web', 'web')));
  await cluster.does(`label namespace ${namespace} serin.dev/mode=${mode}`);
  const isAvailable = async (): Promise<boolean> => {
    for (const { metadata } of await shop.list('pods'))
      await api.patch(`/api/v1/namespaces/${namespace}/pods/${metadata.name}/status`, { status: ready });
    return numberAt((await mainOf(namespace))['status'], 'availableReplicas') === 2;
  };
  await until('pods to be available', isAvailable, patient);
  // kube-apiserver reads new policies, and the labels they look at, a little later than it takes them.
  const probe = 'set image deployment/web web=shop:0 --dry-run=server'.split(' ');
  const isGuarded = async () => (await plane.kubectl(['-n', namespace, ...probe])).code !== 0;
  await until('the policies to be in force', isGuarded, patient);
  return shop;
}
const ready = {
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-11-24T09:00:00Z' }],
};
const path = (namespace: string): string => `/apis/apps/v1/namespaces/${namespace}/deployments/web`;
const mainOf = (namespace: string): Promise<Deployment> => api.get<Deployment>(path(namespace));
const annotated = (annotations: Readonly<Record<string, string | null>>): object => ({
  metadata: { annotations },
});

/** The Deployment as Serin leaves it with shop:2 on trial, or in another state. */
async function inState(namespace: string, state: State, isPaused = true): Promise<void> {
  const reverse = [{ op: 'replace', path: '/spec/containers/0/image', value: 'shop:1' }];
  const annotations = { [names.state]: writeState(state), [names.stable]: JSON.stringify(reverse) };
  const template = { spec: { containers: [{ name: 'web', image: 'shop:2' }] } };
  await serin.patch(path(namespace), { metadata: { annotations }, spec: { paused: isPaused, template } });
}

async function refusedWith(why: RegExp, asked: Promise<unknown>): Promise<void> {
  const said = await asked.then(
    () => 'it was allowed',
    (error: unknown) => String(error),
  );
  match(said, why);
}

const notAnswering =
  /Serin is not answering, and without it the new version of web would replace every pod at once: try again when the Deployment serin in namespace serin-system is up, or go without a canary: annotation serin.dev\/canary: disabled/;

test('a new version is refused, however it is asked for, and a restart and an opt-out are not', async () => {
  const shop = await open('plain');
  const file = JSON.stringify(deployment('web', 'web')).replace('shop:1', 'shop:2');
  const lines: readonly (readonly [string, string?])[] = [
    ['set image deployment/web web=shop:2'],
    ['apply -f -', file],
    ['apply --server-side --force-conflicts --field-manager=helm -f -', file],
    ['replace -f -', file],
    ['set image deployment/web web=shop:2 --dry-run=server'],
  ];
  const before = await mainOf('plain');
  for (const [line, input] of lines) match((await shop.refused(line, input)).stderr, notAnswering);
  // A pause is no hold: its owner takes it off at any time.
  await shop.does('rollout pause deployment/web');
  match((await shop.refused('set image deployment/web web=shop:2')).stderr, notAnswering);
  await shop.does('rollout resume deployment/web');
  deepEqual((await mainOf('plain'))['spec'], before['spec']);
  await shop.does('rollout restart deployment/web');
  await shop.does('annotate deployment web serin.dev/canary=disabled');
  await shop.does('set image deployment/web web=shop:2');
});

test('in an enforced namespace nobody is told to opt out, nor can, nor change what is scaled to zero', async () => {
  const shop = await open('strict', 'enforce');
  const release = 'set image deployment/web web=shop:2';
  match((await shop.refused(release)).stderr, /not answering, .* in namespace serin-system is up$/m);
  await serin.patch(path('strict'), annotated({ [names.canary]: 'disabled' }));
  match(
    (await shop.refused(release)).stderr,
    /\[opt-out\] serin.dev\/canary switches the canary of web off; take/,
  );
  await serin.patch(path('strict'), annotated({ [names.canary]: null }));
  await shop.does('scale deployment/web --replicas=0');
  match(
    (await shop.refused(release)).stderr,
    /\[zero-replicas\] the template of web changes while web is scaled/,
  );
  await shop.does('rollout restart deployment/web');
  await cluster.does('label namespace strict serin.dev/enforce=warn');
  await until('the rules to warn only', async () => (await shop.does(release)).code === 0, patient);
});

test('of a rollout neither the candidate is changed nor the hold taken off; scaling and labels go on', async () => {
  const shop = await open('trial');
  await inState('trial', states.progressing);
  match((await shop.refused('set image deployment/web web=shop:4')).stderr, notAnswering);
  match((await shop.refused('set image deployment/web web=shop:1')).stderr, notAnswering);
  match(
    (await shop.refused('rollout resume deployment/web')).stderr,
    /web is held by its canary, and Serin is not answering: leave it paused/,
  );
  for (const line of ['scale deployment/web --replicas=3', 'label deployment web team=shop'])
    await shop.does(line);
  await until(
    'the Deployment controller to scale what is held',
    async () => numberAt((await mainOf('trial'))['status'], 'replicas') === 3,
    patient,
  );
});

test('while a promotion rolls the pods that is said instead', async () => {
  const shop = await open('promoting');
  for (const state of [states.roll, states.giveBack, states.finalising]) {
    await inState('promoting', state, false);
    match(
      (await shop.refused('set image deployment/web web=shop:4')).stderr,
      new RegExp(`promotion of ${state.revision} in progress, retry in a moment`),
    );
  }
});

test('nobody but Serin writes, changes or takes away what Serin writes', async () => {
  await open('forged');
  await inState('forged', states.progressing);
  await serin.patch(path('forged'), annotated({ [names.history]: '[]', [names.asked]: '{}' }));
  const before = await mainOf('forged');
  // A command has a policy of its own (commands.test.ts), and the mark of configuration stands in templates only.
  const others: readonly string[] = [names.canary, names.command, names.config];
  const guarded = Object.values(names).filter((name) => name.includes('/') && !others.includes(name));
  equal(guarded.length >= 8, true);
  for (const name of guarded)
    for (const text of ['{}x', null]) {
      if (text === null && !(name in (before.metadata.annotations ?? {}))) continue;
      await refusedWith(
        new RegExp(`${name} is written by Serin alone, which is not answering and cannot put it back`),
        api.patch(path('forged'), annotated({ [name]: text })),
      );
      await refusedWith(
        /annotations serin.dev\/\* cannot be changed through the status of a Deployment/,
        api.patch(`${path('forged')}/status`, annotated({ [name]: text })),
      );
    }
  deepEqual((await mainOf('forged')).metadata.annotations, before.metadata.annotations);
  await api.patch(path('forged'), annotated({ 'example.com/mine': 'fine' }));
  await api.patch(`${path('forged')}/status`, annotated({ 'example.com/mine': 'too' }));
});

test('a state that comes with what it would let by gets nowhere', async () => {
  const template = { spec: { containers: [{ name: 'web', image: 'shop:5' }] } };
  const foreign = /failed calling webhook \\"foreign-state.serin.dev/;
  const aborted = annotated({ [names.state]: writeState(states.aborted) });
  for (const spec of [{ template }, { paused: false }, { template, paused: false }])
    await refusedWith(foreign, api.patch(path('forged'), { ...aborted, spec }));
  // A mark of a policy, put on by hand and to the letter, only holds.
  const marks = { [names.heldBy]: 'policy', [names.asked]: '{"paused":false,"revision":"1","actor":"bob"}' };
  await refusedWith(
    /serin.dev\/held-by, serin.dev\/asked are written by Serin alone/,
    api.patch(path('plain'), { ...annotated(marks), spec: { paused: true, template } }),
  );
});

test('a new Deployment that brings what Serin writes is refused, and another is not', async () => {
  const shop = await open('new');
  const made = (annotations: object): string =>
    JSON.stringify({ ...deployment('made', 'made'), metadata: { name: 'made', annotations } });
  const { stderr } = await shop.refused('create -f -', made({ [names.twinOf]: 'me', [names.state]: '{}' }));
  match(stderr, /serin.dev\/state, serin.dev\/twin-of are written by Serin alone/);
  await shop.does('create -f -', made({ [names.canary]: 'analysis: {interval: 5s}' }));
  await shop.does('delete deployment made');
});

test('the namespace of Serin itself is left alone, whatever its labels', async () => {
  await cluster.does('label namespace serin-system serin.dev/mode=canary');
  await cluster.does('set image deployment/serin webhook=serin:next');
  const found = await api.get<KubeObject & Deployment>(
    '/apis/apps/v1/namespaces/serin-system/deployments/serin',
  );
  match(JSON.stringify(found['spec']), /serin:next/);
});
