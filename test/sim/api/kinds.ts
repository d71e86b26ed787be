// What kinds there are, and what kube-apiserver does differently from kind to kind.
import { type Resource, resources } from '../../../src/kube/objects.ts';

const kindOf = (
  group: string,
  version: string,
  plural: string,
  kind: string,
  namespaced = true,
): Resource => ({ group, version, plural, kind, namespaced });

const admissionKind = (plural: string, kind: string): Resource =>
  kindOf('admissionregistration.k8s.io', 'v1', plural, kind, false);

/** The kinds of the simulated cluster, beyond those Serin uses itself. */
export const kinds = {
  ...resources,
  namespaces: kindOf('', 'v1', 'namespaces', 'Namespace', false),
  nodes: kindOf('', 'v1', 'nodes', 'Node', false),
  serviceAccounts: kindOf('', 'v1', 'serviceaccounts', 'ServiceAccount'),
  endpoints: kindOf('', 'v1', 'endpoints', 'Endpoints'),
  limitRanges: kindOf('', 'v1', 'limitranges', 'LimitRange'),
  resourceQuotas: kindOf('', 'v1', 'resourcequotas', 'ResourceQuota'),
  replicaSets: kindOf('apps', 'v1', 'replicasets', 'ReplicaSet'),
  endpointSlices: kindOf('discovery.k8s.io', 'v1', 'endpointslices', 'EndpointSlice'),
  disruptionBudgets: kindOf('policy', 'v1', 'poddisruptionbudgets', 'PodDisruptionBudget'),
  destinationRules: kindOf('networking.istio.io', 'v1', 'destinationrules', 'DestinationRule'),
  networkPolicies: kindOf('networking.k8s.io', 'v1', 'networkpolicies', 'NetworkPolicy'),
  roles: kindOf('rbac.authorization.k8s.io', 'v1', 'roles', 'Role'),
  roleBindings: kindOf('rbac.authorization.k8s.io', 'v1', 'rolebindings', 'RoleBinding'),
  clusterRoles: kindOf('rbac.authorization.k8s.io', 'v1', 'clusterroles', 'ClusterRole', false),
  clusterRoleBindings: kindOf(
    'rbac.authorization.k8s.io',
    'v1',
    'clusterrolebindings',
    'ClusterRoleBinding',
    false,
  ),
  validatingWebhooks: admissionKind('validatingwebhookconfigurations', 'ValidatingWebhookConfiguration'),
  validatingPolicies: admissionKind('validatingadmissionpolicies', 'ValidatingAdmissionPolicy'),
  validatingBindings: admissionKind('validatingadmissionpolicybindings', 'ValidatingAdmissionPolicyBinding'),
  mutatingPolicies: admissionKind('mutatingadmissionpolicies', 'MutatingAdmissionPolicy'),
  mutatingBindings: admissionKind('mutatingadmissionpolicybindings', 'MutatingAdmissionPolicyBinding'),
} as const satisfies Record<string, Resource>;

/** `deployments.apps`: names a kind, whatever the version. */
export function kindKey({ plural, group }: Pick<Resource, 'plural' | 'group'>): string {
  return `${plural}.${group}`;
}

/** What each write of a kind bumps the generation for; `body` is everything but metadata and status. */
type Counts = 'nothing' | 'spec' | 'spec and annotations' | 'body';

export interface Traits {
  readonly counts: Counts;
  /** A PUT must name the version it replaces. */
  readonly isConditional?: boolean;
  /** It has a /status: writes beside it do not change the status. */
  readonly hasStatus: boolean;
  /** Stored as it is, without a Go type: strategic patches are refused. */
  readonly isCustom: boolean;
}

const traits: Readonly<Record<string, Traits>> = {
  // strategy.go of each kind: only those of apps that predate generation for spec alone look at annotations.
  'deployments.apps': { counts: 'spec and annotations', hasStatus: true, isCustom: false },
  'replicasets.apps': { counts: 'spec', hasStatus: true, isCustom: false },
  'pods.': { counts: 'spec', hasStatus: true, isCustom: false },
  'services.': { counts: 'nothing', hasStatus: true, isCustom: false },
  'namespaces.': { counts: 'nothing', hasStatus: true, isCustom: false },
  'nodes.': { counts: 'nothing', hasStatus: true, isCustom: false },
  'horizontalpodautoscalers.autoscaling': { counts: 'nothing', hasStatus: true, isCustom: false },
  'poddisruptionbudgets.policy': { counts: 'spec', hasStatus: true, isCustom: false, isConditional: true },
  'leases.coordination.k8s.io': { counts: 'nothing', hasStatus: false, isCustom: false, isConditional: true },
  'networkpolicies.networking.k8s.io': { counts: 'spec', hasStatus: false, isCustom: false },
  'endpointslices.discovery.k8s.io': { counts: 'body', hasStatus: false, isCustom: false },
};

const plain: Traits = { counts: 'nothing', hasStatus: false, isCustom: false };
const admission: Traits = { counts: 'body', hasStatus: false, isCustom: false, isConditional: true };
const custom: Traits = { counts: 'body', hasStatus: true, isCustom: true, isConditional: true };

export function traitsOf(resource: Resource): Traits {
  const known = traits[kindKey(resource)];
  if (known !== undefined) return known;
  if (resource.group === 'admissionregistration.k8s.io') return admission;
  const isBuiltIn =
    !resource.group.includes('.') ||
    (resource.group.endsWith('.k8s.io') && resource.group !== resources.httpRoutes.group);
  return isBuiltIn ? plain : custom;
}

export function apiVersionOf({ group, version }: Resource): string {
  return group === '' ? version : `${group}/${version}`;
}
