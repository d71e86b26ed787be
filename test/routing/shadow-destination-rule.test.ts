import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../src/rollout/types.ts';
import { split } from '../../src/routing/istio.ts';
import { objectAt } from '../../src/routing/json.ts';
import { subsetsOf, twinDestinationRule } from '../../src/routing/shadow-destination-rule.ts';
import { aVirtualService, hash, patched, to, virtualServiceIn, web } from './builders.ts';

const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'u-1' };
const tls = { mode: 'ISTIO_MUTUAL' };
const pool = { tcp: { maxConnections: 9 } };
const rule = (spec: JsonObject, namespace = 'shop'): JsonObject => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'DestinationRule',
  metadata: { name: 'web', namespace, uid: 'x', labels: { team: 'a' } },
  spec: { host: 'web', ...spec },
});
const twins = (spec: JsonObject, subsets: readonly string[] = []): JsonObject | undefined =>
  twinDestinationRule(rule(spec), web, { owner, hash, subsets });

test('the twin is called as main is: mTLS, pools and ports are those of the user’s rule', () => {
  const trafficPolicy = {
    tls,
    connectionPool: pool,
    portLevelSettings: [{ port: { number: 80 }, loadBalancer: { simple: 'RANDOM' } }],
  };
  deepEqual(twins({ trafficPolicy, exportTo: ['.'], subsets: [{ name: 'v1', labels: { v: '1' } }] }), {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: {
      name: 'web-canary',
      namespace: 'shop',
      labels: { 'app.kubernetes.io/managed-by': 'serin' },
      ownerReferences: [{ ...owner, controller: true }],
    },
    spec: { host: 'web-canary', trafficPolicy, exportTo: ['.'] },
  });
});

const subsets = [
  { name: 'v1', trafficPolicy: { tls: { mode: 'SIMPLE' } } },
  { name: 'v2', trafficPolicy: { connectionPool: pool } },
  { name: 'v3' },
];
const merged: readonly (readonly [named: readonly string[], policy: JsonObject])[] = [
  [[], { tls }],
  [['v1'], { tls: { mode: 'SIMPLE' } }],
  [['v2'], { tls, connectionPool: pool }],
  [['v3'], { tls }],
  [['v1', 'v2'], { tls }],
];
for (const [named, policy] of merged) {
  test(`where stable is ${named.join(' and ') || 'no subset'} the twin’s policy is ${JSON.stringify(policy)}`, () => {
    deepEqual(objectAt(twins({ trafficPolicy: { tls }, subsets }, named), 'spec')['trafficPolicy'], policy);
  });
}

test('hosts keep their form, and rules that are of other hosts or namespaces have no twin', () => {
  const hostOf = (host: string, namespace?: string): unknown =>
    objectAt(twinDestinationRule(rule({ host }, namespace), web, { owner, hash, subsets: [] }), 'spec')[
      'host'
    ];
  equal(hostOf('web.shop.svc.cluster.local'), 'web-canary.shop.svc.cluster.local');
  equal(hostOf('web.shop'), 'web-canary.shop');
  equal(hostOf('*.shop.svc.cluster.local'), undefined);
  equal(hostOf('api'), undefined);
  equal(hostOf('web.shop.svc.cluster.local', 'gateways'), undefined);
});

test('the subsets are those that stable’s destinations name, split or not', () => {
  const before = virtualServiceIn('subsets');
  deepEqual(subsetsOf([before, aVirtualService([[to('web')]])], web), ['v2', 'v1']);
  deepEqual(subsetsOf([patched(before, split(before, web, 50))], web), ['v2', 'v1']);
});
