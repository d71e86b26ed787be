// Every process of Serin is gone: kube-apiserver itself holds what Serin would have held and lets go on all that is none
// of its business; when Serin is back, what was held is a rollout like any other.
import { deepEqual, doesNotMatch, equal, match, ok } from 'node:assert/strict';
import { after, test } from 'node:test';
import { decide } from '../../src/admission/mutate.ts';
import { type KubeObject, names } from '../../src/kube/objects.ts';
import { numberAt, objectAt } from '../../src/routing/json.ts';
import { changed, controller, patched, updating } from '../admission/deployments.ts';
import type { ApiObject } from '../rig/api.ts';
import { openBareLab, prepareLab } from '../rig/lab.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { deployment, openPlainShop } from '../rig/plain-shop.ts';
import { until } from '../rig/processes.ts';
import { type Client, clientIn, imageIn } from '../rig/shop-client.ts';
import { isHeld, podsOf } from '../rig/shop-history.ts';
import { type Deployment, patient, stateOf } from '../rig/shop-lab.ts';

const { stateDir, prepared } = await enterNamespace(prepareLab);
const lab = await openBareLab({ stateDir, prepared, settle: '1s', prometheusUrl: 'http://127.0.0.1:9090' });
after(() => lab.close());
const { api } = lab.plane;

const inShop = (namespace: string): Client => clientIn(lab.plane, namespace);
const mainOf = (namespace: string): Promise<Deployment> =>
  api.get<Deployment>(`/apis/apps/v1/namespaces/${namespace}/deployments/web`);
const templateOf = (main: Deployment) => objectAt(main['spec'], 'template');
const marksOf = ({ metadata: { annotations = {} } }: Deployment) => [
  annotations[names.heldBy],
  annotations[names.asked],
];
const unmarked = [undefined, undefined];
const withImage = (image: string): string =>
  JSON.stringify(deployment('web', 'web')).replace('shop:1', image);
const available = (namespace: string, count: number) =>
  until(
    `${count} pods in ${namespace}`,
    async () => podsOf(await mainOf(namespace)).available === count,
    patient,
  );
async function runningIn(namespace: string): Promise<readonly string[]> {
  const pods = await inShop(namespace).list('pods');
  return [...new Set(pods.map((pod) => imageIn({ spec: pod['spec'] ?? null })))];
}

/** Ways to ask for shop:2, each in a shop of its own; the last as Helm 4 and Flux do. */
const clients: Readonly<Record<string, readonly [string, string?]>> = {
  applied: ['apply -f -', withImage('shop:2')],
  set: ['set image deployment/web web=shop:2'],
  helmed: ['apply --server-side --force-conflicts --field-manager=helm -f -', withImage('shop:2')],
};
const analysis = { interval: '1s', stepWeights: [50], metrics: [] };
const quick = [...Object.keys(clients), 'paused', 'around'];
/** Here shop:2 is on trial when Serin goes. */
const underway = ['third', 'turned'];

await Promise.all([
  ...quick.map((namespace) => openPlainShop(lab, namespace, { analysis })),
  ...underway.map((each) => openPlainShop(lab, each, { analysis: { ...analysis, interval: '600s' } })),
]);
for (const namespace of underway) {
  await inShop(namespace).does('set image deployment/web web=shop:2');
  await until('a trial', async () => stateOf(await mainOf(namespace)).phase === 'Progressing', patient);
}
await inShop('paused').does('rollout pause deployment/web');
await lab.kubectl('create namespace plain');
await inShop('plain').does('create -f -', withImage('shop:1'));
await lab.kubectl('-n serin-system scale deployment/serin --replicas=0');
const ours = (): Promise<{ items: ApiObject[] }> => api.get('/api/v1/namespaces/serin-system/pods');
await until('every process of Serin to be gone', async () => (await ours()).items.length === 0, patient);

const held = [...Object.keys(clients), 'paused', ...underway];
const before = new Map(await Promise.all(held.map(async (each) => [each, await mainOf(each)] as const)));

for (const [namespace, [line, input]] of Object.entries(clients))
  test(`a new version that is ${namespace} is accepted and held, and no pod is replaced`, async () => {
    const shop = inShop(namespace);
    doesNotMatch((await shop.does(line, input)).stderr, /denied|failed/);
    const now = await mainOf(namespace);
    deepEqual([isHeld(now), imageIn(templateOf(now))], [true, 'shop:2']);
    deepEqual(marksOf(now), ['policy', '{"paused":false,"revision":"1","actor":"admin"}']);
    const waiting = await shop.refused('rollout status deployment/web --timeout=1s');
    match(waiting.stdout, /0 out of 2 new replicas have been updated/);
    deepEqual(await runningIn(namespace), ['shop:1']);
    await shop.does(line, input);
    equal((await mainOf(namespace)).metadata.generation, now.metadata.generation, 'the same again');
  });

test('an owner’s own pause is noted: of two changes in a row, what was before the first', async () => {
  for (const image of ['shop:4', 'shop:2']) {
    await inShop('paused').does(`set image deployment/web web=${image}`);
    deepEqual(marksOf(await mainOf('paused')), ['policy', '{"paused":true,"revision":"1","actor":"admin"}']);
  }
});

for (const [namespace, image] of [
  ['third', 'shop:4'],
  ['turned', 'shop:1'],
] as const)
  test(`${image} in the place of shop:2 on trial is held beside the state of that`, async () => {
    await inShop(namespace).does(`set image deployment/web web=${image}`);
    const now = await mainOf(namespace);
    deepEqual([isHeld(now), imageIn(templateOf(now)), marksOf(now)[0]], [true, image, 'policy']);
    const old = before.get(namespace);
    deepEqual(stateOf(now), old && stateOf(old));
  });

test('nobody takes the hold off', async () => {
  const why = /web is held by its canary, and Serin is not answering: leave it paused, or try again when/;
  for (const namespace of ['applied', 'third'])
    match((await inShop(namespace).refused('rollout resume deployment/web')).stderr, why);
  match(
    (await inShop('third').refused('replace -f -', withImage('shop:4'))).stderr,
    /written by Serin alone/,
  );
});

const goesOn = {
  'a label': 'label deployment web team=shop',
  'an annotation': 'annotate deployment web note=fine',
  'a change of the strategy': 'patch deployment web --type=merge -p={"spec":{"minReadySeconds":1}}',
  'a restart': 'rollout restart deployment/web',
  'an owner’s pause': 'rollout pause deployment/web',
  'the end of one': 'rollout resume deployment/web',
  'an opt-out': 'annotate deployment web serin.dev/canary=disabled',
  'a version that opted out': 'set image deployment/web web=shop:2',
};
for (const [what, line] of Object.entries(goesOn))
  test(`${what} goes on`, async () => {
    doesNotMatch((await inShop('around').does(line)).stderr, /./);
    deepEqual(marksOf(await mainOf('around')), unmarked);
  });

test('scaling goes on, by hand and by an autoscaler, and what is held reports and is deleted as ever', async () => {
  const scaler = {
    ...{ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'web' } },
    spec: {
      ...{ scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } },
      ...{ minReplicas: 4, maxReplicas: 5 },
    },
  };
  await inShop('applied').does('scale deployment/web --replicas=3');
  await available('applied', 3);
  await inShop('applied').does('create -f -', JSON.stringify(scaler));
  await available('applied', 4);
  ok(isHeld(await mainOf('applied')));
  await inShop('around').does('delete deployment web');
});

test('a version where no pod is available goes out, and other namespaces notice nothing', async () => {
  const shop = inShop('around');
  await shop.does('create -f -', withImage('shop:1').replace('"replicas":2', '"replicas":0'));
  await shop.does('set image deployment/web web=shop:2');
  await inShop('plain').does('set image deployment/web web=shop:2');
  for (const namespace of ['around', 'plain']) {
    const now = await mainOf(namespace);
    deepEqual([isHeld(now), imageIn(templateOf(now)), marksOf(now)], [false, 'shop:2', unmarked]);
  }
});

test('when Serin is back, what was held starts as if nothing had happened, and ends', async (t) => {
  const abort = new AbortController();
  t.after(() => abort.abort());
  const looks = await Promise.all(held.map((each) => inShop(each).follow('deployments', abort.signal)));
  const waiting = await Promise.all(held.map(mainOf));
  await lab.kubectl('delete mutatingadmissionpolicy hold.serin.dev');
  await lab.kubectl('-n serin-system scale deployment/serin --replicas=2');
  const phases: Readonly<Record<string, string>> = { third: 'Progressing', turned: 'Aborted' };
  const isThere = async (namespace: string): Promise<boolean> => {
    const main = await mainOf(namespace);
    if (marksOf(main)[0] !== undefined) return false;
    return stateOf(main).phase === (phases[namespace] ?? 'Succeeded');
  };
  for (const each of held) await until(`the rollout in ${each}`, () => isThere(each), patient);
  for (const [index, namespace] of held.entries()) {
    const first = looks[index]?.find(
      (each) => each.metadata.name === 'web' && each.metadata.annotations?.[names.heldBy] === undefined,
    );
    const [old, asked] = [before.get(namespace), waiting[index]];
    if (old === undefined || asked === undefined || first === undefined) throw new Error(namespace);
    const object = changed(old, { template: templateOf(asked) });
    const verdict = decide(updating(old, object, 'admin'), { controller });
    if (verdict.kind === 'deny') throw new Error(verdict.message);
    deepEqual(written(first), written(patched(object, verdict.patch) as KubeObject), namespace);
  }
  const [applied, paused] = [await mainOf('applied'), await mainOf('paused')];
  deepEqual([isHeld(applied), isHeld(paused)], [false, true]);
  for (const each of [applied, paused])
    equal(numberAt(each['status'], 'updatedReplicas'), numberAt(each['spec'], 'replicas'));
  deepEqual(await runningIn('turned'), ['shop:1']);
});

test('Serin says that the policy by which this server could hold is missing', async () => {
  const events = await until(
    'an Event',
    async () => {
      const { items } = await api.get<{ items: readonly { reason: string; message: string }[] }>(
        '/api/v1/namespaces/serin-system/events',
      );
      const found = items.filter(({ reason }) => reason === 'PolicyMissing');
      return found.length > 0 && found;
    },
    patient,
  );
  match(
    events[0]?.message ?? '',
    /could hold template changes while Serin is down, and refuses them instead/,
  );
});

/** What Serin writes of a change. */
function written(main: KubeObject): unknown {
  const { annotations } = main.metadata;
  const texts = [names.state, names.stable, names.history, names.asked].map((name) => annotations?.[name]);
  return [isHeld(main), ...texts];
}
