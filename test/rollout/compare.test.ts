import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type { ComparedTick, ComparisonSpec, Counting } from '../../src/analysis/comparison.ts';
import { aPlan, routes, World } from './world.ts';

const compare: ComparisonSpec = { errorRate: true, latency: true, falseRollback: 0.01, tolerance: 1.5 };

/** Percents of 1000 requests a second that fail, and that take more than 500 ms; of canary, then of stable. */
interface Arms {
  readonly errors: readonly [canary: number, stable: number];
  readonly slow?: readonly [canary: number, stable: number];
}

/** A source that scrapes every five seconds and sees exactly these shares, at the weight in force. */
function sourceOf(world: World, arms: () => Arms): (from: number, until: number) => Counting {
  return (from, until) => {
    const ticks: ComparedTick[] = [];
    for (let at = from + 5000; at <= until; at += 5000) {
      const requests = [5000 * (world.weight / 100), 5000 * (1 - world.weight / 100)] as const;
      const { errors, slow = [1, 1] } = arms();
      const arm = (which: 0 | 1) => ({
        requests: requests[which],
        errors: Math.round((requests[which] * errors[which]) / 100),
        slower: [Math.round((requests[which] * slow[which]) / 100)],
      });
      ticks.push({ until: at, edges: [500], canary: arm(0), stable: arm(1) });
    }
    return ticks.length === 0 ? { kind: 'absent', why: 'no scrape yet' } : { kind: 'ticks', ticks };
  };
}

function comparing(arms: () => Arms, change: Partial<ComparisonSpec> = {}): World {
  const { spec } = aPlan();
  const world = new World(aPlan({ analysis: { ...spec.analysis, compare: { ...compare, ...change } } }));
  world.count = sourceOf(world, arms);
  return world;
}

const messageOf = ({ state }: World): string => ('message' in state ? state.message : '');

test('a canary that is worse than stable fails within the first interval, though no threshold is crossed', () => {
  const world = comparing(() => ({ errors: [0.8, 0.1] }));
  const begins = world.now;
  world.until('RollingBack');
  match(
    messageOf(world),
    /^canary worse than stable: canary failed \d+ of \d+, stable \d+ of \d+, odds ratio \S+ to \S+ at 95 %, evidence \S+ of 5\.3 by errors$/,
  );
  ok(world.now - begins < 60_000, 'before the first check');
  world.until('Failed');
  deepEqual(routes(world), ['route 10', 'route 0']);
});

test('a canary that is slower fails by the edge that shows it', () => {
  const world = comparing(() => ({ errors: [0.1, 0.1], slow: [4, 1] }));
  world.until('Failed');
  match(messageOf(world), /evidence \S+ of 5\.3 by slower than 500 ms$/);
});

test('what decided is kept with the twin until it goes, and in the message for good', () => {
  const world = comparing(() => ({ errors: [5, 0.1] }));
  world.until('RollingBack');
  const kept = world.twin?.ledger?.comparison;
  ok(kept !== undefined && kept.canary.errors > 0 && kept.errors.some((log) => log > 5));
});

const harmless: { readonly [says: string]: Arms } = {
  'a canary as good as stable': { errors: [0.1, 0.1] },
  'an incident that hits both arms': { errors: [20, 20], slow: [50, 50] },
  'a canary that is worse by less than the tolerance': { errors: [1.2, 1] },
  'a canary that is better': { errors: [0.1, 5], slow: [1, 30] },
};
for (const [says, arms] of Object.entries(harmless)) {
  test(`${says} is promoted, and what is known of it is told`, () => {
    const world = comparing(() => arms);
    world.until('Succeeded');
    const told = world.events.find((message) => message.startsWith('analysis passed'));
    match(
      told ?? '',
      /^analysis passed( by its timer)?, odds ratio .* at 95 %: moving all traffic to the canary$/,
    );
  });
}

test('while stable itself fails more than its objective nothing is judged, and it goes on when that is over', () => {
  let errors = 20;
  const world = comparing(() => ({ errors: [errors, errors] }), { objective: 5 });
  world.health = 'bad';
  world.until('Waiting');
  equal(world.weight, 10);
  equal(world.twin?.ledger?.failed, 0);
  match(messageOf(world), /stable itself fails more than 5 %/);
  errors = 0.1;
  world.health = 'good';
  world.until('Succeeded');
});

test('a canary that is worse fails also while stable fails more than its objective', () => {
  const world = comparing(() => ({ errors: [60, 20] }), { objective: 5 });
  world.until('Failed');
  match(messageOf(world), /^canary worse than stable/);
});

test('without traffic there is nothing to compare, and the promotion says that its timer ran out', () => {
  const world = comparing(() => ({ errors: [0, 0] }));
  world.count = () => ({ kind: 'absent', why: 'no samples of these workloads' });
  world.until('Succeeded');
  ok(
    world.events.includes(
      'analysis passed by its timer, nothing could be compared: moving all traffic to the canary',
    ),
  );
});

for (const [kind, why] of [
  ['incomplete', 'only 1 of 2 ready pods of web-canary are scraped'],
  ['error', 'answered 503'],
] as const) {
  test(`where the counts are ${kind} the weight holds, nothing fails, and it goes on when they are back`, () => {
    const world = comparing(() => ({ errors: [0.1, 0.1] }));
    const counts = world.count;
    world.count = () => ({ kind, why });
    world.until('Waiting');
    equal(world.weight, 10);
    equal(world.twin?.ledger?.failed, 0);
    match(messageOf(world), new RegExp(`not compared: ${why}`));
    world.count = counts;
    world.until('Succeeded');
  });
}

test('requests count once, whatever looks and crashes there are', () => {
  const world = comparing(() => ({ errors: [0.1, 0.1] }));
  const seen: (readonly [number, number])[] = [];
  while (world.state.phase !== 'Promoting.Shift') {
    if (!world.look(seen.length % 3 === 0 ? 1 : undefined)) world.pass();
    const kept = world.twin?.ledger?.comparison;
    if (kept !== undefined) seen.push([kept.until, kept.canary.requests + kept.stable.requests]);
  }
  ok(seen.length > 5);
  for (const [until, requests] of seen)
    ok(requests <= (until - 1_000_000) * 1.0001, `${requests} by ${until}`);
});

test('a new candidate begins without evidence', () => {
  const world = comparing(() => ({ errors: [0.1, 0.1] }));
  while (world.weight < 30) if (!world.look()) world.pass();
  world.supersede('newer');
  world.until('Progressing');
  while (world.twin?.ledger === undefined) if (!world.look()) world.pass();
  equal(world.twin.ledger.comparison, undefined);
});
