import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { createGates } from '../../src/gates/gates.ts';
import { about, asked } from '../gates/rig.ts';
import { memoryKube } from '../rig/memory-kube.ts';
import { Dice } from './dice.ts';
import { type Mood, SimGates } from './gates.ts';
import { Life, SimTime } from './time.ts';

/** A process of Serin, and gates that production's own code calls. */
function simulated(seed: number) {
  const [time, dice] = [new SimTime(), new Dice(seed)];
  const sim = new SimGates(time, dice.fork('gates'));
  const life = new Life(time, 'serin-0');
  const fetch = sim.beside(() => Promise.reject(new Error('not a gate')), life);
  const { clock } = life;
  const gates = createGates({ kube: memoryKube(), clock, random: dice.random, fetch, warn: () => undefined });
  const ask = async (gate: string, retries = 0): Promise<string> => {
    const of = asked(`http://${gate}.gates/gate/check`, { retries });
    let isHeard = false;
    gates.answers([of], about, () => (isHeard = true));
    await time.run(time.now + 100_000, () => isHeard);
    const [answer] = gates.answers([of], about, () => undefined) ?? [];
    gates.used('shop/web');
    return `${answer?.says}: ${answer?.why}`;
  };
  return { sim, ask, life };
}

const moods: readonly (readonly [Mood, string])[] = [
  ['open', 'open: a.gates/gate/check answered 200: Approved'],
  ['closed', 'closed: a.gates/gate/check answered 403: Forbidden'],
  ['slow', 'error: a.gates/gate/check: no answer within 5000 ms'],
  ['broken', 'closed: a.gates/gate/check answered 503: upstream connect error'],
  ['gone', 'error: a.gates/gate/check: connect ECONNREFUSED a.gates'],
];
for (const [mood, expected] of moods) {
  test(`a simulated gate that is ${mood} is heard as it would be by a socket`, async () => {
    const { sim, ask } = simulated(1);
    sim.set('a', mood);
    equal(await ask('a'), expected);
  });
}

test('a moody gate says the same for the same seed, and not always the same', async () => {
  const all = async (seed: number): Promise<readonly string[]> => {
    const { sim, ask } = simulated(seed);
    sim.set('a', 'moody');
    const heard: string[] = [];
    for (let each = 0; each < 8; each += 1) heard.push(await ask('a', 1));
    return [...heard, JSON.stringify(sim.calls)];
  };
  const [one, again] = [await all(7), await all(7)];
  deepEqual(one, again);
  equal(new Set(one.slice(0, 8)).size > 1, true);
});

test('a process that died hears no answer', async () => {
  const { ask, life } = simulated(1);
  life.kill();
  equal(await ask('a'), 'undefined: undefined');
});
