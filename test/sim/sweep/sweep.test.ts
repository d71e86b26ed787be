import { strict as assert } from 'node:assert';
import { describe, test } from 'node:test';
import { Dice } from '../dice.ts';
import { differences, maskOf } from './end-state.ts';
import { sweepAll } from './workers.ts';

/** Of the many plans as many as there is time for; `npm run sim -- --crash` and `--sieve` play all. */
const [crashed, sieved] = [500, 250];

/** So many of all, spread evenly: each reference has its part. */
const spread =
  (many: number) =>
  (count: number): readonly number[] =>
    Array.from({ length: Math.min(many, count) }, (_, nth) => Math.floor((nth * count) / many));

test('whatever happens to any one write of Serin, every rollout ends as if nothing had', async (t) => {
  const found: string[] = [];
  const { plans, played, references } = await sweepAll({
    sweep: 'crash',
    choose: spread(crashed),
    onFound: (what) => found.push(what),
  });
  t.diagnostic(`${played} of ${plans} plans played, of ${references} references`);
  assert.deepEqual(found, []);
  assert.ok(played === crashed && plans > 2_000, `${plans} plans`);
});

test('whatever a controller hears late or never hears of, every rollout ends as if it had', async (t) => {
  const found: string[] = [];
  const dice = new Dice(2);
  const { plans, played } = await sweepAll({
    sweep: 'sieve',
    choose: (count) => Array.from({ length: sieved }, () => dice.between(0, count - 1)),
    onFound: (what) => found.push(what),
  });
  t.diagnostic(`${played} of ${plans} plans played`);
  assert.deepEqual(found, []);
  assert.equal(played, sieved);
});

describe('what two runs ended in is compared', () => {
  const end = (...entries: readonly (readonly [string, string])[]): ReadonlyMap<string, string> =>
    new Map(entries);

  test('by every path, and by what is there in one alone', () => {
    assert.deepEqual(differences(end(['a', '1'], ['b', '2']), end(['a', '3'], ['c', '4']), new Set()), [
      'a is 3, in the reference 1',
      'b is absent, in the reference 2',
      'c is 4, in the reference absent',
    ]);
  });

  test('of a timed one fewer objects may have come and gone, and no more', () => {
    const reference = end(['ADDED Deployment', '2']);
    assert.deepEqual(differences(reference, end(['ADDED Deployment', '1']), new Set(), true), []);
    assert.equal(differences(reference, end(['ADDED Deployment', '3']), new Set(), true).length, 1);
    assert.equal(differences(reference, end(['ADDED Deployment', '1']), new Set()).length, 1);
  });

  test('but not by what differs between two runs in which nothing went wrong', () => {
    const mask = maskOf(end(['a', '1'], ['b', '2']), end(['a', '3'], ['b', '2']));
    assert.deepEqual(differences(end(['a', '1'], ['b', '2']), end(['a', '9'], ['b', '8']), mask), [
      'b is 8, in the reference 2',
    ]);
  });
});
