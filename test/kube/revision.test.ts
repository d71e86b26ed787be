import { equal, match, notEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { revisionOf } from '../../src/kube/revision.ts';

test('a template has one revision, whatever the order of its keys', () => {
  const revision = revisionOf({ spec: { containers: [{ name: 'a', image: 'b' }] }, metadata: {} });
  match(revision, /^[0-9a-f]{10}$/);
  equal(revisionOf({ metadata: {}, spec: { containers: [{ image: 'b', name: 'a' }] } }), revision);
  notEqual(revisionOf({ metadata: {}, spec: { containers: [{ image: 'c', name: 'a' }] } }), revision);
});

test('a revision is the same on every version of Serin: state that was written under one is read under the next', () => {
  // printf '{"a":[1,"ü",null],"b":true}' | sha256sum
  equal(revisionOf({ b: true, a: [1, 'ü', null] }), '316179b058');
});
