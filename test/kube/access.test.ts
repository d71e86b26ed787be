import { deepEqual, equal, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { createMayDo, type Permission, type User } from '../../src/kube/access.ts';
import { SerinError } from '../../src/errors.ts';
import type { Json, JsonObject } from '../../src/rollout/types.ts';

const ann: User = {
  username: 'ann',
  uid: '7',
  groups: ['team', 'system:authenticated'],
  extra: { scopes: ['a'] },
};
const bypass: Permission = { verb: 'bypass', resource: 'deployments', namespace: 'shop', name: 'web' };

function asking(answer: () => Promise<Json>) {
  const asked: [string, JsonObject][] = [];
  const time = { now: 0 };
  const kube = {
    ask: (path: string, body: JsonObject): Promise<Json> => {
      asked.push([path, body]);
      return answer();
    },
  };
  const clock = { now: () => time.now, sleep: () => Promise.resolve() };
  return { asked, time, mayDo: createMayDo(kube, clock) };
}
const says = (allowed: boolean) => () => Promise.resolve({ status: { allowed } });

test('kube-apiserver is asked for the whole user and a verb of serin.dev', async () => {
  const { asked, mayDo } = asking(says(true));
  equal(await mayDo(ann, bypass), true);
  deepEqual(asked, [
    [
      '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: {
          user: 'ann',
          groups: ['team', 'system:authenticated'],
          extra: { scopes: ['a'] },
          uid: '7',
          resourceAttributes: {
            ...{ group: 'serin.dev', verb: 'bypass', resource: 'deployments' },
            ...{ namespace: 'shop', name: 'web' },
          },
        },
      },
    ],
  ]);
});

for (const answer of [{ status: { allowed: false } }, { status: {} }, {}, { status: { allowed: 'yes' } }])
  test(`not allowed: ${JSON.stringify(answer)}`, async () => {
    equal(await asking(() => Promise.resolve(answer)).mayDo(ann, bypass), false);
  });

test('the same question within five seconds is asked once; another user or verb is another question', async () => {
  const { asked, time, mayDo } = asking(says(true));
  await mayDo(ann, bypass);
  time.now = 4_999;
  await mayDo({ ...ann }, { ...bypass });
  equal(asked.length, 1);
  await mayDo({ ...ann, groups: [] }, bypass);
  await mayDo(ann, { ...bypass, verb: 'promote' });
  equal(asked.length, 3);
  time.now = 5_000;
  await mayDo(ann, bypass);
  equal(asked.length, 4);
});

test('no answer is no permission and no refusal, and is not remembered', async () => {
  const failing = asking(() => Promise.reject(new SerinError('KUBE_FORBIDDEN', 'not mine')));
  await rejects(failing.mayDo(ann, bypass), { code: 'KUBE_FORBIDDEN' });
  await rejects(failing.mayDo(ann, bypass), { code: 'KUBE_FORBIDDEN' });
  equal(failing.asked.length, 2);
  // The clock of these tests does not wait: whatever never answers is late at once.
  const silent = asking(() => new Promise(() => undefined));
  await rejects(silent.mayDo(ann, bypass), { code: 'KUBE_UNREACHABLE', message: /no answer in time/ });
});
