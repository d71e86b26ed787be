import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { readState } from '../../src/config/state.ts';
import { type KubeObject, names } from '../../src/kube/objects.ts';
import { objectAt } from '../../src/routing/json.ts';
import { annotated } from '../admission/asking.ts';
import { aDeployment, changed, standing, states, templates } from '../admission/deployments.ts';
import { type Looks, looks } from './reconcile-rig.ts';

const stateOf = ({ metadata }: KubeObject) => {
  const state = readState(metadata.annotations);
  if (state === undefined || 'corrupt' in state) throw new Error('no state');
  return state;
};
const ours = ({ metadata }: KubeObject): string[] =>
  Object.keys(metadata.annotations ?? {})
    .filter((name) => name.startsWith('serin.dev/'))
    .toSorted();

/** Looks again and again until nothing is written any more. */
async function settle({ kube, clock, look }: Looks): Promise<void> {
  for (let quiet = 0; quiet < 3; ) {
    const before = kube.writes.length;
    await look('shop/web');
    await clock.advance(1_000);
    quiet = kube.writes.length === before ? quiet + 1 : 0;
  }
}

test('a Deployment that is gone, or has no rollout any more, is told of: what was published of it is taken back', async () => {
  const there = await looks();
  await there.look('shop/web');
  await there.add(standing(states.succeeded, { paused: false }));
  await there.look('shop/web');
  deepEqual(there.idle, ['shop/web', 'shop/web']);
});

test('what keeps a rollout back is told by one Event, which counts', async () => {
  const there = await looks();
  await there.add(annotated(standing(states.progressing), { [names.state]: '{' }));
  for (const _ of [1, 2, 3]) {
    await there.look('shop/web');
    await there.clock.advance(30_000);
  }
  deepEqual(await there.events(), [
    'Warning CanaryHeld x3: the canary cannot go on: serin.dev/state is not JSON',
  ]);
  await there.kube.patch(
    { group: 'apps', version: 'v1', plural: 'deployments', kind: 'Deployment', namespaced: true },
    'shop',
    'web',
    { type: 'merge', body: { metadata: { annotations: { [names.state]: '[]' } } } },
  );
  await there.look('shop/web');
  equal((await there.events()).length, 2, 'another reason is another Event');
});

const withdrawals = {
  'the label is off the namespace': [{}, {}],
  'the owner opts out': [{ 'serin.dev/mode': 'canary' }, { [names.canary]: 'disabled' }],
} as const;
const untilNow = ['pending', 'starting', 'progressing', 'waiting', 'shift', 'failed'] as const;
for (const [why, [labels, annotations]] of Object.entries(withdrawals))
  for (const from of untilNow)
    test(`when ${why} a rollout that is ${from} ends at stable, with nothing held`, async () => {
      const there = await looks(labels);
      await there.add(annotated(standing(states[from]), annotations));
      await settle(there);
      const main = await there.main();
      deepEqual(objectAt(main['spec'], 'template'), templates.one);
      equal(objectAt(main, 'spec')['paused'], false);
      deepEqual(
        ours(main),
        [names.canary, names.history, names.state].filter(
          (name) => name in (main.metadata.annotations ?? {}),
        ),
      );
      const { phase, ...rest } = stateOf(main);
      equal(phase, from === 'failed' ? 'Failed' : 'Aborted');
      if (from !== 'failed')
        match('message' in rest ? rest.message : '', /says disabled|no label serin.dev\/mode/);
    });

test('an owner’s own pause is there again after that', async () => {
  const there = await looks({});
  await there.add(standing({ ...states.progressing, ownPause: true }));
  await settle(there);
  const main = await there.main();
  deepEqual([objectAt(main, 'spec')['paused'], objectAt(main['spec'], 'template')], [true, templates.one]);
});

test('another template than the candidate, applied where nobody holds any more, rolls as without Serin', async () => {
  const there = await looks({});
  await there.add(changed(standing(states.progressing), { template: templates.three }));
  await settle(there);
  const main = await there.main();
  deepEqual([objectAt(main, 'spec')['paused'], objectAt(main['spec'], 'template')], [false, templates.three]);
});

test('a promotion that has begun to roll is carried to its end', async () => {
  const there = await looks({});
  await there.add(standing(states.roll, { paused: false }));
  await there.look('shop/web');
  equal(stateOf(await there.main()).phase, 'Promoting.Roll');
});

test('a hold that a policy put on and nobody can take up is told of', async () => {
  const there = await looks();
  const marks = { [names.heldBy]: 'policy', [names.asked]: '{"paused":false,"revision":"7","actor":"ann"}' };
  await there.add(annotated(aDeployment({ template: templates.two, paused: true }), marks));
  await there.look('shop/web');
  deepEqual(await there.events(), [
    'Warning CanaryHeld x1: the canary cannot begin: no ReplicaSet of it has pods, so what is stable cannot be told',
  ]);
});
