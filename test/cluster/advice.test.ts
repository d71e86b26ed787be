// What `kubectl canary plan` and `doctor` say on a real control plane with Serin running: told before anything is done, and
// nothing is done by it.
import { deepEqual, equal, match } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import type { Check } from '../../src/advice/check.ts';
import { adviceVerbs } from '../../src/plugin/advice-verbs.ts';
import { openCluster } from '../../src/plugin/cluster.ts';
import { run, type Said } from '../advice/terminal.ts';
import { shopFile } from '../rig/demo-shop.ts';
import { openBareLab, prepareLab } from '../rig/lab.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { makeShop } from '../rig/shop-client.ts';

const { stateDir, prepared } = await enterNamespace(prepareLab);
const lab = await openBareLab({
  ...{ stateDir, prepared, settle: '1s', istioApi: true },
  prometheusUrl: 'http://prometheus.istio-system:9090',
});
after(() => lab.close());

/** Runs a verb as people do, in that namespace; `file` is what it reads. */
function canary(line: string, namespace: string, file?: string): Promise<Said> {
  const [name, ...words] = line.split(' ');
  const verb = adviceVerbs.find((each) => each.name === name);
  if (verb === undefined) throw new Error(`no verb ${name}`);
  const asked = [...words, '-n', namespace, '--kubeconfig', lab.plane.kubeconfigPath];
  return run(verb, asked, file === undefined ? {} : { file }, async (args) => openCluster(args));
}

const plan = 'analysis: {interval: 1m, stepWeights: [5, 20, 50]}';
const [shop] = await Promise.all([
  makeShop(lab, 'told', plan),
  lab
    .kubectl('create namespace bare')
    .then(() => lab.kubectl('-n bare create deployment web --image=shop:1')),
]);
const annotated = (text: string): string => shop.manifest('shop:2', { 'serin.dev/canary': text });

test('a changed template would be held and tried, and nothing of that is done', async () => {
  const before = await shop.main();
  const said = await canary('plan -f file --traffic 100/s', 'told', shop.manifest('shop:2'));
  equal(said.code, 0, said.out + said.err);
  match(
    said.out,
    /^Deployment told\/web: would be held and tried as a canary\nrevision {2}\w{10} -> \w{10}\nimage {5}web: shop:1 -> shop:2\n/,
  );
  match(
    said.out,
    /\n {10}1 +5 % +0s +1m +[\d.]+ %\n {10}2 +20 % +1m +1m +[\d.]+ %\n {10}3 +50 % +2m +1m +[\d.]+ %\n {10}promotion +all +3m\n/,
  );
  match(said.out, /Deployment web-canary +made, and gone at the end\n/);
  match(said.out, /Service web-canary +made, and gone at the end\n/);
  match(said.out, /VirtualService shop +the weights of what it sends to Service web/);
  match(said.out, /said +- held: web rolls out as a canary/);
  deepEqual(await shop.main(), before);
  equal(await shop.twin(), undefined);
});

test('so would an image that is only set; what is not there cannot be set', async () => {
  equal((await canary('plan deployment/web --image web=shop:2 --traffic 1/s', 'told')).code, 0);
  const other = await canary('plan web --image nginx=shop:2', 'told');
  equal(other.code, 1);
  match(other.out, /it has no container nginx: web/);
  match(
    (await canary('plan deployment/other --image web=shop:2', 'told')).out,
    /would be refused\nwhy +.*"other" not found/,
  );
});

test('the file that was applied last rolls nothing out', async () => {
  const said = await canary('plan -f file', 'told', shop.manifest('shop:1'));
  deepEqual([said.code, said.out], [0, 'Deployment told/web: would roll nothing out\n']);
});

test('so does a whole file of every kind', async () => {
  const file = readFileSync(shopFile, 'utf8').replaceAll('namespace: shop', 'namespace: told');
  const said = await canary('plan -f file', 'told', file);
  equal(said.code, 0, said.out);
  equal(
    said.out.replaceAll(/\s+/g, ' '),
    'Deployment told/web: would roll nothing out taken as they are: Namespace shop, Service web, Gateway shop, VirtualService shop, HorizontalPodAutoscaler web ',
  );
});

test('what the last apply had and this file has not would go', async () => {
  const { kind, metadata, ...rest } = JSON.parse(shop.manifest('shop:1')) as {
    kind: string;
    metadata: object;
    spec: { template: { spec: { containers: Record<string, unknown>[] } } };
  };
  for (const container of rest.spec.template.spec.containers) delete container['readinessProbe'];
  const said = await canary(
    'plan -f file --traffic 1/s',
    'told',
    JSON.stringify({ kind, metadata, ...rest }),
  );
  equal(said.code, 0, said.out);
  match(said.out, /changes +containers\.web\.readinessProbe\n/);
});

test('a refusal is shown in full, and every other object of the file is asked for too', async () => {
  const service = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'more' },
    spec: { ports: [{ port: 80 }] },
  });
  const said = await canary(
    'plan -f file',
    'told',
    `${annotated('analysis: {threshold: 0, interval: soon}')}\n---\n${service}`,
  );
  equal(said.code, 1);
  match(said.out, /Deployment told\/web: would be refused\n/);
  match(said.out, /analysis\.interval:\s+expected a duration/);
  match(said.out, /analysis\.threshold:\s+expected a whole number/);
  match(said.out, /taken as they are: Service more\n/);
});

test('what goes past a canary is told, and why', async () => {
  const off = await canary('plan -f file', 'told', annotated('disabled'));
  equal(off.code, 1);
  match(off.out, /would go out to everybody at once/);
  const bare = await canary('plan web --image shop=shop:2', 'bare');
  equal(bare.code, 1);
  match(bare.out, /the namespace has no label serin\.dev\/mode/);
});

test('a plan that was imported lays itself over the Deployment, and nothing else changes', async () => {
  const { metadata, spec } = await shop.main();
  const canaryOf = {
    targetRef: { kind: 'Deployment', name: 'web' },
    analysis: { interval: '2m', threshold: 3, stepWeights: [10] },
  };
  const flagger = {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    metadata: { name: 'web', namespace: 'told' },
    spec: canaryOf,
  };
  const verb = adviceVerbs.find(({ name }) => name === 'import') ?? ({} as never);
  const { out } = await run(verb, ['-f', 'file'], { file: JSON.stringify(flagger) });
  await shop.does('apply --server-side --field-manager=canary-plan -f -', out);
  const laid = await shop.main();
  match(laid.metadata.annotations?.['serin.dev/canary'] ?? '', /^analysis:\n {2}interval: 2m\n/);
  deepEqual([laid['spec'], laid.metadata.labels], [spec, metadata.labels]);
  await shop.does('annotate deployment web serin.dev/canary-');
});

test('every rule of an enforced namespace that would refuse is named', async () => {
  await lab.kubectl('label namespace bare serin.dev/mode=enforce');
  const { metadata, ...rest } = JSON.parse(annotated('analysis: {stepWeights: [100]}')) as {
    metadata: { name: string };
  };
  const moved = { ...rest, metadata: { ...metadata, namespace: 'bare', labels: { app: 'web' } } };
  const said = await canary('plan -f file', 'bare', JSON.stringify(moved).replace('shop:2', 'shop:latest'));
  equal(said.code, 1, said.out);
  match(said.out, /would be refused\n/);
  match(said.out, /\[plan\]/);
  match(said.out, /\[mutable-tag\]/);
  await lab.kubectl('label namespace bare serin.dev/mode-');
});

test('what may not be read is not known', async () => {
  const said = await canary('plan web --image web=shop:2 --as nobody', 'told');
  equal(said.code, 2, said.out);
  match(said.out, /not known\nwhy +.*nobody/s);
});

test('who may release and read no more is told the steps, and what was not seen', async () => {
  await shop.does('create role releaser --verb=get,patch --resource=deployments.apps');
  await shop.does('create rolebinding releaser --role=releaser --user=bob');
  const said = await canary('plan web --image web=shop:2 --as bob --traffic 100/s', 'told');
  equal(said.code, 0, said.out);
  match(said.out, / 1 +10 % +0s +1m +[\d.]+ %\n/);
  const shown = said.out.replaceAll(/\s+/g, ' ');
  match(shown, /not seen you may not read .*services.*: more of them may matter, and the steps are without/);
});

async function checks(
  line: string,
  namespace: string,
): Promise<{ code: number; of: ReadonlyMap<string, Check> }> {
  const { code, out, err } = await canary(`doctor ${line}`.trim().concat(' -o json'), namespace);
  if (out === '') throw new Error(err);
  const { items } = JSON.parse(out) as { items: readonly Check[] };
  return { code, of: new Map(items.map((each) => [each.about, each])) };
}

test('in a healthy cluster nothing is a problem', async () => {
  const { code, of } = await checks('web', 'told');
  deepEqual(
    [...of.values()].filter(({ is }) => is === 'problem'),
    [],
  );
  equal(code, 0);
  const isOk = [...of.values()].filter(({ is }) => is === 'ok').map(({ about }) => about);
  deepEqual(isOk, [
    'serin',
    'webhook',
    'certificate',
    'policies',
    'controller',
    'namespace',
    'plan',
    'routes',
    'your rights',
    'its rights',
  ]);
  equal(of.get('routes')?.text, 'VirtualService shop');
  match(of.get('prometheus')?.text ?? '', /cannot be told/);
  const shown = await canary('doctor web', 'told');
  match(shown.out, /^ok {7}serin {8}2 of 2 pods are ready \(/);
});

test('a namespace without its label, and a Deployment without a route, are told with what to do', async () => {
  const { code, of } = await checks('deployment/web', 'bare');
  equal(code, 1);
  deepEqual(of.get('namespace'), {
    ...{ about: 'namespace', is: 'problem', text: 'bare has no label serin.dev/mode: nothing is held there' },
    todo: 'kubectl label --overwrite namespace bare serin.dev/mode=canary',
  });
  match(of.get('routes')?.text ?? '', /^web is checked without traffic: no Service selects the pods/);
  match(of.get('webhook')?.text ?? '', /^not asked/);
});

test('who may read little is told what they may not, and that is no problem', async () => {
  await lab.kubectl('-n told create rolebinding dev --clusterrole=view --user=dev');
  const { code, of } = await checks('web --as dev', 'told');
  equal(code, 0, JSON.stringify([...of.values()], null, 1));
  match(of.get('certificate')?.text ?? '', /you may not get webhook configurations/);
  match(of.get('your rights')?.text ?? '', /^you may say nothing; not release, promote/);
  match(of.get('its rights')?.text ?? '', /cannot be told/);
});

test('without its webhook configuration nobody asks Serin, whatever else is in order', async () => {
  await lab.kubectl('delete mutatingwebhookconfiguration serin');
  const { code, of } = await checks('', 'told');
  equal(code, 1);
  match(of.get('webhook')?.text ?? '', /^the mutating webhook configuration serin is missing/);
  const said = await canary('plan web --image web=shop:2 --traffic 1/s', 'told');
  match(said.out, /would be held until Serin answers, and then tried/);
  // What the doctor tells a webhook that does not answer by: the policy in its place refuses what Serin alone writes.
  const made = { metadata: { name: 'new', annotations: { 'serin.dev/history': '[]' } } };
  const bare = { ...(JSON.parse(shop.manifest('shop:1')) as object), ...made };
  const { stderr } = await shop.refused('create --dry-run=server -f -', JSON.stringify(bare));
  match(stderr, /annotations\.guard\.serin\.dev/);
});
