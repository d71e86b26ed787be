import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readHistory, readLedger, readState, writeState } from '../../src/config/state.ts';
import type { HistoryEntry, Identity, Ledger, Pause, State } from '../../src/rollout/types.ts';

const text = fc.string({ minLength: 1 }).filter((each) => each.trim() !== '');
const time = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const percent = fc.integer({ min: 0, max: 100 });

const optional = { noNullPrototype: true } as const;
const identity: fc.Arbitrary<Identity> = fc.record(
  {
    v: fc.constant(1 as const),
    revision: text,
    stableRevision: text,
    actor: text,
    ownPause: fc.boolean(),
    known: fc.constant(true as const),
    mixed: fc.constant(true as const),
    brake: fc.record({ own: fc.nat(), seconds: fc.nat() }, { noNullPrototype: true }),
  },
  { ...optional, requiredKeys: ['v', 'revision', 'stableRevision', 'actor', 'ownPause'] },
);
const pause: fc.Arbitrary<Pause> = fc.record(
  { actor: text, at: time, reason: fc.string() },
  { ...optional, requiredKeys: ['actor', 'at'] },
);
const running = { startedAt: time, since: time, needed: fc.nat(), weight: percent, message: fc.string() };
const ended = { startedAt: time, endedAt: time, message: fc.string() };

function over<T extends object, U extends object>(
  base: fc.Arbitrary<T>,
  more: fc.Arbitrary<U>,
): fc.Arbitrary<T & U> {
  return fc.tuple(base, more).map(([a, b]) => ({ ...a, ...b }));
}

const passed = fc.constant(true);
const checks = fc.record({ at: time, failed: fc.nat(), silent: fc.nat() }, { noNullPrototype: true });

/** Of a phase that a person may have paused, and that may wait for others of its group. */
function onTrial(parts: { readonly [key: string]: fc.Arbitrary<unknown> }): fc.Arbitrary<object> {
  const more = fc.record({ pause, passed, shifted: passed }, { ...optional, requiredKeys: [] });
  return over(fc.record(parts), more);
}

const states: fc.Arbitrary<State> = fc.oneof(
  over(
    identity,
    fc.record(
      {
        phase: fc.constant('Pending' as const),
        since: time,
        message: fc.string(),
        pause,
        neededBefore: fc.nat(),
      },
      { requiredKeys: ['phase'] },
    ),
  ),
  ...(['Starting', 'Progressing', 'Waiting', 'Promoting.Shift'] as const).map(
    (phase) => over(identity, onTrial({ phase: fc.constant(phase), ...running })) as fc.Arbitrary<State>,
  ),
  over(
    identity,
    onTrial({ phase: fc.constant('Rolling'), checks, reached: fc.boolean(), ...running }),
  ) as fc.Arbitrary<State>,
  ...(['Promoting.Roll', 'Promoting.Return', 'Finalising'] as const).map(
    (phase) =>
      over(
        identity,
        onTrial({ phase: fc.constant(phase), ending: fc.constantFrom('Succeeded', 'Aborted'), ...running }),
      ) as fc.Arbitrary<State>,
  ),
  over(
    identity,
    fc.record(
      {
        phase: fc.constant('RollingBack' as const),
        ending: fc.constantFrom('Failed' as const, 'Aborted' as const),
        message: fc.string(),
        startedAt: time,
        since: time,
      },
      { requiredKeys: ['phase', 'ending', 'message'] },
    ),
  ),
  ...(['Succeeded', 'Failed', 'Aborted'] as const).map(
    (phase) => over(identity, fc.record({ phase: fc.constant(phase), ...ended })) as fc.Arbitrary<State>,
  ),
);

test('every state is read back as it was written', () => {
  fc.assert(
    fc.property(states, (state) => deepEqual(readState({ 'serin.dev/state': writeState(state) }), state)),
  );
});

test('a history is read back entry by entry, and so is a ledger', () => {
  const entry: fc.Arbitrary<HistoryEntry> = fc.record(
    {
      revision: text,
      outcome: fc.constantFrom('Succeeded', 'Failed', 'Aborted'),
      actor: text,
      ...ended,
    },
    { noNullPrototype: true },
  );
  const known = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }));
  const both = fc.tuple(known, known);
  const ledger: fc.Arbitrary<Ledger> = fc.record(
    {
      v: fc.constant(1 as const),
      revision: text,
      startedAt: time,
      ticks: fc.nat(),
      passed: fc.nat(),
      failed: fc.nat(),
      silent: fc.nat(),
      weight: percent,
      weightAt: time,
      last: fc.record(
        {
          at: time,
          weight: percent,
          verdict: fc.constantFrom('pass', 'fail', 'inconclusive', 'error'),
          evidence: fc.array(fc.string()),
          measured: fc.record(
            { successPercent: both, p99Ms: both },
            { noNullPrototype: true, requiredKeys: [] },
          ),
        },
        { noNullPrototype: true, requiredKeys: ['at', 'weight', 'verdict', 'evidence'] },
      ),
    },
    {
      noNullPrototype: true,
      requiredKeys: [
        'v',
        'revision',
        'startedAt',
        'ticks',
        'passed',
        'failed',
        'silent',
        'weight',
        'weightAt',
      ],
    },
  );
  fc.assert(
    fc.property(fc.array(entry), ledger, (history, book) => {
      deepEqual(readHistory({ 'serin.dev/history': JSON.stringify(history) }), history);
      deepEqual(readLedger({ 'serin.dev/analysis': JSON.stringify(book) }), book);
    }),
  );
});

const pending = { v: 1, revision: 'b', stableRevision: 'a', actor: 'ann', ownPause: false, phase: 'Pending' };
const started = { ...pending, phase: 'Starting', startedAt: 1, since: 2, needed: 3, weight: 4, message: '' };

const corrupt: { readonly [behaviour: string]: readonly [annotation: string, why: string] } = {
  'a text that is not JSON': ['{', 'is not JSON'],
  nothing: ['null', 'is not JSON'],
  'a list': ['[]', 'expected a map, got []'],
  'another format': [
    JSON.stringify({ ...pending, v: 2 }),
    'v: expected 1, the one format that is known, got 2',
  ],
  'a phase that is none': [
    JSON.stringify({ ...pending, phase: 'Done' }),
    'phase: expected Pending or Starting or Rolling or Progressing or Waiting or Promoting.Shift or Promoting.Roll or Promoting.Return or Finalising or RollingBack or Succeeded or Failed or Aborted, got "Done"',
  ],
  'a phase that every object has': [
    JSON.stringify({ ...pending, phase: undefined, constructor: 1 }),
    'phase is missing: a value is needed',
  ],
  'a pause that is no yes or no': [
    JSON.stringify({ ...pending, ownPause: 'false' }),
    'ownPause: expected true or false, got "false"',
  ],
  'an identity with a part missing': [
    JSON.stringify({ ...pending, actor: undefined }),
    'actor is missing: a value is needed',
  ],
  'a weight above 100': [
    JSON.stringify({ ...started, weight: 101 }),
    'weight: expected a whole number from 0 to 100, got 101',
  ],
  'a time before 1970': [
    JSON.stringify({ ...started, since: -1 }),
    'since: expected a whole number from 0 to 9007199254740991, got -1',
  ],
  'a pause that nobody asked for': [
    JSON.stringify({ ...started, pause: { at: 1 } }),
    'pause.actor is missing: a value is needed',
  ],
  'a share of which nobody says whether it is reached': [
    JSON.stringify({ ...started, phase: 'Rolling', checks: { at: 1, failed: 0, silent: 0 } }),
    'reached is missing: a value is needed',
  ],
  'a promotion that does not say how it ends': [
    JSON.stringify({ ...started, phase: 'Promoting.Roll' }),
    'ending is missing: a value is needed',
  ],
};

for (const [behaviour, [annotation, why]] of Object.entries(corrupt)) {
  test(`corrupt, and said why: ${behaviour}`, () => {
    const read = readState({ 'serin.dev/state': annotation });
    const colon = why === 'is not JSON' ? '' : ':';
    deepEqual(read, { corrupt: `serin.dev/state${colon} ${why}` });
  });
}

test('no annotation is no state, no history and no ledger', () => {
  deepEqual([readState(undefined), readState({}), readHistory({}), readLedger({})], Array(4).fill(undefined));
});

test('a history that is no list and a ledger that is none are corrupt', () => {
  deepEqual(readHistory({ 'serin.dev/history': '{}' }), {
    corrupt: 'serin.dev/history: expected a list, got {}',
  });
  deepEqual(readLedger({ 'serin.dev/analysis': '7' }), {
    corrupt: 'serin.dev/analysis: expected a map, got 7',
  });
});

test('a field of a newer Serin is passed over, so that going back a version does not end a rollout', () => {
  const state: State = { ...pending, phase: 'Pending', v: 1 };
  deepEqual(readState({ 'serin.dev/state': JSON.stringify({ ...state, score: 1 }) }), state);
});

test('a state is read as a version wrote it that knew of no pause and of nothing to wait for', () => {
  for (const each of [pending, started])
    deepEqual(readState({ 'serin.dev/state': JSON.stringify(each) }), each);
});

test('a rollback may not know yet when it began, and when the traffic was back', () => {
  const state: State = {
    ...{ v: 1, revision: 'b', stableRevision: 'a', actor: 'ann', ownPause: false },
    ...{ phase: 'RollingBack', ending: 'Aborted', message: 'git revert' },
  };
  for (const each of [state, { ...state, startedAt: 1 }, { ...state, startedAt: 1, since: 2 }]) {
    deepEqual(readState({ 'serin.dev/state': writeState(each) }), each);
  }
});
