import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { digester } from '../../src/controller/config-digest.ts';
import { type ConfigSight, type ConfigStep, configStep } from '../../src/controller/config-step.ts';

const { markOf } = digester(new Uint8Array(32));
const a = (text: string) => ({ a: text });
const sight: ConfigSight = {
  ...{ standing: 'free', noted: { digests: a('1') }, now: a('1'), lacking: [] },
  ...{ mark: undefined, stableMark: undefined },
};
const to2 = markOf(['a'], a('1'), a('2'));
const to3 = markOf(['a'], a('1'), a('3'));
const from2to1 = markOf(['a'], a('2'), a('1'));
const tried2 = { mark: to2, digests: a('2') };
const onTrial = { standing: 'held', noted: { digests: a('1'), tried: tried2 }, mark: to2 } as const;
const nothing: ConfigStep = { do: 'nothing' };
const tryTo = (mark: string | undefined, changed: readonly string[], noted: object): object => {
  return { do: 'try', mark, changed, noted };
};

const cases: readonly (readonly [string, Partial<ConfigSight>, object])[] = [
  ['the same as noted', {}, nothing],
  ['the first sight is noted', { noted: undefined }, { do: 'note', noted: { digests: a('1') } }],
  ['a Deployment that reads nothing is left alone', { noted: undefined, now: {} }, nothing],
  ['another content is tried', { now: a('2') }, tryTo(to2, ['a'], { digests: a('1'), tried: tried2 })],
  ['what is on trial is not tried anew', { ...onTrial, now: a('2') }, nothing],
  [
    'a change during the trial is tried in its place',
    { ...onTrial, now: a('3') },
    tryTo(to3, ['a'], { digests: a('1'), tried: { mark: to3, digests: a('3') } }),
  ],
  [
    'the content of before takes the mark off again',
    { ...onTrial, now: a('1') },
    tryTo(undefined, [], { digests: a('1') }),
  ],
  [
    'what was promoted is noted',
    { noted: onTrial.noted, mark: to2, stableMark: to2, now: a('2') },
    { do: 'note', noted: { digests: a('2') } },
  ],
  [
    'the content of before, once another was promoted, is tried like any',
    { noted: onTrial.noted, mark: to2, stableMark: to2, now: a('1') },
    tryTo(from2to1, ['a'], { digests: a('2'), tried: { mark: from2to1, digests: a('1') } }),
  ],
  [
    'a candidate of the template gets the mark of a change that came with it',
    { standing: 'held', now: a('2') },
    tryTo(to2, ['a'], { digests: a('1'), tried: tried2 }),
  ],
  [
    'a candidate that came without the mark of stable stays so',
    { standing: 'held', noted: { digests: a('2') }, now: a('2'), mark: undefined, stableMark: to2 },
    nothing,
  ],
  [
    'what only the candidate reads is noted at first sight',
    { standing: 'held', now: { a: '1', b: '7' } },
    { do: 'note', noted: { digests: { a: '1', b: '7' } } },
  ],
  [
    'what is read no more is forgotten',
    { noted: { digests: { a: '1', b: '7' } } },
    { do: 'note', noted: { digests: a('1') } },
  ],
  ['what is lacking for a moment is not forgotten', { now: {}, lacking: ['a'] }, nothing],
  [
    'an optional one that comes is a change',
    { noted: { digests: a('') }, now: a('1') },
    tryTo(markOf(['a'], a(''), a('1')), ['a'], {
      digests: a(''),
      tried: { mark: markOf(['a'], a(''), a('1')), digests: a('1') },
    }),
  ],
];
for (const [what, seen, step] of cases)
  test(what, () => {
    deepEqual(configStep({ ...sight, ...seen }, markOf), step);
  });

/** The sight after the step was done. */
function after(before: ConfigSight, step: ConfigStep): ConfigSight {
  if (step.do === 'nothing') return before;
  if (step.do === 'note') return { ...before, noted: step.noted };
  const isBack = step.mark === before.stableMark;
  return { ...before, noted: step.noted, mark: step.mark, standing: isBack ? 'free' : 'held' };
}

const digests = fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('', '1', '2'));
const marks = fc.constantFrom(undefined, 'm', 'n');
const sights: fc.Arbitrary<ConfigSight> = fc
  .record({
    standing: fc.constantFrom('free' as const, 'held' as const),
    noted: fc.option(
      fc.record(
        { digests, tried: fc.record({ mark: fc.constantFrom('m', 'n'), digests }) },
        { requiredKeys: ['digests'] },
      ),
      { nil: undefined },
    ),
    now: digests,
    mark: marks,
    stableMark: marks,
  })
  .map((each) => ({
    ...each,
    stableMark: each.standing === 'free' ? each.mark : each.stableMark,
    lacking: ['a', 'b'].filter((ref) => !(ref in each.now)),
  }));

test('two steps at most, and there is nothing more to do: what fails is not tried for ever (flagger#780)', () => {
  fc.assert(
    fc.property(sights, (seen) => {
      let now = seen;
      for (let steps = 0; steps < 3; steps += 1) now = after(now, configStep(now, markOf));
      equal(configStep(now, markOf).do, 'nothing');
    }),
    { numRuns: 2_000 },
  );
});

const object = (more: object) => ({ metadata: { name: 'a', uid: 'u', resourceVersion: '1' }, ...more });
test('the content alone is digested, binaryData too (flagger#1774), and not without the key', () => {
  const { contentOf, id } = digester(new Uint8Array(32));
  const plain = contentOf(object({ data: { a: '1', b: '2' } }));
  equal(contentOf(object({ data: { b: '2', a: '1' } })), plain);
  equal(
    contentOf({ metadata: { ...object({}).metadata, labels: { x: 'y' } }, data: { a: '1', b: '2' } }),
    plain,
  );
  const others = [{ data: { a: '1' } }, { data: { a: '1', b: '3' } }, { binaryData: { a: '1', b: '2' } }, {}];
  equal(new Set([plain, ...others.map((each) => contentOf(object(each)))]).size, 5);
  const other = digester(new Uint8Array(32).fill(1));
  equal(other.contentOf(object({ data: { a: '1', b: '2' } })) === plain || other.id === id, false);
});
