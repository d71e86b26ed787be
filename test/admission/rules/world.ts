// A namespace as the rules see it, and attempts in it.
import { usualFloor } from '../../../src/config/floor.ts';
import { SerinError } from '../../../src/errors.ts';
import type { KubeObject } from '../../../src/kube/objects.ts';
import type { Around, Attempt } from '../../../src/admission/rules/rule.ts';
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import { objectAt } from '../../../src/routing/json.ts';
import { merged } from '../../../src/config/document.ts';

let uids = 0;

/** An object as it is stored. */
export function stored(name: string, rest: JsonObject = {}, metadata: JsonObject = {}): KubeObject {
  uids += 1;
  const usual = { name, namespace: 'shop', uid: `u-${uids}`, resourceVersion: '1' };
  return { ...rest, metadata: { ...usual, ...objectAt(rest, 'metadata'), ...metadata } };
}

export const web = { app: 'web', tier: 'front' };

export function template(image: string, labels: JsonObject = web): JsonObject {
  return { metadata: { labels }, spec: { containers: [{ name: 'web', image }] } };
}

const progressing = (reason: string): JsonObject => ({ type: 'Progressing', status: 'True', reason });
/** A Deployment of three pods that serve, of a template that was rolled out. */
export function deployment(name: string, labels: JsonObject, changes: JsonObject = {}): KubeObject {
  const usual = {
    spec: { replicas: 3, template: template('shop:1', labels), strategy: { type: 'RollingUpdate' } },
    status: { availableReplicas: 3, conditions: [progressing('NewReplicaSetAvailable')] },
  };
  return stored(name, merged(usual, changes) as JsonObject);
}
export const service = (name: string, selector: JsonObject, labels: JsonObject = {}): KubeObject =>
  stored(name, { spec: { selector, type: 'ClusterIP' } }, { labels });

export const main = deployment('web', web);
const owner = { kind: 'Deployment', name: 'web', uid: main.metadata.uid, controller: true };
/** The ReplicaSet of main, with the pods that serve. */
export const set = stored(
  'web-7d4',
  {
    spec: { replicas: 3, template: template('shop:1', { ...web, 'pod-template-hash': '7d4' }) },
    status: { availableReplicas: 3 },
  },
  { ownerReferences: [owner] },
);
const others = [deployment('web-v2', { app: 'web-v2' }), deployment('other', { app: 'other' })];
const services = [
  ...['web', 'web-v2', 'other'].map((app) => service(app, { app })),
  service('front', { tier: 'front' }),
  service('web-canary', { app: 'web-canary' }, { 'app.kubernetes.io/managed-by': 'serin' }),
];

/** What is around an attempt in that namespace; `may` are the verbs that the user has. */
export function around(changes: Partial<Around> = {}, ...may: readonly string[]): Around {
  return {
    services: () => services,
    deployments: () => [main, ...others],
    replicaSets: () => Promise.resolve([set]),
    hasService: () => Promise.resolve(true),
    settings: () => Promise.resolve({ defaults: undefined, floor: { ...usualFloor, intervalMs: 30_000 } }),
    can: (verb) => Promise.resolve(may.includes(verb)),
    ...changes,
  };
}

export function unknown(): never {
  throw new SerinError('KUBE_UNREACHABLE', 'not known');
}

/** `object` with `changes` laid on it; null takes away. */
export function changed(object: JsonObject, changes: JsonObject): JsonObject {
  const result: Record<string, Json> = { ...object };
  for (const [key, value] of Object.entries(changes)) {
    const [before] = [result[key]];
    if (value === null) delete result[key];
    else result[key] = isMap(value) && isMap(before) ? changed(before, value) : value;
  }
  return result;
}

function isMap(json: Json | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

const common = {
  subResource: '',
  namespace: 'shop',
  user: { username: 'ann', groups: ['team'], extra: {} },
  dryRun: false,
} as const;
const nameOf = (object: JsonObject): string => {
  const { name } = object['metadata'] as { readonly name?: string };
  return name ?? '';
};

export function creating(resource: string, object: JsonObject): Attempt {
  return { ...common, operation: 'CREATE', resource, name: nameOf(object), object, oldObject: {} };
}
export function deleting(resource: string, oldObject: JsonObject): Attempt {
  return { ...common, operation: 'DELETE', resource, name: nameOf(oldObject), object: {}, oldObject };
}
export function updating(resource: string, oldObject: JsonObject, changes: JsonObject): Attempt {
  const object = changed(oldObject, changes);
  return { ...common, operation: 'UPDATE', resource, name: nameOf(object), object, oldObject };
}
export const annotations = (values: JsonObject): JsonObject => ({ metadata: { annotations: values } });
