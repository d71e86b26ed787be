// One example of each rule, from which docs/rules.md is made: what somebody does, and the attempt that it is.
import type { Around, Attempt } from '../../../src/admission/rules/rule.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import {
  annotations,
  around,
  creating,
  deleting,
  deployment,
  main,
  service,
  stored,
  template,
  updating,
  web,
} from './world.ts';

export interface Example {
  readonly why: string;
  readonly does: string;
  readonly attempt: Attempt;
  readonly around?: Around;
}

const onMain = (changes: JsonObject): Attempt => updating('apps/deployments', main, changes);
const plan = (analysis: JsonObject): string => JSON.stringify({ analysis });
const idle = deployment('idle', { app: 'idle' }, { spec: { replicas: 0 }, status: { availableReplicas: 0 } });
const pod = stored(
  'web-7d4-x2x',
  { spec: { containers: [{ name: 'web', image: 'shop:1' }] } },
  { labels: web },
);
const routes = stored('shop', {
  spec: { hosts: ['shop.example.com'], http: [{ route: [{ destination: { host: 'web' } }] }] },
});
const subsets = (version: string): JsonObject => ({
  spec: { host: 'web', subsets: [{ name: 'stable', labels: { version } }] },
});
const twin = stored('web-canary', { spec: { replicas: 1 } }, { annotations: { 'serin.dev/twin-of': 'u' } });
const slice = stored('web-by-hand', { endpoints: [] }, { labels: { 'kubernetes.io/service-name': 'web' } });
const settings = stored('serin', { data: { 'enforce.yaml': 'interval: 30s' } });
const configured = deployment('web', web, {
  spec: { template: { spec: { volumes: [{ name: 'config', configMap: { name: 'web-config' } }] } } },
});

/** By the id of the rule, in the order of the page. */
export const examples: { readonly [rule: string]: Example } = {
  hold: {
    why: 'While Serin answers it holds every release that has something to protect. This rule is for what is left: a version that served and whose pods are gone just now, or a pause that is taken off a template that nobody tried.',
    does: 'kubectl delete pods -l app=web; kubectl set image deployment/web web=shop:2',
    attempt: updating('apps/deployments', deployment('web', web, { status: { availableReplicas: 0 } }), {
      spec: { template: template('shop:2') },
    }),
  },
  strategy: {
    why: 'A promotion rolls the Deployment by its own strategy; it must never take all pods at once.',
    does: `kubectl patch deployment web -p '{"spec":{"strategy":{"type":"Recreate","rollingUpdate":null}}}'`,
    attempt: onMain({ spec: { strategy: { type: 'Recreate' } } }),
  },
  'zero-replicas': {
    why: 'To scale to zero, change the template and scale up again is a release to everybody at once.',
    does: 'kubectl scale deployment idle --replicas=0; kubectl set image deployment/idle web=shop:2',
    attempt: updating('apps/deployments', idle, { spec: { template: template('shop:2', { app: 'idle' }) } }),
  },
  'opt-out': {
    why: 'In mode `canary` a team may switch its canary off; in mode `enforce` it may not.',
    does: 'kubectl annotate deployment web serin.dev/canary=disabled',
    attempt: onMain(annotations({ 'serin.dev/canary': 'disabled' })),
  },
  plan: {
    why: 'A plan that goes to everybody in one step, or looks at nothing that can fail, is no canary; to skip the analysis takes the RBAC verb `promote` ([admission.md](admission.md#commands)). How weak a plan may be at most is the floor of the namespace; see below. The defaults in ConfigMap `serin` are judged by the same.',
    does: `kubectl annotate deployment web serin.dev/canary='{"analysis":{"interval":"1s","stepWeights":[100],"metrics":[]}}'`,
    attempt: onMain(
      annotations({ 'serin.dev/canary': plan({ interval: '1s', stepWeights: [100], metrics: [] }) }),
    ),
  },
  floor: {
    why: 'Who may change the ConfigMap may not thereby lower what is asked of every plan.',
    does: `kubectl patch configmap serin --type=merge -p '{"data":{"enforce.yaml":"interval: 1s"}}'`,
    attempt: updating('configmaps', settings, { data: { 'enforce.yaml': 'interval: 1s' } }),
  },
  'mutable-tag': {
    why: 'Behind a tag that moves, a restart or a lost node is a release that changes no template.',
    does: 'kubectl set image deployment/web web=shop:latest',
    attempt: { ...onMain({ spec: { paused: true, template: template('shop:latest') } }) },
  },
  delete: {
    why: 'What is created in the place of a deleted Deployment gets all of the traffic at once. `kubectl replace --force` does that.',
    does: 'kubectl replace --force -f web.yaml',
    attempt: deleting('apps/deployments', main),
  },
  owner: {
    why: 'Garbage collection deletes what an owner leaves behind, and asks nobody.',
    does: `kubectl patch deployment web --type=merge -p '{"metadata":{"ownerReferences":[...]}}'`,
    attempt: onMain({ metadata: { ownerReferences: [{ kind: 'ConfigMap', name: 'x', uid: 'x' }] } }),
  },
  'second-workload': {
    why: 'What a Service selects beside a Deployment gets a share of its traffic, or most of it. This holds for Deployments, ReplicaSets, StatefulSets, DaemonSets, Jobs, CronJobs, ReplicationControllers and bare pods, new ones and such as come to match.',
    does: 'kubectl run web-2 --image=shop:2 --labels=app=web',
    attempt: creating('pods', stored('web-2', {}, { labels: { app: 'web' } })),
  },
  'replica-set': {
    why: 'ReplicaSets are the Deployment controller’s: an old one scaled up serves at once.',
    does: 'kubectl scale replicaset web-7d4 --replicas=9',
    attempt: {
      ...updating('apps/replicasets/scale', stored('web-7d4', { spec: { replicas: 0 } }), {
        spec: { replicas: 9 },
      }),
      subResource: 'scale',
    },
  },
  'pod-image': {
    why: 'A pod is replaced, never changed: what was put into it by hand had no canary.',
    does: 'kubectl set image pod/web-7d4-x2x web=shop:2',
    attempt: updating('pods', pod, { spec: { containers: [{ name: 'web', image: 'shop:2' }] } }),
  },
  service: {
    why: 'Another selector leads all of the traffic to other pods at once. A selector may grow narrower as long as the same Deployments match.',
    does: 'kubectl set selector service web app=web-v2',
    attempt: updating('services', service('web', { app: 'web' }), { spec: { selector: { app: 'web-v2' } } }),
  },
  endpoints: {
    why: 'Endpoints written by hand lead the traffic of a Service to any pod, whatever its selector says.',
    does: 'kubectl create -f endpointslice.yaml   # labelled kubernetes.io/service-name: web',
    attempt: creating('discovery.k8s.io/endpointslices', slice),
  },
  route: {
    why: 'Routes may move traffic in steps; the floor says how large. Routes for a part of the requests only (a header, a path) are free. VirtualServices, HTTPRoutes and GRPCRoutes of the namespace are looked at.',
    does: `kubectl patch virtualservice shop --type=merge -p '{"spec":{"http":[{"route":[{"destination":{"host":"web-v2"}}]}]}}'`,
    attempt: updating('networking.istio.io/virtualservices', routes, {
      spec: { http: [{ route: [{ destination: { host: 'web-v2' } }] }] },
    }),
  },
  subset: {
    why: 'Routes name a subset of a DestinationRule; what it selects is where their traffic goes.',
    does: 'kubectl edit destinationrule web   # subset stable: version 1 becomes 2',
    attempt: updating('networking.istio.io/destinationrules', stored('web', subsets('1')), subsets('2')),
  },
  'serin-object': {
    why: 'The twin, what is generated for it, and what Serin remembers are written by Serin alone.',
    does: 'kubectl scale deployment web-canary --replicas=9   # by an edit of the object',
    attempt: updating('apps/deployments', twin, { spec: { replicas: 9 } }),
  },
  'mounted-config': {
    why: 'Configuration changed in place has [a canary](config-releases.md), and yet reaches pods before that has decided. This rule\nwarns and never refuses.',
    does: `kubectl patch configmap web-config --type=merge -p '{"data":{"colour":"blue"}}'`,
    attempt: updating('configmaps', stored('web-config', { data: { colour: 'red' } }), {
      data: { colour: 'blue' },
    }),
    around: around({ deployments: () => [configured] }),
  },
};
