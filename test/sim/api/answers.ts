// What a call is answered with.
import type { KubeObject } from '../../../src/kube/objects.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import { objectAt } from '../../../src/routing/json.ts';
import { Applying } from './apply.ts';
import { changeOf } from './changes.ts';
import { deleted } from './deletes.ts';
import { frozen } from './frozen.ts';
import type { Lists } from './reads.ts';
import { notAllowed, notFound, Refusal } from './refusal.ts';
import { scaleOf } from './scale.ts';
import type { Storage } from './storage.ts';
import type { Answer, Call, SimApi } from './types.ts';
import { created, type Ground, updated } from './writes.ts';

/** What answering needs. */
export interface Desk extends Ground {
  readonly lists: Lists;
  readonly eviction: () => SimApi['eviction'];
}

/** The answer to a call of a kind that is there; refusals are answers too. */
export async function answered(desk: Desk, call: Call): Promise<Answer> {
  const warnings: string[] = [];
  try {
    return await carriedOut(desk, call, warnings);
  } catch (error) {
    if (error instanceof Refusal) return { ...error.answer, warnings };
    throw error;
  }
}

async function carriedOut(desk: Desk, call: Call, warnings: string[]): Promise<Answer> {
  const good = (object: KubeObject, status = 200): Answer => ({
    ...{ status, warnings },
    body: call.subresource === 'scale' ? scaleOf(object) : object,
  });
  switch (call.verb) {
    case 'get':
      return good(found(desk.storage, call));
    case 'list':
      return { status: 200, body: desk.lists.answer(call), warnings };
    case 'create':
      if (call.subresource === 'eviction') return evicted(desk, call, warnings);
      return good(await created(desk, call, warnings), 201);
    case 'update':
      return good(await updated(desk, call, warnings, changeOf(call)));
    case 'patch':
      if (call.patchType === 'apply') return applied(desk, call, warnings);
      return good(await updated(desk, call, warnings, changeOf(call)));
    case 'delete':
      return deleted(desk, call, warnings);
    case 'watch':
      throw notAllowed('watch without a wire');
  }
}

function found(storage: Storage, { resource, namespace, name = '' }: Call): KubeObject {
  const object = storage.get(resource, namespace, name);
  if (object === undefined) throw notFound(resource, name);
  return object;
}

/** An apply creates what is not there. */
async function applied(desk: Desk, call: Call, warnings: string[]): Promise<Answer> {
  const { storage, owners, time } = desk;
  const { resource, namespace, name = '' } = call;
  const applying = new Applying(call, owners, time.now);
  if (storage.get(resource, namespace, name) === undefined) {
    try {
      return { status: 201, body: await created(desk, call, warnings, applying), warnings };
    } catch (error) {
      // Somebody made it while a webhook was asked.
      if (!(error instanceof Refusal) || error.answer.body['reason'] !== 'AlreadyExists') throw error;
    }
  }
  return { status: 200, body: await updated(desk, call, warnings, applying), warnings };
}

/** An eviction is a deletion that somebody may be against. */
async function evicted(desk: Desk, call: Call, warnings: string[]): Promise<Answer> {
  const pod = found(desk.storage, call);
  const refusal = desk.eviction()?.(pod);
  if (refusal !== undefined) return refusal;
  const body = objectAt(call.body ?? null, 'deleteOptions');
  await deleted(desk, { ...call, verb: 'delete', subresource: undefined, body }, warnings);
  return { status: 201, body: success, warnings };
}

const success: JsonObject = frozen({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  code: 201,
});
