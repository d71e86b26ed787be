import { isSame } from '../rollout/template.ts';
import type { Json, JsonObject } from '../rollout/types.ts';
import type { Both } from './both.ts';
import { literally } from './cookie.ts';
import { isObject, listAt, objectAt, textAt } from './json.ts';
import { narrowerPath } from './gateway-path.ts';

/** The kinds of routes of Gateway API that are edited. */
export type RouteKind = 'HTTPRoute' | 'GRPCRoute';

/** Conditions in the words of Gateway API, any of which is enough; or why they cannot be said in them. */
export type Translated =
  | { readonly ok: true; readonly matches: readonly JsonObject[] }
  | { readonly ok: false; readonly why: string };

/** What a condition of Istio's may say that a rule of that kind can say too. */
const known = { HTTPRoute: ['headers', 'method', 'queryParams', 'uri'], GRPCRoute: ['headers'] } as const;

/** Those say nothing of the request. */
const silent = ['name', 'statPrefix'];

/** Conditions of Istio's (HTTPMatchRequest) as the matches of a rule. */
export function translated(conditions: readonly JsonObject[], kind: RouteKind): Translated {
  const matches: JsonObject[] = [];
  for (const condition of conditions) {
    const strange = Object.keys(condition).find(
      (key) => !silent.includes(key) && !(known[kind] as readonly string[]).includes(key),
    );
    if (strange !== undefined) return refused(`a rule of ${kind} cannot match ${strange}`);
    const match = matchOf(condition);
    if (typeof match === 'string') return refused(match);
    matches.push(match);
  }
  return { ok: true, matches };
}

/** What meets one of `own` and one of `others`; none where nothing can. */
export function product(own: readonly Json[], others: readonly JsonObject[]): Translated {
  const matches: Json[] = [];
  for (const mine of own.length === 0 ? [{}] : own) {
    for (const other of others) {
      const both = intersection(isObject(mine) ? mine : {}, other);
      if (both.kind === 'unsayable') return refused(both.why);
      if (both.kind === 'both') matches.push(both.value ?? {});
    }
  }
  const isFirst = (match: Json, at: number): boolean =>
    matches.findIndex((each) => isSame(each, match)) === at;
  return { ok: true, matches: matches.filter(isFirst).filter(isObject) };
}

function matchOf(condition: JsonObject): JsonObject | string {
  const { uri, method } = condition;
  if (textAt(uri, 'regex') !== undefined)
    return 'a rule of an HTTPRoute that matches uri by regex comes after those with a prefix, so it would not be reached';
  if (method !== undefined && textAt(method, 'exact') === undefined)
    return 'a rule of an HTTPRoute matches method exactly, or not at all';
  const [headers, queryParams] = ['headers', 'queryParams'].map((key) => named(objectAt(condition, key)));
  const exact = textAt(uri, 'exact');
  const prefix = textAt(uri, 'prefix');
  return {
    ...(exact === undefined ? {} : { path: { type: 'Exact', value: exact } }),
    ...(prefix === undefined ? {} : { path: { type: 'PathPrefix', value: prefix } }),
    ...(headers === undefined ? {} : { headers }),
    ...(queryParams === undefined ? {} : { queryParams }),
    ...(method === undefined ? {} : { method: textAt(method, 'exact') ?? '' }),
  };
}

/** Each entry as Gateway API has it; `{}` of Istio's only asks whether it is there. */
function named(entries: JsonObject): readonly JsonObject[] | undefined {
  const list = Object.entries(entries).map(([name, said]) => {
    const [exact, prefix, regex] = ['exact', 'prefix', 'regex'].map((key) => textAt(said, key));
    if (exact !== undefined) return { name, type: 'Exact', value: exact };
    const expression = regex ?? (prefix === undefined ? '.*' : `^${literally(prefix)}.*`);
    return { name, type: 'RegularExpression', value: expression };
  });
  return list.length === 0 ? undefined : list;
}

/** The match that meets both. */
function intersection(own: JsonObject, other: JsonObject): Both {
  const parts = {
    path: narrowerPath(own['path'], other['path']),
    headers: together(own, other, 'headers'),
    queryParams: together(own, other, 'queryParams'),
    method: sameOf(own['method'], other['method']),
  };
  const value: Record<string, Json> = { ...own };
  for (const [key, part] of Object.entries(parts)) {
    if (part.kind !== 'both') return part;
    if (part.value !== undefined) value[key] = part.value;
  }
  return { kind: 'both', value };
}

function sameOf(own: Json | undefined, other: Json | undefined): Both {
  const value = own ?? other;
  if (value === undefined) return { kind: 'both' };
  return other === undefined || isSame(value, other) ? { kind: 'both', value } : { kind: 'nothing' };
}

/** The entries of both lists. A name may stand in a list but once. */
function together(own: JsonObject, other: JsonObject, key: string): Both {
  const entries = [...listAt(own, key)];
  for (const entry of listAt(other, key)) {
    const name = textAt(entry, 'name') ?? '';
    const there = entries.find((each) => isNamed(each, name, key));
    if (there === undefined) entries.push(entry);
    else if (!isSame(spelled(there), spelled(entry)))
      return [there, entry].every((each) => spelled(each).type === 'Exact')
        ? { kind: 'nothing' }
        : { kind: 'unsayable', why: `a rule matches ${key} ${name} already, and can do so but once` };
  }
  return entries.length === 0 ? { kind: 'both' } : { kind: 'both', value: entries };
}

function isNamed(entry: Json, name: string, key: string): boolean {
  const there = textAt(entry, 'name') ?? '';
  // Names of headers are the same in any case.
  return key === 'headers' ? there.toLowerCase() === name.toLowerCase() : there === name;
}

function spelled(entry: Json): JsonObject & { readonly type: string } {
  return { value: textAt(entry, 'value') ?? '', type: textAt(entry, 'type') ?? 'Exact' };
}

function refused(why: string): Translated {
  return { ok: false, why };
}
