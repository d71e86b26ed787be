// What each call of Kube sends, as data.
import type { Json, JsonObject } from '../rollout/types.ts';
import type { Patch, Scope } from './kube.ts';
import { names, type Resource } from './objects.ts';
import type { Request } from './transport.ts';

export interface Call {
  /** Begins every message: `cannot patch deployments shop/web`. */
  readonly doing: string;
  readonly method: Request['method'];
  readonly path: string;
  readonly body?: Json;
  readonly contentType?: string;
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** A call on one object; `verb` is for people. */
export function callOn(
  verb: string,
  resource: Resource,
  namespace: string | undefined,
  name: string,
  subresource?: string,
): Call {
  const subject = namespace === undefined ? name : `${namespace}/${name}`;
  const tail = subresource === undefined ? '' : `/${subresource}`;
  return {
    doing: `cannot ${verb} ${resource.plural}${tail} ${subject}`,
    method: 'GET',
    path: `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}${tail}`,
  };
}

/** A call on what a scope holds. */
export function callOnAll(verb: string, resource: Resource, scope: Scope, query: Query): Call {
  const { namespace, labelSelector, fieldSelector } = scope;
  const asked: Query = { labelSelector, fieldSelector, ...query };
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(asked)) if (value !== undefined) search.set(key, String(value));
  return {
    doing: `cannot ${verb} ${resource.plural}${namespace === undefined ? '' : ` in ${namespace}`}`,
    method: 'GET',
    path: collectionPath(resource, namespace) + (search.size > 0 ? `?${search.toString()}` : ''),
  };
}

export function createCall(resource: Resource, namespace: string | undefined, object: JsonObject): Call {
  const { doing } = callOn('create', resource, namespace, nameIn(object));
  const path = `${collectionPath(resource, namespace)}?fieldManager=${names.fieldManager}`;
  return { doing, method: 'POST', path, body: object };
}

export function patchCall(on: Call, patch: Patch): Call {
  const force = patch.type === 'apply' ? '&force=true' : '';
  const path = `${on.path}?fieldManager=${names.fieldManager}${force}`;
  const body = patch.type === 'json' ? [...patch.ops] : patch.body;
  return { ...on, method: 'PATCH', path, body, contentType: patchTypes[patch.type] };
}

export function deleteCall(on: Call, uid: string): Call {
  const options = { propagationPolicy: 'Background', preconditions: { uid } };
  return { ...on, method: 'DELETE', body: { apiVersion: 'v1', kind: 'DeleteOptions', ...options } };
}

/** The call as the transport sends it. */
export function requestOf({ method, path, contentType, body }: Call, signal: AbortSignal): Request {
  const headers = { accept: 'application/json', 'user-agent': 'serin' };
  if (body === undefined) return { method, path, headers, signal };
  const json = JSON.stringify(body);
  const described = {
    ...headers,
    'content-type': contentType ?? 'application/json',
    'content-length': String(Buffer.byteLength(json)),
  };
  return { method, path, headers: described, body: json, signal };
}

const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  // JSON is YAML, and every version of the API server takes this name.
  apply: 'application/apply-patch+yaml',
} as const satisfies Record<Patch['type'], string>;

function collectionPath(resource: Resource, namespace: string | undefined): string {
  const root = resource.group === '' ? '/api' : `/apis/${resource.group}`;
  const inside = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}/${resource.version}${inside}/${resource.plural}`;
}

function nameIn(object: JsonObject): string {
  const { name, generateName } = (object['metadata'] ?? {}) as { name?: string; generateName?: string };
  return name ?? generateName ?? 'without a name';
}
