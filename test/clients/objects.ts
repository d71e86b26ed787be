// The objects of a shop so small that a hundred of them fit on one machine: one pod, no route of its own.
import type { JsonObject } from '../../src/rollout/types.ts';

interface Changes {
  readonly replicas?: number;
  readonly paused?: boolean;
  readonly env?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The Deployment as its owner keeps it; `env` is the value of SHOP_SEED. */
export function manifestOf(name: string, image: string, changes: Changes = {}): JsonObject {
  const { replicas = 1, paused, env, annotations } = changes;
  const variables = env === undefined ? {} : { env: [{ name: 'SHOP_SEED', value: env }] };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels: { row: name }, ...(annotations === undefined ? {} : { annotations }) },
    spec: {
      replicas,
      ...(paused === undefined ? {} : { paused }),
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'web', image, ...variables }] },
      },
    },
  };
}

export function serviceOf(name: string): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  };
}

/** The defaults of the namespace: a trial that outlasts any test. */
export function planOf(namespace: string): JsonObject {
  const plan = 'analysis: {interval: 600s, stepWeights: [20], metrics: []}';
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'serin', namespace },
    data: { 'canary.yaml': plan },
  };
}

/** A trial of a second, without traffic. */
export const quickPlan = 'analysis: {interval: 1s, stepWeights: [50], metrics: []}';
