// What is not held, what is refused, and what goes on around a hold: a whole lab, a shop for each test.
import { deepEqual, doesNotMatch, equal, match, ok } from 'node:assert/strict';
import { after, test } from 'node:test';
import type { KubeObject } from '../../src/kube/objects.ts';
import { listAt, numberAt, textAt } from '../../src/routing/json.ts';
import { openLab, prepareLab } from '../rig/lab.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { until } from '../rig/processes.ts';
import { makeShop, type Shop } from '../rig/shop-client.ts';
import { isHeld, podsOf } from '../rig/shop-history.ts';
import { patient } from '../rig/shop-lab.ts';

const { stateDir, prepared } = await enterNamespace(prepareLab);
const lab = await openLab({ stateDir, prepared });
after(() => lab.close());

const held = /^Warning: held: web rolls out as a canary; /;
const ourAnnotations = ({ metadata }: KubeObject): string[] =>
  Object.keys(metadata.annotations ?? {}).filter((name) => name.startsWith('serin.dev/'));
/** What is stored, without what the Deployment controller reports. */
const stored = async (shop: Shop) => {
  const { metadata, spec } = await shop.main();
  return { generation: metadata.generation, annotations: metadata.annotations, spec };
};

test('a pause of the owner’s own is there again after the promotion', async () => {
  const shop = await makeShop(lab, 'paused', 'analysis: {interval: 1s, stepWeights: [50], metrics: []}');
  await shop.does('rollout pause deployment/web');
  match((await shop.does('set image deployment/web web=shop:2')).stderr, held);
  const ended = await shop.reaches('Succeeded');
  ok(isHeld(ended));
  deepEqual([podsOf(ended).updated, podsOf(ended).total], [4, 4]);
});

test('a plan that cannot be followed is refused at apply with every mistake and its path', async () => {
  const shop = await makeShop(lab, 'mistaken');
  const before = await stored(shop);
  const plan = 'analysis: {interval: soon, stepWeights: [50, 10], threshhold: 2}\nprogressDeadlineSeconds: 0';
  const { stderr } = await shop.refused('apply -f -', shop.manifest('shop:2', { 'serin.dev/canary': plan }));
  match(
    stderr,
    /admission webhook "hold.serin.dev" denied the request: serin.dev\/canary cannot be followed:/,
  );
  for (const path of [
    'analysis.interval',
    'analysis.stepWeights',
    'analysis.threshhold',
    'progressDeadlineSeconds',
  ])
    match(stderr, new RegExp(`^${path.replace('.', '\\.')}\\b`, 'm'));
  deepEqual(await stored(shop), before);
});

test('a restart is no release, nor is a change of what is not the template', async () => {
  const shop = await makeShop(lab, 'restarted');
  for (const line of [
    'rollout restart deployment/web',
    'label deployment web team=shop',
    'annotate deployment web note=fine',
  ])
    equal((await shop.does(line)).stderr, '', line);
  await shop.does('rollout status deployment/web --timeout=60s');
  deepEqual(ourAnnotations(await shop.main()), []);
  const sets = await shop.list('replicasets', '?labelSelector=app%3Dweb');
  deepEqual(new Set(sets.map(({ spec }) => numberAt(spec, 'replicas'))), new Set([0, 4]));
});

test('at zero replicas a new version goes out at once, with a warning', async () => {
  const shop = await makeShop(lab, 'empty');
  await shop.does('scale deployment/web --replicas=0');
  equal(
    (await shop.does('set image deployment/web web=shop:2')).stderr,
    'Warning: web was rolled out directly, without a canary: it is scaled to zero\n',
  );
  const main = await shop.main();
  deepEqual([isHeld(main), ourAnnotations(main)], [false, []]);
});

test('a dry run on the server answers as the real one does and writes nothing', async () => {
  const shop = await makeShop(lab, 'dry');
  const before = await stored(shop);
  const line = 'set image deployment/web web=shop:2 -o json';
  const dry = await shop.does(`${line} --dry-run=server`);
  deepEqual(await stored(shop), before);
  const real = await shop.does(line);
  match(dry.stderr, held);
  equal(dry.stderr, real.stderr);
  const [asked, done] = [dry, real].map(({ stdout }) => JSON.parse(stdout) as KubeObject);
  deepEqual([asked?.metadata.annotations, asked?.['spec']], [done?.metadata.annotations, done?.['spec']]);
});

test('the failure of one rollout is never read as that of the next', async (t) => {
  const shop = await makeShop(lab, 'failed');
  await shop.does('set image deployment/web web=shop:missing');
  await shop.reaches('Failed');
  const progressing = (main: KubeObject): string | undefined =>
    textAt(
      listAt(main['status'], 'conditions').find((each) => textAt(each, 'type') === 'Progressing'),
      'reason',
    );
  await until(
    'the failure to be shown',
    async () => progressing(await shop.main()) === 'ProgressDeadlineExceeded',
    patient,
  );
  match((await shop.refused('rollout status deployment/web')).stderr, /exceeded its progress deadline/);
  const abort = new AbortController();
  t.after(() => abort.abort());
  const seen = await shop.follow('deployments', abort.signal);
  const { stdout } = await shop.does('set image deployment/web web=shop:2 -o json');
  const next = (JSON.parse(stdout) as KubeObject).metadata;
  doesNotMatch(
    (await shop.refused('rollout status deployment/web --timeout=1s')).stderr,
    /progress deadline/,
  );
  const last = await shop.onTrial();
  await until('the last version to be seen', () =>
    seen.some(({ metadata }) => metadata.resourceVersion === last.metadata.resourceVersion),
  );
  const current = seen.filter(
    ({ metadata, status }) =>
      metadata.name === 'web' && (numberAt(status, 'observedGeneration') ?? 0) >= (next.generation ?? 0),
  );
  deepEqual([...new Set(current.map(progressing))], ['DeploymentPaused']);
});
