// Creations, updates and patches: admission, what kube-apiserver itself sets, validation, storage.
import type { KubeObject } from '../../../src/kube/objects.ts';
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import { isObject, listAt, objectAt, textAt } from '../../../src/routing/json.ts';
import type { Dice } from '../dice.ts';
import type { SimTime } from '../time.ts';
import { addressed } from './address.ts';
import type { AdmissionChain, Operation } from './admission.ts';
import type { Applying } from './apply.ts';
import { defaulted } from './defaults.ts';
import { shared } from './frozen.ts';
import { born, prepared, submitted, timestamp } from './metadata.ts';
import { managerOf, type Owners } from './owners.ts';
import {
  refuseForeignPlace,
  refuseLostNamespace,
  refuseMistyped,
  refuseOtherUid,
  refuseUnconditional,
  refuseVersion,
} from './preconditions.ts';
import { alreadyExists, badRequest, conflict, modified, notFound } from './refusal.ts';
import type { Draft, Storage } from './storage.ts';
import type { Call } from './types.ts';
import { checkCreated, checkUpdated } from './validate.ts';

/** What writing needs. */
export interface Ground {
  readonly storage: Storage;
  readonly time: SimTime;
  readonly dice: Dice;
  readonly admission: AdmissionChain;
  readonly owners: Owners;
}

/** GuaranteedUpdate begins again where somebody else wrote while a webhook was asked; it gives up with a conflict. */
const mostTries = 5;

/** Stores what the body asks for, under a new uid. */
export async function created(
  ground: Ground,
  call: Call,
  warnings: string[],
  applying?: Applying,
): Promise<KubeObject> {
  const { storage, time, dice } = ground;
  const { resource, namespace } = call;
  if (!isObject(call.body)) throw badRequest('the body is no object');
  const asked = defaulted(resource, submitted(call));
  const metadata = objectAt(asked, 'metadata');
  const name = textAt(metadata, 'name') ?? '';
  refuseForeignPlace(call);
  refuseMistyped(call, asked);
  if (applying === undefined) refuseVersion(call.body);
  refuseLostNamespace(storage, resource, namespace, name);
  const admitting = admitted(ground, call, warnings, { name, object: asked, oldObject: undefined });
  const mutated = admitting instanceof Promise ? await admitting : admitting;
  const whole = addressed(resource, defaulted(resource, mutated), dice);
  const draft = withManagers(call, born(resource, whole, time.now, dice), applying);
  if (storage.get(resource, namespace, draft.metadata.name) !== undefined)
    throw alreadyExists(resource, draft.metadata.name);
  checkCreated(resource, draft);
  const checking = validated(ground, call, warnings, { name, object: draft, oldObject: undefined });
  if (checking instanceof Promise) await checking;
  if (storage.get(resource, namespace, draft.metadata.name) !== undefined)
    throw alreadyExists(resource, draft.metadata.name);
  if (isDryRun(call)) return unstored(draft);
  const object = storage.put(call, draft, undefined);
  own(ground, call, object, [{}, asked], applying);
  return object;
}

/** Stores what `change` makes of what there is; a write that changes nothing is none. */
export async function updated(
  ground: Ground,
  call: Call,
  warnings: string[],
  change: Applying | ((before: KubeObject) => JsonObject),
): Promise<KubeObject> {
  const { storage } = ground;
  const { resource, namespace, name = '' } = call;
  for (let tries = 1; tries <= mostTries; tries += 1) {
    warnings.length = 0;
    const before = storage.get(resource, namespace, name);
    if (before === undefined) throw notFound(resource, name);
    const isStill = (): boolean => storage.get(resource, namespace, name) === before;
    if (call.verb === 'update') refuseOtherUid(call, before);
    const asked = shared<JsonObject>(before, defaulted(resource, apply(change, before)));
    refuseForeignPlace({ ...call, body: asked });
    if (asked !== before) refuseMistyped(call, asked);
    const admitting = admitted(ground, call, warnings, { name, object: asked, oldObject: before });
    const object = admitting instanceof Promise ? await admitting : admitting;
    if (!isStill()) continue;
    const draft = drafted(call, before, object);
    const checking = validated(ground, call, warnings, { name, object: draft, oldObject: before });
    if (checking instanceof Promise) await checking;
    if (isStill()) return stored(ground, call, { before, asked, draft }, change);
  }
  throw conflict(resource, name, modified);
}

/** What is to be stored, unless it must not be. */
function drafted(call: Call, before: KubeObject, object: JsonObject): Draft {
  const { resource } = call;
  const { name, resourceVersion } = before.metadata;
  const version = textAt(objectAt(object, 'metadata'), 'resourceVersion') ?? '';
  if (version === '') refuseUnconditional(resource, name);
  if (version !== '' && version !== resourceVersion) throw conflict(resource, name, modified);
  const draft = prepared(call, before, shared<JsonObject>(before, defaulted(resource, object)));
  checkUpdated(call, before, draft, object);
  return draft;
}

function stored(
  ground: Ground,
  call: Call,
  { before, asked, draft }: { before: KubeObject; asked: JsonObject; draft: Draft },
  change: Parameters<typeof updated>[3],
): KubeObject {
  const { storage } = ground;
  if ((draft as JsonObject) === before) return before;
  if (isDryRun(call)) return unstored(draft);
  const isLeaving = draft.metadata['deletionTimestamp'] !== undefined;
  const isHeld = listAt(draft.metadata, 'finalizers').length > 0 || isGraceful(draft);
  if (isLeaving && !isHeld) return storage.remove(call, draft, before);
  const applies = typeof change !== 'function';
  const written = applies ? draft : writtenBy(call, draft, timestamp(ground.time.now));
  const after = storage.put(call, written, before);
  own(ground, call, after, [before, asked], typeof change === 'function' ? undefined : change);
  return after;
}

function apply(change: Parameters<typeof updated>[3], before: KubeObject): JsonObject {
  return typeof change === 'function' ? change(before) : change.change(before);
}

/** Notes who manages what was written. */
function own(
  { owners, time }: Ground,
  call: Call,
  object: KubeObject,
  [before, asked]: readonly [JsonObject, JsonObject],
  applying: Applying | undefined,
): void {
  if (applying === undefined) owners.wrote(call, time.now, before, asked, object);
  else applying.done(object);
}

/** Whoever creates an object is on it from the beginning; which fields are whose is worked out when somebody applies. */
function withManagers(call: Call, draft: Draft, applying: Applying | undefined): Draft {
  if (applying === undefined)
    return writtenBy(call, draft, textAt(draft.metadata, 'creationTimestamp') ?? '');
  return { ...draft, metadata: { ...draft.metadata, managedFields: applying.first() } };
}

/** The managers with the newest time of whoever writes now. */
function writtenBy(call: Call, draft: Draft, time: string): Draft {
  const { subresource = '' } = call;
  const manager = managerOf(call);
  const isSelf = (entry: Json): boolean =>
    textAt(entry, 'manager') === manager &&
    textAt(entry, 'operation') === 'Update' &&
    (textAt(entry, 'subresource') ?? '') === subresource;
  const before = listAt(draft.metadata, 'managedFields');
  const known = objectAt({ known: before.find(isSelf) ?? null }, 'known');
  const self = {
    ...{ ...known, manager, operation: 'Update', time },
    ...(subresource === '' ? {} : { subresource }),
  };
  const managedFields = [...before.filter((entry) => !isSelf(entry)), self];
  return { ...draft, metadata: { ...draft.metadata, managedFields } };
}

/** A pod that was asked to end goes when its kubelet says so, not with its last finalizer. */
function isGraceful({ metadata }: JsonObject): boolean {
  return Number(objectAt({ metadata: metadata ?? null }, 'metadata')['deletionGracePeriodSeconds'] ?? 0) > 0;
}

interface Change {
  readonly name: string;
  readonly object: JsonObject;
  readonly oldObject: KubeObject | undefined;
}

/** Not a promise where no webhook is asked: then nobody else can write between. */
function admitted(
  { admission }: Ground,
  call: Call,
  warnings: string[],
  change: Change,
): JsonObject | Promise<JsonObject> {
  const operation: Operation = change.oldObject === undefined ? 'CREATE' : 'UPDATE';
  return admission.mutate({ call, warnings, operation, dryRun: isDryRun(call), ...change });
}

function validated(
  { admission }: Ground,
  call: Call,
  warnings: string[],
  change: Change,
): void | Promise<void> {
  const operation: Operation = change.oldObject === undefined ? 'CREATE' : 'UPDATE';
  return admission.validate({ call, warnings, operation, dryRun: isDryRun(call), ...change });
}

export function isDryRun({ query, verb, body }: Call): boolean {
  return query['dryRun'] === 'All' || (verb === 'delete' && listAt(body ?? null, 'dryRun').includes('All'));
}

/** What a dry run answers: not stored, so without a version where it is new. */
function unstored(draft: JsonObject): KubeObject {
  return draft as KubeObject;
}
