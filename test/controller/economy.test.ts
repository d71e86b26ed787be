// What a rollout costs the API server, in the simulator: what is counted on a real one is in docs/benchmarks.md.
import { deepEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { resources } from '../../src/kube/objects.ts';
import { numberAt } from '../../src/routing/json.ts';
import { stateOf } from '../sim/invariants/reading.ts';
import { notesOf } from '../sim/invariants/routes.ts';
import { play, release } from '../sim/matrix/scenario.ts';

test('an advance takes three calls, a rollout reads no more than its pods, and after it nothing is asked', async () => {
  const played = await play({
    events: [release(2_000, 'shop:good-2'), { at: 400_000, do: 'load', perSecond: 50 }],
    // Four of twenty pods carry the first weights: no step waits for pods.
    shop: { replicas: 4 },
    analysis: { interval: '9s', stepWeights: [5, 10, 15, 20] },
  });
  const calls = played.calls.filter(
    ({ call }) => call.caller.manager.startsWith('serin-controller') && call.resource.kind !== 'Lease',
  );
  const states = played.of(resources.deployments, 'web').flatMap(({ object, at }) => {
    const state = stateOf(object);
    return state === undefined ? [] : [{ state, at }];
  });
  const since = (weight: number): number =>
    states.find(({ state }) => state.phase === 'Progressing' && state.weight === weight)?.at ?? Number.NaN;
  const said = (from: number, to: number): readonly string[] =>
    calls
      .filter(({ at }) => at >= from && at < to)
      .map(({ call }) => `${call.verb} ${call.resource.plural}`)
      .toSorted();
  const advance = ['create events', 'patch deployments', 'patch virtualservices'];
  deepEqual(said(since(10), since(10) + 5_000), advance);
  deepEqual(said(since(15), since(15) + 5_000), advance);
  const begin = played.world?.asks[0]?.at ?? 0;
  const end = states.find(({ state }) => state.phase === 'Succeeded')?.at ?? 0;
  const reads = said(begin, end + 1_000).filter((each) => /^(get|list) (?!pods)/.test(each));
  deepEqual(reads, []);
  // One state each for the start, four weights, the shift, the roll, the return, the drain and the end.
  const written = said(begin, end + 1_000).filter((each) => each === 'patch deployments');
  ok(written.length <= 13, `${written.length} patches of Deployments`);
  deepEqual(said(end + 5_000, Number.POSITIVE_INFINITY), []);
});

test('what is told of a rollout is one call each, though the one before was told the same', async () => {
  const played = await play({
    events: [release(2_000, 'shop:good-2'), release(120_000, 'shop:good-1')],
    analysis: { interval: '5s', stepWeights: [20, 60] },
  });
  const events = played.calls.filter(({ call }) => call.resource.plural === 'events');
  const byController = events.filter(({ call }) => call.caller.manager.startsWith('serin-controller'));
  deepEqual([...new Set(byController.map(({ call }) => call.verb))], ['create']);
});

test('what is waited for is acted on when the watch tells of it: a twin, its first weight and the end of it within 100 ms', async () => {
  const played = await play({
    events: [release(2_000, 'shop:good-2'), release(9_000, 'shop:good-1')],
    analysis: { interval: '9s', stepWeights: [20] },
  });
  const [asked, ended] = played.world?.asks.map(({ at }) => at) ?? [];
  const twins = played.of(resources.deployments, 'web-canary');
  const available = twins.find(({ object }) => numberAt(object['status'], 'availableReplicas') === 1);
  const weights = played.of(resources.virtualServices).map(({ object, at }) => {
    return { weight: notesOf(object)[0]?.weight, at };
  });
  const given = weights.find(({ weight }) => weight === 20);
  const taken = weights.findLast(({ weight }) => weight === 0);
  const waits = {
    twin: (twins[0]?.at ?? 0) - (asked ?? 0),
    weight: (given?.at ?? 0) - (available?.at ?? 0),
    end: (taken?.at ?? 0) - (ended ?? 0),
  };
  for (const [what, ms] of Object.entries(waits)) ok(ms >= 0 && ms <= 100, `${what}: ${ms} ms`);
});
