// What observations are made on: a Deployment of the rig's shop, whose image tag says how it behaves.
import type { JsonObject } from '../../src/rollout/types.ts';

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
