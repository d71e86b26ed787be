// Deletion: at once, or, where finalizers, a grace period or the rest of a namespace stand before it, in two steps.
import type { KubeObject } from '../../../src/kube/objects.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import { listAt, numberAt, objectAt, textAt } from '../../../src/routing/json.ts';
import { frozen } from './frozen.ts';
import { kindKey } from './kinds.ts';
import { timestamp } from './metadata.ts';
import { conflict, notFound } from './refusal.ts';
import type { Draft } from './storage.ts';
import type { Answer, Call } from './types.ts';
import { type Ground, isDryRun } from './writes.ts';

/** What holds back the deletion of an owner, until the garbage collector has seen to its dependents. */
const finalizers = { Orphan: 'orphan', Foreground: 'foregroundDeletion' } as const;

/** Deletes the object, or marks it for deletion: then it is what is answered. */
export async function deleted(ground: Ground, call: Call, warnings: string[]): Promise<Answer> {
  const { storage, admission } = ground;
  const { resource, namespace, name = '' } = call;
  for (;;) {
    const before = storage.get(resource, namespace, name);
    if (before === undefined) throw notFound(resource, name);
    checkPreconditions(call, before);
    const operation = 'DELETE' as const;
    const write = {
      call,
      warnings,
      operation,
      name,
      object: undefined,
      oldObject: before,
      dryRun: isDryRun(call),
    };
    const admitting = admission.mutate(write);
    if (admitting instanceof Promise) await admitting;
    const checking = admission.validate(write);
    if (checking instanceof Promise) await checking;
    // Somebody may have written while a webhook was asked.
    if (storage.get(resource, namespace, name) === before) return ended(ground, call, warnings, before);
  }
}

function ended({ storage, time }: Ground, call: Call, warnings: string[], before: KubeObject): Answer {
  const dryRun = isDryRun(call);
  const marked = leaving(call, before, time.now);
  if (marked === undefined) {
    if (!dryRun) storage.remove(call, before, before);
    return { status: 200, body: gone(call, before), warnings };
  }
  const body = dryRun || marked === before ? marked : storage.put(call, marked, before);
  return { status: 200, body, warnings };
}

function checkPreconditions({ resource: { kind, ...rest }, body }: Call, { metadata }: KubeObject): void {
  // This one check names the kind where all others name the resource.
  const resource = { ...rest, kind, plural: kind };
  const wanted = objectAt(body ?? null, 'preconditions');
  const [uid, resourceVersion] = [textAt(wanted, 'uid'), textAt(wanted, 'resourceVersion')];
  if (uid !== undefined && uid !== metadata.uid)
    throw conflict(
      resource,
      metadata.name,
      `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
    );
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
    throw conflict(
      resource,
      metadata.name,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`,
    );
}

/** The object as it waits for its end; itself where it does already, undefined where it need not. */
function leaving(call: Call, before: KubeObject, now: number): Draft | undefined {
  const { metadata } = before;
  const policy = policyOf(call);
  const others = listAt(metadata, 'finalizers').filter(
    (each) => each !== finalizers.Orphan && each !== finalizers.Foreground,
  );
  // A second deletion does not change how the first one treats dependents.
  const isLeaving = metadata['deletionTimestamp'] !== undefined;
  const own = policy === 'Background' ? [] : [finalizers[policy]];
  const held = isLeaving ? listAt(metadata, 'finalizers') : [...others, ...own];
  const grace = graceOf(call, before);
  const isNamespace = kindKey(call.resource) === 'namespaces.';
  if (held.length === 0 && grace === 0 && !isNamespace) return undefined;
  const graceBefore = numberAt(metadata, 'deletionGracePeriodSeconds') ?? Number.POSITIVE_INFINITY;
  if (isLeaving && grace >= graceBefore) return before;
  const draft: JsonObject = {
    ...before,
    ...(isNamespace ? { status: { ...objectAt(before, 'status'), phase: 'Terminating' } } : {}),
    metadata: {
      ...metadata,
      ...(metadata.generation === undefined ? {} : { generation: metadata.generation + 1 }),
      ...(held.length === 0 ? {} : { finalizers: held }),
      deletionTimestamp: timestamp(now + grace * 1_000),
      ...(isNamespace ? {} : { deletionGracePeriodSeconds: grace }),
    },
  };
  return frozen(draft) as unknown as Draft;
}

function policyOf({ body }: Call): 'Background' | keyof typeof finalizers {
  const policy = textAt(body ?? null, 'propagationPolicy');
  if (policy === 'Orphan' || policy === 'Foreground') return policy;
  return 'Background';
}

/** Only pods that are on a node get one: their kubelet ends them, then deletes with 0. */
function graceOf({ resource, body }: Call, before: KubeObject): number {
  if (kindKey(resource) !== 'pods.') return 0;
  const spec = objectAt(before, 'spec');
  const phase = textAt(objectAt(before, 'status'), 'phase');
  if (textAt(spec, 'nodeName') === undefined || phase === 'Succeeded' || phase === 'Failed') return 0;
  return (
    numberAt(body ?? null, 'gracePeriodSeconds') ?? numberAt(spec, 'terminationGracePeriodSeconds') ?? 30
  );
}

function gone({ resource: { group, plural } }: Call, { metadata: { name, uid } }: KubeObject): JsonObject {
  const details = { name, ...(group === '' ? {} : { group }), kind: plural, uid };
  return frozen({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details });
}
