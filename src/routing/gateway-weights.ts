import type { Json } from '../rollout/types.ts';
import type { Role } from './destinations.ts';
import { twinBeside, weightOf } from './gateway-refs.ts';
import { isObject, numberAt, without } from './json.ts';
import { share, type Was } from './twins.ts';
import type { Split } from './types.ts';

type RoleOf = (reference: Json) => Role;

/** The highest weight that Gateway API allows. */
const heaviest = 1_000_000;

/**
 * Backends free of twins with a twin beside each of the Service's that has traffic to give. Weights of Gateway API are
 * parts of their sum and 1 where none is said, so all of them are multiplied alike: until every percent of the Service's
 * is a whole number, and others keep their part of the sum. `was` says how the user had written them.
 */
export function withTwins(
  references: readonly Json[],
  target: Split,
  role: RoleOf,
  percent: number,
): { readonly references: readonly Json[]; readonly was: Was } {
  const factor = factorFor(references, role);
  const part = (entry: Json): number =>
    role(entry) === 'stable' ? share(weightOf(entry) * factor, percent) : 0;
  if (references.every((entry) => part(entry) === 0)) return { references, was: [] };
  return {
    references: references.flatMap((entry): readonly Json[] => {
      if (!isObject(entry)) return [entry];
      const [whole, twin] = [weightOf(entry) * factor, part(entry)];
      if (twin > 0) return [{ ...entry, weight: whole - twin }, twinBeside(entry, target, twin)];
      return [factor === 1 ? entry : { ...entry, weight: whole }];
    }),
    was: references.map((entry) => numberAt(entry, 'weight') ?? null),
  };
}

/**
 * The lists with every twin taken out and the user's weights given back. `was` is gone by list for list, wherever it fits
 * what is found; where it does not (the user changed weights, or it was lost) the sums stand: they are in proportion.
 */
export function withoutTwins(
  lists: readonly (readonly Json[])[],
  target: Split,
  role: RoleOf,
  was: Was = [],
): readonly (readonly Json[])[] {
  let rest = was;
  return lists.map((list) => {
    if (!list.some((entry) => role(entry) === 'twin')) return list;
    const summed = merged(list, target, role);
    const at = rest.findIndex((_, from) =>
      isMultipleOf(summed, rest.slice(from, from + summed.length), role),
    );
    if (at < 0) return summed;
    const found = rest.slice(at, at + summed.length);
    rest = rest.slice(at + summed.length);
    return summed.map((entry, n) => weighing(entry, found[n] ?? null));
  });
}

/** The lowest percent that a backend of the Service with traffic shares with its twin; undefined where none has any. */
export function lowestPercent(references: readonly Json[], target: Split, role: RoleOf): number | undefined {
  const totals = merged(references, target, role).filter((entry) => role(entry) === 'stable');
  const stables = references.filter((entry) => role(entry) === 'stable');
  const percents = totals.flatMap((entry, n) => {
    const [total, kept] = [weightOf(entry), weightOf(stables[n] ?? null)];
    // A twin whose stable one is gone has it all.
    return total === 0 ? [] : [n in stables ? Math.floor((100 * (total - kept)) / total) : 100];
  });
  return percents.length === 0 ? undefined : Math.min(...percents);
}

/** By how much all weights are multiplied so that each of the Service's can be shared to the percent. */
function factorFor(references: readonly Json[], role: RoleOf): number {
  const stable = references.filter((entry) => role(entry) === 'stable').map(weightOf);
  const exact = 100 / stable.reduce(greatestDivisor, 100);
  const most = Math.max(1, ...references.map(weightOf));
  return Math.max(1, Math.min(exact, Math.floor(heaviest / most)));
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

/** A twin belongs to the backend it stands behind; one that somebody moved, to the first of the Service. */
function merged(references: readonly Json[], target: Split, role: RoleOf): readonly Json[] {
  const list: Json[] = [];
  const astray: Json[] = [];
  const add = (at: number, twin: Json): void => {
    const entry = list[at] ?? null;
    list[at] = weighing(entry, weightOf(entry) + weightOf(twin));
  };
  for (const entry of references) {
    if (role(entry) !== 'twin') list.push(entry);
    else if (role(list.at(-1) ?? null) === 'stable') add(list.length - 1, entry);
    else astray.push(entry);
  }
  for (const twin of astray) {
    const first = list.findIndex((entry) => role(entry) === 'stable');
    if (first >= 0) add(first, twin);
    // The traffic never ends at the candidate.
    else if (isObject(twin)) list.push({ ...twin, name: target.service.name });
  }
  return list;
}

function isMultipleOf(summed: readonly Json[], was: Was, role: RoleOf): boolean {
  if (was.length !== summed.length) return false;
  const factor = factorFor(
    summed.map((entry, n) => weighing(entry, was[n] ?? null)),
    role,
  );
  return summed.every((entry, n) => weightOf(entry) === (was[n] ?? 1) * factor);
}

function weighing(entry: Json, weight: number | null): Json {
  if (!isObject(entry)) return entry;
  return weight === null ? without(entry, 'weight') : { ...entry, weight };
}
