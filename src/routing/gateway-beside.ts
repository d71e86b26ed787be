import type { Beside } from '../rollout/strategy.ts';
import type { Json, JsonObject } from '../rollout/types.ts';
import { cookiePattern, setCookie } from './cookie.ts';
import type { Role } from './destinations.ts';
import { product, type RouteKind, translated, type Translated } from './gateway-match.ts';
import { twinBeside, weightOf } from './gateway-refs.ts';
import { isObject, listAt, objectAt, textAt, without } from './json.ts';
import type { Split } from './types.ts';

/** A split as its rules are built. */
export interface Asked {
  readonly target: Split;
  readonly role: (reference: Json) => Role;
  readonly kind: RouteKind;
  readonly beside: Beside;
}

/** Limits of Gateway API. */
const most = { rules: 16, matches: 64, matchesInAll: 128 } as const;

/** Rules of Serin's begin so; between the user's they stand before the one they were made from. */
const ours = /^serin-(match|cookie)-\d+-/;

/** True for a rule that Serin put into a route, for whichever Service. */
export function isAdded(rule: Json): boolean {
  return ours.test(textAt(rule, 'name') ?? '');
}

/**
 * Tells the rules that were put in for a split. Where the server's version of Gateway API has no names for rules (before
 * 1.4, in its standard channel) it has dropped them; then `added` says that there are some, which send to nobody but the twin.
 */
export function oursIn({ twinService }: Split, role: Asked['role'], added: boolean): (rule: Json) => boolean {
  return (rule) => {
    const name = textAt(rule, 'name');
    const roles = listAt(rule, 'backendRefs').map(role);
    // The name says which twin, and not of which namespace: routes of other Services so called have rules of that name, too.
    if (name !== undefined)
      return ours.test(name) && name.replace(ours, '') === twinService && roles.includes('twin');
    return added && roles.length > 0 && roles.every((each) => each === 'twin');
  };
}

/**
 * The rules that go before the user's rule `at` (counted among their own): who meets a condition, and who has the cookie,
 * is sent to the twin. Each says all that the user's rule says and something more, so it has precedence over it.
 */
export function addedRules(rule: Json, at: number, asked: Asked): readonly JsonObject[] {
  const { target, beside, kind } = asked;
  const rules = [
    ['match', beside.match && translated(beside.match, kind)],
    ['cookie', beside.affinity && holders(beside.affinity)],
  ] as const;
  return rules.flatMap(([what, conditions]) => {
    if (!isObject(rule) || !conditions?.ok) return [];
    const both = product(listAt(rule, 'matches'), conditions.matches);
    if (!both.ok || both.matches.length === 0) return [];
    const references = listAt(rule, 'backendRefs').filter((entry) => asked.role(entry) === 'stable');
    const backendRefs = references.flatMap((entry) =>
      isObject(entry) ? [twinBeside(entry, target, weightOf(entry))] : [],
    );
    return [
      { ...rule, name: `serin-${what}-${at}-${target.twinService}`, matches: both.matches, backendRefs },
    ];
  });
}

/** Why `rules` of a route (those with traffic, of all it has) cannot be given what is asked; undefined where they can. */
export function whyNot(
  rules: readonly Json[],
  all: readonly Json[],
  { beside, kind }: Pick<Asked, 'beside' | 'kind'>,
): string | undefined {
  const asked = [
    beside.match && translated(beside.match, kind),
    beside.affinity && holders(beside.affinity),
  ].filter((conditions) => conditions !== undefined);
  const counts = all.map((rule) => Math.max(1, listAt(rule, 'matches').length));
  for (const conditions of asked) {
    if (!conditions.ok) return conditions.why;
    for (const rule of rules) {
      const both = product(listAt(rule, 'matches'), conditions.matches);
      if (!both.ok) return both.why;
      if (both.matches.length > 0) counts.push(both.matches.length);
    }
  }
  const isFull =
    counts.length > most.rules ||
    counts.some((count) => count > most.matches) ||
    counts.reduce((sum, count) => sum + count, 0) > most.matchesInAll;
  return asked.length > 0 && isFull ? `no more rules and matches fit into one ${kind}` : undefined;
}

/** The filters of a rule with a copy of its requests to the twin behind them. */
export function withMirror(
  filters: readonly Json[],
  references: readonly Json[],
  asked: Asked,
): readonly Json[] {
  const { mirror } = asked.beside;
  const stable = references.find((entry) => asked.role(entry) === 'stable' && weightOf(entry) > 0);
  if (mirror === undefined || !isObject(stable)) return filters;
  const backendRef = {
    ...{ group: '', kind: 'Service' },
    ...without(without(stable, 'weight'), 'filters'),
    name: asked.target.twinService,
  };
  const percent = mirror < 100 ? { percent: mirror } : {};
  return [...filters, { type: 'RequestMirror', requestMirror: { backendRef, ...percent } }];
}

/** The filters of a rule without our copy. */
export function withoutMirror(filters: readonly Json[], role: Asked['role']): readonly Json[] {
  return filters.filter(
    (filter) => role(objectAt(objectAt(filter, 'requestMirror'), 'backendRef')) !== 'twin',
  );
}

/** Backends where each twin gives its visitors the cookie that brings them back. */
export function withCookie(references: readonly Json[], { beside, role }: Asked): readonly Json[] {
  const { affinity } = beside;
  if (affinity === undefined) return references;
  const cookie = { name: 'Set-Cookie', value: setCookie(affinity) };
  return references.map((entry) =>
    isObject(entry) && role(entry) === 'twin' ? adding(entry, cookie) : entry,
  );
}

/** A backend may have but one filter of a type: the user's gets one more header. */
function adding(reference: JsonObject, header: JsonObject): JsonObject {
  const type = 'ResponseHeaderModifier';
  const filters = listAt(reference, 'filters');
  const at = filters.findIndex((filter) => textAt(filter, 'type') === type);
  const before = objectAt(filters[at], 'responseHeaderModifier');
  const responseHeaderModifier = { ...before, add: [...listAt(before, 'add'), header] };
  const filter = { type, responseHeaderModifier };
  return { ...reference, filters: at < 0 ? [...filters, filter] : filters.with(at, filter) };
}

/** Who has the cookie. A header may be matched but once, and all cookies are in one. */
function holders(affinity: NonNullable<Beside['affinity']>): Translated {
  const header = { name: 'Cookie', type: 'RegularExpression', value: `^${cookiePattern(affinity)}$` };
  return { ok: true, matches: [{ headers: [header] }] };
}
