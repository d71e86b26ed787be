import { isSame } from '../rollout/template.ts';
import type { Affinity, Beside } from '../rollout/strategy.ts';
import type { Json, JsonObject } from '../rollout/types.ts';
import { isObject, listAt, numberAt, objectAt, textAt } from './json.ts';

/** What a route object remembers of what the twin gets beside its weight; undefined where that is nothing. */
export function readBeside(json: Json | undefined): Beside | undefined {
  if (!isObject(json)) return undefined;
  const mirror = numberAt(json, 'mirror');
  const match = listAt(json, 'match').filter((one) => isObject(one));
  const affinity = readAffinity(objectAt(json, 'affinity'));
  const beside: Beside = {
    ...(mirror === undefined ? {} : { mirror }),
    ...(match.length === 0 ? {} : { match }),
    ...(affinity === undefined ? {} : { affinity }),
  };
  return Object.keys(beside).length === 0 ? undefined : beside;
}

/** The same as JSON, for the memory of a route object. */
export function writeBeside({ mirror, match, affinity }: Beside): JsonObject {
  return {
    ...(mirror === undefined ? {} : { mirror }),
    ...(match === undefined ? {} : { match }),
    ...(affinity === undefined ? {} : { affinity: { ...affinity } }),
  };
}

/** True when both give the twin the same. */
export function isSameBeside(a: Beside | undefined, b: Beside | undefined): boolean {
  return isSame(writeBeside(a ?? {}), writeBeside(b ?? {}));
}

function readAffinity(json: JsonObject): Beside['affinity'] {
  const [cookieName, value] = [textAt(json, 'cookieName'), textAt(json, 'value')];
  const maxAgeSeconds = numberAt(json, 'maxAgeSeconds');
  if (cookieName === undefined || value === undefined || maxAgeSeconds === undefined) return undefined;
  const [domain, path, sameSite] = [textAt(json, 'domain'), textAt(json, 'path'), sameSiteIn(json)];
  return {
    ...{ cookieName, value, maxAgeSeconds },
    ...(domain === undefined ? {} : { domain }),
    ...(path === undefined ? {} : { path }),
    ...(sameSite === undefined ? {} : { sameSite }),
    ...flags(json),
  };
}

function sameSiteIn(json: JsonObject): Affinity['sameSite'] {
  return (['Strict', 'Lax', 'None'] as const).find((one) => one === json['sameSite']);
}

function flags(json: JsonObject): Pick<Affinity, 'secure' | 'httpOnly' | 'partitioned'> {
  const present = (['secure', 'httpOnly', 'partitioned'] as const).filter(
    (key) => typeof json[key] === 'boolean',
  );
  return Object.fromEntries(present.map((key) => [key, json[key] === true]));
}
