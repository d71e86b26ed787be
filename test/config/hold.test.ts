import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { givingUp, holding } from '../../src/config/hold.ts';
import { readState } from '../../src/config/state.ts';
import { revisionOf } from '../../src/kube/revision.ts';

const [stable, candidate] = [{ spec: { image: 'a' } }, { spec: { image: 'b' } }];

test('what is held says whether its candidate is known from before, and so does the end it is given', () => {
  const held = holding(candidate, stable, { actor: 'ann', ownPause: false, known: true });
  const state = readState({ 'serin.dev/state': held.annotations['serin.dev/state'] ?? '' });
  const revisions = { revision: revisionOf(candidate), stableRevision: revisionOf(stable) };
  const identity = { v: 1, actor: 'ann', ownPause: false, known: true, ...revisions } as const;
  const pending = { ...identity, phase: 'Pending' } as const;
  deepEqual(state, pending);
  const ended = givingUp(pending, 'bob').annotations;
  deepEqual(readState({ 'serin.dev/state': ended['serin.dev/state'] ?? '' }), {
    ...identity,
    ...{ phase: 'RollingBack', ending: 'Aborted' },
    message: 'the stable template was applied again by bob',
  });
  equal(ended['serin.dev/stable'], undefined);
});

test('a candidate that nobody knows is not said to be known', () => {
  const { annotations } = holding(candidate, stable, { actor: 'ann', ownPause: true });
  equal(annotations['serin.dev/state']?.includes('known'), false);
});
