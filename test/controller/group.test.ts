import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { groupName, groupSeen, othersOf, Turns } from '../../src/controller/group.ts';
import type { Scene } from '../../src/controller/scene.ts';
import { type KubeObject, names } from '../../src/kube/objects.ts';
import { Store } from '../../src/kube/store.ts';
import type { State } from '../../src/rollout/types.ts';
import { standing, states } from '../admission/deployments.ts';

function member(name: string, state: State | undefined, group = 'shop'): KubeObject {
  const object = standing(state ?? states.succeeded) as KubeObject;
  const { [names.state]: _, ...annotations } = object.metadata.annotations ?? {};
  const kept = state === undefined ? {} : { [names.state]: JSON.stringify(state) };
  const noted = { ...annotations, ...kept, ...(group === '' ? {} : { [groupName]: group }) };
  return { ...object, metadata: { ...object.metadata, name, uid: name, annotations: noted } };
}

function seen(main: KubeObject, state: State, ...all: KubeObject[]): ReturnType<typeof groupSeen> {
  const store = new Store();
  for (const each of [main, ...all]) store.put(each);
  return groupSeen({ main, state, others: othersOf(store, main) } as unknown as Scene);
}

const own = states.progressing;
const startedAt = 'startedAt' in own ? (own.startedAt ?? 0) : 0;
const ended = (at: number): State => ({ ...states.succeeded, endedAt: at });

test('who is in no group has no group', () => {
  deepEqual(seen(member('web', own, ''), own, member('api', own)), undefined);
});

test('of a group those are seen whose rollout is under way, or has ended since the own one began', () => {
  const passed = { ...states.progressing, passed: true } as State;
  const shifted = { ...states.shift, passed: true, shifted: true } as State;
  deepEqual(
    seen(
      member('web', own),
      own,
      ...[member('api', passed), member('cart', shifted), member('late', ended(startedAt + 1))],
      ...[member('old', ended(startedAt - 1)), member('idle', undefined), member('other', own, 'else')],
    ),
    {
      name: 'shop',
      members: [
        { name: 'api', phase: 'Progressing', passed: true, shifted: false },
        { name: 'cart', phase: 'Promoting.Shift', passed: true, shifted: true },
        { name: 'late', phase: 'Succeeded', passed: false, shifted: false },
      ],
    },
  );
});

test('the members of one group take turns, those of another do not wait for them, and a failure ends only its own turn', async () => {
  const turns = new Turns();
  const said: string[] = [];
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const first = turns.take('a', async () => {
    said.push('a1 begins');
    await gate;
    said.push('a1 ends');
    throw new Error('no');
  });
  const second = turns.take('a', async () => void said.push('a2'));
  await turns.take('b', async () => void said.push('b'));
  open();
  await first.catch(() => said.push('a1 failed'));
  await second;
  deepEqual(
    said.filter((each) => each !== 'a1 failed'),
    ['a1 begins', 'b', 'a1 ends', 'a2'],
  );
});
