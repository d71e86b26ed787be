import { isSame } from '../rollout/template.ts';
import type { Json, JsonObject, PatchOp } from '../rollout/types.ts';
import { isSameBeside, readBeside, writeBeside } from './beside.ts';
import { isObject, listAt, numberAt, objectAt, textAt, without } from './json.ts';
import { annotationPath } from './pointer.ts';
import type { SplitOptions } from './router.ts';
import type { Was } from './twins.ts';
import { type Restriction, type Split, splitAnnotation } from './types.ts';

/** What a route object remembers of the split of one Service: with it, anybody can put the split on another copy. */
export interface Memory extends SplitOptions {
  /** The percent that was asked for; rounding may have given another. */
  readonly weight: number;
  /** How the user had written what was edited, in the order of the object. */
  readonly was: Was;
  /** The names of the routes that we made. */
  readonly made?: readonly string[];
}

const splitPath = annotationPath(splitAnnotation);

/** What the object remembers of this split; undefined where it has none, or where it cannot be read. */
export function recall(virtualService: JsonObject, target: Split): Memory | undefined {
  const entry = entriesOf(virtualService)[keyOf(target)];
  const weight = numberAt(entry, 'weight');
  if (weight === undefined) return undefined;
  const rolledBack = textAt(entry, 'rolledBack');
  const at = numberAt(entry, 'at');
  const beside = readBeside(objectAt(entry, 'beside'));
  const restriction = readRestriction(objectAt(entry, 'only'));
  const made = textsAt(entry, 'made');
  const was = listAt(entry, 'was').map((before) => (typeof before === 'number' ? before : null));
  return {
    weight,
    ...(rolledBack === undefined ? {} : { rolledBack }),
    ...(beside === undefined ? {} : { beside }),
    ...(restriction === undefined ? {} : { restriction }),
    ...(at === undefined ? {} : { at }),
    was,
    ...(made.length === 0 ? {} : { made }),
  };
}

/** The names of the routes that splits of other Services made: they are not ours to edit. */
export function madeByOthers(object: JsonObject, target: Split): readonly string[] {
  const others = Object.entries(entriesOf(object)).filter(([key]) => key !== keyOf(target));
  return others.flatMap(([, entry]) => textsAt(entry, 'made'));
}

function textsAt(json: Json | undefined, key: string): readonly string[] {
  return listAt(json, key).filter((one) => typeof one === 'string');
}

function readRestriction(json: JsonObject): Restriction | undefined {
  const name = textAt(json, 'name');
  if (name === undefined) return undefined;
  return 'routes' in json ? { name, routes: textsAt(json, 'routes') } : { name };
}

function written({ weight, rolledBack, beside, restriction, at, was, made = [] }: Memory): JsonObject {
  const given = writeBeside(beside ?? {});
  return {
    weight,
    ...(rolledBack === undefined ? {} : { rolledBack }),
    ...(Object.keys(given).length === 0 ? {} : { beside: given }),
    ...(restriction === undefined ? {} : { only: { ...restriction } }),
    ...(at === undefined ? {} : { at }),
    was,
    ...(made.length === 0 ? {} : { made }),
  };
}

/** The operations that make it remember `memory`, or nothing; none where it does. Splits of other Services stay. */
export function remember(virtualService: JsonObject, target: Split, memory?: Memory): readonly PatchOp[] {
  const annotations = objectAt(objectAt(virtualService, 'metadata'), 'annotations');
  const entries = entriesOf(virtualService);
  const next: JsonObject = memory
    ? { ...entries, [keyOf(target)]: written(sinceThen(memory, recall(virtualService, target))) }
    : without(entries, keyOf(target));
  const present = splitAnnotation in annotations;
  if (Object.keys(next).length === 0) {
    if (!present) return [];
    const alone = Object.keys(annotations).length === 1;
    return [{ op: 'remove', path: alone ? '/metadata/annotations' : splitPath }];
  }
  if (isSame(next, entries)) return [];
  const value = JSON.stringify(next);
  if (present) return [{ op: 'replace', path: splitPath, value }];
  if (Object.keys(annotations).length > 0) return [{ op: 'add', path: splitPath, value }];
  return [{ op: 'add', path: '/metadata/annotations', value: { [splitAnnotation]: value } }];
}

/** What is given already keeps its time. */
function sinceThen(memory: Memory, before: Memory | undefined): Memory {
  const isGiven = before?.weight === memory.weight && isSameBeside(before.beside, memory.beside);
  if (before === undefined || !isGiven) return memory;
  const { at: _, ...rest } = memory;
  return before.at === undefined ? rest : { ...rest, at: before.at };
}

/** One VirtualService may route to several Services, each with a rollout of its own. */
function keyOf({ service }: Split): string {
  return `${service.name}.${service.namespace}`;
}

/** The Services whose split the VirtualService remembers. */
export function splitServices(
  virtualService: JsonObject,
): readonly Pick<Split['service'], 'name' | 'namespace'>[] {
  return Object.keys(entriesOf(virtualService)).map((key) => {
    const [name = '', namespace = ''] = key.split('.');
    return { name, namespace };
  });
}

function entriesOf(virtualService: JsonObject): JsonObject {
  const text = textAt(objectAt(objectAt(virtualService, 'metadata'), 'annotations'), splitAnnotation);
  if (text === undefined) return {};
  try {
    const entries = JSON.parse(text) as Json;
    return isObject(entries) ? entries : {};
  } catch {
    return {}; // written by hand: as good as lost
  }
}
