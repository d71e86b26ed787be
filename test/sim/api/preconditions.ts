// What kube-apiserver looks at before it looks at what a write says.
import type { KubeObject, Resource } from '../../../src/kube/objects.ts';
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import { objectAt, textAt } from '../../../src/routing/json.ts';
import { kinds, traitsOf } from './kinds.ts';
import { badRequest, conflict, failure, forbidden, invalid, notFound, Refusal } from './refusal.ts';
import type { Storage } from './storage.ts';
import type { Call } from './types.ts';

/** The body names the object that the path names, where it names one. */
export function refuseForeignPlace({ resource, namespace, name, body = null }: Call): void {
  const metadata = objectAt(body, 'metadata');
  const [otherName, otherNamespace] = [textAt(metadata, 'name') ?? '', textAt(metadata, 'namespace') ?? ''];
  if (name !== undefined && otherName !== '' && otherName !== name)
    throw badRequest(`the name of the object (${otherName}) does not match the name on the URL (${name})`);
  if (resource.namespaced && otherNamespace !== '' && otherNamespace !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
}

/** What must be text in every kind, and in a ConfigMap, is text: else the body is not one of the kind. */
export function refuseMistyped({ resource, verb }: Call, object: JsonObject): void {
  const metadata = objectAt(object, 'metadata');
  const maps = [objectAt(metadata, 'labels'), objectAt(metadata, 'annotations')];
  if (resource.kind === 'ConfigMap') maps.push(objectAt(object, 'data'));
  if (maps.every((map) => Object.values(map).every((value) => typeof value === 'string'))) return;
  const message = `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: json: cannot unmarshal into Go value of type string`;
  throw new Refusal(
    verb === 'patch' ? failure(422, 'Invalid', message) : failure(400, 'BadRequest', message),
  );
}

/** A new object has no version yet. */
export function refuseVersion(body: Json): void {
  if ((textAt(objectAt(body, 'metadata'), 'resourceVersion') ?? '') === '') return;
  throw new Refusal(failure(500, undefined, 'resourceVersion should not be set on objects to be created'));
}

/** Most kinds let a PUT replace whatever is there; some do not. */
export function refuseUnconditional(resource: Resource, name: string): void {
  if (traitsOf(resource).isConditional !== true) return;
  const field = 'metadata.resourceVersion';
  const message = 'Invalid value: 0: must be specified for an update';
  // This one names the resource where others name the kind.
  const of = { group: resource.group, kind: resource.plural };
  throw invalid(of, name, [{ field, reason: 'FieldValueInvalid', message }]);
}

/** A PUT that names a uid is for that very object. */
export function refuseOtherUid({ resource, namespace, body = null }: Call, before: KubeObject): void {
  const { uid, name } = before.metadata;
  const given = textAt(objectAt(body, 'metadata'), 'uid') ?? uid;
  if (given === uid) return;
  const key = ['/registry', resource.plural, ...(namespace === undefined ? [] : [namespace]), name].join('/');
  const why = `Precondition failed: UID in precondition: ${given}, UID in object meta: ${uid}`;
  throw conflict(
    resource,
    name,
    `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`,
  );
}

/** The NamespaceLifecycle plugin: nothing new in a namespace that is not there, or is going. */
export function refuseLostNamespace(
  storage: Storage,
  resource: Resource,
  namespace: string | undefined,
  name: string,
): void {
  if (!resource.namespaced || namespace === undefined) return;
  const there = storage.get(kinds.namespaces, undefined, namespace);
  if (there === undefined) throw notFound(kinds.namespaces, namespace);
  if (there.metadata['deletionTimestamp'] === undefined) return;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const message = `namespace ${namespace} is being terminated`;
  throw forbidden(resource, name, why, {
    causes: [{ reason: 'NamespaceTerminating', message, field: 'metadata.namespace' }],
  });
}
