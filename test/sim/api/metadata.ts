// What kube-apiserver itself writes into an object: rest.BeforeCreate and rest.BeforeUpdate with each kind's strategy.
import type { KubeObject, Resource } from '../../../src/kube/objects.ts';
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import { isObject, objectAt, textAt } from '../../../src/routing/json.ts';
import type { Dice } from '../dice.ts';
import { isSame, shared } from './frozen.ts';
import { apiVersionOf, kindKey, type Traits, traitsOf } from './kinds.ts';
import type { Draft } from './storage.ts';
import type { Call } from './types.ts';

/** As Kubernetes writes a moment: whole seconds. */
export function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** Fields of metadata that only kube-apiserver sets. */
const ownFields = new Set([
  ...['uid', 'resourceVersion', 'creationTimestamp', 'selfLink', 'managedFields'],
  ...['deletionTimestamp', 'deletionGracePeriodSeconds'],
]);

/** The body of a creation as the webhooks see it: with its namespace, and nothing that only kube-apiserver sets. */
export function submitted({ resource, namespace, name, body }: Call): JsonObject {
  const { metadata: _, apiVersion: _apiVersion, kind: _kind, ...rest } = body as JsonObject;
  const given = Object.entries(objectAt(body, 'metadata'));
  const kept = given.filter(([key, value]) => !ownFields.has(key) && value !== null);
  const metadata: Record<string, Json> = Object.fromEntries(kept);
  if (resource.namespaced && namespace !== undefined) metadata['namespace'] = namespace;
  if (metadata['name'] === undefined && name !== undefined) metadata['name'] = name;
  return { kind: resource.kind, apiVersion: apiVersionOf(resource), metadata, ...rest };
}

/** The same as it is stored at first. */
export function born(resource: Resource, object: JsonObject, now: number, dice: Dice): Draft {
  const { counts, hasStatus } = traitsOf(resource);
  const { metadata: _, status: _status, ...rest } = object;
  const { generateName, ...given } = objectAt(object, 'metadata');
  const prefix = typeof generateName === 'string' ? generateName : '';
  const metadata = {
    ...given,
    ...(prefix === '' ? {} : { generateName: prefix }),
    name: textAt(given, 'name') ?? prefix + suffix(dice),
    uid: uid(dice),
    creationTimestamp: timestamp(now),
    ...(counts === 'nothing' ? {} : { generation: 1 }),
  };
  const status = hasStatus ? firstStatus(resource) : object['status'];
  return { ...rest, metadata, ...(status === undefined ? {} : { status }) };
}

function firstStatus(resource: Resource): Json | undefined {
  switch (kindKey(resource)) {
    case 'pods.':
      return { phase: 'Pending', qosClass: 'BestEffort' };
    case 'services.':
      return { loadBalancer: {} };
    case 'namespaces.':
      return { phase: 'Active' };
    case 'replicasets.apps':
      return { replicas: 0 };
    default:
      return traitsOf(resource).isCustom ? undefined : {};
  }
}

/**
 * What is stored where `after` was asked for: the parts that this way of writing cannot change are as they were, and
 * the generation counts. Equal parts are shared with `before`; where nothing changed, `before` itself is answered.
 */
export function prepared({ resource, subresource }: Call, before: KubeObject, after: JsonObject): Draft {
  const traits = traitsOf(resource);
  const fixed =
    subresource === 'status'
      ? throughStatus(resource, traits, before, after)
      : besideStatus(resource, traits, before, after);
  const {
    deletionTimestamp,
    deletionGracePeriodSeconds,
    creationTimestamp,
    uid: sameUid,
    name,
    namespace,
  } = before.metadata;
  const kept: Readonly<Record<string, Json | undefined>> = {
    ...{ name, namespace, uid: sameUid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds },
    generation: before.metadata.generation,
    managedFields: objectAt(fixed, 'metadata')['managedFields'] ?? before.metadata['managedFields'],
    resourceVersion: before.metadata.resourceVersion,
  };
  const set = Object.entries({ ...objectAt(fixed, 'metadata'), ...kept });
  const metadata = Object.fromEntries(set.filter((entry): entry is [string, Json] => isSet(entry[1])));
  const next = shared<JsonObject>(before, { ...fixed, metadata });
  if (next === before || subresource === 'status' || !isCounted(traits, before, next)) return next as Draft;
  const generation = (before.metadata.generation ?? 0) + 1;
  return { ...next, metadata: { ...objectAt(next, 'metadata'), generation } } as unknown as Draft;
}

/** Empty maps and lists of metadata are absent in what Go writes (omitempty). */
function isSet(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === '') return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

function besideStatus(
  resource: Resource,
  { hasStatus }: Traits,
  before: KubeObject,
  after: JsonObject,
): JsonObject {
  const whole = kindKey(resource) === 'services.' ? withAddress(before, after) : after;
  return hasStatus ? withKey(whole, 'status', before['status']) : whole;
}

/** A Service keeps the address that whoever replaces it leaves out. */
function withAddress(before: KubeObject, after: JsonObject): JsonObject {
  const { clusterIP, clusterIPs } = objectAt(before, 'spec');
  const spec = objectAt(after, 'spec');
  if (spec['clusterIP'] !== undefined || clusterIP === undefined || clusterIPs === undefined) return after;
  return { ...after, spec: { ...spec, clusterIP, clusterIPs } };
}

function throughStatus(
  resource: Resource,
  { isCustom }: Traits,
  before: KubeObject,
  after: JsonObject,
): JsonObject {
  const { kind, apiVersion } = before;
  const status = after['status'];
  const metadata = isCustom ? before.metadata : statusMetadata(resource, before, objectAt(after, 'metadata'));
  const { status: _status, metadata: _metadata, ...body } = before;
  return {
    ...body,
    kind: kind ?? null,
    apiVersion: apiVersion ?? null,
    metadata,
    ...(isObject(status) ? { status } : {}),
  };
}

/** Of metadata a status may change what its kind's strategy forgets to put back. */
function statusMetadata(resource: Resource, { metadata: before }: KubeObject, after: JsonObject): JsonObject {
  const key = { 'deployments.apps': 'labels', 'pods.': 'ownerReferences' }[kindKey(resource)];
  return key === undefined ? after : withKey(after, key, before[key]);
}

function withKey(object: JsonObject, key: string, value: Json | undefined): JsonObject {
  if (object[key] === value) return object;
  const { [key]: _, ...rest } = object;
  return value === undefined ? rest : { ...rest, [key]: value };
}

function isCounted({ counts }: Traits, before: KubeObject, after: JsonObject): boolean {
  if (counts === 'nothing') return false;
  if (counts === 'body') return !isSame(bodyOf(before), bodyOf(after));
  if (before['spec'] !== after['spec']) return true;
  if (counts === 'spec') return false;
  return before.metadata.annotations !== objectAt(after, 'metadata')['annotations'];
}

function bodyOf({ metadata: _metadata, status: _status, ...body }: JsonObject): JsonObject {
  return body;
}

const suffixLetters = 'bcdfghjklmnpqrstvwxz2456789';

/** The end that generateName gets (apimachinery/pkg/util/rand). */
function suffix(dice: Dice): string {
  return Array.from({ length: 5 }, () => suffixLetters[dice.between(0, suffixLetters.length - 1)]).join('');
}

/** A UUID of version 4. */
export function uid(dice: Dice): string {
  const hex = Array.from({ length: 4 }, () =>
    (dice.next() * 2 ** 32).toString(16).split('.')[0]?.padStart(8, '0'),
  ).join('');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join('-');
}
