// An API server in memory, for tests of code that reads and writes a few objects and watches none. It keeps what makes
// such code wrong on a real one: resourceVersions and uids, 409 on a stale or second write, 404, merge and JSON patches.
import fastJsonPatch from 'fast-json-patch';
import { SerinError } from '../../src/errors.ts';
import type { Kube, Patch } from '../../src/kube/kube.ts';
import type { KubeObject, Resource } from '../../src/kube/objects.ts';
import type { Json, JsonObject } from '../../src/rollout/types.ts';

export interface Call {
  readonly verb: 'get' | 'list' | 'create' | 'patch' | 'delete';
  readonly plural: string;
  readonly name: string;
}

export interface MemoryKube extends Kube {
  /** Runs before each call is carried out; what it throws is the answer, what it writes was there first. */
  before: (call: Call) => void | Promise<void>;
  /** Every call so far that changed something, in words. */
  readonly writes: string[];
}

/** An API server that holds nothing yet. */
export function memoryKube(): MemoryKube {
  const stored = new Map<string, KubeObject>();
  let version = 0;

  const keyOf = (resource: Resource, namespace: string | undefined, name: string): string =>
    [resource.group, resource.plural, namespace ?? '', name].join('/');

  const enter = async (
    verb: Call['verb'],
    resource: Resource,
    namespace: string | undefined,
    name: string,
  ): Promise<string> => {
    await kube.before({ verb, plural: resource.plural, name });
    return keyOf(resource, namespace, name);
  };

  const put = (
    verb: string,
    resource: Resource,
    key: string,
    object: JsonObject,
    uid: string,
  ): KubeObject => {
    version += 1;
    const metadata = { ...metadataOf(object), uid, resourceVersion: String(version) };
    const kept = structuredClone({ ...object, metadata }) as KubeObject;
    stored.set(key, kept);
    kube.writes.push(`${verb} ${resource.plural} ${kept.metadata.name}`);
    return structuredClone(kept);
  };

  const kube: MemoryKube = {
    before: () => undefined,
    writes: [],
    async get(resource, namespace, name) {
      return structuredClone(stored.get(await enter('get', resource, namespace, name)));
    },
    async list(resource, scope) {
      const inside = await enter('list', resource, scope.namespace, '');
      const isEverywhere = resource.namespaced && scope.namespace === undefined;
      const prefix = isEverywhere ? inside.replace(/\/\/$/, '/') : inside;
      const items = [...stored].filter(([key]) => key.startsWith(prefix)).map(([, object]) => object);
      return { items: structuredClone(items), resourceVersion: String(version) };
    },
    async create(resource, namespace, object) {
      const name = metadataOf(object)['name'];
      if (typeof name !== 'string') throw new SerinError('KUBE_INVALID', `${resource.plural} without a name`);
      const key = await enter('create', resource, namespace, name);
      if (stored.has(key)) throw new SerinError('KUBE_CONFLICT', `${resource.plural} ${name} already exists`);
      return put('create', resource, key, object, `uid-${version + 1}`);
    },
    async patch(resource, namespace, name, patch) {
      const key = await enter('patch', resource, namespace, name);
      const before = stored.get(key);
      if (before === undefined) throw new SerinError('KUBE_NOT_FOUND', `no ${resource.plural} ${name}`);
      const after = patched(before, patch);
      if (metadataOf(after)['resourceVersion'] !== before.metadata.resourceVersion)
        throw new SerinError('KUBE_CONFLICT', `${resource.plural} ${name} was written meanwhile`);
      return put('patch', resource, key, after, before.metadata.uid);
    },
    async delete(resource, namespace, name, uid) {
      const key = await enter('delete', resource, namespace, name);
      const before = stored.get(key);
      if (before === undefined) return;
      if (before.metadata.uid !== uid) throw new SerinError('KUBE_CONFLICT', `${name} is another object now`);
      stored.delete(key);
      kube.writes.push(`delete ${resource.plural} ${name}`);
    },
    watch: () => {
      throw new Error('memoryKube has no watch');
    },
    ask: () => Promise.reject(new Error('memoryKube answers no reviews')),
  };
  return kube;
}

function patched(before: KubeObject, patch: Patch): JsonObject {
  if (patch.type === 'merge') return merged(before, patch.body) as JsonObject;
  if (patch.type !== 'json') throw new Error(`memoryKube has no ${patch.type} patch`);
  try {
    const document = structuredClone(before);
    return fastJsonPatch.applyPatch(
      document,
      structuredClone([...patch.ops]) as fastJsonPatch.Operation[],
      true,
    ).newDocument;
  } catch (cause) {
    throw new SerinError('KUBE_INVALID', 'the patch does not apply', { cause });
  }
}

/** RFC 7386. */
function merged(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const result: Record<string, Json> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
}

function metadataOf(object: JsonObject): JsonObject {
  return isObject(object['metadata']) ? object['metadata'] : {};
}

function isObject(json: Json | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
