import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { askedOf, attemptOf } from '../../src/admission/match.ts';
import { answer, parseReview } from '../../src/admission/review.ts';
import { deny, untouched } from '../../src/admission/verdict.ts';
import { withinLimits } from '../../src/admission/warnings.ts';
import type { JsonObject } from '../../src/rollout/types.ts';
import { without } from '../../src/routing/json.ts';
import { aReview, aRequest } from './reviews.ts';

test('a review is read with what is decided on, and no more', () => {
  deepEqual(parseReview(aReview()), {
    uid: 'u-1',
    operation: 'UPDATE',
    kind: 'apps/Deployment',
    resource: 'apps/deployments',
    subResource: '',
    namespace: 'shop',
    name: 'web',
    username: 'ann',
    user: { username: 'ann', groups: ['system:authenticated'], extra: {} },
    dryRun: false,
    object: aRequest()['object'],
    oldObject: aRequest()['oldObject'],
  });
});

const invalid: { readonly [behaviour: string]: readonly [body: unknown, why: RegExp] } = {
  'no body': [undefined, /no AdmissionReview/],
  'a text': ['AdmissionReview', /no AdmissionReview/],
  'a list': [[], /no AdmissionReview/],
  'another kind': [{ ...aReview(), kind: 'Status' }, /no AdmissionReview/],
  'another version': [{ ...aReview(), apiVersion: 'admission.k8s.io/v1beta1' }, /no AdmissionReview/],
  'no request': [without(aReview(), 'request'), /no uid/],
  'an empty uid': [aReview({ uid: '' }), /no uid/],
  'no operation': [aReview({ operation: 7 }), /no operation/],
  'no kind': [aReview({ kind: null }), /no kind/],
  'no user': [aReview({ userInfo: {} }), /no username/],
};

for (const [behaviour, [body, message]] of Object.entries(invalid)) {
  test(`refused as no review: ${behaviour}`, () =>
    throws(() => parseReview(body), { code: 'REVIEW_INVALID', message }));
}

const notOurs: { readonly [behaviour: string]: readonly [changes: JsonObject, why: string] } = {
  'another kind': [
    { kind: { group: 'apps', version: 'v1', kind: 'StatefulSet' } },
    'apps/StatefulSet is no apps/Deployment',
  ],
  'a kind of the core': [{ kind: { group: '', version: 'v1', kind: 'Pod' } }, '/Pod is no apps/Deployment'],
  'a subresource': [{ subResource: 'status' }, 'status is a subresource'],
  'a deletion': [{ operation: 'DELETE', object: null }, 'DELETE changes no object'],
};

for (const [behaviour, [changes, why]] of Object.entries(notOurs)) {
  test(`none of our business: ${behaviour}`, () =>
    deepEqual(askedOf(parseReview(aReview(changes))), { notOurs: why }));
}

test('a change without its object cannot be answered, nor an update without the old one', () => {
  throws(() => askedOf(parseReview(aReview({ object: null }))), { code: 'REVIEW_INVALID' });
  throws(() => askedOf(parseReview(aReview({ oldObject: [] }))), { code: 'REVIEW_INVALID' });
  throws(() => askedOf(parseReview(aReview({ operation: 'CREATE', object: 'x' }))), {
    code: 'REVIEW_INVALID',
  });
});

test('an update and a creation are asked with who, where and what', () => {
  const common = { username: 'ann', namespace: 'shop', dryRun: true, object: aRequest()['object'] };
  deepEqual(askedOf(parseReview(aReview({ dryRun: true }))), {
    ...common,
    operation: 'UPDATE',
    oldObject: aRequest()['oldObject'],
  });
  deepEqual(askedOf(parseReview(aReview({ dryRun: true, operation: 'CREATE', oldObject: null }))), {
    ...common,
    operation: 'CREATE',
  });
});

function responseOf(review: JsonObject): JsonObject {
  const { response, ...rest } = review;
  deepEqual(rest, { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' });
  return response as JsonObject;
}

test('an answer without a patch or a warning says so by leaving them out', () =>
  deepEqual(responseOf(answer('u-1', untouched)), { uid: 'u-1', allowed: true }));

test('a patch travels in base64', () => {
  const patch = [{ op: 'add', path: '/spec/paused', value: true }] as const;
  deepEqual(responseOf(answer('u-2', { kind: 'allow', outcome: 'held', patch, warnings: ['held'] })), {
    uid: 'u-2',
    allowed: true,
    patchType: 'JSONPatch',
    patch: Buffer.from('[{"op":"add","path":"/spec/paused","value":true}]').toString('base64'),
    warnings: ['held'],
  });
});

for (const [code, reason] of [
  [403, 'Forbidden'],
  [409, 'Conflict'],
  [422, 'Invalid'],
] as const) {
  test(`a refusal with ${code} is ${reason} to clients`, () =>
    deepEqual(responseOf(answer('u-3', deny(code, 'no'))), {
      uid: 'u-3',
      allowed: false,
      status: { code, reason, message: 'no' },
    }));
}

test('warnings keep within what kube-apiserver passes on', () => {
  deepEqual(withinLimits(['two\nlines\tand a \u0000']), ['two lines and a  ']);
  deepEqual(withinLimits(['half a pair \ud800']), ['half a pair \ufffd']);
  const [cut] = withinLimits(['🐤'.repeat(300)]);
  equal(cut, `${'🐤'.repeat(255)}…`);
  const many = withinLimits(Array.from({ length: 20 }, () => 'x'.repeat(256)));
  equal(many.length, 16);
  ok(many.every((text) => text.length === 256));
});

test('an attempt has the resource that a rule names, and empty objects for what is not there', () => {
  const pods = { group: '', version: 'v1', resource: 'pods' };
  const userInfo = { username: 'ann', uid: '7', groups: ['team', 8], extra: { scopes: ['a'] } };
  const change = { resource: pods, subResource: 'ephemeralcontainers', userInfo };
  deepEqual(attemptOf(parseReview(aReview(change))), {
    operation: 'UPDATE',
    resource: 'pods/ephemeralcontainers',
    subResource: 'ephemeralcontainers',
    namespace: 'shop',
    name: 'web',
    user: { username: 'ann', uid: '7', groups: ['team'], extra: { scopes: ['a'] } },
    dryRun: false,
    object: aRequest()['object'],
    oldObject: aRequest()['oldObject'],
  });
  const deletion = attemptOf(parseReview(aReview({ operation: 'DELETE', object: null })));
  deepEqual([deletion.resource, deletion.object], ['apps/deployments', {}]);
  const creation = attemptOf(parseReview(aReview({ operation: 'CREATE', oldObject: null })));
  deepEqual(creation.oldObject, {});
});

const unjudgeable: { readonly [what: string]: JsonObject } = {
  'a connection to a pod': { operation: 'CONNECT' },
  'a creation of nothing': { operation: 'CREATE', object: null },
  'an update of nothing': { oldObject: 'x' },
  'a deletion of nothing': { operation: 'DELETE', oldObject: null },
};
for (const [what, changes] of Object.entries(unjudgeable))
  test(`not to be judged: ${what}`, () =>
    throws(() => attemptOf(parseReview(aReview(changes))), { code: 'REVIEW_INVALID' }));

test('the audit log is told beside the answer, and a refusal has its warnings', () => {
  deepEqual(answer('u', { ...untouched, audit: { bypass: 'why' } })['response'], {
    ...{ uid: 'u', allowed: true },
    auditAnnotations: { bypass: 'why' },
  });
  deepEqual(answer('u', { ...deny(403, 'no'), warnings: ['mind'] })['response'], {
    ...{ uid: 'u', allowed: false, warnings: ['mind'] },
    status: { code: 403, reason: 'Forbidden', message: 'no' },
  });
});
