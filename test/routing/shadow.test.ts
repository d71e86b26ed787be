import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '../../src/rollout/types.ts';
import { listAt, objectAt } from '../../src/routing/json.ts';
import { labelSelector, selectorMatches } from '../../src/routing/selectors.ts';
import { type ShadowKind, shadowKinds, shadowsOf } from '../../src/routing/shadow.ts';
import { hash } from './builders.ts';

const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'u-1' };
const main = { app: 'web', tier: 'front' };
const twin = { app: 'web-canary', tier: 'front' };
const services = new Map([
  ['web', 'web-canary'],
  ['inside', 'inside-canary'],
]);
const of = { main, twin, select: { app: 'web-canary' }, services };
const web = { matchLabels: { app: 'web' } };
const canary = { matchLabels: { app: 'web-canary' } };

function shadows(kind: ShadowKind, spec: JsonObject, metadata: JsonObject = {}): readonly JsonObject[] {
  const original = {
    apiVersion: 'group/v1',
    kind,
    metadata: { name: 'guard', namespace: 'shop', uid: 'u-9', ...metadata },
    spec,
  };
  return shadowsOf(kind, original, of, { owner, hash });
}
const specs = (kind: ShadowKind, spec: JsonObject) => shadows(kind, spec).map((shadow) => shadow['spec']);

test('a shadow is the same policy for the twin, and goes with the Deployment', () => {
  deepEqual(
    shadows('PeerAuthentication', { selector: web, mtls: { mode: 'STRICT' } }, { labels: { a: 'b' } }),
    [
      {
        apiVersion: 'group/v1',
        kind: 'PeerAuthentication',
        metadata: {
          name: 'guard-canary',
          namespace: 'shop',
          labels: { 'app.kubernetes.io/managed-by': 'serin' },
          ownerReferences: [{ ...owner, controller: true }],
        },
        spec: { selector: canary, mtls: { mode: 'STRICT' } },
      },
    ],
  );
});

const mesh = ['AuthorizationPolicy', 'RequestAuthentication', 'PeerAuthentication'] as const;
for (const kind of mesh)
  test(`${kind}: one by labels gets a shadow, one for the namespace or for others does not`, () => {
    deepEqual(specs(kind, { selector: web, rules: [{}] }), [{ selector: canary, rules: [{}] }]);
    deepEqual(specs(kind, { rules: [{}] }), []);
    deepEqual(specs(kind, { selector: { matchLabels: { tier: 'front' } } }), []);
    deepEqual(specs(kind, { selector: { matchLabels: { app: 'api' } } }), []);
  });

test('a policy for Services at a waypoint is one for the twin’s too, each of those that are split', () => {
  const ref = (name: string) => ({ group: '', kind: 'Service', name });
  deepEqual(specs('AuthorizationPolicy', { targetRefs: [ref('web'), ref('api')], action: 'DENY' }), [
    { targetRefs: [ref('web-canary')], action: 'DENY' },
  ]);
  deepEqual(specs('AuthorizationPolicy', { targetRefs: [ref('inside'), ref('web')] }), [
    { targetRefs: [ref('inside-canary'), ref('web-canary')] },
  ]);
  deepEqual(specs('AuthorizationPolicy', { targetRef: ref('inside') }), [
    { targetRef: ref('inside-canary') },
  ]);
  deepEqual(specs('AuthorizationPolicy', { targetRefs: [ref('api')] }), []);
  deepEqual(specs('AuthorizationPolicy', { targetRefs: [{ ...ref('web'), kind: 'Gateway' }] }), []);
});

test('a NetworkPolicy for main’s pods is one for the twin’s, whom main’s pods may talk to as well', () => {
  const peer = { podSelector: web };
  deepEqual(
    specs('NetworkPolicy', { podSelector: web, ingress: [{ from: [peer], ports: [{ port: 80 }] }] }),
    [
      {
        podSelector: canary,
        policyTypes: ['Ingress'],
        ingress: [{ from: [peer, { podSelector: canary }], ports: [{ port: 80 }] }],
      },
      {
        podSelector: web,
        policyTypes: ['Ingress'],
        ingress: [{ from: [{ podSelector: canary }], ports: [{ port: 80 }] }],
      },
    ],
  );
});

test('where a NetworkPolicy of others names main’s pods, a second one names the twin’s, and opens nothing else', () => {
  const db = { matchLabels: { app: 'db' } };
  const spec = {
    podSelector: db,
    policyTypes: ['Ingress'],
    ingress: [
      { from: [{ podSelector: web }, { ipBlock: { cidr: '10.0.0.0/8' } }], ports: [{ port: 5432 }] },
      {},
    ],
    egress: [{ to: [{ podSelector: web }] }],
  };
  deepEqual(specs('NetworkPolicy', spec), [
    {
      podSelector: db,
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ podSelector: canary }], ports: [{ port: 5432 }] }],
    },
  ]);
});

test('a default-deny policy takes in the twin as it is', () => {
  deepEqual(specs('NetworkPolicy', { podSelector: {}, policyTypes: ['Ingress'] }), []);
});

test('the policy types of a shadow are those the original has by default', () => {
  const [ingress] = specs('NetworkPolicy', { podSelector: web });
  deepEqual(ingress, { podSelector: canary, policyTypes: ['Ingress'] });
  const [both] = specs('NetworkPolicy', { podSelector: web, egress: [] });
  deepEqual(both, { podSelector: canary, policyTypes: ['Ingress', 'Egress'], egress: [] });
});

const budgets: readonly (readonly [JsonObject, number | string])[] = [
  [{ minAvailable: 2 }, 1],
  [{ minAvailable: '50%' }, 1],
  [{ maxUnavailable: 2 }, 2],
  [{ maxUnavailable: '25%' }, '25%'],
  [{ maxUnavailable: 0 }, 0],
  [{ minAvailable: '100%' }, 0],
];
for (const [said, maxUnavailable] of budgets)
  test(`a disruption budget of ${JSON.stringify(said)} lets ${maxUnavailable} of the twin’s pods go`, () => {
    deepEqual(specs('PodDisruptionBudget', { selector: web, ...said }), [
      { selector: canary, maxUnavailable, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
    ]);
  });

test('the shadow of a PodMonitor is found by whatever finds the PodMonitor', () => {
  const [shadow] = shadows('PodMonitor', { selector: web }, { labels: { release: 'prometheus' } });
  deepEqual(shadow?.['spec'], { selector: canary });
  equal(objectAt(objectAt(shadow, 'metadata'), 'labels')['release'], 'prometheus');
});

test('whoever may reach or be reached by main, that may the twin, and nobody else gets anything', () => {
  const selectors = fc.constantFrom(
    web,
    { matchLabels: { app: 'db' } },
    {},
    { matchLabels: { tier: 'front' } },
  );
  const rule = (peers: string) =>
    fc.record({ [peers]: fc.array(fc.record({ podSelector: selectors }), { minLength: 1, maxLength: 3 }) });
  const policies = fc.array(
    fc.record({ podSelector: selectors, ingress: fc.array(rule('from'), { maxLength: 2 }) }),
    { maxLength: 4 },
  );
  const pods = { main, twin, db: { app: 'db' }, other: { app: 'other' } };
  /** Whether `to` takes calls from `from`, as Kubernetes adds policies up. */
  const reaches = (all: readonly JsonObject[], from: JsonObject, to: JsonObject): boolean => {
    const selects = (policy: JsonObject, labels: JsonObject): boolean =>
      selectorMatches(labelSelector(objectAt(policy, 'podSelector')), labels as Record<string, string>);
    const guarding = all.filter((policy) => selects(policy, to));
    const rules = guarding.flatMap((policy) => listAt(policy, 'ingress'));
    return (
      guarding.length === 0 ||
      rules.some((each) => listAt(each, 'from').some((peer) => selects(peer as JsonObject, from)))
    );
  };
  fc.assert(
    fc.property(policies, (originals) => {
      const all = [
        ...originals,
        ...originals.flatMap((spec) => specs('NetworkPolicy', spec) as JsonObject[]),
      ];
      for (const other of [pods.db, pods.other, pods.main, pods.twin]) {
        const asMain = other === twin ? main : other;
        equal(reaches(all, twin, other), reaches(originals, main, asMain), 'from the twin');
        equal(reaches(all, other, twin), reaches(originals, asMain, main), 'to the twin');
      }
      for (const from of [pods.db, pods.other, pods.main])
        for (const to of [pods.db, pods.other, pods.main])
          equal(reaches(all, from, to), reaches(originals, from, to), 'between others');
    }),
  );
});

test('every kind is left alone where the twin is selected too', () => {
  for (const kind of shadowKinds) {
    const broad = {
      selector: { matchLabels: { tier: 'front' } },
      podSelector: { matchLabels: { tier: 'front' } },
    };
    deepEqual(specs(kind, broad), []);
  }
  ok(shadowKinds.length > 0);
});
