// What there is in the shop that the ways around are tried in.
import type { JsonObject } from '../../../src/rollout/types.ts';
import {
  containers,
  deployment,
  destinationRule,
  floor,
  httpRoute,
  plan,
  service,
  virtualService,
  web,
  workload,
} from './words.ts';

const rbac = 'rbac.authorization.k8s.io';
const dev = { apiGroup: rbac, kind: 'User', name: 'dev' };
const namespaces = {
  apiGroups: [''],
  resources: ['namespaces', 'namespaces/status'],
  verbs: ['get', 'patch', 'update'],
};

/** HTTPRoute, as far as it matters, and what a developer may do: everything in the namespace, and label it. */
export const prerequisites: readonly JsonObject[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
  {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: 'httproutes.gateway.networking.k8s.io',
      // A group under k8s.io is taken with a word of who approved it alone.
      annotations: { 'api-approved.kubernetes.io': 'unapproved, for a test' },
    },
    spec: {
      group: 'gateway.networking.k8s.io',
      scope: 'Namespaced',
      names: { kind: 'HTTPRoute', plural: 'httproutes' },
      versions: [
        {
          ...{ name: 'v1', served: true, storage: true },
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  },
  {
    ...{ apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name: 'relabel' }, rules: [namespaces] },
  },
  ...['edit', 'relabel'].map((name) => ({
    ...{ apiVersion: `${rbac}/v1`, kind: 'ClusterRoleBinding', metadata: { name: `dev-${name}` } },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name },
    subjects: [dev],
  })),
];

/** The developer becomes somebody who may go around the canary. */
export const oncall: readonly JsonObject[] = [
  {
    ...{ apiVersion: `${rbac}/v1`, kind: 'Role', metadata: { name: 'oncall', namespace: 'shop' } },
    rules: [{ apiGroups: ['serin.dev'], resources: ['deployments'], verbs: ['bypass'] }],
  },
  {
    ...{ apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata: { name: 'oncall', namespace: 'shop' } },
    roleRef: { apiGroup: rbac, kind: 'Role', name: 'oncall' },
    subjects: [dev],
  },
];

const configMap = (name: string, data: JsonObject): JsonObject => ({
  ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'shop' }, data },
});
const lone = workload('v1', 'Pod', 'lone', { containers: containers('shop:2') });

export const objects: readonly JsonObject[] = [
  configMap('serin', { 'canary.yaml': plan, 'enforce.yaml': floor }),
  configMap('web-config', { colour: 'red' }),
  configMap('other-config', { colour: 'red' }),
  deployment('web', 'shop:4', web, { replicas: 2 }),
  deployment('other', 'shop:1', { app: 'other', shop: 'yes' }),
  deployment('web-v2', 'shop:2', { app: 'web-v2', shop: 'yes' }),
  deployment('idle', 'shop:1', { app: 'idle' }, { replicas: 0 }),
  ...['web', 'web-v2', 'idle', 'other'].map((name) => service(name, { app: name })),
  service('front', { tier: 'front' }),
  { ...lone, metadata: { name: 'lone', namespace: 'shop', labels: { alone: 'yes' } } },
];

export const routes = {
  kinds: 'virtualservices,destinationrules,httproutes',
  objects: [
    virtualService('shop', ['shop.example.com'], [{ route: [{ destination: { host: 'web' } }] }]),
    destinationRule,
    httpRoute('web'),
  ],
} as const;
