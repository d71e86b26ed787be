// Any report, with any text in it.
import fc from 'fast-check';
import { outcomes, underway } from '../../src/config/phases.ts';
import type { Node, Report, Version } from '../../src/report/report.ts';
import type { HistoryEntry } from '../../src/rollout/types.ts';
import { now } from '../report/shop.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.constantFrom(
    '',
    '\u001b[31mred\u001b[0m',
    'two\nlines',
    '漢字かな',
    '👩‍👩‍👧 a',
    'a'.repeat(200),
    '\u202eevil',
  ),
);
const time = fc.integer({ min: now - 10 ** 9, max: now + 10 ** 7 });
const number = fc.double({ min: 0, max: 1e6, noNaN: true });
const percent = fc.integer({ min: 0, max: 100 });

const version: fc.Arbitrary<Version> = fc.record(
  {
    revision: text,
    images: fc.array(fc.record({ container: text, image: text }), { maxLength: 3 }),
    config: fc.array(text, { minLength: 1, maxLength: 3 }),
    pods: fc.record({ ready: fc.nat(99), wanted: fc.nat(99) }),
    served: fc.record({ requests: fc.nat(), errors: fc.nat() }),
    p99Ms: number,
    successPercent: number,
  },
  { requiredKeys: ['revision', 'images', 'pods'] },
);

const node = fc.memo(
  (depth): fc.Arbitrary<Node> =>
    fc.record(
      {
        ...{ kind: text, name: text, ready: fc.boolean(), status: text },
        arm: fc.constantFrom('stable' as const, 'canary' as const),
        children: depth > 1 ? fc.array(node(), { maxLength: 2 }) : fc.constant([]),
      },
      { requiredKeys: ['kind', 'name', 'ready', 'status', 'children'] },
    ),
);

const entry: fc.Arbitrary<HistoryEntry> = fc.record({
  ...{ revision: text, actor: text, message: text, startedAt: time, endedAt: time },
  outcome: fc.constantFrom('Succeeded', 'Failed', 'Aborted'),
});

const phases: readonly Report['phase'][] = ['Idle', 'Unheld', ...underway, ...outcomes];

const check = fc.record(
  {
    ...{ passed: fc.nat(50), failed: fc.nat(50), threshold: fc.nat(50), silent: fc.nat(50) },
    last: fc.record({
      at: time,
      verdict: fc.constantFrom('pass', 'fail', 'inconclusive', 'error'),
      evidence: fc.array(text, { maxLength: 3 }),
    }),
  },
  { requiredKeys: ['passed', 'failed', 'threshold', 'silent'] },
);

/** Reports of any phase, with or without each part. */
export const reports: fc.Arbitrary<Report> = fc.record(
  {
    ...{ namespace: text, name: text, at: time, attention: fc.boolean(), message: text, actor: text },
    phase: fc.constantFrom(...phases),
    ...{ startedAt: time, endedAt: time, stable: version, candidate: version, checks: check },
    pause: fc.record({ actor: text, at: time }),
    steps: fc.array(fc.record({ label: text, is: fc.constantFrom('done', 'now', 'ahead') }), {
      maxLength: 40,
    }),
    weight: fc.record(
      {
        asked: percent,
        seen: fc.array(fc.record({ route: text, weight: percent }), { maxLength: 3 }),
        unsplit: text,
      },
      { requiredKeys: ['asked', 'seen'] },
    ),
    evidence: fc.record({
      ...{
        wealth: fc.double({ noNaN: true, min: -100, max: 100 }),
        bound: fc.double({ noNaN: true, min: 0.1, max: 20 }),
      },
      odds: fc.record({ least: number, most: number }, { requiredKeys: [] }),
    }),
    next: fc.record({ what: text, at: time }, { requiredKeys: ['what'] }),
    history: fc.array(entry, { maxLength: 3 }),
    events: fc.array(
      fc.record({
        ...{ at: time, reason: text, message: text, count: fc.nat(9) },
        type: fc.constantFrom('Normal', 'Warning'),
      }),
      { maxLength: 3 },
    ),
    tree: fc.array(node(4), { maxLength: 2 }),
    unread: fc.array(text, { minLength: 1, maxLength: 3 }),
  },
  {
    requiredKeys: [
      ...(['namespace', 'name', 'at', 'phase', 'attention', 'message', 'stable', 'steps', 'weight'] as const),
      ...(['history', 'events', 'tree'] as const),
    ],
  },
);
