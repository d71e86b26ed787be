// A change of a ConfigMap that pods read, on a real control plane with Serin running: tried as a canary like any other.
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, test } from 'node:test';
import { configOf } from '../../src/config/config-seen.ts';
import { readHistory } from '../../src/config/state.ts';
import { isPaused, templateOf } from '../../src/kube/deployment.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import type { HistoryEntry, JsonObject, State } from '../../src/rollout/types.ts';
import { textAt } from '../../src/routing/json.ts';
import { openBareLab, prepareLab } from '../rig/lab.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { until } from '../rig/processes.ts';
import { imageIn, makeShop, serving } from '../rig/shop-client.ts';
import { patient, stateOf } from '../rig/shop-lab.ts';

const { stateDir, prepared } = await enterNamespace(prepareLab);
const lab = await openBareLab({
  ...{ stateDir, prepared, settle: '1s', istioApi: true },
  prometheusUrl: 'http://127.0.0.1:9191',
});
after(() => lab.close());

const namespace = 'conf';
const shop = await makeShop(lab, namespace, 'analysis: {interval: 1s, stepWeights: [50], metrics: []}');

/** What the shop's pods read: how they behave. */
function configMap(data: Readonly<Record<string, string>>, name = 'web-config'): JsonObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
}
function secret(seed: number): JsonObject {
  const metadata = { name: 'web-secret', namespace };
  return { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { seed: String(seed) } };
}
const fine = { crash: '-1', ready: '200' };

/** The Deployment as its owner keeps it in a file. */
function deployment(image: string, config = 'web-config'): JsonObject {
  const text = shop.manifest(image).replace(
    '"ports":[{"name":"http"',
    `"env":${JSON.stringify([
      { name: 'SHOP_CRASH_AFTER_MS', valueFrom: { configMapKeyRef: { name: config, key: 'crash' } } },
      { name: 'SHOP_READY_AFTER_MS', valueFrom: { configMapKeyRef: { name: config, key: 'ready' } } },
      { name: 'SHOP_SEED', valueFrom: { secretKeyRef: { name: 'web-secret', key: 'seed' } } },
    ])},"ports":[{"name":"http"`,
  );
  ok(text.includes(config));
  return JSON.parse(text.replace('"replicas":4', '"replicas":2')) as JsonObject;
}

const apply = (...items: readonly JsonObject[]) =>
  shop.does('apply -f -', JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));

function outcomesOf(main: KubeObject): readonly HistoryEntry[] {
  const history = readHistory(main.metadata.annotations);
  return history === undefined || 'corrupt' in history ? [] : history;
}
const outcomes = async (): Promise<readonly HistoryEntry[]> => outcomesOf(await shop.main());

/** Comes back when another rollout has ended. */
async function another(before: readonly HistoryEntry[]): Promise<State> {
  return until(
    'another rollout to end',
    async () => {
      const main = await shop.main();
      return outcomesOf(main).length > before.length && stateOf(main);
    },
    patient,
  );
}

const noted = (digests: RegExp): Promise<true> =>
  until(
    'what the pods read to be noted',
    async () => digests.test((await shop.main()).metadata.annotations?.['serin.dev/config-seen'] ?? ''),
    patient,
  );

await apply(configMap(fine), secret(1), deployment('shop:1'));
await another([]);
await noted(/ConfigMap\/web-config/);

test('neither a label of a ConfigMap nor a Secret that Serin may not read is a release', async () => {
  const before = (await shop.main()).metadata.generation;
  await shop.does('label configmap web-config team=shop');
  await apply(secret(2));
  await sleep(5_000);
  equal((await shop.main()).metadata.generation, before);
});

test('a change in place is held and tried while the stable pods keep what they read, then they are replaced', async () => {
  const [before, pods] = [await outcomes(), await serving(shop)];
  await apply(configMap({ ...fine, ready: '300' }));
  const held = await until(
    'the change to be held',
    async () => {
      const main = await shop.main();
      return configOf(templateOf(main)) !== undefined && main;
    },
    patient,
  );
  const state = stateOf(held);
  equal(isPaused(held), true);
  equal(state.actor, 'a change of ConfigMap web-config (kubectl-client-side-apply)');
  deepEqual((await serving(shop)).pods, pods.pods);
  equal((await another(before)).phase, 'Succeeded');
  const replaced = await serving(shop);
  ok(replaced.pods.every((pod) => !pods.pods.includes(pod)));
});

test('neither applying nor replacing what the owner keeps in a file is a release', async () => {
  await until(
    'the end to be noted',
    async () => {
      const seen = (await shop.main()).metadata.annotations?.['serin.dev/config-seen'] ?? '';
      return !seen.includes('tried');
    },
    patient,
  );
  const [before, pods] = [await shop.main(), await serving(shop)];
  await apply(deployment('shop:1'));
  const { stderr } = await shop.does('replace -f -', JSON.stringify(deployment('shop:1')));
  match(stderr, /serin.dev\/config in the template of web is written by Serin alone: put back/);
  await sleep(2_000);
  const now = await shop.main();
  deepEqual(templateOf(now), templateOf(before));
  deepEqual([outcomesOf(now), await serving(shop)], [outcomesOf(before), pods]);
});

test('a change that breaks the pods goes no further than the twin, and its Event says how to put it back', async () => {
  const [before, pods] = [await outcomes(), await serving(shop)];
  await apply(configMap({ crash: '200', ready: '-1' }));
  equal((await another(before)).phase, 'Failed');
  deepEqual(await serving(shop), pods);
  const { stdout } = await shop.does('get events -o json');
  const failed = (JSON.parse(stdout) as { items: KubeObject[] }).items.filter(
    (each) => textAt(each, 'reason') === 'CanaryFailed',
  );
  equal(failed.length, 1);
  match(
    textAt(failed[0], 'message') ?? '',
    /crash-loops.*; ConfigMap web-config still has the content that failed, .* apply the earlier content/,
  );
});

test('with the content of before the rollout is withdrawn, and nothing restarts', async () => {
  const pods = await serving(shop);
  await apply(configMap({ ...fine, ready: '300' }));
  const main = await shop.reaches('Aborted');
  match(JSON.stringify(stateOf(main)), /hold again what the stable pods read/);
  equal(isPaused(main), false);
  deepEqual(await serving(shop), pods);
});

test('a template that changes together with a ConfigMap is one release', async () => {
  const before = await outcomes();
  await apply(configMap({ ...fine, ready: '250' }), deployment('shop:2'));
  equal((await another(before)).phase, 'Succeeded');
  const main = await shop.main();
  equal(imageIn(templateOf(main)), 'shop:2');
  equal(stateOf(main).actor, 'admin');
  await sleep(5_000);
  equal((await outcomes()).length, before.length + 1);
});

test('a template that names another ConfigMap is a release like any: the twin reads that, stable the old one', async () => {
  const before = await outcomes();
  await apply(configMap(fine, 'web-config-2'), deployment('shop:2', 'web-config-2'));
  const twin = await until('the twin', () => shop.twin(), patient);
  match(JSON.stringify(templateOf(twin)), /"name":"web-config-2"/);
  const sets = await shop.list('replicasets', '?labelSelector=app%3Dweb');
  const running = sets.filter((set) => JSON.stringify(set['status']).includes('"availableReplicas"'));
  ok(running.every((set) => !JSON.stringify(set).includes('"name":"web-config-2"')));
  equal((await another(before)).phase, 'Succeeded');
  await noted(/ConfigMap\/web-config-2/);
});

test('a Secret is a release like a ConfigMap once Serin may read Secrets', async () => {
  const overlay = join(import.meta.dirname, '../../manifests/secret-releases');
  await lab.kubectl(`apply -k ${overlay}`);
  await lab.kubectl('-n serin-system rollout restart deployment/serin');
  await lab.kubectl('-n serin-system rollout status deployment/serin --timeout=60s');
  await noted(/Secret\/web-secret/);
  const before = await outcomes();
  await apply(secret(3));
  const state = await another(before);
  deepEqual(
    [state.phase, state.actor],
    ['Succeeded', 'a change of Secret web-secret (kubectl-client-side-apply)'],
  );
});
