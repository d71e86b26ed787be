// A rollout that nobody wants any more ends at stable, and one whose Deployment or Service goes leaves nothing behind.
// There is no mesh: what is looked at are the Deployment, its twin and the twin's Service.
import { deepEqual, equal, match } from 'node:assert/strict';
import { after, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { names } from '../../src/kube/objects.ts';
import { objectAt } from '../../src/routing/json.ts';
import { openBareLab, prepareLab } from '../rig/lab.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { openPlainShop, service } from '../rig/plain-shop.ts';
import { until } from '../rig/processes.ts';
import { imageIn } from '../rig/shop-client.ts';
import { isHeld } from '../rig/shop-history.ts';
import { patient, stateOf } from '../rig/shop-lab.ts';

const { stateDir, prepared } = await enterNamespace(prepareLab);
const lab = await openBareLab({ stateDir, prepared, settle: '1s', prometheusUrl: 'http://127.0.0.1:9090' });
after(() => lab.close());

/** A shop whose shop:2 is on trial for longer than any test. */
async function onTrial(namespace: string) {
  const analysis = { interval: '600s', stepWeights: [50], metrics: [] };
  const shop = await openPlainShop(lab, namespace, { analysis }, service('web'));
  const pods = async () => {
    const { items } = await lab.plane.api.get<{ items: { metadata: { name: string } }[] }>(
      `/api/v1/namespaces/${namespace}/pods?labelSelector=app%3Dweb`,
    );
    return items.map(({ metadata }) => metadata.name).toSorted((a, b) => a.localeCompare(b));
  };
  const before = await pods();
  await shop.set('image deployment/web web=shop:2');
  await shop.reaches('Progressing');
  const left = () => shop.names('deployments', 'services');
  return {
    ...shop,
    /** Of Deployments and Services, these are there in the end. */
    keeps: async (...expected: readonly string[]): Promise<void> => {
      const isSo = async (): Promise<boolean> => isDeepStrictEqual(await left(), expected);
      await until(`${namespace} to keep no more than that`, isSo, patient).catch(() => undefined);
      deepEqual(await left(), expected);
    },
    /** Main runs shop:1, with the pods it had, and nothing holds it. */
    isAsBefore: async (): Promise<void> => {
      const main = await shop.get('deployments', 'web');
      deepEqual([isHeld(main), imageIn(objectAt(main['spec'], 'template'))], [false, 'shop:1']);
      deepEqual(await pods(), before);
    },
  };
}

test('an owner who opts out in the middle of a rollout is back at stable', async () => {
  const shop = await onTrial('out');
  await shop.kubectl('annotate deployment web serin.dev/canary=disabled');
  const ended = await shop.reaches('Aborted');
  match('message' in ended ? ended.message : '', /serin.dev\/canary says disabled/);
  await shop.says(/Normal CanaryAborted serin.dev\/canary says disabled/);
  await shop.keeps('web', 'web');
  await shop.isAsBefore();
  equal(await shop.set('image deployment/web web=shop:2'), '');
  deepEqual(isHeld(await shop.get('deployments', 'web')), false);
});

test('so is a Deployment whose namespace loses its label, also where its candidate had failed', async () => {
  const [shop, failed] = await Promise.all([onTrial('bare'), onTrial('failed')]);
  await failed.set('image deployment/web web=shop:missing');
  await failed.reaches('Failed');
  for (const [each, namespace] of [
    [shop, 'bare'],
    [failed, 'failed'],
  ] as const) {
    await lab.kubectl(`label namespace ${namespace} serin.dev/mode-`);
    // Serin looks at the label whenever it looks at the rollout: anything of the Deployment makes it look.
    await each.kubectl('annotate deployment web note=fine');
  }
  await shop.reaches('Aborted');
  await until('stable to be back', async () => !isHeld(await failed.get('deployments', 'web')), patient);
  for (const each of [shop, failed]) {
    await each.keeps('web', 'web');
    await each.isAsBefore();
  }
});

test('a Service that is deleted in the middle of a rollout leaves nothing of the twin behind', async () => {
  const shop = await onTrial('served');
  await shop.kubectl('delete service web');
  await shop.set('image deployment/web web=shop:1');
  await shop.reaches('Aborted');
  await shop.keeps('web');
});

test('nor does one that fails without it', async () => {
  const shop = await onTrial('broken');
  await shop.kubectl('delete service web');
  await shop.set('image deployment/web web=shop:missing');
  await shop.reaches('Failed');
  await shop.keeps('web');
});

test('a Deployment that is deleted as if it had no twin takes it along', async () => {
  const shop = await onTrial('orphan');
  await shop.kubectl('delete deployment web --cascade=orphan');
  await shop.keeps('web');
});

test('what keeps a rollout back is told once, and counted', async () => {
  const shop = await onTrial('told');
  await lab.kubectl('-n told delete configmap serin');
  await shop.kubectl('create configmap serin --from-literal=canary.yaml=analysis:soon');
  for (const note of ['one', 'two', 'three']) {
    await shop.kubectl(`annotate --overwrite deployment web note=${note}`);
    await shop.says(/CanaryHeld the canary cannot go on/);
  }
  const count = async (): Promise<readonly unknown[]> => {
    const { items } = await lab.plane.api.get<{ items: { reason: string; count: number }[] }>(
      '/api/v1/namespaces/told/events',
    );
    return items.filter(({ reason }) => reason === 'CanaryHeld').map((event) => event.count);
  };
  await until('the Event to count', async () => Number((await count())[0]) > 1, patient);
  equal((await count()).length, 1);
  equal(stateOf(await shop.get('deployments', 'web')).phase, 'Progressing');
  equal(names.canary in ((await shop.get('deployments', 'web')).metadata.annotations ?? {}), false);
});
