// The edges of the rules for Services, routes, and what belongs to Serin.
import type { Attempt } from '../../../src/admission/rules/rule.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import { type Cases, judged } from './cases.ts';
import {
  annotations,
  around,
  creating,
  deleting,
  deployment,
  main,
  service,
  stored,
  updating,
  web,
} from './world.ts';

const http = (...routes: JsonObject[]): JsonObject => ({ spec: { http: routes } });
const to = (host: string, weight?: number): JsonObject => ({
  destination: { host },
  ...(weight === undefined ? {} : { weight }),
});
const virtualService = (...routes: JsonObject[]): JsonObject => stored('shop', http(...routes));
const ofRoutes = (before: JsonObject, after: JsonObject): Attempt =>
  updating('networking.istio.io/virtualservices', before, after);
const usual = virtualService({ route: [to('web')] });
const backends = (...refs: JsonObject[]): JsonObject => ({ spec: { rules: [{ backendRefs: refs }] } });
const rule = (host: string, version: string): JsonObject => ({
  spec: { host, subsets: [{ name: 'stable', labels: { version } }] },
});
const stopped = deployment('web', web, { status: { availableReplicas: 0 } });

const cases: Cases = {
  'a narrower selector': [
    updating('services', service('web', { app: 'web' }), { spec: { selector: { tier: 'front' } } }),
    [],
  ],
  'a narrower selector that leaves the Deployment out': [
    updating('services', service('web', { app: 'web' }), { spec: { selector: { tier: 'back' } } }),
    ['service'],
  ],
  'a Service of what does not serve, deleted': [
    deleting('services', service('web', { app: 'web' })),
    [],
    around({ deployments: () => [stopped] }),
  ],
  'Endpoints of a Service without selector': [creating('endpoints', stored('db')), []],
  'half of the traffic': [ofRoutes(usual, http({ route: [to('web', 50), to('web-v2', 50)] })), []],
  'more than half': [ofRoutes(usual, http({ route: [to('web', 49), to('web-v2', 51)] })), ['route']],
  'all of it by a full name': [
    ofRoutes(usual, http({ route: [to('web-v2.shop.svc.cluster.local')] })),
    ['route'],
  ],
  'the same by a full name': [ofRoutes(usual, http({ route: [to('web.shop.svc.cluster.local')] })), []],
  'a route for everything before the others': [
    ofRoutes(
      usual,
      http({ match: [{ method: { exact: 'GET' } }], route: [to('web-v2')] }, { route: [to('web')] }),
    ),
    ['route'],
  ],
  'a route for some before the others': [
    ofRoutes(
      usual,
      http({ match: [{ headers: { beta: { exact: '1' } } }], route: [to('web-v2')] }, { route: [to('web')] }),
    ),
    [],
  ],
  'a route that is never reached': [
    ofRoutes(usual, http({ route: [to('web')] }, { route: [to('web-v2')] })),
    [],
  ],
  'one path, all at once': [
    ofRoutes(
      virtualService({ match: [{ uri: { prefix: '/a' } }], route: [to('web')] }),
      http({ match: [{ uri: { prefix: '/a' } }], route: [to('web-v2')] }),
    ),
    ['route'],
  ],
  'routes of what is no Deployment': [
    ofRoutes(virtualService({ route: [to('db')] }), http({ route: [to('db2')] })),
    [],
  ],
  'routes back from the other': [
    ofRoutes(virtualService({ route: [to('web', 80), to('web-v2', 20)] }), http({ route: [to('web')] })),
    [],
  ],
  'one percent for the twin': [
    ofRoutes(
      virtualService({ route: [to('web', 80), to('web-canary', 20)] }),
      http({ route: [to('web', 79), to('web-canary', 21)] }),
    ),
    ['route'],
    around({ deployments: () => [main, deployment('web-canary', { app: 'web-canary' })] }),
  ],
  'a VirtualService of a host of its own': [
    creating(
      'networking.istio.io/virtualservices',
      stored('new', { spec: { hosts: ['new.example.com'], http: [{ route: [to('web-v2')] }] } }),
    ),
    [],
  ],
  'a VirtualService that takes the host of a Service': [
    creating(
      'networking.istio.io/virtualservices',
      stored('new', { spec: { hosts: ['web.shop.svc.cluster.local'], http: [{ route: [to('web-v2')] }] } }),
    ),
    ['route'],
  ],
  'one at a gateway alone': [
    creating(
      'networking.istio.io/virtualservices',
      stored('new', { spec: { hosts: ['web'], gateways: ['edge'], http: [{ route: [to('web-v2')] }] } }),
    ),
    [],
  ],
  'a VirtualService of what does not serve, deleted': [
    deleting('networking.istio.io/virtualservices', usual),
    [],
    around({ deployments: () => [stopped] }),
  ],
  'an HTTPRoute, all at once': [
    updating(
      'gateway.networking.k8s.io/httproutes',
      stored('r', backends({ name: 'web' })),
      backends({ name: 'web-v2' }),
    ),
    ['route'],
  ],
  'a GRPCRoute, all at once': [
    updating(
      'gateway.networking.k8s.io/grpcroutes',
      stored('r', backends({ name: 'web' })),
      backends({ name: 'web-v2' }),
    ),
    ['route'],
  ],
  'one call of a GRPCRoute': [
    updating('gateway.networking.k8s.io/grpcroutes', stored('r', backends({ name: 'web' })), {
      spec: {
        rules: [
          { matches: [{ method: { service: 'shop.Cart' } }], backendRefs: [{ name: 'web-v2' }] },
          { backendRefs: [{ name: 'web' }] },
        ],
      },
    }),
    [],
  ],
  'an HTTPRoute, in a step': [
    updating(
      'gateway.networking.k8s.io/httproutes',
      stored('r', backends({ name: 'web' })),
      backends({ name: 'web', weight: 9 }, { name: 'web-v2', weight: 1 }),
    ),
    [],
  ],
  'a subset of nobody': [
    updating('networking.istio.io/destinationrules', stored('d', rule('db', '1')), rule('db', '2')),
    [],
  ],
  'another subset beside': [
    updating('networking.istio.io/destinationrules', stored('d', rule('web', '1')), {
      spec: {
        subsets: [
          { name: 'stable', labels: { version: '1' } },
          { name: 'new', labels: { version: '2' } },
        ],
      },
    }),
    [],
  ],
  'the rule for another host': [
    updating('networking.istio.io/destinationrules', stored('d', rule('web', '1')), {
      spec: { host: 'web-v2' },
    }),
    ['subset'],
  ],
  'the memory of a split': [ofRoutes(usual, annotations({ 'serin.dev/split': '{}' })), ['serin-object']],
  'a Secret that pods use': [
    updating('secrets', stored('key', { data: { a: 'MQ==' } }), { data: { a: 'Mg==' } }),
    ['mounted-config'],
    around({
      deployments: () => [
        deployment('web', web, {
          spec: { template: { spec: { volumes: [{ secret: { secretName: 'key' } }] } } },
        }),
      ],
    }),
  ],
  'a ConfigMap of the same name as a Secret that pods use': [
    updating('configmaps', stored('key', { data: { a: '1' } }), { data: { a: '2' } }),
    [],
    around({
      deployments: () => [
        deployment('web', web, {
          spec: { template: { spec: { volumes: [{ secret: { secretName: 'key' } }] } } },
        }),
      ],
    }),
  ],
};

judged(cases);
