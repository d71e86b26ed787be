// How observations read what a cluster said, in plain values.
import type { KubeObject } from '../../../src/kube/objects.ts';
import { listAt, numberAt, objectAt, textAt } from '../../../src/routing/json.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import type { Said } from '../cluster.ts';

/** The code, and of a refusal the reason and the message. */
export function told({ status, body }: Said): readonly unknown[] {
  return status < 300 ? [status] : [status, body['reason'], body['message']];
}

/** A text with what differs from run to run (uids, versions) given names. */
export function named(value: unknown, names: Readonly<Record<string, string>>): unknown {
  // Long ones first: a version may happen to stand in a uid.
  const sorted = Object.entries(names).sort(([a], [b]) => b.length - a.length);
  const text = sorted.reduce((so, [real, name]) => so.replaceAll(real, name), JSON.stringify(value));
  return JSON.parse(text) as unknown;
}

/** `type=status/reason` of every condition, in the order in which they stand. */
export function conditionsOf(object: KubeObject): readonly string[] {
  return listAt(objectAt(object, 'status'), 'conditions').map(
    (each) => `${textAt(each, 'type')}=${textAt(each, 'status')}/${textAt(each, 'reason')}`,
  );
}

/** The counts of a Deployment's status, absent ones left out; how many pods are still ending is a matter of the moment. */
export function countsOf(object: KubeObject): JsonObject {
  const status = objectAt(object, 'status');
  const entries = Object.entries(status).filter(
    ([key, value]) =>
      typeof value === 'number' && !['observedGeneration', 'terminatingReplicas'].includes(key),
  );
  return Object.fromEntries(entries);
}

/** Each value that is not the one before it. */
export function changes<T>(values: readonly T[]): readonly T[] {
  const texts = values.map((value) => JSON.stringify(value));
  return values.filter((_, at) => texts[at] !== texts[at - 1]);
}

/** The reason of the condition Progressing. */
export function progressing(object: KubeObject): string {
  const found = listAt(objectAt(object, 'status'), 'conditions').find(
    (each) => textAt(each, 'type') === 'Progressing',
  );
  return found === undefined ? '' : `${textAt(found, 'status')}/${textAt(found, 'reason')}`;
}

/** Whether the controller has seen the newest spec and a number is what it is to be. */
export function isUp(object: KubeObject, count: number, key = 'availableReplicas'): boolean {
  const status = objectAt(object, 'status');
  return (
    numberAt(status, 'observedGeneration') === object.metadata.generation &&
    (numberAt(status, key) ?? 0) === count
  );
}
