// The words that the ways around the canary of Deployment `web` are written in; test/cluster/bypass.test.ts tries them.
import type { Json, JsonObject } from '../../../src/rollout/types.ts';

/** One request: a line for kubectl, with what it reads from its input, or a raw call. */
export type Step =
  | { readonly kubectl: string; readonly input?: Json; readonly as?: string }
  | { readonly method: 'PUT' | 'PATCH' | 'DELETE'; readonly path: string; readonly body: JsonObject };

export interface Way {
  /** The requests; the last one is the attempt, and those before it are allowed. */
  readonly steps: readonly Step[];
  /** The rule that refuses it, or what is said where kube-apiserver itself does; undefined: it passes, or is held. */
  readonly refused?: string | RegExp;
}
export type Ways = { readonly [how: string]: Way };

export const shop = '/apis/apps/v1/namespaces/shop';
export const kubectl = (line: string, input?: Json): Step => ({
  kubectl: line,
  ...(input === undefined ? {} : { input }),
});
export const as = (user: string, line: string): Step => ({ kubectl: line, as: user });
export const refused = (rule: string | RegExp, ...steps: Step[]): Way => ({ steps, refused: rule });
export const passes = (...steps: Step[]): Way => ({ steps });
/** JSON as one word of a line. */
export const word = (json: Json): string => JSON.stringify(json).replaceAll(' ', '\\u0020');
export const patch = (what: string, body: JsonObject, user?: string): Step => ({
  kubectl: `patch ${what} --type=merge -p=${word(body)}`,
  ...(user === undefined ? {} : { as: user }),
});
export const annotated = (annotations: JsonObject, more: JsonObject = {}): JsonObject => ({
  metadata: { annotations },
  ...more,
});
export const imageOf = (image: string): JsonObject => ({ template: { spec: podSpec(image) } });

export const containers = (image: string): JsonObject[] => [{ name: 'web', image }];
export const podSpec = (image: string): JsonObject => ({
  containers: containers(image),
  volumes: [{ name: 'config', configMap: { name: 'web-config' } }],
});
export const template = (image: string, labels: JsonObject, more: JsonObject = {}): JsonObject => ({
  metadata: { labels },
  spec: { ...podSpec(image), ...more },
});
export const web = { app: 'web', tier: 'front' };

export function workload(apiVersion: string, kind: string, name: string, spec: JsonObject): JsonObject {
  return { apiVersion, kind, metadata: { name, namespace: 'shop' }, spec };
}
export function deployment(
  name: string,
  image: string,
  labels: JsonObject,
  more: JsonObject = {},
): JsonObject {
  const selector = { matchLabels: { app: labels['app'] ?? name } };
  return workload('apps/v1', 'Deployment', name, { selector, template: template(image, labels), ...more });
}
export function service(name: string, selector: JsonObject): JsonObject {
  return workload('v1', 'Service', name, { selector, ports: [{ name: 'http', port: 80, targetPort: 8080 }] });
}
export const destination = (host: string, more: JsonObject = {}): JsonObject => ({
  destination: { host, ...more },
});
export function virtualService(name: string, hosts: string[], http: JsonObject[]): JsonObject {
  return workload('networking.istio.io/v1', 'VirtualService', name, { hosts, http });
}
export const destinationRule = workload('networking.istio.io/v1', 'DestinationRule', 'web', {
  host: 'web',
  subsets: [{ name: 'all', labels: { app: 'web' } }],
});
export const httpRoute = (backend: string): JsonObject =>
  workload('gateway.networking.k8s.io/v1', 'HTTPRoute', 'shop', {
    rules: [{ backendRefs: [{ name: backend, port: 80 }] }],
  });
/** A plan of a length that no test outlasts. */
export const plan = 'analysis: {interval: 600s, threshold: 5, stepWeights: [20]}';
export const floor = 'interval: 30s\nthreshold: 10\nstep: 50\n';

export const planned = (analysis: object): Step =>
  patch('deployment web', {
    metadata: { annotations: { 'serin.dev/canary': JSON.stringify({ analysis }) } },
  });
export const settings = (key: string, text: string): Step =>
  patch('configmap serin', { data: { [key]: text } });
export const matching = { selector: { matchLabels: web }, template: template('shop:2', web) };
export const never = { restartPolicy: 'Never' };
