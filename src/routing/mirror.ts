import { isSame } from '../rollout/template.ts';
import type { Json, JsonObject } from '../rollout/types.ts';
import { isObject, listAt, numberAt, objectAt, without } from './json.ts';

/*
 * Istio takes `mirror` or `mirrors`, not both (pkg/config/validation/virtualservice.go: an empty list is none), and reads
 * mirrorPercentage and mirrorPercent with `mirror` alone. So the form says what the user had, and nothing has to be
 * remembered:
 *
 *   the user has            with ours
 *   none                    mirrors: [twin]
 *   mirrors: [...]          mirrors: [..., twin]
 *   mirrors: []             mirrors: [], mirror: twin, mirrorPercentage
 *   mirror: x               mirrors: [twin, x], x's percentage copied; mirrorPercentage stays where it is
 *
 * Where two rollouts at once copy the requests of one route, a `mirror` may come back as the `mirrors` that means the same.
 */
const percentages = ['mirrorPercentage', 'mirrorPercent'];

/** The HTTP route with a copy of `percent` of its requests to the twin besides those it makes already. */
export function withMirror(route: JsonObject, destination: JsonObject, percent: number): JsonObject {
  const percentage = { value: percent };
  const ours = { destination, percentage };
  const mirrors = listAt(route, 'mirrors');
  const { mirror } = route;
  if (mirrors.length > 0) return { ...route, mirrors: [...mirrors, ours] };
  if (mirror !== undefined) {
    const theirs = { destination: mirror, ...percentageOf(route) };
    return renamed(without(route, 'mirrors'), 'mirror', 'mirrors', [ours, theirs]);
  }
  const isEmpty = 'mirrors' in route && !percentages.some((key) => key in route);
  return isEmpty
    ? { ...route, mirror: destination, mirrorPercentage: percentage }
    : { ...route, mirrors: [ours] };
}

/** The HTTP route without copies to the twin, and the user's as they were. */
export function withoutMirror(route: JsonObject, isTwin: (destination: Json) => boolean): JsonObject {
  if (isTwin({ destination: objectAt(route, 'mirror') })) {
    return without(without(route, 'mirror'), 'mirrorPercentage');
  }
  const mirrors = listAt(route, 'mirrors');
  const theirs = mirrors.filter((each) => !isTwin(each));
  if (theirs.length === mirrors.length) return route;
  // Somebody wrote their own form again over ours.
  if (theirs.length === 0 || 'mirror' in route) return without(route, 'mirrors');
  const only = { destination: objectAt(theirs[0], 'destination'), ...percentageOf(route) };
  const wasMirror = isTwin(mirrors[0] ?? null) && theirs.length === 1 && isSame(theirs[0] ?? null, only);
  return wasMirror ? renamed(route, 'mirrors', 'mirror', only.destination) : { ...route, mirrors: theirs };
}

function percentageOf(route: JsonObject): JsonObject {
  const percentage = route['mirrorPercentage'];
  if (isObject(percentage)) return { percentage };
  const percent = numberAt(route, 'mirrorPercent');
  return percent === undefined ? {} : { percentage: { value: percent } };
}

function renamed(route: JsonObject, from: string, to: string, value: Json): JsonObject {
  return Object.fromEntries(
    Object.entries(route).map(([key, old]) => (key === from ? [to, value] : [key, old])),
  );
}
