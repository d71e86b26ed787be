import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { generated } from '../../src/routing/generated.ts';
import { istio, split } from '../../src/routing/istio.ts';
import { aVirtualService, patched, to, web } from './builders.ts';

const plain = aVirtualService([[to('web')]]);
const at = (weight: number, rolledBack?: string, from = plain): typeof plain =>
  patched(from, split(from, web, weight, rolledBack === undefined ? {} : { rolledBack }));

test('untouched routes give the twin nothing, all alike', () => {
  deepEqual(istio.seen([plain, aVirtualService([[to('x')]])], web), {
    kind: 'split',
    weight: 0,
    uniform: true,
    edited: false,
  });
});

test('a weight that rounding cannot give exactly counts as the weight asked for', () => {
  const tens = aVirtualService([[to('web', 10), to('x', 90)]]);
  deepEqual(istio.seen([at(33, undefined, tens), at(33)], web), {
    kind: 'split',
    weight: 33,
    uniform: true,
    edited: true,
  });
});

test('a route that lacks the split makes it uneven and the lowest weight counts', () => {
  deepEqual(istio.seen([at(40), plain], web), { kind: 'split', weight: 0, uniform: false, edited: true });
  deepEqual(istio.seen([at(40), at(20)], web), { kind: 'split', weight: 20, uniform: false, edited: true });
});

test('routes that somebody wrote anew are seen as what they give, though the annotation is left', () => {
  const synced = { ...at(40), spec: plain['spec'] ?? null };
  deepEqual(istio.seen([synced], web), { kind: 'split', weight: 0, uniform: false, edited: true });
  const halved = patched(at(40), [
    { op: 'replace', path: '/spec/http/0/route/0/weight', value: 180 },
    { op: 'replace', path: '/spec/http/0/route/1/weight', value: 20 },
  ]);
  deepEqual(istio.seen([halved], web), { kind: 'split', weight: 10, uniform: false, edited: true });
  const third = patched(halved, [{ op: 'replace', path: '/spec/http/0/route/0/weight', value: 40 }]);
  deepEqual(istio.seen([third], web), { kind: 'split', weight: 33, uniform: false, edited: true });
});

test('the mark of a rollback is seen as soon as one route has it, and uneven until all have', () => {
  deepEqual(istio.seen([at(0), at(0, 'abc')], web), {
    kind: 'split',
    weight: 0,
    uniform: false,
    edited: true,
    rolledBack: 'abc',
  });
  deepEqual(istio.seen([at(0, 'abc'), at(0, 'abc')], web), {
    kind: 'split',
    weight: 0,
    uniform: true,
    edited: true,
    rolledBack: 'abc',
  });
});

test('a split left where the configuration no longer allows one is seen until it is cleared', () => {
  const restriction = { name: 'other' };
  deepEqual(istio.seen([at(40)], web, restriction), {
    kind: 'split',
    weight: 0,
    uniform: false,
    edited: true,
  });
  const cleared = patched(at(40), split(at(40), web, 40, { restriction }));
  deepEqual(istio.seen([cleared], web, restriction), {
    kind: 'none',
    why: 'VirtualService other does not route to Service shop/web',
  });
});

test('a generated VirtualService is an edit as a whole', () => {
  const made = generated(web, { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'u' }, {});
  deepEqual(istio.seen([made], web), { kind: 'split', weight: 0, uniform: true, edited: true });
});

test('where no traffic can be split the reason says why', () => {
  deepEqual(istio.seen([], web), { kind: 'none', why: 'no VirtualService routes to Service shop/web' });
  deepEqual(istio.seen([plain], web, { name: 'web', routes: ['a', 'b'] }), {
    kind: 'none',
    why: 'VirtualService web (routes a, b) does not route to Service shop/web',
  });
  deepEqual(istio.seen([aVirtualService([[to('web', 0), to('x', 1)]])], web), {
    kind: 'none',
    why: 'no route gives Service shop/web any traffic: its weights are 0',
  });
});
