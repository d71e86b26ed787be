import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { stringify } from 'yaml';
import type { Beside } from '../../src/rollout/strategy.ts';
import type { JsonObject } from '../../src/rollout/types.ts';
import { cookiePattern, givingCookie, setCookie } from '../../src/routing/cookie.ts';
import { whoMeetBoth, whyUnsayable } from '../../src/routing/http-match.ts';
import { istio, split, unsplit } from '../../src/routing/istio.ts';
import { listAt, objectAt } from '../../src/routing/json.ts';
import { withMirror, withoutMirror } from '../../src/routing/mirror.ts';
import { splitAnnotation } from '../../src/routing/types.ts';
import { golden, noStaleGolden } from '../golden.ts';
import { aVirtualService, patched, to, virtualServiceIn, web } from './builders.ts';

const affinity = { cookieName: 'serin', value: 'k3.x', maxAgeSeconds: 3600 };
const testers = [{ headers: { 'x-tester': { exact: 'yes' } } }, { sourceLabels: { app: 'probe' } }];
const given: { readonly [name: string]: readonly [weight: number, beside: Beside] } = {
  mirror: [0, { mirror: 20 }],
  match: [0, { match: testers }],
  affinity: [30, { affinity }],
  all: [30, { mirror: 20, match: testers, affinity }],
};
for (const [name, [weight, beside]] of Object.entries(given)) {
  for (const file of ['tester-lane', 'delegate']) {
    test(`${name} beside ${weight} percent of ${file}.yaml is as kept, and taking it out leaves the file`, () => {
      const before = virtualServiceIn(file);
      const patch = split(before, web, weight, { beside });
      const after = patched(before, patch);
      const text = stringify({ patch, result: after }, { lineWidth: 0, aliasDuplicateObjects: false });
      golden(`routing/beside/${file}-${name}.yaml`, text);
      deepEqual(patched(after, unsplit(after, web)), before);
    });
  }
}

test('no golden file of what goes beside a weight is left over', () => noStaleGolden('routing/beside'));

const exact = (text: string): JsonObject => ({ exact: text });
const prefix = (text: string): JsonObject => ({ prefix: text });
const products: {
  readonly [behaviour: string]: readonly [own: JsonObject, other: JsonObject, both?: JsonObject];
} = {
  'conditions on different things hold together': [
    { uri: prefix('/a'), headers: { x: exact('1') } },
    { method: exact('GET'), headers: { y: exact('2') } },
    { uri: prefix('/a'), method: exact('GET'), headers: { x: exact('1'), y: exact('2') } },
  ],
  'of two prefixes the longer holds': [
    { uri: prefix('/a/b') },
    { uri: prefix('/a') },
    { uri: prefix('/a/b') },
  ],
  'a whole text holds over its prefix': [
    { uri: prefix('/a') },
    { uri: exact('/a/b') },
    { uri: exact('/a/b') },
  ],
  'a value holds over mere presence': [
    { headers: { x: {} } },
    { headers: { x: exact('1') } },
    { headers: { x: exact('1') } },
  ],
  'two values for one header are met by nobody': [
    { headers: { x: exact('1') } },
    { headers: { x: exact('2') } },
  ],
  'two patterns for one header cannot be said': [
    { headers: { x: { regex: 'a' } } },
    { headers: { x: { regex: 'b' } } },
  ],
  'paths apart are met by nobody': [{ uri: prefix('/a') }, { uri: prefix('/b') }],
  'a suffix that is no path is no prefix': [{ uri: { prefix: '/a', z: 1 } }, { uri: prefix('/b') }],
  'ports apart are met by nobody': [{ port: 80 }, { port: 81 }],
  'gateways are those that both name': [
    { gateways: ['a', 'b'] },
    { gateways: ['b', 'c'] },
    { gateways: ['b'] },
  ],
  'gateways apart are met by nobody': [{ gateways: ['a'] }, { gateways: ['b'] }],
  'labels apart are met by nobody': [{ sourceLabels: { app: 'a' } }, { sourceLabels: { app: 'b' } }],
  'what must be absent for both is': [
    { withoutHeaders: { x: {} } },
    { withoutHeaders: { y: {} } },
    { withoutHeaders: { x: {}, y: {} } },
  ],
  'of what must be absent nothing is left out': [
    { withoutHeaders: { x: {} } },
    { withoutHeaders: { x: exact('1') } },
  ],
  'a path that is read without case is read so where only it is said': [
    { uri: prefix('/a'), ignoreUriCase: true },
    { headers: { x: {} } },
    { uri: prefix('/a'), ignoreUriCase: true, headers: { x: {} } },
  ],
  'paths that are read differently cannot be said': [
    { uri: prefix('/a'), ignoreUriCase: true },
    { uri: prefix('/a') },
  ],
  'a pattern beside a text cannot be said': [{ method: { regex: 'G.*' } }, { method: exact('GET') }],
  'paths that are read without case may be one': [
    { uri: exact('/a'), ignoreUriCase: true },
    { uri: exact('/A'), ignoreUriCase: true },
  ],
  'the route’s own name for a match stays': [{ name: 'a', port: 80 }, { name: 'b' }, { name: 'a', port: 80 }],
};
for (const [behaviour, [own, other, both]] of Object.entries(products)) {
  test(behaviour, () => deepEqual(whoMeetBoth([own], [other]), both === undefined ? [] : [both]));
}

test('any of the route’s own with any of the given ones, and all of those where a route takes everybody', () => {
  const [a, b] = [{ uri: prefix('/a') }, { uri: prefix('/b') }];
  const [x, y] = [{ headers: { x: {} } }, { headers: { y: {} } }];
  deepEqual(whoMeetBoth([a, b], [x, y]), [
    { ...a, ...x },
    { ...a, ...y },
    { ...b, ...x },
    { ...b, ...y },
  ]);
  deepEqual(whoMeetBoth([], [x, y]), [x, y]);
});

const twice = (what: string): string => `a route matches ${what} already, and can do so but once`;
const unsayable: { readonly [behaviour: string]: string } = {
  'two patterns for one header cannot be said': twice('headers x'),
  'of what must be absent nothing is left out': twice('withoutHeaders x'),
  'paths that are read differently cannot be said': twice('uri'),
  'a pattern beside a text cannot be said': twice('method'),
  'paths that are read without case may be one': twice('uri'),
};
for (const [behaviour, [own, other]] of Object.entries(products)) {
  test(`what cannot be said is told, and what nobody meets is not: ${behaviour}`, () =>
    equal(whyUnsayable([{ port: 1 }, own], [other]), unsayable[behaviour]));
}

test('a VirtualService tells what it cannot give in a route that may be edited; copies it can always give', () => {
  const pattern = { headers: { cookie: { regex: 'a=.*' } } };
  const http = [
    { name: 'beta', match: [pattern], route: [to('web')] },
    { name: 'all', route: [to('web')] },
  ];
  const object = { ...aVirtualService([]), spec: { http } };
  equal(istio.refuses(object, web, { match: testers }), undefined);
  equal(istio.refuses(object, web, { match: testers, affinity }), twice('headers cookie'));
  equal(istio.refuses(object, web, { affinity }, { name: 'web', routes: ['all'] }), undefined);
  equal(istio.refuses(object, web, { mirror: 5 }), undefined);
  const streams = { ...aVirtualService([]), spec: { tcp: [{ route: [to('web')] }] } };
  equal(istio.refuses(streams, web, { match: testers }), 'a route of streams tells no requests apart');
  equal(istio.refuses(aVirtualService([[to('api')]]), web, { affinity }), undefined);
});

test('where nobody can meet both, no route is made, and the weights are as without', () => {
  const before = {
    ...aVirtualService([]),
    spec: { http: [{ match: [{ headers: { cookie: { regex: 'a=.*' } } }], route: [to('web')] }] },
  };
  const after = patched(before, split(before, web, 30, { beside: { affinity } }));
  equal(listAt(objectAt(after, 'spec'), 'http').length, 1);
});

test('a cookie is matched whole, whatever stands around it, and never that of another trial', () => {
  const pattern = new RegExp(`^${cookiePattern(affinity)}$`);
  for (const header of ['serin=k3.x', 'a=b; serin=k3.x', 'serin=k3.x; a=b', 'a=b;serin=k3.x;c=d'])
    match(header, pattern);
  for (const header of ['serin=k3.y', 'serin=k3ax', 'xserin=k3.x', 'serin=k3.xx', 'a=serin=k3.x', ''])
    equal(pattern.test(header), false, header);
});

test('a cookie says all that was asked for, in the order of the standard', () => {
  const all = {
    ...affinity,
    domain: 'example.com',
    path: '/',
    secure: true,
    httpOnly: true,
    partitioned: true,
  };
  equal(setCookie(affinity), 'serin=k3.x; Max-Age=3600');
  equal(
    setCookie({ ...all, sameSite: 'Strict' }),
    'serin=k3.x; Max-Age=3600; Domain=example.com; Path=/; SameSite=Strict; Secure; HttpOnly; Partitioned',
  );
});

test('headers that the user adds stay, a cookie of their own too', () => {
  const own = {
    ...to('web'),
    headers: { request: { set: { a: 'b' } }, response: { add: { 'Set-Cookie': 'x=y' } } },
  };
  deepEqual(givingCookie(own, affinity)['headers'], {
    request: { set: { a: 'b' } },
    response: { add: { 'Set-Cookie': 'x=y', 'set-cookie': 'serin=k3.x; Max-Age=3600' } },
  });
});

const twin = { host: 'web-canary' };
const ours = { destination: twin, percentage: { value: 20 } };
const isTwin = (entry: unknown): boolean => JSON.stringify(entry).includes('"web-canary"');
const audit = { host: 'audit' };
const mirrors: { readonly [before: string]: readonly [before: JsonObject, after: JsonObject] } = {
  none: [{}, { mirrors: [ours] }],
  'an empty list': [{ mirrors: [] }, { mirrors: [], mirror: twin, mirrorPercentage: { value: 20 } }],
  several: [
    { mirrors: [{ destination: audit }, { destination: { host: 'b' } }] },
    { mirrors: [{ destination: audit }, { destination: { host: 'b' } }, ours] },
  ],
  'one in a list': [{ mirrors: [{ destination: audit }] }, { mirrors: [{ destination: audit }, ours] }],
  one: [{ mirror: audit }, { mirrors: [ours, { destination: audit }] }],
  'one with a percentage': [
    { mirror: audit, mirrorPercentage: { value: 5 } },
    { mirrors: [ours, { destination: audit, percentage: { value: 5 } }], mirrorPercentage: { value: 5 } },
  ],
  'one with a percentage of old': [
    { mirrorPercent: 5, mirror: audit },
    { mirrorPercent: 5, mirrors: [ours, { destination: audit, percentage: { value: 5 } }] },
  ],
};
for (const [what, [before, after]] of Object.entries(mirrors)) {
  test(`the user’s mirrors (${what}) stay beside ours, never in two forms at once, and come back`, () => {
    deepEqual(withMirror(before, twin, 20), after);
    equal(JSON.stringify(withoutMirror(after, isTwin)), JSON.stringify(before));
    equal('mirror' in after && listAt(after, 'mirrors').length > 0, false);
  });
}

test('a mirror that its owner writes again over ours is theirs', () => {
  const both = { ...withMirror({ mirror: audit }, twin, 20), mirror: audit };
  deepEqual(withoutMirror(both, isTwin), { mirror: audit });
});

test('what an older version remembers is read, and a newer one’s is not lost on it', () => {
  const half = patched(aVirtualService([[to('web')]]), split(aVirtualService([[to('web')]]), web, 50));
  const metadata = objectAt(half, 'metadata');
  deepEqual(objectAt(metadata, 'annotations')[splitAnnotation], '{"web.shop":{"weight":50,"was":[null]}}');
  deepEqual(patched(half, unsplit(half, web)), aVirtualService([[to('web')]]));
});
