// What a terminal shows, at 80 and at 120 columns; docs/plugin.md shows the same.
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { comparisonFrom, withTicks } from '../../src/analysis/comparison.ts';
import { type Line, lineWidth, painted } from '../../src/plugin/lines.ts';
import { changeLine } from '../../src/plugin/render-change.ts';
import { listLines } from '../../src/plugin/render-list.ts';
import { historyLines } from '../../src/plugin/render-past.ts';
import { statusLines } from '../../src/plugin/render-status.ts';
import { reportOf } from '../../src/report/compose.ts';
import type { Report } from '../../src/report/report.ts';
import type { HistoryEntry, Ledger } from '../../src/rollout/types.ts';
import { golden, noStaleGolden } from '../golden.ts';
import { ago, ledger, now, objectsOf, revisions, type Shop, states } from '../report/shop.ts';
import { reports } from './any-report.ts';

/** The trial's counts: five errors of the canary in 1204 requests, three of stable in 4810. */
const compared: Ledger = {
  ...ledger,
  comparison: withTicks(comparisonFrom(0), [arms(1, [604, 3], [2405, 2]), arms(2, [600, 2], [2405, 1])], {
    errorRate: true,
    latency: false,
    falseRollback: 0.01,
    tolerance: 1.5,
  }),
};

function arms(until: number, canary: readonly [number, number], stable: readonly [number, number]) {
  const arm = ([requests, errors]: readonly [number, number]) => ({ requests, errors, slower: [] });
  return { until, edges: [], canary: arm(canary), stable: arm(stable) };
}

const history: readonly HistoryEntry[] = [
  {
    ...{
      revision: '77c1e0d2ab',
      outcome: 'Failed',
      startedAt: ago(90_100),
      endedAt: ago(90_000),
      actor: 'ben',
    },
    message: 'aborted by ops: checkout is slow',
  },
  {
    ...{ revision: revisions.stable, outcome: 'Succeeded', startedAt: ago(7_440), endedAt: ago(7_200) },
    ...{ actor: 'system:serviceaccount:argocd:argocd-application-controller' },
    message: `revision ${revisions.stable} was promoted`,
  },
];

const { state: onTrial, paused } = {
  state: states.onTrial,
  paused: { ...states.onTrial, pause: { actor: 'dev', at: ago(60), reason: 'lunch' } },
};

const scenes: { readonly [what: string]: Shop } = {
  'nothing on trial': {},
  'not released by Serin': { labels: {} },
  held: { state: states.held },
  starting: { state: states.starting },
  'on trial': { state: onTrial, ledger: compared, weight: 20, history },
  paused: { state: paused, ledger: compared, weight: 20 },
  'a weight that the routes do not give yet': {
    state: { ...onTrial, weight: 50 },
    ledger: compared,
    weight: 20,
  },
  'a check failed': {
    state: onTrial,
    ledger: {
      ...ledger,
      failed: 1,
      last: {
        at: ago(12),
        weight: 20,
        verdict: 'fail',
        evidence: ['success rate 97.1 % < 99 % (stable 99.94 %)'],
      },
    },
    weight: 20,
  },
  'a pod that does not come up': {
    state: states.starting,
    containerStatus: {
      ...{ name: 'web', image: 'shop:2', restartCount: 3 },
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 1 } },
    },
  },
  'checked without traffic': {
    started: 'without traffic: no Service selects the pods',
    state: { ...onTrial, weight: 0 },
    ledger: { ...ledger, weight: 0 },
  },
  'many checks': {
    state: { ...onTrial, weight: 0 },
    ledger: { ...ledger, weight: 0, passed: 17 },
    plan: 'analysis: {interval: 60s, iterations: 50, match: [{headers: {x-beta: {exact: "1"}}}]}',
    weight: 0,
    beside: { match: [{ headers: { 'x-beta': { exact: '1' } } }] },
  },
  'in place': { state: states.inPlace, plan: 'promotion: inPlace\nanalysis: {stepWeights: [20, 50]}' },
  promoting: { state: states.promoting, ledger: compared, weight: 100 },
  promoted: { state: states.promoted, history },
  failed: { state: states.failed, history },
  'what may not be read': { state: onTrial, unread: ['pods', 'virtualservices'] },
};

const shown = (lines: readonly Line[]): string => lines.map((line) => `${painted(line, false)}\n`).join('');
const fileOf = (what: string, width: number): string => `plugin/${what.replaceAll(' ', '-')}.${width}.txt`;

for (const [what, shop] of Object.entries(scenes))
  for (const width of [80, 120])
    test(`status, ${what}, at ${width} columns`, () => {
      const report = reportOf(objectsOf(shop), now);
      golden(fileOf(`status ${what}`, width), shown(statusLines(report, { width, now, wide: false })));
    });

test('status -o wide cuts nothing, and has Events and history', () => {
  const report = reportOf(objectsOf({ state: onTrial, ledger: compared, weight: 20, history }), now);
  golden(
    'plugin/status.wide.txt',
    shown(statusLines(report, { width: Number.POSITIVE_INFINITY, now, wide: true })),
  );
});

const apps = [
  'cart',
  'checkout',
  'search',
  'web',
  'api',
  'mail',
  'login',
  'stock',
  'prices',
  'images',
  'beta',
  'jobs',
];
const several = Object.values(scenes).map((shop, index): Report => {
  return { ...reportOf(objectsOf(shop), now), name: apps[index] ?? `worker-${index}` };
});

for (const width of [80, 120])
  test(`list and history at ${width} columns`, () => {
    golden(fileOf('list', width), shown(listLines(several, { width, now, wide: false }, true)));
    golden(fileOf('history', width), shown(historyLines(history, width, now)));
  });

test('of many pods those are shown that are not ready', () => {
  const report = reportOf(objectsOf({ state: onTrial, ledger, weight: 20 }), now);
  const pods = Array.from({ length: 40 }, (_, index) => ({
    ...{ kind: 'Pod', name: `web-${index}`, arm: 'stable' as const, children: [], ready: index !== 7 },
    status: index === 7 ? 'CrashLoopBackOff' : 'ready',
  }));
  const set = { kind: 'ReplicaSet', name: 'web', ready: false, status: '39/40 ready', children: pods };
  const look = { width: 80, now, wide: false };
  const lines = shown(statusLines({ ...report, tree: [set] }, look))
    .split('\n')
    .slice(-4, -1);
  deepEqual(lines, [
    'ReplicaSet/web       39/40 ready',
    '├─ Pod/web-7 stable  CrashLoopBackOff',
    '└─ Pods/39 more      ready',
  ]);
  equal(
    shown(statusLines({ ...report, tree: [set] }, { ...look, wide: true })).match(/Pod\/web-/g)?.length,
    40,
  );
});

test('list -o wide has the images', () => {
  golden(
    'plugin/list.wide.txt',
    shown(listLines(several, { width: Number.POSITIVE_INFINITY, now, wide: true }, false)),
  );
});

test('a change is one line', () => {
  golden('plugin/changes.txt', shown(several.map((report) => changeLine(report, now))));
});

test('the report of a trial, as JSON', () => {
  const report = reportOf(objectsOf({ state: onTrial, ledger: compared, weight: 20, history }), now);
  golden('plugin/report.json', `${JSON.stringify(report, null, 2)}\n`);
});

test('no line is wider than the terminal, and none has anything that a terminal obeys', () => {
  fc.assert(
    fc.property(reports, fc.integer({ min: 1, max: 160 }), fc.boolean(), (report, width, wide) => {
      const look = { width, now, wide };
      for (const line of [...statusLines(report, look), ...listLines([report, report], look, wide)]) {
        equal(lineWidth(line) <= width, true, `${lineWidth(line)} cells: ${painted(line, false)}`);
        equal(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e]/u.test(painted(line, false)), false);
      }
    }),
    { numRuns: 60 },
  );
});

test('every golden file is asked for', () => noStaleGolden('plugin'));
