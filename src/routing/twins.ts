import type { Json, JsonObject } from '../rollout/types.ts';
import { isObject, numberAt, without } from './json.ts';
import { type Role, stableInsteadOf, twinBeside, weightOf } from './destinations.ts';
import type { Split } from './types.ts';

/** The `weight` each split destination had in the user's own words, in the order of the object; null where it had none. */
export type Was = readonly (number | null)[];

/** A list of destinations without twins, and what each split one weighs together with its twin, by its place. */
interface Merged {
  readonly destinations: readonly Json[];
  readonly totals: ReadonlyMap<number, number>;
}

/**
 * The lists with every twin taken out and its weight given back. `was` says how the user had written the weights; it
 * is not gone by where it does not fit what is found (the user changed a route, or it was lost): then the sums stand.
 */
export function withoutTwins(
  lists: readonly (readonly Json[])[],
  target: Split,
  role: (destination: Json) => Role,
  was: Was = [],
): readonly (readonly Json[])[] {
  const merged = lists.map((list) => merge(list, target, role));
  const totals = merged.flatMap((list) => inOrder(list.totals).map(([, total]) => total));
  const fits = totals.length === was.length && totals.every((total, n) => total === (was[n] || 100));
  let next = 0;
  return merged.map((list) => {
    const destinations = [...list.destinations];
    for (const [at, total] of inOrder(list.totals)) {
      destinations[at] = weighing(destinations[at] ?? null, fits ? (was[next] ?? null) : total);
      next += 1;
    }
    return destinations;
  });
}

/** What the twin gets of a list, and what its destinations have that stable's lack. */
interface Gift {
  readonly percent: number;
  readonly finish: (twin: JsonObject) => JsonObject;
}

/** True where the Service has traffic in a list free of twins. */
export function hasTraffic(list: readonly Json[], role: (destination: Json) => Role): boolean {
  return list.some((entry) => role(entry) === 'stable' && weightOf(entry, list.length) > 0);
}

/** A list free of twins with a twin beside each destination of the Service that has traffic to give. */
export function withTwins(
  list: readonly Json[],
  target: Split,
  role: (destination: Json) => Role,
  { percent, finish }: Gift,
): { readonly destinations: readonly Json[]; readonly was: Was } {
  const was: (number | null)[] = [];
  const destinations = list.flatMap((entry) => {
    if (!isObject(entry) || role(entry) !== 'stable') return [entry];
    const whole = weightOf(entry, list.length);
    const part = share(whole, percent);
    if (part === 0) return [entry];
    was.push(numberAt(entry, 'weight') ?? null);
    return [{ ...entry, weight: whole - part }, finish(twinBeside(entry, target, part))];
  });
  return { destinations, was };
}

/**
 * The part of `whole` nearest to `percent`. Below 100 percent both sides keep at least 1 where there are 2 to share; a
 * whole of 1 stays with stable until 100.
 */
export function share(whole: number, percent: number): number {
  if (percent <= 0) return 0;
  if (percent >= 100) return whole;
  if (whole < 2) return 0;
  return Math.min(whole - 1, Math.max(1, Math.round((whole * percent) / 100)));
}

/** The lowest percent that a destination of the Service with traffic shares with its twin; undefined where none has any. */
export function lowestPercent(
  list: readonly Json[],
  target: Split,
  role: (destination: Json) => Role,
): number | undefined {
  const { destinations, totals } = merge(list, target, role);
  const percents = destinations.flatMap((entry, at) => {
    if (role(entry) !== 'stable') return [];
    const total = totals.get(at) ?? weightOf(entry, list.length);
    if (total === 0) return [];
    const before = totals.has(at) ? (numberAt(entry, 'weight') ?? 0) : total;
    return [Math.floor((100 * (total - before)) / total)];
  });
  return percents.length === 0 ? undefined : Math.min(...percents);
}

/** A twin belongs to the destination it stands behind; one that somebody moved, to the first of the Service. */
function merge(list: readonly Json[], target: Split, role: (destination: Json) => Role): Merged {
  const destinations: Json[] = [];
  const totals = new Map<number, number>();
  const astray: Json[] = [];
  for (const entry of list) {
    const last = destinations.length - 1;
    const before = destinations[last];
    if (role(entry) !== 'twin') destinations.push(entry);
    else if (before === undefined || role(before) !== 'stable' || totals.has(last)) astray.push(entry);
    else totals.set(last, weightOf(before, list.length) + weightOf(entry, list.length));
  }
  for (const twin of astray) {
    const at = destinations.findIndex((entry) => role(entry) === 'stable');
    const first = destinations[at];
    if (first === undefined) destinations.push(stableInsteadOf(twin, target));
    else totals.set(at, (totals.get(at) ?? weightOf(first, list.length)) + weightOf(twin, list.length));
  }
  return { destinations, totals };
}

function inOrder(totals: ReadonlyMap<number, number>): readonly (readonly [number, number])[] {
  return [...totals].sort(([a], [b]) => a - b);
}

function weighing(entry: Json, weight: number | null): Json {
  if (!isObject(entry)) return entry;
  return weight === null ? without(entry, 'weight') : { ...entry, weight };
}
