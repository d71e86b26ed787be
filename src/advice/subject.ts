// What of a file Serin reads: plans, wherever they are written, and the settings of a namespace.
import { isPlainMap, own, type PlainMap } from '../config/document.ts';
import * as schema from '../config/schema.ts';
import { names } from '../kube/objects.ts';
import type { JsonObject } from '../rollout/types.ts';
import type { Item } from './documents.ts';
import type { Place } from './finding.ts';

/** A text that is to be read, and where its paths stand in the file. */
export interface Text {
  readonly text: string | undefined;
  place(path: string): Place;
}

export type Subject =
  | { readonly is: 'deployment'; readonly object: JsonObject; readonly plan: Text; readonly item: Item }
  | { readonly is: 'settings'; readonly namespace: string; readonly item: Item; readonly texts: Settings }
  /** A plan by itself, a Canary of Flagger's, or the section of a chart's values. */
  | { readonly is: 'plan'; readonly plan: Text };

type Settings = { readonly [key in (typeof settingsKeys)[number]]: Text };

const settingsKeys = ['canary.yaml', 'enforce.yaml', 'messages.yaml'] as const;

/** What an object of a file is to Serin; undefined where it is nothing to it. */
export function subjectOf(item: Item): Subject | undefined {
  const { value } = item;
  const [kind, said] = [own(value, 'kind'), own(value, 'apiVersion')];
  const version = typeof said === 'string' ? said : '';
  if (kind === 'Deployment' && version.startsWith('apps/'))
    return { is: 'deployment', object: value as JsonObject, plan: annotation(item), item };
  if (kind === 'ConfigMap' && nameOf(value) === 'serin') return settingsOf(item);
  if (kind === 'Canary' && version.startsWith('flagger.app/')) return wholeOf(item, value);
  if (kind !== undefined) return undefined;
  const section = own(value, 'canary');
  if (isPlainMap(section)) return wholeOf(item, { canary: section });
  const isPlan = Object.keys(value).some((key) => telling.includes(key));
  return isPlan ? wholeOf(item, value) : undefined;
}

/** The keys that tell a plan from any other map. */
const telling = [...schema.plan.known, ...Object.keys(schema.plan.noted)].filter(
  (key) => !['enabled', 'enable', 'service', 'provider'].includes(key),
);

function annotation(item: Item): Text {
  const path = `metadata.annotations.${names.canary}`;
  const written = own(mapAt(mapAt(item.value, 'metadata'), 'annotations'), names.canary);
  // A value that is no text is none that the API server takes.
  const text = written === undefined ? undefined : textOf(written);
  return { text, place: (inner) => item.placeWithin(path, inner) };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function settingsOf(item: Item): Subject {
  const data = mapAt(item.value, 'data');
  const texts = settingsKeys.map((key) => {
    const text = own(data, key);
    const place: Text['place'] = (inner) => item.placeWithin(`data.${key}`, inner);
    return [key, { text: typeof text === 'string' ? text : undefined, place }] as const;
  });
  const namespace = own(mapAt(item.value, 'metadata'), 'namespace');
  return {
    ...{ is: 'settings', item, texts: Object.fromEntries(texts) as Settings },
    namespace: typeof namespace === 'string' ? namespace : '',
  };
}

/** What stands in the file as a map is read as the same map in JSON. */
function wholeOf(item: Item, value: PlainMap): Subject {
  return { is: 'plan', plan: { text: JSON.stringify(value), place: (path) => item.place(path) } };
}

function nameOf(value: PlainMap): unknown {
  return own(mapAt(value, 'metadata'), 'name');
}

function mapAt(map: PlainMap, key: string): PlainMap {
  const value = own(map, key);
  return isPlainMap(value) ? value : {};
}
