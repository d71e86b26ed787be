import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { type KubeObject, names, resources } from '../../src/kube/objects.ts';
import type { JsonObject, State } from '../../src/rollout/types.ts';
import { aDeployment, standing, states } from '../admission/deployments.ts';
import { leavesTraces } from '../../src/controller/idle.ts';
import { type Looks, looks } from './reconcile-rig.ts';

interface Made {
  /** The uid of the Deployment it is made for. */
  readonly of: string;
  readonly by?: string;
  readonly isOrphan?: boolean;
}

/** What stands in the metadata of a twin and of its Service. */
function madeFor(name: string, { of, by = 'serin', isOrphan = false }: Made): JsonObject {
  const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: of, controller: true };
  return {
    ...{ name, namespace: 'shop', managedFields: [{ manager: by }] },
    labels: { 'app.kubernetes.io/managed-by': 'serin' },
    annotations: { [names.twinOf]: of },
    ...(isOrphan ? {} : { ownerReferences: [owner] }),
  };
}

async function addTwin({ kube }: Looks, made: Made): Promise<void> {
  const twin = { ...aDeployment(), metadata: madeFor('web-canary', made) };
  await kube.create(resources.deployments, 'shop', twin);
  await kube.create(resources.services, 'shop', { metadata: madeFor('web-canary', made), spec: {} });
}

async function left({ kube }: Looks): Promise<readonly string[]> {
  const lists = [resources.deployments, resources.services].map((kind) =>
    kube.list(kind, { namespace: 'shop' }),
  );
  return (await Promise.all(lists)).flatMap((list) => list?.items ?? []).map(({ metadata }) => metadata.name);
}

const outcomes = {
  'is on trial': [states.progressing, ['web', 'web-canary', 'web-canary']],
  'rolls back': [states.rollingBack, ['web', 'web-canary', 'web-canary']],
  'has failed': [states.failed, ['web']],
  'was aborted': [states.aborted, ['web']],
  'has succeeded': [states.succeeded, ['web']],
} as const;
for (const [what, [state, expected]] of Object.entries(outcomes))
  test(`of a rollout that ${what}, the twin and its Service ${expected.length === 1 ? 'go' : 'stay'}`, async () => {
    const there = await looks();
    const main = await there.add(standing(state));
    await addTwin(there, { of: main.metadata.uid });
    await there.look('shop/');
    deepEqual(await left(there), expected);
  });

test('what a Deployment left behind that is no more goes: by an owner reference Kubernetes collects it, without one we do', async () => {
  for (const isOrphan of [false, true]) {
    const there = await looks();
    await there.add(standing(states.progressing));
    await addTwin(there, { of: 'gone', isOrphan });
    await there.look('shop/');
    deepEqual(await left(there), isOrphan ? ['web'] : ['web', 'web-canary', 'web-canary']);
  }
});

test('a copy of a twin that somebody made is theirs', async () => {
  const there = await looks();
  await addTwin(there, { of: 'gone', by: 'kubectl-client-side-apply' });
  await there.look('shop/');
  deepEqual(await left(there), ['web-canary', 'web-canary']);
});

test('a rollout that the copy does not know yet keeps what it has', async () => {
  const there = await looks();
  const main = await there.add(standing(states.succeeded));
  await addTwin(there, { of: main.metadata.uid });
  there.kube.before = async ({ verb, name }) => {
    if (verb !== 'get' || name !== 'web') return;
    there.kube.before = () => undefined;
    const annotations = { [names.state]: JSON.stringify(states.pending) };
    await there.kube.patch(resources.deployments, 'shop', 'web', {
      ...{ type: 'merge', body: { metadata: { annotations } } },
    });
  };
  await there.look('shop/');
  deepEqual(await left(there), ['web', 'web-canary', 'web-canary']);
});

const at = (state: State): KubeObject => standing(state) as KubeObject;
const plain = aDeployment() as KubeObject;
const twin = { ...aDeployment(), metadata: madeFor('web-canary', { of: 'web' }) } as KubeObject;

/** What a Deployment is and was, and whether the namespace is swept for it. */
const changes: Readonly<Record<string, readonly [KubeObject | undefined, KubeObject | undefined, boolean]>> =
  {
    'a Deployment that comes': [plain, undefined, false],
    'one without a rollout that goes': [undefined, plain, false],
    'one that had a rollout once and goes': [undefined, at(states.succeeded), false],
    'one that goes in the middle of a rollout': [undefined, at(states.progressing), true],
    'one whose rollout goes on': [at(states.shift), at(states.progressing), false],
    'one whose rollout succeeds': [at(states.succeeded), at(states.finalising), true],
    'one whose rollout fails': [at(states.failed), at(states.rollingBack), true],
    'a failed one that goes': [undefined, at(states.failed), false],
    'a twin that comes to be seen': [twin, undefined, true],
    'a twin that changes': [twin, twin, false],
    'a twin that goes': [undefined, twin, false],
  };
for (const [what, [object, previous, isSwept]] of Object.entries(changes))
  test(`${what} leaves ${isSwept ? 'something to be swept' : 'nothing'}`, () => {
    equal(leavesTraces(object, previous), isSwept);
  });
