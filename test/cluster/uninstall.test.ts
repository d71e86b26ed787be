// Serin goes while rollouts are under way: they end at stable, and nothing of them is left. Nobody acts on the routes here.
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { KubeObject } from '../../src/kube/objects.ts';
import { objectAt } from '../../src/routing/json.ts';
import type { ApiObject } from '../rig/api.ts';
import { openBareLab, prepareLab } from '../rig/lab.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { openPlainShop, service, virtualService, weightsOf } from '../rig/plain-shop.ts';
import { until } from '../rig/processes.ts';
import { attempt } from '../rig/run-program.ts';
import { imageIn } from '../rig/shop-client.ts';
import { isHeld } from '../rig/shop-history.ts';
import { patient } from '../rig/shop-lab.ts';

const { stateDir, prepared } = await enterNamespace(prepareLab);
const lab = await openBareLab({
  ...{ stateDir, prepared, settle: '1s', istioApi: true },
  prometheusUrl: 'http://127.0.0.1:9090',
});
after(() => lab.close());

const root = join(import.meta.dirname, '../..');
const serin = (...args: readonly string[]) =>
  attempt(process.execPath, [join(root, 'src/main.ts'), ...args], {
    env: { KUBECONFIG: lab.plane.kubeconfigPath },
  });

/** A shop whose shop:2 has half of the traffic for longer than any test. */
async function onTrial(namespace: string) {
  const plan = { analysis: { interval: '600s', stepWeights: [50], metrics: [] } };
  const shop = await openPlainShop(lab, namespace, plan, service('web'), virtualService('web'));
  const before = await shop.get('virtualservices', 'shop');
  await shop.set('image deployment/web web=shop:2');
  deepEqual(weightsOf(await shop.split('shop')), [50, 50]);
  return {
    ...shop,
    isAsBefore: async (): Promise<void> => {
      const main = await shop.get('deployments', 'web');
      deepEqual([isHeld(main), imageIn(objectAt(main['spec'], 'template'))], [false, 'shop:1']);
      const now = await shop.get('virtualservices', 'shop');
      deepEqual([now['spec'], now.metadata.annotations], [before['spec'], before.metadata.annotations]);
      deepEqual(await shop.names('deployments', 'services'), ['web', 'web']);
    },
  };
}

test('serin uninstall ends every rollout at stable, and says what to delete then', async () => {
  const [shop, failed] = await Promise.all([onTrial('asked'), onTrial('failed')]);
  await failed.set('image deployment/web web=shop:missing');
  await failed.reaches('Failed');
  const { code, stdout, stderr } = await serin('uninstall', '--timeout=60s', '--log-level=error');
  equal(code, 0, stderr + stdout);
  match(stdout, /^ends at stable: .*asked\/web/);
  match(stdout, /kubectl delete -k manifests\/policies .*\n {2}kubectl delete -k manifests\n$/);
  for (const each of [shop, failed]) await each.isAsBefore();
  await shop.says(/Normal CanaryAborted Serin is being uninstalled/);
});

test('what is released after that is held as ever, and goes back to stable', async () => {
  const late = '-n asked set image deployment/web web=shop:3';
  match((await lab.plane.kubectl(late.split(' '))).stderr, /^Warning: held: /);
  const web = () =>
    lab.plane.api.get<KubeObject & ApiObject>('/apis/apps/v1/namespaces/asked/deployments/web');
  await until('stable to be back', async () => !isHeld(await web()), patient);
  equal(imageIn(objectAt((await web())['spec'], 'template')), 'shop:1');
  await lab.kubectl('-n serin-system delete configmap serin');
});

test('a plain kubectl delete -k of all manifests waits until the rollouts have ended', async () => {
  const shop = await onTrial('plain');
  await lab.kubectl(`delete -k ${join(root, 'manifests/policies')}`);
  const dry = await lab.plane.kubectl('delete namespace serin-system --dry-run=server'.split(' '));
  equal(dry.code, 0, dry.stderr);
  deepEqual(weightsOf(await shop.get('virtualservices', 'shop')), [50, 50], 'a dry run ends nothing');
  const { code, stderr } = await lab.plane.kubectl(['delete', '-k', join(root, 'manifests')]);
  equal(code, 0, stderr);
  await shop.isAsBefore();
  const left = await lab.kubectl('get namespaces,clusterroles -o name');
  ok(!/serin/.test(left), left);
  await shop.set('image deployment/web web=shop:2');
  await lab.kubectl('-n plain rollout status deployment/web --timeout=60s');
});
