import type { JsonObject } from '../rollout/types.ts';

/** An object as the API server sent it: raw JSON, so that a field we do not know is never lost. */
export type KubeObject = JsonObject & { readonly metadata: ObjectMeta };

type ObjectMeta = JsonObject & {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation?: number;
  readonly labels?: { readonly [key: string]: string };
  readonly annotations?: { readonly [key: string]: string };
};

/** Where a kind lives in the API. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

const namespaced = (group: string, version: string, plural: string, kind: string): Resource => ({
  group,
  version,
  plural,
  kind,
  namespaced: true,
});

export const resources = {
  deployments: namespaced('apps', 'v1', 'deployments', 'Deployment'),
  replicaSets: namespaced('apps', 'v1', 'replicasets', 'ReplicaSet'),
  services: namespaced('', 'v1', 'services', 'Service'),
  pods: namespaced('', 'v1', 'pods', 'Pod'),
  configMaps: namespaced('', 'v1', 'configmaps', 'ConfigMap'),
  secrets: namespaced('', 'v1', 'secrets', 'Secret'),
  events: namespaced('', 'v1', 'events', 'Event'),
  leases: namespaced('coordination.k8s.io', 'v1', 'leases', 'Lease'),
  horizontalPodAutoscalers: namespaced(
    'autoscaling',
    'v2',
    'horizontalpodautoscalers',
    'HorizontalPodAutoscaler',
  ),
  scaledObjects: namespaced('keda.sh', 'v1alpha1', 'scaledobjects', 'ScaledObject'),
  metricTemplates: namespaced('flagger.app', 'v1beta1', 'metrictemplates', 'MetricTemplate'),
  virtualServices: namespaced('networking.istio.io', 'v1', 'virtualservices', 'VirtualService'),
  destinationRules: namespaced('networking.istio.io', 'v1', 'destinationrules', 'DestinationRule'),
  httpRoutes: namespaced('gateway.networking.k8s.io', 'v1', 'httproutes', 'HTTPRoute'),
  grpcRoutes: namespaced('gateway.networking.k8s.io', 'v1', 'grpcroutes', 'GRPCRoute'),
  networkPolicies: namespaced('networking.k8s.io', 'v1', 'networkpolicies', 'NetworkPolicy'),
  podDisruptionBudgets: namespaced('policy', 'v1', 'poddisruptionbudgets', 'PodDisruptionBudget'),
  authorizationPolicies: namespaced(
    'security.istio.io',
    'v1',
    'authorizationpolicies',
    'AuthorizationPolicy',
  ),
  peerAuthentications: namespaced('security.istio.io', 'v1', 'peerauthentications', 'PeerAuthentication'),
  requestAuthentications: namespaced(
    'security.istio.io',
    'v1',
    'requestauthentications',
    'RequestAuthentication',
  ),
  podMonitors: namespaced('monitoring.coreos.com', 'v1', 'podmonitors', 'PodMonitor'),
  namespaces: { group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace', namespaced: false },
  mutatingWebhooks: {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    plural: 'mutatingwebhookconfigurations',
    kind: 'MutatingWebhookConfiguration',
    namespaced: false,
  },
  validatingWebhooks: {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    plural: 'validatingwebhookconfigurations',
    kind: 'ValidatingWebhookConfiguration',
    namespaced: false,
  },
  mutatingPolicies: {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    plural: 'mutatingadmissionpolicies',
    kind: 'MutatingAdmissionPolicy',
    namespaced: false,
  },
} as const satisfies Record<string, Resource>;

/** Every name Serin, or a policy of its, writes on an object. */
export const names = {
  canary: 'serin.dev/canary',
  state: 'serin.dev/state',
  stable: 'serin.dev/stable',
  history: 'serin.dev/history',
  /** What a person tells the rollout; stamped by the webhook, and gone once it was heeded. */
  command: 'serin.dev/command',
  /** Says `policy` of a hold that kube-apiserver put on by itself (manifests/policies/hold.yaml). */
  heldBy: 'serin.dev/held-by',
  /** Beside it: who asked for the candidate, and what was there before. */
  asked: 'serin.dev/asked',
  twinOf: 'serin.dev/twin-of',
  revision: 'serin.dev/revision',
  analysis: 'serin.dev/analysis',
  /** On the twin: the kinds of which it has shadows (src/routing/shadow.ts). */
  shadows: 'serin.dev/shadows',
  /** On a pod template: the change of ConfigMaps and Secrets that is tried or was; on one of those, `disabled`. */
  config: 'serin.dev/config',
  /** On a Deployment: what its stable pods read of them (src/config/config-seen.ts). */
  configSeen: 'serin.dev/config-seen',
  fieldManager: 'serin',
} as const;
