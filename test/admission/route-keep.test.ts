import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { keepSplit } from '../../src/admission/route-keep.ts';
import type { Verdict } from '../../src/admission/verdict.ts';
import type { JsonObject } from '../../src/rollout/types.ts';
import { applied } from '../../src/routing/applied.ts';
import { split, unsplit } from '../../src/routing/istio.ts';
import type { SplitOptions } from '../../src/routing/router.ts';
import { splitAnnotation } from '../../src/routing/types.ts';
import { aVirtualService, patched, shares, to, web } from '../routing/builders.ts';

const controller = 'system:serviceaccount:serin-system:serin';
const file = aVirtualService([[to('web')]]);
const at = (weight: number, options: SplitOptions = {}, from = file): JsonObject =>
  patched(from, split(from, web, weight, options));
const kind = 'networking.istio.io/VirtualService';
const asked = (object: JsonObject, oldObject: JsonObject, username = 'ann'): Verdict =>
  keepSplit({ kind, username, object, oldObject }, controller);
/** What is stored. */
const stored = (object: JsonObject, oldObject: JsonObject): JsonObject => {
  const verdict = asked(object, oldObject);
  equal(verdict.kind, 'allow');
  return verdict.kind === 'allow' ? patched(object, verdict.patch) : {};
};
const http = (object: JsonObject, more: JsonObject): JsonObject => ({
  ...object,
  spec: { hosts: ['web'], http: [{ route: [to('web')], ...more }] },
});

test('a file that is applied again keeps the split, its memory, and what the twin has beside its weight', () => {
  const beside = { mirror: 10, match: [{ headers: { 'x-tester': { exact: 'yes' } } }] };
  for (const options of [{}, { beside }, { rolledBack: 'abc' }, { restriction: { name: 'web' } }]) {
    deepEqual(stored(file, at(20, options)), at(20, options));
    deepEqual(stored(file, at(0, options)), at(0, options));
  }
});

test('what somebody changes in a route is kept and carried, and stands alone once the split is out', () => {
  const changed = http(file, { timeout: '3s' });
  const kept = stored(changed, at(20));
  deepEqual(shares(kept), ['web 80', 'web-canary 20']);
  deepEqual(patched(kept, unsplit(kept, web)), changed);
  deepEqual(kept, at(20, {}, changed));
});

test('who edits the routes with the split in them is not meddled with, and not told of anything', () => {
  const before = at(20);
  const edited = patched(before, [{ op: 'add', path: '/spec/http/0/timeout', value: '3s' }]);
  deepEqual(asked(edited, before), { kind: 'allow', patch: [], warnings: [], outcome: 'passed' });
});

test('a weight or a memory that somebody writes by hand is put back', () => {
  const before = at(20);
  const by = patched(before, [
    { op: 'replace', path: '/spec/http/0/route/0/weight', value: 10 },
    { op: 'replace', path: '/spec/http/0/route/1/weight', value: 90 },
  ]);
  deepEqual(stored(by, before), before);
  const metadata = before['metadata'] as JsonObject;
  const forged = {
    ...before,
    metadata: { ...metadata, annotations: { [splitAnnotation]: '{}', team: 'a' } },
  };
  const expected = { ...metadata, annotations: { ...(metadata['annotations'] as object), team: 'a' } };
  deepEqual(stored(forged, before), { ...before, metadata: expected });
});

test('routes that send nothing to the Service any more hold nothing of its split', () => {
  const away = aVirtualService([[to('other')]]);
  deepEqual(stored(away, at(20)), away);
  deepEqual(asked(away, at(20)), { kind: 'allow', patch: [], warnings: [], outcome: 'passed' });
});

test('a restriction of the plan holds for the routes as they are written anew', () => {
  const named = (names: readonly string[]): JsonObject => ({
    ...aVirtualService([]),
    spec: { hosts: ['web'], http: names.map((name) => ({ name, route: [to('web')] })) },
  });
  const restriction = { name: 'web', routes: ['a'] };
  const kept = stored(named(['b', 'a', 'c']), at(30, { restriction }, named(['a', 'b'])));
  deepEqual(
    [0, 1, 2].map((n) => shares(kept, n)),
    [['web -'], ['web 70', 'web-canary 30'], ['web -']],
  );
});

test('asked again it has nothing to add, and what Serin writes is left alone', () => {
  const before = at(20);
  deepEqual(asked(stored(file, before), before), {
    kind: 'allow',
    patch: [],
    warnings: [],
    outcome: 'passed',
  });
  deepEqual(asked(file, before, controller), { kind: 'allow', patch: [], warnings: [], outcome: 'passed' });
  deepEqual(asked(http(file, { timeout: '1s' }), file).kind, 'allow');
});

test('who is corrected reads why', () => {
  deepEqual(asked(file, at(20)).warnings, [
    'carried: while the canary of web runs, it keeps its share of these routes; after it they are as you wrote them',
  ]);
});

test('a patch is applied here as the API server applies it', () => {
  const api = { service: { ...web.service, name: 'api' }, twinService: 'api-canary' };
  const before = aVirtualService([[to('web', 40), to('api', 60)], [to('x')]]);
  const beside = { match: [{ uri: { prefix: '/a' } }], mirror: 3 };
  for (const target of [web, api]) {
    const ops = split(before, target, 30, { beside });
    deepEqual(applied(before, ops), patched(before, ops));
    const back = unsplit(patched(before, ops), target);
    deepEqual(applied(applied(before, ops), back), before);
  }
});
