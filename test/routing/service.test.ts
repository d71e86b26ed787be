import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { selectorMatches, twinLabels, twinService, twinServiceName } from '../../src/routing/service.ts';
import type { Labels } from '../../src/routing/types.ts';
import { hash } from './builders.ts';

const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'u-1' };
const long = 'a-name-that-uses-every-character-a-service-may-have-in-kubernetes';

test('the twin’s Service is named after the Service, cut and hashed where that is too long', () => {
  equal(twinServiceName('web', hash), 'web-canary');
  const cut = twinServiceName(long.slice(0, 63), hash);
  equal(cut, 'a-name-that-uses-every-character-a-service-may-6ec667d7-canary');
  ok(cut.length <= 63);
  ok(cut !== twinServiceName(long.slice(0, 62), hash));
});

const cases: readonly (readonly [what: string, candidate: Labels, selectors: Labels[], changed: Labels])[] = [
  ['the one key of the selector', { app: 'web', tier: 'x' }, [{ app: 'web' }], { app: 'web-canary' }],
  [
    'the key that most selectors have',
    { app: 'web', name: 'web', tier: 'x' },
    [{ app: 'web', tier: 'x' }, { tier: 'x' }],
    { tier: 'x-canary' },
  ],
  ['the first of the alphabet among equals', { b: '1', a: '1' }, [{ b: '1', a: '1' }], { a: '1-canary' }],
  [
    'two keys where Services select by different ones',
    { app: 'web', name: 'shop', tier: 'x' },
    [{ app: 'web' }, { name: 'shop' }, { app: 'web', tier: 'x' }],
    { app: 'web-canary', name: 'shop-canary' },
  ],
  ['an empty value', { app: '' }, [{ app: '' }], { app: 'canary' }],
  [
    'another key where the changed value is selected too',
    { app: 'web', tier: 'x' },
    [{ app: 'web', tier: 'x' }, { app: 'web-canary' }],
    { tier: 'x-canary' },
  ],
];
for (const [what, candidate, selectors, changed] of cases) {
  test(`a twin differs in ${what}`, () => {
    deepEqual(twinLabels(candidate, selectors, hash), {
      ok: true,
      labels: { ...candidate, ...changed },
      changed,
    });
  });
}

test('a selector that cannot be escaped is an answer, not an error', () => {
  deepEqual(twinLabels({ app: 'web' }, [{ app: 'web' }, {}], hash), {
    ok: false,
    why: 'an empty selector selects every pod, so also the pods of the twin',
  });
  deepEqual(twinLabels({ app: 'web' }, [{ other: 'x' }], hash), {
    ok: false,
    why: 'no selector has a label of the candidate, so nothing tells its pods apart',
  });
});

const key = fc.constantFrom('app', 'name', 'tier', 'version', 'team');
const value = fc.constantFrom('web', 'api', 'x'.repeat(63), 'v1');
const labels = fc.dictionary(key, value, { minKeys: 1 });

test('a twin escapes every selector of the stable pods with as few changes as can be', () => {
  const selecting = labels.chain((candidate) =>
    fc.tuple(
      fc.constant(candidate),
      fc.array(
        fc
          .subarray(Object.entries(candidate), { minLength: 1 })
          .map((entries) => Object.fromEntries(entries)),
        { minLength: 1, maxLength: 5 },
      ),
    ),
  );
  fc.assert(
    fc.property(selecting, ([candidate, selectors]) => {
      const twin = twinLabels(candidate, selectors, hash);
      ok(twin.ok);
      ok(!selectors.some((selector) => selectorMatches(selector, twin.labels)));
      ok(Object.values(twin.labels).every((text) => text.length <= 63 && /[a-z0-9]$/.test(text)));
      deepEqual(Object.keys(twin.labels).sort(), Object.keys(candidate).sort());
      for (const needed of Object.keys(twin.changed)) {
        const fewer = { ...twin.labels, [needed]: candidate[needed] ?? '' };
        ok(
          selectors.some((selector) => selectorMatches(selector, fewer)),
          `${needed} need not change`,
        );
      }
    }),
  );
});

test('the twin’s Service selects the twin’s pods and no stable pod', () => {
  fc.assert(
    fc.property(labels, fc.array(labels, { maxLength: 3 }), (candidate, others) => {
      const [first = 'app'] = Object.keys(candidate);
      const selector = { [first]: candidate[first] ?? '' };
      const twin = twinLabels(candidate, [selector, ...others], hash);
      if (!twin.ok) return;
      const made = twinService({ spec: { selector } }, 'web-canary', twin.changed, owner);
      const selected = (made['spec'] as { selector: Labels }).selector;
      ok(selectorMatches(selected, twin.labels));
      ok(!selectorMatches(selected, candidate));
    }),
  );
});

test('the twin’s Service is the user’s without what belongs to one Service alone', () => {
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'web',
      namespace: 'shop',
      uid: 'u-0',
      resourceVersion: '5',
      labels: { app: 'web', 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: { 'cloud.example.com/load-balancer': 'internal' },
    },
    spec: {
      type: 'LoadBalancer',
      clusterIP: '10.0.0.7',
      clusterIPs: ['10.0.0.7'],
      externalIPs: ['192.0.2.1'],
      externalTrafficPolicy: 'Local',
      healthCheckNodePort: 31000,
      loadBalancerIP: '192.0.2.2',
      publishNotReadyAddresses: true,
      selector: { app: 'web', tier: 'front' },
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } },
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      ports: [{ name: 'http', port: 80, targetPort: 'web', nodePort: 30080, appProtocol: 'http' }],
    },
    status: { loadBalancer: {} },
  };
  deepEqual(twinService(service, 'web-canary', { app: 'web-canary' }, owner), {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'web-canary',
      namespace: 'shop',
      labels: { app: 'web', 'app.kubernetes.io/managed-by': 'serin' },
      ownerReferences: [{ ...owner, controller: true }],
    },
    spec: {
      type: 'ClusterIP',
      selector: { app: 'web-canary', tier: 'front' },
      ports: [{ name: 'http', port: 80, targetPort: 'web', appProtocol: 'http' }],
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } },
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    },
  });
});
