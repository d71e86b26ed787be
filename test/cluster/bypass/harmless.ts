import {
  kubectl,
  as,
  passes,
  patch,
  web,
  deployment,
  destination,
  planned,
  settings,
  type Ways,
} from './words.ts';

/** What looks alike and has to pass. */
export const harmless: Ways = {
  'a scale': passes(
    kubectl('scale deployment web --replicas=3'),
    kubectl('scale deployment web --replicas=2'),
  ),
  'an autoscaler': passes(kubectl('autoscale deployment web --min=2 --max=4 --cpu=80%')),
  'a restart': passes(kubectl('rollout restart deployment/other')),
  'a label': passes(kubectl('label deployment web team=shop')),
  'a pause and its end': passes(
    kubectl('rollout pause deployment/web'),
    kubectl('rollout resume deployment/web'),
  ),
  'the same object again': passes(kubectl('apply -f -', deployment('web', 'shop:1', web, { replicas: 2 }))),
  'a stricter plan': passes(planned({ interval: '120s', threshold: 2, stepWeights: [1, 5, 20, 50] })),
  'no plan of its own any more': passes(kubectl('annotate deployment web serin.dev/canary-')),
  'a floor that rises': passes(settings('enforce.yaml', '{"interval":"60s","threshold":10,"step":50}')),
  'another strategy': passes(
    patch('deployment web', { spec: { strategy: { rollingUpdate: { maxUnavailable: '50%' } } } }),
  ),
  'a Deployment beside': passes(
    kubectl('create deployment beside --image=shop:2'),
    kubectl('delete deployment beside'),
  ),
  'a pod beside': passes(kubectl('run beside --image=shop:2'), kubectl('delete pod beside --wait=false')),
  'a Job beside': passes(kubectl('create job beside --image=shop:2')),
  'a pod deleted': passes(kubectl('delete pod POD --wait=false')),
  'a look into a copy of a pod': passes(kubectl('debug POD --copy-to=look --image=shop:2 --attach=false')),
  'an old ReplicaSet tidied away': passes(kubectl('delete replicaset OTHEROLD')),
  'a label of the Service': passes(kubectl('label service web team=shop')),
  'a port of the Service': passes(
    patch('service web', {
      spec: {
        ports: [
          { name: 'http', port: 80, targetPort: 8080 },
          { name: 'more', port: 81, targetPort: 8080 },
        ],
      },
    }),
  ),
  'a Service beside': passes(kubectl('create service clusterip beside --tcp=80')),
  'the selector of a Service of nobody': passes(kubectl('set selector service beside app=other')),
  'a timeout of the VirtualService': passes(
    patch('virtualservice shop', { spec: { http: [{ route: [destination('web')], timeout: '5s' }] } }),
  ),
  'a small step of the VirtualService, and back': passes(
    patch('virtualservice shop', {
      spec: {
        http: [
          {
            route: [
              { ...destination('web'), weight: 80 },
              { ...destination('web-v2'), weight: 20 },
            ],
          },
        ],
      },
    }),
    patch('virtualservice shop', { spec: { http: [{ route: [destination('web')] }] } }),
  ),
  'a route for some': passes(
    patch('virtualservice shop', {
      spec: {
        http: [
          { match: [{ headers: { beta: { exact: 'yes' } } }], route: [destination('web-v2')] },
          { route: [destination('web')] },
        ],
      },
    }),
  ),
  'another subset': passes(
    patch('destinationrule web', {
      spec: {
        subsets: [
          { name: 'all', labels: { app: 'web' } },
          { name: 'two', labels: { version: '2' } },
        ],
      },
    }),
  ),
  'a ConfigMap of another app': passes(patch('configmap other-config', { data: { colour: 'blue' } })),
  'a namespace label of somebody else': passes(as('dev', 'label namespace shop team=shop')),
  'another app’s own release': passes(kubectl('set image deployment/other web=shop:2')),
  'in the name of the dev, what a dev may': passes(as('dev', 'scale deployment web --replicas=2')),
  'a release in a dry run': passes(kubectl('set image deployment/web web=shop:7 --dry-run=server')),
};
