import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { Copy } from '../../src/kube/copy.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import { Store } from '../../src/kube/store.ts';

const object = (version: string, uid = 'u'): KubeObject => ({
  metadata: { name: 'web', namespace: 'shop', uid, resourceVersion: version },
});
const versionOf = (of: KubeObject | undefined): string | undefined => of?.metadata.resourceVersion;

/** A copy whose watch tells what it is told to. */
function copied(first?: KubeObject) {
  const store = new Store();
  const copy = new Copy(store);
  const tell = (told: KubeObject | undefined, before?: KubeObject): void => {
    const changes = told === undefined ? (before ? store.remove(before) : []) : store.put(told);
    for (const { key, object: now, previous } of changes) copy.heard(key, now, previous);
  };
  if (first !== undefined) tell(first);
  return { copy, tell, shown: () => versionOf(copy.get('shop', 'web')) };
}

test('what was answered is shown at once, until the watch has told that very version', () => {
  const { copy, tell, shown } = copied(object('1'));
  copy.answer(copy.begin('shop', 'web', 10), object('3'));
  equal(shown(), '3');
  deepEqual(copy.list().map(versionOf), ['3']);
  tell(object('2'));
  equal(shown(), '3', 'older news change nothing');
  equal(copy.provenAt, Number.NEGATIVE_INFINITY);
  tell(object('3'));
  equal(copy.provenAt, 10);
  tell(object('4'));
  equal(shown(), '4');
});

test('an answer that comes after the news of it, and of more, is no news', () => {
  const { copy, tell, shown } = copied(object('1'));
  const flight = copy.begin('shop', 'web', 10);
  tell(object('2'));
  tell(object('3'));
  copy.answer(flight, object('2'));
  equal(shown(), '3');
  equal(copy.provenAt, 10);
});

test('what was made is there, and what was taken away is not, though the watch has yet to tell', () => {
  const { copy, tell, shown } = copied();
  copy.answer(copy.begin('shop', 'web', 1), object('5'));
  deepEqual(copy.inNamespace('shop').map(versionOf), ['5']);
  deepEqual(copy.inNamespace('till'), []);
  tell(object('5'));
  copy.answerGone(copy.begin('shop', 'web', 2), 'u');
  equal(shown(), undefined);
  tell(object('6'));
  equal(shown(), undefined, 'a change from before it went');
  tell(undefined, object('6'));
  tell(object('9', 'another'));
  equal(shown(), '9');
});

test('what waits for a finalizer is still there', () => {
  const { copy, tell, shown } = copied(object('1'));
  copy.answerGone(copy.begin('shop', 'web', 2), 'u');
  const { metadata } = object('2');
  tell({ metadata: { ...metadata, deletionTimestamp: '2026-11-24T09:00:00Z' } });
  equal(shown(), '2');
});

test('a list has all that was answered before it was begun; of what was under way it is not known', () => {
  const { copy, shown } = copied(object('1'));
  copy.answer(copy.begin('shop', 'web', 10), object('2'));
  const flight = copy.begin('shop', 'web', 30);
  copy.listed(20);
  equal(shown(), '1');
  equal(copy.provenAt, 20);
  copy.answer(flight, object('3'));
  equal(shown(), '1');
});

test('of two answers the one that was asked for later stands, and a call that failed says nothing', () => {
  const { copy, shown } = copied(object('1'));
  const [first, second] = [copy.begin('shop', 'web', 1), copy.begin('shop', 'web', 2)];
  copy.answer(second, object('3'));
  copy.answer(first, object('2'));
  equal(shown(), '3');
  copy.fail(copy.begin('shop', 'web', 3));
  equal(shown(), '3');
});

test('news of what was written later prove all before it told', () => {
  const { copy } = copied(object('1'));
  copy.toldUntil(40);
  copy.toldUntil(20);
  equal(copy.provenAt, 40);
});

test('since when a version is known, is told by its first news, an answer or the watch, and starts again with another', () => {
  const store = new Store();
  let now = 100;
  const copy = new Copy(store, undefined, () => now);
  const tell = (told: KubeObject): void => {
    for (const { key, object: is, previous } of store.put(told)) copy.heard(key, is, previous);
  };
  const flight = copy.begin('shop', 'web', 100);
  now = 200;
  copy.answer(flight, object('3'));
  now = 300;
  tell(object('3'));
  equal(copy.knownSince(object('3')), 200);
  equal(copy.knownSince(object('2')), undefined);
  now = 400;
  tell(object('4'));
  equal(copy.knownSince(object('4')), 400);
  for (const { key, object: is, previous } of store.remove(object('4'))) copy.heard(key, is, previous);
  equal(copy.knownSince(object('4')), undefined);
});
