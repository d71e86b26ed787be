// An enforced namespace while Serin is down: what policies inside kube-apiserver keep back, what waits because nothing
// else would notice it, and what goes on. No process of Serin ever runs here.
import { equal, match } from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { numberAt } from '../../src/routing/json.ts';
import { startControlPlane } from '../rig/control-plane.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { deployment, service } from '../rig/plain-shop.ts';
import { until } from '../rig/processes.ts';
import type { Outcome } from '../rig/run-program.ts';
import { clientIn } from '../rig/shop-client.ts';
import { patient } from '../rig/shop-lab.ts';
import { controlPlaneTools, toolchain } from '../rig/toolchain.ts';
import { objects, oncall, prerequisites } from './bypass/objects.ts';

const { stateDir, prepared: binaries } = await enterNamespace(() => toolchain(controlPlaneTools));
const plane = await startControlPlane({ stateDir, binaries });
after(() => plane.stop());

const shop = clientIn(plane, 'shop');
const list = (...items: readonly object[]): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
const settings = objects.filter((each) => each['kind'] === 'ConfigMap');
await shop.does('apply -f -', list(...prerequisites));
await shop.does('apply -f -', list(...settings, deployment('web', 'web'), service('web')));
await clientIn(plane, 'serin-system').does(`apply -k ${join(import.meta.dirname, '../../manifests')}`);
await shop.does('label namespace shop serin.dev/mode=enforce');

const ready = {
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-11-24T09:00:00Z' }],
};
const isAvailable = async (): Promise<boolean> => {
  for (const { metadata } of await shop.list('pods'))
    await plane.api.patch(`/api/v1/namespaces/shop/pods/${metadata.name}/status`, { status: ready });
  const [web] = await shop.list('deployments');
  return numberAt(web?.['status'], 'availableReplicas') === 2;
};
// There is no kubelet: the pods are said to be ready.
await until('pods to be available', isAvailable, patient);

const asDev = (line: string): Promise<Outcome> =>
  plane.kubectl(['-n', 'shop', ...line.split(' ')], { as: 'dev' });
const release = (reason: string): string =>
  `patch deployment web --type=merge -p=${JSON.stringify({
    metadata: { annotations: { 'serin.dev/bypass': reason } },
    spec: { template: { spec: { containers: [{ name: 'web', image: 'shop:2' }] } } },
  })}`;

const isInForce = async (line: string): Promise<boolean> =>
  (await asDev(`${line} --dry-run=server`)).code !== 0;
// Policies and webhooks are known to kube-apiserver a moment after they are there.
for (const line of [
  'set image deployment/web web=shop:2',
  'label namespace shop serin.dev/mode-',
  'delete deployment web',
])
  await until('the policies to be in force', () => isInForce(line), patient);

const refused: { readonly [what: string]: readonly [line: string, why: RegExp] } = {
  'a release': [
    'set image deployment/web web=shop:2',
    /Serin is not answering, and without it the new version of web/,
  ],
  'a release by who gives a reason and lacks the verb': [
    release('hurry'),
    /serin.dev\/bypass gives a reason, and dev does not have the RBAC verb bypass on deployments.serin.dev in shop/,
  ],
  'the label off the namespace': [
    'label namespace shop serin.dev/mode-',
    /\[namespace\] the rules of namespace shop/,
  ],
  'the namespace to warnings': ['label namespace shop serin.dev/enforce=warn', /\[namespace\]/],
  'a new Deployment': [
    'create deployment web2 --image=shop:2',
    /failed calling webhook "deployments.enforce/,
  ],
  'a deletion': ['delete deployment web', /failed calling webhook "deployments.enforce/],
  'another selector': ['set selector service web app=x', /failed calling webhook "services.enforce/],
};
for (const [what, [line, why]] of Object.entries(refused))
  test(`with Serin down, kept back: ${what}`, async () => {
    const { code, stderr } = await asDev(line);
    match(stderr, why);
    equal(code, 1);
  });

const goesOn = {
  'a scale': 'scale deployment web --replicas=3',
  'a restart': 'rollout restart deployment/web',
  'a label': 'label deployment web team=shop',
  'a pod': 'run alone --image=shop:1',
  'a deletion of a pod': 'delete pod alone --wait=false',
  'a label of the Service': 'label service web team=shop',
  'configuration that pods use': 'patch configmap web-config --type=merge -p={"data":{"colour":"blue"}}',
  'a label of the namespace': 'label namespace shop team=shop',
};
for (const [what, line] of Object.entries(goesOn))
  test(`with Serin down, ${what} goes on`, async () => {
    const { code, stderr } = await asDev(line);
    equal(code, 0, stderr);
  });

test('with Serin down, who has the verb still breaks the glass, and stands in the audit log', async () => {
  await shop.does('apply -f -', list(...oncall));
  const { code, stderr } = await asDev(release('down'));
  equal(code, 0, stderr);
  const [web] = await shop.list('deployments');
  match(JSON.stringify(web?.['spec']), /"image":"shop:2"/);
  const told = 'dev asks to go around hold: down';
  const isTold = () =>
    plane.auditEvents().some(({ annotations }) => annotations?.['hold.guard.serin.dev/bypass'] === told);
  await until('the audit log', isTold, patient);
});
