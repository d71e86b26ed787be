// What observations are made on: a Deployment of the rig's shop, whose image tag says how it behaves.
import { type KubeObject, type Resource, resources } from '../../src/kube/objects.ts';
import { listAt, objectAt, textAt } from '../../src/routing/json.ts';
import type { JsonObject } from '../../src/rollout/types.ts';

export const replicaSets: Resource = {
  group: 'apps',
  version: 'v1',
  plural: 'replicasets',
  kind: 'ReplicaSet',
  namespaced: true,
};

interface Shop {
  readonly name?: string;
  readonly tag?: string;
  readonly annotations?: JsonObject;
  /** Fields of its spec beside selector and template. */
  readonly spec?: JsonObject;
  /** Fields of the pods' spec beside the container. */
  readonly pod?: JsonObject;
}

/** A Deployment of two pods, as its owner writes it. */
export function shop({ name = 'web', tag = '1', annotations, spec, pod }: Shop = {}): JsonObject {
  const labels = { app: name };
  const container = { name: 'shop', image: `shop:${tag}`, ports: [{ containerPort: 8080 }] };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels, ...(annotations === undefined ? {} : { annotations }) },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [container], terminationGracePeriodSeconds: 1, ...pod },
      },
      ...spec,
    },
  };
}

/** The merge patch that gives the shop another version. */
export function imagePatch(tag: string): JsonObject {
  return { spec: { template: { spec: { containers: [{ name: 'shop', image: `shop:${tag}` }] } } } };
}

/** `type=status/reason` of every condition, in the order in which they stand. */
export function conditionsOf(object: KubeObject): readonly string[] {
  return listAt(objectAt(object, 'status'), 'conditions').map(
    (each) => `${textAt(each, 'type')}=${textAt(each, 'status')}/${textAt(each, 'reason')}`,
  );
}

export const deployments: Resource = resources.deployments;
