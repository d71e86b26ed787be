// What `kubectl apply` sends for an object, as a call.
import type { Call } from '../kube/calls.ts';
import { callOn } from '../kube/calls.ts';
import type { KubeObject, Resource } from '../kube/objects.ts';
import { isSame } from '../rollout/template.ts';
import type { Json, JsonObject } from '../rollout/types.ts';
import { isList, isObject, listAt, objectAt, textAt } from '../routing/json.ts';

type Sent = Pick<Call, 'method' | 'path' | 'body'> & Partial<Pick<Call, 'contentType'>>;

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** Where an object goes. */
export interface Target {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly name: string;
}

/** The dry run of an apply of `object` over what is there now. */
export function applied(object: JsonObject, live: KubeObject | undefined, target: Target): Sent {
  if (live === undefined) return created(object, target);
  const before = lastIn(live);
  const manager = listAt(live.metadata, 'managedFields').find(
    (each) => textAt(each, 'operation') === 'Apply' && textAt(each, 'manager') !== 'serin',
  );
  if (before === undefined && manager !== undefined)
    return {
      ...patched(object, target, 'application/apply-patch+yaml'),
      path: `${pathOf(target)}&force=true&fieldManager=${encodeURIComponent(textAt(manager, 'manager') ?? 'kubectl')}`,
    };
  const isOwn = isBuiltIn(target.resource);
  const changes = { ...object, ...leftOut(before ?? {}, object, isOwn) };
  return patched(
    changes,
    target,
    isOwn ? 'application/strategic-merge-patch+json' : 'application/merge-patch+json',
  );
}

/** The dry run of a patch that only sets images, as `kubectl set image` sends it. */
export function imagesSet(images: ReadonlyMap<string, string>, target: Target): Sent {
  const containers = [...images].map(([name, image]) => ({ name, image }));
  return patched(
    { spec: { template: { spec: { containers } } } },
    target,
    'application/strategic-merge-patch+json',
  );
}

function created(object: JsonObject, target: Target): Sent {
  const path = pathOf(target).replace(/\/[^/?]*\?/, '?');
  return { method: 'POST', path: `${path}&fieldManager=kubectl-client-side-apply`, body: object };
}

function patched(body: JsonObject, target: Target, contentType: string): Sent {
  return { method: 'PATCH', path: pathOf(target), body, contentType };
}

function pathOf({ resource, namespace, name }: Target): string {
  return `${callOn('', resource, namespace, name).path}?dryRun=All`;
}

/** The kinds that come with Kubernetes have strategies for their lists; those of others have none. */
function isBuiltIn({ group }: Resource): boolean {
  return !group.includes('.') || group.endsWith('.k8s.io');
}

function lastIn({ metadata }: KubeObject): JsonObject | undefined {
  const text = metadata.annotations?.[lastApplied];
  if (text === undefined) return undefined;
  try {
    const json = JSON.parse(text) as Json;
    return isObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

/** What tells the items of a list that is merged, by the name of the list. */
const keys: Readonly<Record<string, string>> = {
  ...{ containers: 'name', initContainers: 'name', volumes: 'name', env: 'name', imagePullSecrets: 'name' },
  ...{ volumeMounts: 'mountPath', volumeDevices: 'devicePath', ports: 'containerPort', hostAliases: 'ip' },
};

/** The part of the patch that takes away what the last apply had and this one has not, laid over what this one has. */
function leftOut(before: JsonObject, after: JsonObject, mergesLists: boolean): JsonObject {
  const gone = Object.keys(before).filter(
    (key) => !(key in after) && !['status', 'apiVersion', 'kind'].includes(key),
  );
  const kept = Object.entries(after).flatMap(([key, value]): readonly (readonly [string, Json])[] => {
    const old = before[key];
    if (isObject(value) && isObject(old)) return [[key, { ...value, ...leftOut(old, value, mergesLists) }]];
    if (mergesLists && isList(value) && isList(old)) return [[key, mergedList(key, old, value)]];
    return [];
  });
  return Object.fromEntries([...gone.map((key) => [key, null] as const), ...kept]);
}

function mergedList(name: string, before: readonly Json[], after: readonly Json[]): Json {
  const key = keys[name];
  if (key === undefined) return after;
  const idOf = (item: Json): Json => (isObject(item) ? (item[key] ?? null) : null);
  const items = after.map((item): Json => {
    const old = before.find((each) => isSame(idOf(each), idOf(item)));
    return isObject(item) && isObject(old) ? { ...item, ...leftOut(old, item, true) } : item;
  });
  const gone = before.filter((old) => !after.some((item) => isSame(idOf(item), idOf(old))));
  return [...items, ...gone.map((old) => ({ $patch: 'delete', [key]: idOf(old) }))];
}

/** The object without what only the API server writes. */
export function asWritten(object: JsonObject, namespace: string | undefined): JsonObject {
  const { status: _, ...rest } = object;
  const metadata = { ...objectAt(object, 'metadata'), ...(namespace === undefined ? {} : { namespace }) };
  return { ...rest, metadata };
}
