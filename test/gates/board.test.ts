import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { type AskedGate, Board } from '../../src/gates/board.ts';
import type { About } from '../../src/gates/payload.ts';
import type { GateAnswer } from '../../src/rollout/gate.ts';
import { settled, virtualClock } from '../rig/virtual-clock.ts';
import { about, asked } from './rig.ts';

const one = asked('http://one/', { name: 'one', type: 'rollout' });
const two = asked('http://two/', { name: 'two', type: 'confirm-promotion' });
const back = asked('http://back/', { name: 'back', type: 'rollback' });

/** A board whose gates answer when the test says so. */
function onBoard() {
  const clock = virtualClock();
  const asking: { readonly name: string; readonly answer: (says: GateAnswer['says']) => Promise<void> }[] =
    [];
  let woken = 0;
  const board = new Board(
    clock,
    ({ name, type }) =>
      new Promise((resolve) => {
        const answer = (says: GateAnswer['says']): Promise<void> => {
          resolve({ name, type, says, why: '' });
          return settled();
        };
        asking.push({ name, answer });
      }),
  );
  const look = (gates: readonly AskedGate[], of: About = about): string | undefined =>
    board
      .answers(gates, of, () => (woken += 1))
      ?.map(({ name, says }) => `${name} ${says}`)
      .join(', ');
  const use = (): void => board.used('shop/web');
  const answer = async (name: string, says: GateAnswer['says'] = 'open'): Promise<void> => {
    await asking.findLast((each) => each.name === name)?.answer(says);
  };
  return { clock, look, use, answer, asked: () => asking.map(({ name }) => name), woken: () => woken };
}

test('all gates are asked at once and once, and what they say is given when all have answered', async () => {
  const { look, answer, asked: names, woken } = onBoard();
  equal(look([one, two]), undefined);
  equal(look([one, two]), undefined);
  await answer('two', 'closed');
  deepEqual([look([one, two]), woken()], [undefined, 0]);
  await answer('one');
  deepEqual([names(), woken()], [['one', 'two'], 1]);
  equal(look([one, two]), 'one open, two closed');
});

test('an answer is given until it was acted upon; the next look asks again', async () => {
  const { look, use, answer, asked: names } = onBoard();
  look([one]);
  use();
  await answer('one');
  use();
  equal(look([one]), 'one open');
  equal(look([one]), 'one open');
  use();
  equal(look([one]), undefined);
  deepEqual(names(), ['one', 'one']);
});

test('a gate that wants to go back is heard before the others have answered', async () => {
  const { look, use, answer, woken } = onBoard();
  look([one, back]);
  await answer('back');
  deepEqual([woken(), look([one, back])], [1, 'back open']);
  use();
  look([one, back]);
  await answer('back', 'closed');
  equal(look([one, back]), undefined);
});

const others: readonly (readonly [what: string, other: Partial<About>])[] = [
  ['another check', { check: 3 }],
  ['another revision', { revision: 'aa' }],
  ['another trial of the same revision', { startedAt: 2 }],
  ['another Deployment of the same name', { uid: 'u2' }],
];
for (const [what, other] of others) {
  test(`what was said of one check is not taken for ${what}`, async () => {
    const { look, answer, asked: names } = onBoard();
    look([one]);
    await answer('one');
    equal(look([one], { ...about, ...other }), undefined);
    deepEqual(names(), ['one', 'one']);
  });
}

test('a late answer to what is asked no more wakes, and is used for nothing', async () => {
  const { look, answer, asked: names } = onBoard();
  look([one]);
  equal(look([]), undefined);
  await answer('one');
  equal(look([one]), undefined);
  deepEqual(names(), ['one', 'one']);
});

test('what was said over a minute ago is asked again', async () => {
  const { clock, look, answer } = onBoard();
  look([one]);
  await answer('one');
  await clock.advance(60_001);
  equal(look([one]), undefined);
  await answer('one', 'closed');
  await clock.advance(60_000);
  equal(look([one]), 'one closed');
});
