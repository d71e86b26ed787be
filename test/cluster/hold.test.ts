// A release that is held, as kubectl and the Deployment controller meet it: a whole lab, a shop for each test.
import { deepEqual, doesNotMatch, equal, match, notEqual, ok } from 'node:assert/strict';
import { after, test } from 'node:test';
import type { KubeObject } from '../../src/kube/objects.ts';
import { revisionOf } from '../../src/kube/revision.ts';
import { objectAt } from '../../src/routing/json.ts';
import { openLab, prepareLab } from '../rig/lab.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { until } from '../rig/processes.ts';
import { imageIn, ledgerOf, makeShop, serving, type Shop } from '../rig/shop-client.ts';
import { isHeld, podsOf, weightsIn } from '../rig/shop-history.ts';
import { patient, stateOf } from '../rig/shop-lab.ts';

const { stateDir, prepared } = await enterNamespace(prepareLab);
const lab = await openLab({ stateDir, prepared });
after(() => lab.close());

/** A shop whose shop:2, applied from a file, is on trial. */
async function onTrial(namespace: string, plan?: string): Promise<Shop> {
  const shop = await makeShop(lab, namespace, plan);
  await shop.does('apply -f -', shop.manifest('shop:2'));
  await shop.onTrial();
  return shop;
}

const templateOf = (deployment: KubeObject) => objectAt(deployment['spec'], 'template');
const names = (objects: readonly KubeObject[]): string[] =>
  objects.map(({ metadata }) => metadata.name).sort();
const versionOf = ({ metadata }: KubeObject): number => Number(metadata.resourceVersion);
/** The percent that a version of VirtualService `shop` gives the twin. */
const weightOf = (object: KubeObject): number | undefined =>
  weightsIn([{ version: versionOf(object), kind: 'VirtualService', name: 'shop', isGone: false, object }])[0]
    ?.weight;

/** Whatever must not change when nothing is asked for. */
async function untouched(shop: Shop) {
  const [main, twin] = await Promise.all([shop.main(), shop.twin()]);
  return {
    state: stateOf(main),
    template: templateOf(main),
    paused: isHeld(main),
    twin: [twin?.metadata.uid, twin?.metadata.generation],
    serving: await serving(shop),
  };
}

test('a new image is held: kubectl says so, no pod changes, and rollout status waits', async () => {
  const shop = await makeShop(lab, 'image');
  const [before, old] = [await serving(shop), await shop.main()];
  const { stdout, stderr } = await shop.does('set image deployment/web web=shop:2 -o json');
  equal(
    stderr,
    'Warning: held: web rolls out as a canary; follow it with kubectl rollout status deploy/web\n',
  );
  const held = JSON.parse(stdout) as KubeObject;
  ok(isHeld(held));
  deepEqual(stateOf(held), {
    v: 1,
    phase: 'Pending',
    revision: revisionOf(templateOf(held)),
    stableRevision: revisionOf(templateOf(old)),
    actor: 'admin',
    ownPause: false,
  });
  await shop.onTrial();
  const waiting = await shop.refused('rollout status deployment/web --timeout=2s');
  match(waiting.stdout, /0 out of 4 new replicas have been updated/);
  match(waiting.stderr, /timed out waiting for the condition/);
  deepEqual(await serving(shop), before);
});

test('while held, main is scaled and heals, with the stable version', async () => {
  const shop = await onTrial('scaled');
  await shop.does('scale deployment/web --replicas=5');
  const fiveWithout = (gone: string) =>
    until(
      'five pods of the stable version',
      async () => {
        const { sets, pods } = await serving(shop);
        const { ready } = podsOf(await shop.main());
        equal(
          pods.filter((pod) => pod.endsWith(' of shop:1, restarts 0') && !pod.startsWith(gone)).length,
          5,
        );
        return ready === 5 && pods.length === 5 && sets.length === 1;
      },
      patient,
    );
  await fiveWithout('nobody');
  const [pod] = await shop.list('pods', '?labelSelector=app%3Dweb');
  ok(pod !== undefined);
  await shop.does(`delete pod ${pod.metadata.name} --wait=false`);
  await fiveWithout(pod.metadata.uid);
  ok(isHeld(await shop.main()));
});

const applies = {
  'client-side': 'apply -f -',
  'server-side': 'apply --server-side --field-manager=gitops --force-conflicts -f -',
};
for (const [how, line] of Object.entries(applies))
  test(`a candidate held by a ${how} apply, applied again by either, changes nothing`, async () => {
    const shop = await makeShop(lab, how);
    const file = shop.manifest('shop:2');
    match((await shop.does(line, file)).stderr, /^Warning: held: /);
    await shop.onTrial();
    const before = await untouched(shop);
    for (const again of [line, ...Object.values(applies)]) {
      // kubectl has warnings of its own where two ways of applying meet.
      doesNotMatch((await shop.does(again, file)).stderr, /held|canary|Serin/);
      deepEqual(await untouched(shop), before);
    }
    match((await shop.does(line, shop.manifest('shop:1'))).stderr, /web stays at its stable version$/m);
  });

test('undo and restart are refused by kubectl, and resume does not take the hold off', async () => {
  const shop = await makeShop(lab, 'undone');
  // There is something to go back to: kubectl looks for that first.
  await shop.does('rollout restart deployment/web');
  await shop.does('rollout status deployment/web --timeout=60s');
  await shop.does('set image deployment/web web=shop:2');
  await shop.onTrial();
  const before = await untouched(shop);
  match(
    (await shop.refused('rollout undo deployment/web')).stderr,
    /you cannot rollback a paused deployment/,
  );
  match((await shop.refused('rollout restart deployment/web')).stderr, /can't restart paused deployment/);
  equal(
    (await shop.does('rollout resume deployment/web')).stderr,
    'Warning: web stays paused: held by the canary, which promotes it by itself; to go back, kubectl set image deploy/web web=shop:1\n',
  );
  deepEqual(await untouched(shop), before);
});

test('a replace that knows nothing of the hold loses neither it nor the state', async () => {
  const shop = await onTrial('replaced');
  const before = await untouched(shop);
  const { stderr } = await shop.does('replace -f -', shop.manifest('shop:2'));
  match(stderr, /^Warning: web stays paused: held by the canary, /);
  match(stderr, /serin.dev\/state, serin.dev\/stable are written by Serin alone: put back as before/);
  deepEqual(await untouched(shop), before);
});

test('a third version takes the place of the second: its traffic goes first, and its evidence counts for nothing', async (t) => {
  const stepWeights = Array.from({ length: 99 }, (_, index) => index + 1);
  const analysis = { interval: '1s', stepWeights, metrics: [] };
  const shop = await onTrial('third', JSON.stringify({ analysis }));
  await until('a check to pass', async () => (ledgerOf(await shop.main())?.passed ?? 0) > 0, patient);
  const abort = new AbortController();
  t.after(() => abort.abort());
  const [routes, deployments] = await Promise.all([
    shop.follow('virtualservices', abort.signal),
    shop.follow('deployments', abort.signal),
  ]);
  const { stdout, stderr } = await shop.does('set image deployment/web web=shop:4 -o json');
  match(stderr, /^Warning: held: web rolls out as a canary in place of revision \w+; follow it with/);
  const held = JSON.parse(stdout) as KubeObject;
  const { phase, revision } = stateOf(held);
  equal(phase, 'Pending');
  const isOfThird = (each: KubeObject): boolean =>
    each.metadata.annotations?.['serin.dev/revision'] === revision;
  const evidence = await until(
    'the first check of the third',
    () => deployments.map(ledgerOf).find((ledger) => ledger?.revision === revision),
    patient,
  );
  equal(evidence.ticks, 1);
  const twin = deployments.find(isOfThird);
  ok(twin !== undefined);
  equal(imageIn(templateOf(twin)), 'shop:4');
  await until(
    'the traffic of the third',
    () => routes.some((each) => versionOf(each) > versionOf(twin)),
    patient,
  );
  const before = routes.filter((each) => versionOf(each) < versionOf(twin));
  equal(before.map(weightOf).at(-1), 0, 'no traffic when the twin changes');
});

test('the stable version applied again ends the rollout, and leaves no trace and no restart', async () => {
  const shop = await makeShop(lab, 'ended');
  const [routes] = await shop.list('virtualservices');
  const before = await serving(shop);
  await shop.does('apply -f -', shop.manifest('shop:2'));
  const { revision } = stateOf(await shop.onTrial());
  const [split] = await shop.list('virtualservices');
  notEqual(JSON.stringify(split?.['spec']), JSON.stringify(routes?.['spec']));
  const { stderr } = await shop.does('apply -f -', shop.manifest('shop:1'));
  equal(stderr, `Warning: the rollout of revision ${revision} ends: web stays at its stable version\n`);
  match((await shop.does('rollout status deployment/web --timeout=30s')).stdout, /successfully rolled out/);
  const ended = await shop.reaches('Aborted');
  ok(!isHeld(ended));
  await until('the twin to be gone', async () => (await shop.twin()) === undefined, patient);
  const [now] = await shop.list('virtualservices');
  deepEqual([now?.['spec'], now?.metadata.annotations], [routes?.['spec'], routes?.metadata.annotations]);
  deepEqual(names(await shop.list('services')), ['web']);
  deepEqual(await serving(shop), before);
});
