import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { summaryOf } from '../../../src/dashboard/board.ts';
import { type Known, nothingKnown, spoken, withNews } from '../../../src/dashboard/page/live.ts';
import { countsOf, keyOf, listed } from '../../../src/dashboard/page/order.ts';
import { offersFor, wayBackFor } from '../../../src/dashboard/page/verbs.ts';
import { keyIn } from '../../../src/dashboard/page/address.ts';
import type { Summary } from '../../../src/dashboard/wire.ts';
import { crashing, failed, idle, paused, succeeded, trial } from '../fixtures.ts';

const [web, cart, search, pay] = [trial(), failed(), crashing(), paused()].map(summaryOf);
const quiet = [idle('mail', 'ops'), succeeded('api', 'shop')].map(summaryOf);
const all: readonly Summary[] = [...quiet, web, pay, cart, search].flatMap((each) => each ?? []);

const told: Known = withNews(
  nothingKnown,
  { kind: 'all', at: 5_000, context: 'c', allowActions: true, cluster: { ok: true }, rollouts: all },
  2_000,
);

test('what needs somebody comes first, then what is on trial, then what ended, then the rest', () => {
  const keys = listed(all, { text: '', only: 'all' }).map(keyOf);
  deepEqual(keys, ['shop/cart', 'shop/search', 'billing/pay', 'shop/web', 'shop/api', 'ops/mail']);
});

const filters: readonly (readonly [
  text: string,
  only: 'all' | 'attention' | 'trial',
  keys: readonly string[],
])[] = [
  ['', 'attention', ['shop/cart', 'shop/search']],
  ['', 'trial', ['shop/search', 'billing/pay', 'shop/web']],
  ['BILLING', 'all', ['billing/pay']],
  ['shop 1.9.0 trial', 'all', ['shop/web']],
  ['ann@ cart', 'all', ['shop/cart']],
  ['nobody', 'all', []],
];
for (const [text, only, keys] of filters)
  test(`"${text}" among ${only} lists ${keys.join(', ') || 'nothing'}`, () => {
    deepEqual(listed(all, { text, only }).map(keyOf), keys);
  });

test('each kind is counted whatever is typed', () => {
  deepEqual(countsOf(all), { all: 6, attention: 2, trial: 3 });
});

test('news change what is known, and say how the cluster’s clock runs', () => {
  equal(told.aheadMs, 3_000);
  const gone = withNews(told, { kind: 'gone', namespace: 'shop', name: 'web' }, 0);
  equal(gone.rollouts.has('shop/web'), false);
  const [first] = all;
  if (first === undefined) throw new Error('none');
  const again = withNews(told, { kind: 'rollout', rollout: first }, 0);
  equal((again.told.get(keyOf(first)) ?? 0) - (told.told.get(keyOf(first)) ?? 0), 1);
  equal(withNews(told, { kind: 'beat', at: 10 }, 4).aheadMs, 6);
});

test('what changed is said in a sentence, and what only moved is not', () => {
  const say = (rollout: Summary): string => spoken(told, withNews(told, { kind: 'rollout', rollout }, 0));
  equal(say(summaryOf({ ...trial(), message: 'moved' })), '');
  equal(
    say(summaryOf({ ...trial(), phase: 'Failed', attention: true, message: 'too many errors' })),
    'shop/web: failed, needs attention. too many errors',
  );
  const deaf = withNews(told, { kind: 'cluster', cluster: { ok: false, why: 'refused', since: 1 } }, 0);
  equal(spoken(told, deaf), 'The API server does not answer.');
  equal(spoken(deaf, told), 'The API server answers again.');
  equal(spoken(told, { ...told, line: 'lost' }), 'The dashboard lost its server.');
  equal(spoken(nothingKnown, told), '');
});

test('commands are offered where they make sense', () => {
  const verbs = (of: Pick<Summary, 'phase' | 'pause'>): string =>
    offersFor(of)
      .map(({ verb }) => verb)
      .join();
  equal(verbs(trial()), 'promote,pause,abort');
  equal(verbs(paused()), 'promote,resume,abort');
  equal(verbs(failed()), 'retry');
  equal(verbs(succeeded('a', 'b')), 'rollback');
  equal(verbs({ phase: 'Promoting.Shift' }), 'abort');
  equal(verbs({ phase: 'RollingBack' }), '');
  equal(verbs(idle('a', 'b')), '');
  equal(wayBackFor(succeeded('a', 'b'))?.verb, 'rollback');
  equal(wayBackFor(trial()), undefined);
});

test('an address names a rollout or none', () => {
  equal(keyIn('#/shop/web.v2'), 'shop/web.v2');
  for (const hash of ['', '#/', '#/shop', '#/shop/', '#/a/b/c', '#/../x']) equal(keyIn(hash), undefined);
});
