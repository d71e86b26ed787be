import type { Json, JsonObject } from '../rollout/types.ts';
import { isObject, numberAt, objectAt, textAt, without } from './json.ts';
import type { Split } from './types.ts';

/** What a destination is to a split. */
export type Role = 'stable' | 'twin' | 'foreign';

/** What `destination`, written in a VirtualService of `namespace`, is to the split. */
export function roleOf(destination: Json, target: Split, namespace: string): Role {
  const host = textAt(objectAt(destination, 'destination'), 'host');
  if (host === undefined) return 'foreign';
  const { name, namespace: home } = target.service;
  if (isHostOf(host, name, home, namespace)) return 'stable';
  return isHostOf(host, target.twinService, home, namespace) ? 'twin' : 'foreign';
}

/**
 * The weight of a destination in a list of `count`. Istio gives a route's only destination all of its traffic, whatever
 * weight it has or lacks; among several, one without a weight gets nothing.
 */
export function weightOf(destination: Json, count: number): number {
  const weight = numberAt(destination, 'weight') ?? 0;
  return count === 1 && weight === 0 ? 100 : weight;
}

/** The twin's destination beside `stable`. No subset: the twin's Service has no DestinationRule that would define it. */
export function twinBeside(stable: JsonObject, target: Split, weight: number): JsonObject {
  return twinInsteadOf({ ...stable, weight }, target);
}

/** The twin's destination in the place of `stable`. */
export function twinInsteadOf(stable: JsonObject, target: Split): JsonObject {
  return withHost(stable, target.twinService, 'subset');
}

/** What a twin's destination becomes where its stable one is gone: the traffic never ends at the candidate. */
export function stableInsteadOf(twin: Json, target: Split): Json {
  return isObject(twin) ? withHost(twin, target.service.name) : twin;
}

/** The host keeps the form the user gave it: short stays short, a full name stays full. */
export function withHost(entry: JsonObject, service: string, dropped = ''): JsonObject {
  const destination = objectAt(entry, 'destination');
  const [, ...rest] = (textAt(destination, 'host') ?? '').split('.');
  return { ...entry, destination: { ...without(destination, dropped), host: [service, ...rest].join('.') } };
}

/**
 * Istio reads a short name in the VirtualService's own namespace. The cluster's domain may be any; clusterset.local is
 * not it: that host has endpoints in other clusters, where there is no twin.
 */
function isHostOf(host: string, service: string, home: string, namespace: string): boolean {
  const [name, second, third, ...domain] = host.split('.');
  if (name !== service) return false;
  if (second === undefined) return namespace === home;
  if (second !== home) return false;
  return third === undefined || (third === 'svc' && domain.join('.') !== 'clusterset.local');
}
