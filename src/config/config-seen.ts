import { names } from '../kube/objects.ts';
import type { Json, JsonObject } from '../rollout/types.ts';
import { objectAt, without } from '../routing/json.ts';
import { parseJson } from './json.ts';

/** What each object holds, by `Kind/name`; the empty text where an optional one is not there. */
export type Digests = { readonly [ref: string]: string };

/** What a Deployment's pods read, as noted in `serin.dev/config-seen`. */
export interface Seen {
  /** Which key the digests were made with: those of another say nothing. */
  readonly key: string;
  /** Of the stable pods, unless stable has come to be what was tried. */
  readonly digests: Digests;
  /** What the pods of a template with that mark read. */
  readonly tried?: { readonly mark: string; readonly digests: Digests };
}

/** The note on a Deployment; undefined where there is none that can be read, which is as if nothing had been seen yet. */
export function readSeen(annotations: { readonly [key: string]: Json } | undefined): Seen | undefined {
  const text = annotations?.[names.configSeen];
  const json = typeof text === 'string' ? parseJson(text) : undefined;
  const [key, digests, tried] = ['key', 'digests', 'tried'].map((name) => fieldOf(json, name));
  if (typeof key !== 'string' || typeof digests !== 'object' || digests === null) return undefined;
  const mark = fieldOf(tried, 'mark');
  const more =
    typeof mark === 'string' ? { tried: { mark, digests: textsIn(fieldOf(tried, 'digests')) } } : {};
  return { key, digests: textsIn(digests), ...more };
}

function fieldOf(json: unknown, name: string): unknown {
  return typeof json === 'object' && json !== null
    ? Object.entries(json).find(([key]) => key === name)?.[1]
    : undefined;
}

function textsIn(json: unknown): Digests {
  const entries: [string, unknown][] = typeof json === 'object' && json !== null ? Object.entries(json) : [];
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** The text that readSeen reads back as the same. */
export function writeSeen({ key, digests, tried }: Seen): string {
  const more = tried === undefined ? {} : { tried: { mark: tried.mark, digests: sorted(tried.digests) } };
  return JSON.stringify({ key, digests: sorted(digests), ...more });
}

function sorted(digests: Digests): Digests {
  return Object.fromEntries(Object.entries(digests).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The mark of a tried change of configuration in a pod template. */
export function configOf(template: Json): string | undefined {
  const mark = objectAt(objectAt(template, 'metadata'), 'annotations')[names.config];
  return typeof mark === 'string' ? mark : undefined;
}

/** The template with that mark, or with none. */
export function withConfig(template: Json, mark: string | undefined): Json {
  if (configOf(template) === mark) return template;
  const metadata = objectAt(template, 'metadata');
  const others = without(objectAt(metadata, 'annotations'), names.config);
  const annotations: JsonObject = mark === undefined ? others : { ...others, [names.config]: mark };
  // A template that was never marked may have no annotations at all.
  const kept = Object.keys(annotations).length === 0 ? {} : { annotations };
  return {
    ...objectAt({ template }, 'template'),
    metadata: { ...without(metadata, 'annotations'), ...kept },
  };
}
