import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { createHub, type Hub, type Numbered } from '../../src/dashboard/hub.ts';
import type { News } from '../../src/dashboard/wire.ts';

const all: News = {
  ...{ kind: 'all', at: 0, context: '', allowActions: false, cluster: { ok: true }, rollouts: [] },
};
const gone = (name: string): News => ({ kind: 'gone', namespace: 'shop', name });

/** What somebody hears who comes with that id. */
function heard(hub: Hub, lastId?: string): Numbered[] {
  const told: Numbered[] = [];
  hub.listen(lastId, (numbered) => told.push(numbered));
  return told;
}
const textOf = ({ news }: Numbered): string => (news.kind === 'gone' ? news.name : news.kind);

test('who comes for the first time is told everything, and then what is new', () => {
  const hub = createHub('a', () => all);
  hub.tell(gone('early'));
  const told = heard(hub);
  hub.tell(gone('late'));
  deepEqual(told.map(textOf), ['all', 'late']);
});

test('who comes back is told what they missed, once', () => {
  const hub = createHub('a', () => all);
  const id = heard(hub).at(-1)?.id;
  hub.tell(gone('one'));
  hub.tell(gone('two'));
  const back = heard(hub, id);
  deepEqual(back.map(textOf), ['one', 'two']);
  deepEqual(heard(hub, back[0]?.id).map(textOf), ['two']);
  deepEqual(heard(hub, back.at(-1)?.id), []);
});

test('who missed more than is kept, or comes from an earlier server, is told everything', () => {
  const hub = createHub('b', () => all);
  const id = heard(hub)[0]?.id;
  for (let index = 0; index < 2_000; index += 1) hub.tell(gone(String(index)));
  deepEqual(heard(hub, id).map(textOf), ['all']);
  deepEqual(heard(hub, 'a.2000').map(textOf), ['all']);
  deepEqual(heard(hub, 'nonsense').map(textOf), ['all']);
});

test('who has gone is told nothing', () => {
  const hub = createHub('a', () => all);
  let count = 0;
  const leave = hub.listen(undefined, () => (count += 1));
  leave();
  hub.tell(gone('one'));
  equal(count, 1);
});
