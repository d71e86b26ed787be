import { isSame } from '../rollout/template.ts';
import type { Json, JsonObject } from '../rollout/types.ts';
import type { Both } from './both.ts';
import { isList, isObject, textAt } from './json.ts';

/** Conditions by name, which must all hold. */
const maps = ['headers', 'queryParams', 'withoutHeaders', 'sourceLabels'];
/** Of these two conditions on one text can be one; what must be absent cannot. */
const narrowedMaps = ['headers', 'queryParams'];
const texts = ['uri', 'scheme', 'method', 'authority'];
/** These name a match, and are no condition. */
const labels = ['name', 'statPrefix'];

/**
 * Who meets a route's own conditions and any of the given ones; a route without conditions takes everybody. Each entry of
 * HTTPMatchRequest holds where all in it does, and one of them is enough. What no entry can say (two patterns for one
 * header, say) is left out: then nobody is sent where not both were met.
 */
export function whoMeetBoth(own: readonly Json[], given: readonly JsonObject[]): readonly JsonObject[] {
  if (own.length === 0) return given;
  return pairs(own, given).flatMap((both): readonly JsonObject[] =>
    both.kind === 'both' && both.value !== undefined ? [both.value] : [],
  );
}

/** Why a match cannot say who meets a route's own conditions and one of the given ones; undefined where it can. */
export function whyUnsayable(own: readonly Json[], given: readonly JsonObject[]): string | undefined {
  const strange = pairs(own, given).find((both) => both.kind === 'unsayable');
  return strange?.kind === 'unsayable' ? strange.why : undefined;
}

function pairs(own: readonly Json[], given: readonly JsonObject[]): readonly Both<JsonObject>[] {
  const entries = own.filter(isObject);
  return entries.flatMap((entry) => given.map((other) => together(entry, other)));
}

/** The entry that holds where both do. */
function together(own: JsonObject, given: JsonObject): Both<JsonObject> {
  const merged: { [key: string]: Json } = { ...own };
  const unsayable: Both<JsonObject>[] = [];
  for (const [key, value] of Object.entries(given)) {
    const there = own[key];
    const met = there === undefined || labels.includes(key) ? one(there ?? value) : meet(key, there, value);
    // Texts that differ may be one where case does not count.
    const isNobody = met.kind === 'nothing' && !(key === 'uri' && [own, given].some(caseRule));
    if (isNobody) return { kind: 'nothing' };
    if (met.kind !== 'both') unsayable.push(met.kind === 'nothing' ? twice(key) : met);
    else merged[key] = met.value ?? value;
  }
  const isRead = isSame(caseRule(own), caseRule(given)) || !('uri' in own && 'uri' in given);
  return unsayable[0] ?? (isRead ? { kind: 'both', value: merged } : twice('uri'));
}

function caseRule(entry: JsonObject): boolean {
  return entry['ignoreUriCase'] === true;
}

function meet(key: string, own: Json, given: Json): Both {
  if (isSame(own, given)) return one(own);
  // It says how `uri` is read.
  if (key === 'ignoreUriCase') return one(true);
  if (key === 'gateways' && isList(own) && isList(given)) return common(own, given);
  if (!isObject(own) || !isObject(given)) return { kind: 'nothing' };
  if (texts.includes(key)) return narrower(key, own, given);
  return maps.includes(key) ? allOf(key, own, given) : twice(key);
}

function common(own: readonly Json[], given: readonly Json[]): Both {
  const shared = own.filter((gateway) => given.includes(gateway));
  return shared.length === 0 ? { kind: 'nothing' } : one(shared);
}

function allOf(key: string, own: JsonObject, given: JsonObject): Both {
  const merged: { [name: string]: Json } = { ...own };
  for (const [name, value] of Object.entries(given)) {
    const there = own[name];
    const met = there === undefined ? one(value) : named(key, name, there, value);
    if (met.kind !== 'both') return met;
    merged[name] = met.value ?? value;
  }
  return one(merged);
}

function named(key: string, name: string, own: Json, given: Json): Both {
  if (isSame(own, given)) return one(own);
  // A label has one value.
  if (!isObject(own) || !isObject(given)) return { kind: 'nothing' };
  const what = `${key} ${name}`;
  return narrowedMaps.includes(key) ? narrower(what, own, given) : twice(what);
}

/** Of two conditions on one text the one that implies the other. Patterns are not compared. */
function narrower(what: string, own: JsonObject, given: JsonObject): Both {
  if (implies(own, given)) return one(own);
  if (implies(given, own)) return one(given);
  return [own, given].some((each) => textAt(each, 'regex') !== undefined) ? twice(what) : { kind: 'nothing' };
}

function implies(narrow: JsonObject, wide: JsonObject): boolean {
  // Nothing said of a header: it is there, whatever it is.
  if (Object.keys(wide).length === 0) return true;
  const prefix = textAt(wide, 'prefix');
  const said = textAt(narrow, 'exact') ?? textAt(narrow, 'prefix');
  return prefix !== undefined && Object.keys(narrow).length === 1 && said?.startsWith(prefix) === true;
}

function one<T extends Json>(value: T): Both<T> {
  return { kind: 'both', value };
}

function twice(what: string): Both<never> {
  return { kind: 'unsayable', why: `a route matches ${what} already, and can do so but once` };
}
