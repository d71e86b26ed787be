import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../src/kube/objects.ts';
import { keyOf, Store } from '../../src/kube/store.ts';

function object(namespace: string | undefined, name: string, uid = name, resourceVersion = '1'): KubeObject {
  return { metadata: { name, uid, resourceVersion, ...(namespace === undefined ? {} : { namespace }) } };
}

test('objects are found by namespace and name, and kinds without namespaces by name', () => {
  const store = new Store();
  const [a, b, c] = [object('shop', 'a'), object('till', 'a', 'b'), object(undefined, 'shop')];
  for (const each of [a, b, c]) store.put(each);
  equal(store.get('shop', 'a'), a);
  equal(store.get('till', 'a'), b);
  equal(store.get(undefined, 'shop'), c);
  equal(store.get('shop', 'shop'), undefined);
  deepEqual(store.inNamespace('shop'), [a]);
  deepEqual(store.inNamespace('nowhere'), []);
  deepEqual(store.list(), [a, b, c]);
  deepEqual([a, c].map(keyOf), ['shop/a', 'shop']);
});

test('each write says what it changed: nothing where nothing did, and two things where a name changed hands', () => {
  const store = new Store();
  const first = object('shop', 'a', 'u1', '1');
  const second = object('shop', 'a', 'u1', '2');
  const third = object('shop', 'a', 'u2', '3');
  const key = 'shop/a';
  deepEqual(store.put(first), [{ key, object: first, previous: undefined }]);
  deepEqual(store.put(first), []);
  deepEqual(store.put(second), [{ key, object: second, previous: first }]);
  deepEqual(store.put(third), [
    { key, object: undefined, previous: second },
    { key, object: third, previous: undefined },
  ]);
  deepEqual(store.remove(second), [], 'another object of that name is not it');
  deepEqual(store.remove(third), [{ key, object: undefined, previous: third }]);
  deepEqual(store.remove(third), []);
  deepEqual(store.list(), []);
});

test('what was listed replaces all, told as the difference: gone first', () => {
  const store = new Store();
  const [a, b, c] = [object('shop', 'a'), object('shop', 'b'), object('till', 'c')];
  store.replace([a, b, c]);
  const changed = object('till', 'c', 'c', '2');
  const added = object('till', 'd');
  deepEqual(store.replace([b, changed, added]), [
    { key: 'shop/a', object: undefined, previous: a },
    { key: 'till/c', object: changed, previous: c },
    { key: 'till/d', object: added, previous: undefined },
  ]);
  deepEqual(store.list(), [b, changed, added]);
});
