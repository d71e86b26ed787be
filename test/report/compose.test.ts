// What people are shown of a rollout, by how it stands.
import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { writeCommand } from '../../src/config/asked-command.ts';
import { writeSeen } from '../../src/config/config-seen.ts';
import { holding } from '../../src/config/hold.ts';
import { reportOf } from '../../src/report/compose.ts';
import type { Report } from '../../src/report/report.ts';
import { objectAt } from '../../src/routing/json.ts';
import { ago, ledger, now, objectsOf, revisions, type Shop, states, template } from './shop.ts';

const of = (shop: Shop): Report => reportOf(objectsOf(shop), now);
const onTrial: Shop = { state: states.onTrial, ledger, weight: 20 };

const attention: { readonly [what: string]: readonly [shop: Shop, wanted: boolean] } = {
  'a trial that goes well needs nobody': [onTrial, false],
  'a promoted one needs nobody': [{ state: states.promoted }, false],
  'a failed one needs somebody': [{ state: states.failed }, true],
  'a paused one needs somebody': [
    { ...onTrial, state: { ...states.onTrial, pause: { actor: 'dev', at: now } } },
    true,
  ],
  'one that waits needs somebody': [{ ...onTrial, state: { ...states.onTrial, phase: 'Waiting' } }, true],
  'one check without an answer is nothing': [{ ...onTrial, ledger: { ...ledger, silent: 1 } }, false],
  'three are': [{ ...onTrial, ledger: { ...ledger, silent: 3 } }, true],
  'a plan with mistakes needs somebody': [{ annotations: { 'serin.dev/canary': 'analysis: 7' } }, true],
  'so does a state that cannot be read': [{ annotations: { 'serin.dev/state': '{' } }, true],
};

for (const [what, [shop, wanted]] of Object.entries(attention))
  test(what, () => equal(of(shop).attention, wanted));

test('what holds it is said, the gravest first', () => {
  const said = writeCommand({ v: 1, do: 'abort', actor: 'dev', revision: revisions.candidate });
  const paused = { ...states.onTrial, pause: { actor: 'dev', at: now, reason: 'lunch' } };
  const { message } = of({ ...onTrial, state: paused, annotations: { 'serin.dev/command': said } });
  equal(message, 'paused by dev: lunch; dev has said abort, and it is not heeded yet');
  match(of({ annotations: { 'serin.dev/canary': 'analysis: 7' } }).message, /^its plan cannot be followed: /);
  match(of({ annotations: { 'serin.dev/state': '{' } }).message, /^the canary cannot go on: .* is not JSON$/);
});

test('what a policy holds while Serin is down is held, and by whom', () => {
  const asked = JSON.stringify({ actor: 'ann', paused: false, revision: '3' });
  const { phase, actor } = of({ annotations: { 'serin.dev/held-by': 'policy', 'serin.dev/asked': asked } });
  deepEqual([phase, actor], ['Pending', 'ann']);
});

test('evidence of another trial is not shown', () => {
  equal(of({ ...onTrial, ledger: { ...ledger, startedAt: ago(9_000) } }).checks?.passed, 0);
  equal(of({ ...onTrial, ledger: { ...ledger, revision: 'another' } }).checks?.passed, 0);
});

test('the next check is due an interval after the last, or after the routes came to give the weight', () => {
  equal(of(onTrial).next?.at, ago(12) + 60_000);
  // The route object itself says since when.
  equal(of({ state: states.onTrial, weight: 20 }).next?.at, ago(45) + 60_000);
  equal(of({ state: { ...states.onTrial, weight: 50 }, weight: 20 }).next?.at, undefined);
});

test('both arms have what their pods run, what they answered, and no number that nobody measured', () => {
  const { stable, candidate } = of(onTrial);
  deepEqual(stable.images, [{ container: 'web', image: 'shop:1' }]);
  deepEqual([stable.p99Ms, candidate?.p99Ms, candidate?.successPercent], [41.2, 44.3, 99.917]);
  const { measured: _, ...earlier } = ledger.last ?? { at: 0, weight: 0, verdict: 'pass', evidence: [] };
  equal('p99Ms' in of({ ...onTrial, ledger: { ...ledger, last: earlier } }).stable, false);
  equal(of({ state: states.promoted }).candidate, undefined);
  equal(of({ state: states.promoted }).stable.images[0]?.image, 'shop:2');
});

test('a rollout without a plan that can be followed is shown all the same', () => {
  const report = of({ ...onTrial, annotations: { 'serin.dev/canary': 'analysis: 7' } });
  deepEqual([report.phase, report.steps, report.checks], ['Progressing', [], undefined]);
  match(report.message, /^the canary cannot go on: /);
});

test('a change of configuration that is tried is named', () => {
  const marked = {
    ...template('shop:1'),
    metadata: { labels: { app: 'web' }, annotations: { 'serin.dev/config': 'abc' } },
  };
  const held = holding(marked, template('shop:1'), { actor: 'ann', ownPause: false });
  const seen = writeSeen({
    key: 'k',
    digests: { 'ConfigMap/web': '1', 'ConfigMap/same': '2', 'Secret/gone': '3' },
    tried: { mark: 'abc', digests: { 'ConfigMap/web': '9', 'ConfigMap/same': '2' } },
  });
  const objects = objectsOf();
  const annotations = { ...textsOf(held.annotations), 'serin.dev/config-seen': seen };
  const main = {
    ...objects.main,
    metadata: { ...objects.main.metadata, annotations },
    spec: { ...objectAt(objects.main, 'spec'), template: marked },
  };
  const { candidate, stable } = reportOf({ ...objects, main }, now);
  deepEqual(candidate?.config, ['ConfigMap/web', 'Secret/gone']);
  equal(stable.config, undefined);
});

function textsOf(annotations: { readonly [name: string]: string | undefined }): {
  readonly [name: string]: string;
} {
  return Object.fromEntries(Object.entries(annotations).map(([name, text]) => [name, text ?? '']));
}
