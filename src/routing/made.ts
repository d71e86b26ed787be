import type { Beside } from '../rollout/strategy.ts';
import type { Json, JsonObject } from '../rollout/types.ts';
import { cookiePattern } from './cookie.ts';
import { type Role, twinInsteadOf } from './destinations.ts';
import { whoMeetBoth, whyUnsayable } from './http-match.ts';
import { isObject, listAt, textAt } from './json.ts';
import type { Split } from './types.ts';

/**
 * The route that takes those of a route's requests that are the twin's whatever the weight: a copy to go in front of it,
 * so that all routes before it still win. Undefined where nobody is, or Istio cannot say who.
 */
export function madeFrom(
  route: JsonObject,
  target: Split,
  role: (destination: Json) => Role,
  beside: Beside,
  taken: ReadonlySet<string>,
): JsonObject | undefined {
  const match = whoMeetBoth(listAt(route, 'match'), whose(beside));
  if (match.length === 0) return undefined;
  const destinations = listAt(route, 'route').map((entry) =>
    isObject(entry) && role(entry) === 'stable' ? twinInsteadOf(entry, target) : entry,
  );
  return { ...route, name: nameFor(route, target, taken), match, route: destinations };
}

/** Why a route in front of this one cannot say who is the twin's; undefined where it can. */
export function whyNotMade(route: Json | undefined, beside: Beside): string | undefined {
  return whyUnsayable(listAt(route, 'match'), whose(beside));
}

/** True for a route that `madeFrom` made for this split: nobody but us names a route so and sends it past stable. */
export function isMade(route: Json, target: Split, role: (destination: Json) => Role): boolean {
  const name = textAt(route, 'name')?.replace(/-\d+$/, '');
  if (name !== target.twinService && name?.endsWith(`-${target.twinService}`) !== true) return false;
  const roles = listAt(route, 'route').map(role);
  return roles.includes('twin') && !roles.includes('stable');
}

function whose({ match = [], affinity }: Beside): readonly JsonObject[] {
  return affinity === undefined
    ? match
    : [{ headers: { cookie: { regex: cookiePattern(affinity) } } }, ...match];
}

function nameFor(route: JsonObject, { twinService }: Split, taken: ReadonlySet<string>): string {
  const own = textAt(route, 'name');
  const name = own === undefined ? twinService : `${own}-${twinService}`;
  if (!taken.has(name)) return name;
  let n = 2;
  while (taken.has(`${name}-${n}`)) n += 1;
  return `${name}-${n}`;
}
