import { isSame } from '../rollout/template.ts';
import type { Json, JsonObject } from '../rollout/types.ts';
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
  const entries = own.flatMap((entry) => (isObject(entry) ? [entry] : []));
  const pairs = entries.flatMap((entry) => given.map((other) => both(entry, other)));
  return pairs.filter((met) => met !== undefined);
}

/** The entry that holds where both do; undefined where nobody can meet both, or no entry can say it. */
function both(own: JsonObject, given: JsonObject): JsonObject | undefined {
  if (!isSame(caseRule(own), caseRule(given)) && 'uri' in own && 'uri' in given) return undefined;
  const merged: { [key: string]: Json } = { ...own };
  for (const [key, value] of Object.entries(given)) {
    const there = own[key];
    const met = there === undefined || labels.includes(key) ? (there ?? value) : meet(key, there, value);
    if (met === undefined) return undefined;
    merged[key] = met;
  }
  return merged;
}

function caseRule(entry: JsonObject): boolean {
  return entry['ignoreUriCase'] === true;
}

function meet(key: string, own: Json, given: Json): Json | undefined {
  if (isSame(own, given)) return own;
  // It says how `uri` is read, and only one of them has a `uri`.
  if (key === 'ignoreUriCase') return true;
  if (key === 'gateways' && isList(own) && isList(given)) return common(own, given);
  if (!isObject(own) || !isObject(given)) return undefined;
  if (texts.includes(key)) return narrower(own, given);
  return maps.includes(key) ? allOf(key, own, given) : undefined;
}

function common(own: readonly Json[], given: readonly Json[]): Json | undefined {
  const shared = own.filter((gateway) => given.includes(gateway));
  return shared.length === 0 ? undefined : shared;
}

function allOf(key: string, own: JsonObject, given: JsonObject): JsonObject | undefined {
  const merged: { [name: string]: Json } = { ...own };
  for (const [name, value] of Object.entries(given)) {
    const there = own[name];
    const isText = narrowedMaps.includes(key) && isObject(there) && isObject(value);
    const other = isText ? narrower(there, value) : undefined;
    const met = there === undefined || isSame(there, value) ? value : other;
    if (met === undefined) return undefined;
    merged[name] = met;
  }
  return merged;
}

/** Of two conditions on one text the one that implies the other. Patterns are not compared. */
function narrower(own: JsonObject, given: JsonObject): JsonObject | undefined {
  if (isSame(own, given) || implies(own, given)) return own;
  return implies(given, own) ? given : undefined;
}

function implies(narrow: JsonObject, wide: JsonObject): boolean {
  // Nothing said of a header: it is there, whatever it is.
  if (Object.keys(wide).length === 0) return true;
  const prefix = textAt(wide, 'prefix');
  const said = textAt(narrow, 'exact') ?? textAt(narrow, 'prefix');
  return prefix !== undefined && Object.keys(narrow).length === 1 && said?.startsWith(prefix) === true;
}
