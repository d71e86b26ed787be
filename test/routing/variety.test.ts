// What people have in VirtualServices, and what a split makes of it.
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../src/rollout/types.ts';
import { carries, istio, split, unsplit } from '../../src/routing/istio.ts';
import { listAt, objectAt } from '../../src/routing/json.ts';
import { aVirtualService, patched, shares, to, virtualServiceIn, web } from './builders.ts';

const inSpec = (spec: JsonObject, metadata: JsonObject = {}): JsonObject => ({
  ...aVirtualService([]),
  metadata: { name: 'web', namespace: 'shop', ...metadata },
  spec,
});
const at = (weight: number, object: JsonObject): JsonObject => patched(object, split(object, web, weight));

test('of a delegation the delegate is split, and the root, which sends nothing itself, is left alone', () => {
  const root = inSpec({
    hosts: ['shop.example.com'],
    gateways: ['public'],
    http: [{ match: [{ uri: { prefix: '/' } }], delegate: { name: 'shop-routes', namespace: 'shop' } }],
  });
  const delegate = virtualServiceIn('delegate');
  deepEqual([carries(root, web), carries(delegate, web)], [false, true]);
  deepEqual(split(root, web, 20), []);
  deepEqual(shares(at(20, delegate), 1), ['web 80', 'web-canary 20']);
  deepEqual(istio.seen([root, at(20, delegate)], web), {
    ...{ kind: 'split', weight: 20 },
    ...{ uniform: true, edited: true },
  });
});

test('a root that sends some requests itself is split with its delegates', () => {
  const root = inSpec({ http: [{ delegate: { name: 'x' } }, { route: [to('web')] }] });
  deepEqual(shares(at(20, root), 1), ['web 80', 'web-canary 20']);
  deepEqual(listAt(objectAt(at(20, root), 'spec'), 'http')[0], { delegate: { name: 'x' } });
});

test('of several VirtualServices the one that lacks the split is what the twin has', () => {
  const edge = inSpec(
    { hosts: ['a'], gateways: ['public'], http: [{ route: [to('web.shop')] }] },
    { namespace: 'edge' },
  );
  const inner = inSpec({ hosts: ['web'], http: [{ route: [to('web')] }] });
  const both = { kind: 'split', edited: true } as const;
  deepEqual(istio.seen([at(20, edge), at(20, inner)], web), { ...both, weight: 20, uniform: true });
  deepEqual(istio.seen([at(20, edge), inner], web), { ...both, weight: 0, uniform: false });
});

test('what differs beside the weight is uneven, too', () => {
  const plain = aVirtualService([[to('web')]]);
  const mirrored = patched(plain, split(plain, web, 0, { beside: { mirror: 10 } }));
  const other = patched(plain, split(plain, web, 0, { beside: { mirror: 20 } }));
  const [same, apart] = [istio.seen([mirrored, mirrored], web), istio.seen([mirrored, other], web)];
  const expected = { ...({ kind: 'split', weight: 0 } as const), edited: true, beside: { mirror: 10 } };
  deepEqual(
    [same, apart],
    [
      { ...expected, uniform: true },
      { ...expected, uniform: false },
    ],
  );
  const lost = { ...mirrored, spec: plain['spec'] ?? null };
  deepEqual(istio.seen([lost], web), { ...expected, uniform: false });
});

test('everything that says where, for whom and on which port stays as it is', () => {
  const around = {
    hosts: ['shop.example.com', '*.shop.example.com'],
    gateways: ['istio-system/public', 'mesh'],
    exportTo: ['.', 'edge'],
  };
  const destination = { host: 'web', port: { number: 8080, name: 'http' } };
  const before = inSpec({ ...around, http: [{ match: [{ port: 80 }], route: [{ destination }] }] });
  const spec = objectAt(at(20, before), 'spec');
  deepEqual({ ...spec, http: 0 }, { ...around, http: 0 });
  deepEqual(listAt(spec, 'http'), [
    {
      match: [{ port: 80 }],
      route: [
        { destination, weight: 80 },
        { destination: { ...destination, host: 'web-canary' }, weight: 20 },
      ],
    },
  ]);
});

test('ports of one Service are split alike, each with its own number', () => {
  const port = (number: number): JsonObject => ({ destination: { host: 'web', port: { number } } });
  const before = inSpec({ http: [{ route: [port(80)] }], tcp: [{ route: [port(5000)] }] });
  const spec = objectAt(at(50, before), 'spec');
  for (const [protocol, number] of [
    ['http', 80],
    ['tcp', 5000],
  ] as const) {
    const destinations = listAt(listAt(spec, protocol)[0], 'route').map((entry) =>
      objectAt(entry, 'destination'),
    );
    deepEqual(destinations, [
      { host: 'web', port: { number } },
      { host: 'web-canary', port: { number } },
    ]);
  }
});

test('routes that mirrors and matches cannot be said of keep to their weight', () => {
  const before = virtualServiceIn('streams');
  const beside = { mirror: 10, match: [{ headers: { a: {} } }] };
  const [with_, without] = [split(before, web, 20, { beside }), split(before, web, 20)];
  deepEqual(objectAt(patched(before, with_), 'spec'), objectAt(patched(before, without), 'spec'));
});

test('a route of the user’s that is called as one of ours would be is theirs', () => {
  const named = (name: string): JsonObject => ({ name, route: [to('web')] });
  const before = inSpec({
    http: [named('web-canary'), { route: [to('web')] }, named('a-web-canary'), named('a')],
  });
  const beside = { match: [{ headers: { a: {} } }] };
  const after = patched(before, split(before, web, 100, { beside }));
  const names = listAt(objectAt(after, 'spec'), 'http').map(
    (route) => objectAt({ route }, 'route')['name'] ?? null,
  );
  const made = ['web-canary-web-canary', 'web-canary-2', 'a-web-canary-web-canary', 'a-web-canary-2'];
  deepEqual(names, [made[0], 'web-canary', made[1], null, made[2], 'a-web-canary', made[3], 'a']);
  deepEqual(patched(after, unsplit(after, web)), before);
  equal(istio.isEdited(before, web), false);
});
