import {
  kubectl,
  refused,
  patch,
  service,
  destination,
  virtualService,
  httpRoute,
  type Ways,
} from './words.ts';

/** What leads the traffic to other pods. */
export const ofServices: Ways = {
  'the selector of the Service': refused('service', kubectl('set selector service web app=web-v2')),
  'a wider selector': refused(
    'service',
    patch('service front', { spec: { selector: { tier: null, shop: 'yes' } } }),
  ),
  'a Service for somewhere else': refused(
    'service',
    patch('service web', {
      spec: { type: 'ExternalName', externalName: 'web-v2.shop.svc.cluster.local', selector: null },
    }),
  ),
  'a Service without selector': refused('service', patch('service web', { spec: { selector: null } })),
  'the Service deleted': refused('service', kubectl('delete service web')),
  'the Service replaced by force': refused(
    'service',
    kubectl('replace --force -f -', service('web', { app: 'web-v2' })),
  ),
  'Endpoints by hand': refused('endpoints', patch('endpoints web', { subsets: [] })),
  'another EndpointSlice of the Service': refused(
    'endpoints',
    kubectl('create -f -', {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'web-by-hand', labels: { 'kubernetes.io/service-name': 'web' } },
      addressType: 'IPv4',
      ports: [{ name: 'http', port: 8080 }],
      endpoints: [{ addresses: ['10.244.0.77'] }],
    }),
  ),
  'the EndpointSlice of the Service': refused(
    'endpoints',
    patch('endpointslice SLICE', { endpoints: [{ addresses: ['10.244.0.77'] }] }),
  ),
  'an EndpointSlice that comes to be the Service’s': refused(
    'endpoints',
    kubectl('label endpointslice V2SLICE kubernetes.io/service-name=web --overwrite'),
  ),
};

/** What routes the traffic to other Services. */
export const ofRoutes: Ways = {
  'all weight of the VirtualService': refused(
    'route',
    patch('virtualservice shop', { spec: { http: [{ route: [destination('web-v2')] }] } }),
  ),
  'most weight of the VirtualService': refused(
    'route',
    patch('virtualservice shop', {
      spec: {
        http: [
          {
            route: [
              { ...destination('web'), weight: 40 },
              { ...destination('web-v2'), weight: 60 },
            ],
          },
        ],
      },
    }),
  ),
  'a route before all others': refused(
    'route',
    patch('virtualservice shop', {
      spec: {
        http: [
          { match: [{ uri: { prefix: '/' } }], route: [destination('web-v2.shop.svc.cluster.local')] },
          { route: [destination('web')] },
        ],
      },
    }),
  ),
  'the VirtualService in an older version of the API': refused(
    'route',
    patch('virtualservices.v1beta1.networking.istio.io shop', {
      spec: { http: [{ route: [destination('web-v2')] }] },
    }),
  ),
  'a redirect': refused(
    'route',
    patch('virtualservice shop', { spec: { http: [{ redirect: { authority: 'web-v2' } }] } }),
  ),
  'the VirtualService deleted': refused('route', kubectl('delete virtualservice shop')),
  'a VirtualService for the host of the Service': refused(
    'route',
    kubectl('create -f -', virtualService('mesh', ['web'], [{ route: [destination('web-v2')] }])),
  ),
  'the backend of the HTTPRoute': refused('route', kubectl('apply -f -', httpRoute('web-v2'))),
  'the labels of a subset': refused(
    'subset',
    patch('destinationrule web', {
      spec: { subsets: [{ name: 'all', labels: { app: 'web', version: '2' } }] },
    }),
  ),
  'the DestinationRule deleted': refused('subset', kubectl('delete destinationrule web')),
};
