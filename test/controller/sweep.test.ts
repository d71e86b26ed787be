import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { names, resources } from '../../src/kube/objects.ts';
import type { JsonObject } from '../../src/rollout/types.ts';
import { aDeployment, standing, states } from '../admission/deployments.ts';
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

test('what a Deployment left behind that is no more goes, also without an owner reference', async () => {
  for (const isOrphan of [false, true]) {
    const there = await looks();
    await there.add(standing(states.progressing));
    await addTwin(there, { of: 'gone', isOrphan });
    await there.look('shop/');
    deepEqual(await left(there), ['web']);
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
