import type { Json, JsonObject } from '../rollout/types.ts';
import { isObject, listAt, numberAt, objectAt, textAt, without } from './json.ts';
import type { Split } from './types.ts';

/** The destinations of one route of a VirtualService, and where they stand in it. */
export interface RouteList {
  /** JSON pointer to the list. */
  readonly path: string;
  /** Only HTTP routes have names. */
  readonly name: string | undefined;
  readonly destinations: readonly Json[];
}

/** What a destination is to a split. */
export type Role = 'stable' | 'twin' | 'foreign';

/** Every list of destinations; mirrors, redirects and delegations are none. */
export function routeLists(virtualService: JsonObject): readonly RouteList[] {
  const spec = objectAt(virtualService, 'spec');
  return ['http', 'tls', 'tcp'].flatMap((protocol) =>
    listAt(spec, protocol).flatMap((route, index) => {
      const destinations = listAt(route, 'route');
      if (destinations.length === 0) return [];
      return [{ path: `/spec/${protocol}/${index}/route`, name: textAt(route, 'name'), destinations }];
    }),
  );
}

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
  return withHost({ ...stable, weight }, target.twinService, 'subset');
}

/** What a twin's destination becomes where its stable one is gone: the traffic never ends at the candidate. */
export function stableInsteadOf(twin: Json, target: Split): Json {
  return isObject(twin) ? withHost(twin, target.service.name) : twin;
}

/** The host keeps the form the user gave it: short stays short, a full name stays full. */
function withHost(entry: JsonObject, service: string, dropped = ''): JsonObject {
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
