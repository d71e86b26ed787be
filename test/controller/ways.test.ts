import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { RouteKind } from '../../src/controller/copies.ts';
import { routers } from '../../src/kube/routers.ts';
import { hash } from '../../src/kube/hash.ts';
import { type Routing, routingOf } from '../../src/controller/ways.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import type { JsonObject, RolloutSpec } from '../../src/rollout/types.ts';
import { istio } from '../../src/routing/istio.ts';
import { twinServiceName } from '../../src/routing/service.ts';
import { withAnalysis } from '../config/plans.ts';

const metadata = (name: string): KubeObject['metadata'] => ({
  ...{ name, namespace: 'shop', uid: name, resourceVersion: '1' },
});
const service = (name: string): KubeObject => ({
  metadata: metadata(name),
  spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
});
const virtualService = (name: string, ...hosts: string[]): KubeObject => ({
  ...{ kind: 'VirtualService', metadata: metadata(name) },
  spec: { hosts, http: hosts.map((host) => ({ route: [{ destination: { host } }] })) },
});
const httpRoute = (name: string, backend: string): KubeObject => ({
  ...{ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', metadata: metadata(name) },
  spec: { rules: [{ backendRefs: [{ name: backend, port: 80 }] }] },
});

interface Cluster {
  readonly services?: readonly KubeObject[];
  readonly made?: readonly KubeObject[];
  /** By the plural of the kind; a kind that is not named is not installed. */
  readonly routes: Readonly<Record<string, readonly KubeObject[]>>;
  /** Services with pods of another Deployment. */
  readonly shared?: readonly string[];
  /** Services that were made for another Deployment's twin. */
  readonly others?: readonly string[];
  readonly spec?: Partial<RolloutSpec['service']> & { readonly router?: RolloutSpec['router'] };
  readonly analysis?: Partial<RolloutSpec['analysis']>;
}

function routing({
  services = [service('web')],
  made = [],
  routes,
  shared = [],
  others = [],
  spec = {},
  analysis = {},
}: Cluster): Routing {
  const routeKinds = routers.map(
    (kind): RouteKind => ({ ...kind, objects: () => routes[kind.resource.plural] }),
  );
  const { router, ...wanted } = spec;
  const plan = { ...withAnalysis(analysis), service: wanted, ...(router === undefined ? {} : { router }) };
  const sharedWith = ({ metadata: { name } }: KubeObject): string | undefined =>
    shared.includes(name) ? 'other' : undefined;
  const isOthers = (twinService: string): boolean => others.includes(twinService);
  return routingOf({ routeKinds }, { selecting: services, made, sharedWith, isOthers }, plan, 'shop');
}

/** `Service: route, route` for each way, and how one is made where there is none. */
function told(found: Routing): readonly string[] | string {
  if (found.kind === 'none') return found.why;
  const ways = found.ways.map(({ split, routes, maker }) => {
    const names = routes.map(({ object, resource }) => `${resource.kind} ${object.metadata.name}`);
    return `${split.service.name}: ${names.length > 0 ? names.join(', ') : `a new ${maker?.resource.kind}`}`;
  });
  return [...ways, ...found.besides.map((name) => `beside: ${name}`)];
}

const oneCheck = { kind: 'iterations', iterations: 1 } as const;
/** A route with conditions of its own. */
const only = (match: JsonObject): Cluster['routes'] => {
  const http = [{ match: [match], route: [{ destination: { host: 'web' } }] }];
  return { virtualservices: [{ ...virtualService('web', 'web'), spec: { hosts: ['web'], http } }] };
};
const patterned = only({ uri: { regex: '/a.*' } });
const mesh = { virtualservices: [virtualService('web', 'web')] };
const cases: Readonly<Record<string, readonly [Cluster, readonly string[] | string]>> = {
  'a VirtualService': [{ routes: mesh }, ['web: VirtualService web']],
  'several VirtualServices': [
    { routes: { virtualservices: [virtualService('a', 'web'), virtualService('b', 'web', 'other')] } },
    ['web: VirtualService a, VirtualService b'],
  ],
  'an HTTPRoute and a GRPCRoute, without Istio': [
    { routes: { httproutes: [httpRoute('web', 'web')], grpcroutes: [httpRoute('calls', 'web')] } },
    ['web: HTTPRoute web, GRPCRoute calls'],
  ],
  'an HTTPRoute at the edge and a VirtualService inside': [
    { routes: { ...mesh, httproutes: [httpRoute('edge', 'web')] } },
    ['web: VirtualService web, HTTPRoute edge'],
  ],
  'one kind alone where the plan says so': [
    { routes: { ...mesh, httproutes: [httpRoute('edge', 'web')] }, spec: { router: 'gateway' } },
    ['web: HTTPRoute edge'],
  ],
  'an HTTPRoute that has no words for a condition of the plan': [
    {
      routes: { httproutes: [httpRoute('web', 'web')] },
      analysis: { strategy: { kind: 'iterations', iterations: 1, match: [{ sourceLabels: { app: 'qa' } }] } },
    },
    'a rule of HTTPRoute cannot match sourceLabels',
  ],
  'a route of Istio alone where the plan says so': [
    { routes: { ...mesh, httproutes: [httpRoute('edge', 'web')] }, spec: { router: 'istio' } },
    ['web: VirtualService web'],
  ],
  'none where Istio is wanted and not there': [
    { routes: { httproutes: [httpRoute('edge', 'web')] }, spec: { router: 'istio' } },
    'Istio is not installed',
  ],
  'a VirtualService that has a pattern of its own where the plan has another': [
    { routes: patterned, analysis: { strategy: { ...oneCheck, match: [{ uri: { regex: '/b.*' } }] } } },
    'a route matches uri already, and can do so but once',
  ],
  'an HTTPRoute that is to be made, for conditions that none has words for': [
    {
      routes: { httproutes: [] },
      spec: { router: 'gateway' },
      analysis: { strategy: { ...oneCheck, match: [{ sourceLabels: { app: 'qa' } }] } },
    },
    'a rule of HTTPRoute cannot match sourceLabels',
  ],
  'an HTTPRoute that has words for the conditions of the plan': [
    {
      routes: { httproutes: [httpRoute('web', 'web')] },
      analysis: { strategy: { kind: 'iterations', iterations: 1, match: [{ headers: { qa: {} } }] } },
    },
    ['web: HTTPRoute web'],
  ],
  'two Services, each with a route': [
    {
      services: [service('web'), service('web-internal')],
      routes: { virtualservices: [virtualService('web', 'web'), virtualService('inside', 'web-internal')] },
    },
    ['web: VirtualService web', 'web-internal: VirtualService inside'],
  ],
  'two Services, of which one has a route': [
    { services: [service('metrics'), service('web')], routes: mesh },
    ['web: VirtualService web', 'beside: metrics'],
  ],
  'two Services without a route': [
    { services: [service('web'), service('web-internal')], routes: { virtualservices: [] } },
    ['web: a new VirtualService', 'beside: web-internal'],
  ],
  'the one Service that the plan names': [
    {
      services: [service('web'), service('web-internal')],
      routes: { virtualservices: [virtualService('web', 'web'), virtualService('inside', 'web-internal')] },
      spec: { name: 'web-internal' },
    },
    ['web-internal: VirtualService inside', 'beside: web'],
  ],
  'a new HTTPRoute where the plan names Gateways': [
    { routes: { virtualservices: [], httproutes: [] }, spec: { gatewayRefs: [{ name: 'edge' }] } },
    ['web: a new HTTPRoute'],
  ],
  'none where HTTPRoutes are installed and nobody routes by them': [
    { routes: { httproutes: [] } },
    'no HTTPRoute routes to its Service, and Istio is not installed',
  ],
  'none without any router': [{ routes: {} }, 'Istio is not installed'],
  'none where Gateway API is wanted and not there': [
    { routes: mesh, spec: { router: 'gateway' } },
    'Gateway API is not installed',
  ],
  'none where the plan wants none': [
    { routes: mesh, spec: { router: 'none' } },
    'the plan wants nothing to be split (router: none)',
  ],
  'two Services, of which one has pods of another Deployment too': [
    {
      services: [service('all'), service('web')],
      routes: { virtualservices: [virtualService('all', 'all'), virtualService('web', 'web')] },
      shared: ['all'],
    },
    ['web: VirtualService web', 'beside: all'],
  ],
  'none where another Deployment has pods behind the Service': [
    { routes: mesh, shared: ['web'] },
    "Service shop/web has the pods of Deployment other too, so a weight of it is not a share of this one's traffic; promotion: inPlace, or a Service of its own, gives it one",
  ],
  'none without a Service': [{ services: [], routes: mesh }, 'no Service selects the pods'],
  'none where the named VirtualService does not route to it': [
    { routes: mesh, spec: { virtualService: { name: 'edge' } } },
    'VirtualService edge does not route to Service shop/web',
  ],
};
for (const [what, [cluster, expected]] of Object.entries(cases))
  test(`what is split: ${what}`, () => {
    deepEqual(told(routing(cluster)), expected);
  });

test('the split of a Service that somebody deleted is known by its edits, beside those that are there', () => {
  const name = twinServiceName('gone', hash);
  const split = { service: { name: 'gone', namespace: 'shop', ports: [] }, twinService: name };
  const plain = virtualService('both', 'gone', 'web');
  const [, ...ops] = istio.split(plain, split, 20);
  equal(ops.length > 0, true);
  const annotations = { 'serin.dev/split': JSON.stringify({ 'gone.shop': { weight: 20, was: [null] } }) };
  const edited = { ...plain, metadata: { ...plain.metadata, annotations } };
  const cluster = { made: [service(name)], routes: { virtualservices: [edited] } };
  deepEqual(told(routing(cluster)), ['web: VirtualService both', 'gone: VirtualService both']);
  deepEqual(told(routing({ ...cluster, services: [] })), ['gone: VirtualService both']);
});

for (const [what, change] of Object.entries<Partial<Cluster>>({
  'whatever comes to stand behind its Service': { shared: ['web'] },
  'where the plan comes to want none': { spec: { router: 'none' } },
  'where the plan comes to want other routes': { spec: { router: 'gateway' } },
  'where the plan comes to name another Service': { spec: { name: 'other' } },
}))
  test(`a split stays to the end, ${what}`, () => {
    const plain = virtualService('web', 'web');
    const annotations = { 'serin.dev/split': JSON.stringify({ 'web.shop': { weight: 20, was: [null] } }) };
    const edited = { ...plain, metadata: { ...plain.metadata, annotations } };
    deepEqual(told(routing({ routes: { virtualservices: [edited] }, ...change })), [
      'web: VirtualService web',
    ]);
  });

test('the split of another Deployment behind the same Service is none of this one’s', () => {
  const plain = virtualService('web', 'web');
  const annotations = { 'serin.dev/split': JSON.stringify({ 'web.shop': { weight: 20, was: [null] } }) };
  const edited = { ...plain, metadata: { ...plain.metadata, annotations } };
  const cluster = { routes: { virtualservices: [edited] }, shared: ['web'], others: ['web-canary'] };
  equal(routing(cluster).kind, 'none');
});

test('a route that looks at cookies itself is split, and why nobody can be kept with the canary is told', () => {
  const affinity = { cookieName: 'serin', maxAgeSeconds: 60 };
  const why = (routes: Cluster['routes']): string | undefined => {
    const found = routing({ routes, analysis: { affinity } });
    return found.kind === 'split' ? found.noAffinity : 'nothing is split';
  };
  const cookies = { headers: { cookie: { regex: 'beta=.*' } } };
  equal(why(only(cookies)), 'a route matches headers cookie already, and can do so but once');
  equal(why(mesh), undefined);
  equal(why({ virtualservices: [] }), undefined);
});
