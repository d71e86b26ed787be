import { isSame } from '../rollout/template.ts';
import type { Json, JsonObject, PatchOp } from '../rollout/types.ts';
import { isObject, listAt, numberAt, objectAt, textAt, without } from './json.ts';
import type { Was } from './twins.ts';
import { type Split, splitAnnotation } from './types.ts';

/** What a VirtualService remembers of the split of one Service. */
export interface Memory {
  /** The percent that was asked for; rounding may have given another. */
  readonly weight: number;
  /** The revision whose rollback took the traffic away. */
  readonly rolledBack?: string;
  readonly was: Was;
}

const annotationPath = `/metadata/annotations/${splitAnnotation.replace('/', '~1')}`;

/** What the VirtualService remembers of this split; undefined where it has none, or where it cannot be read. */
export function recall(virtualService: JsonObject, target: Split): Memory | undefined {
  const entry = entriesOf(virtualService)[keyOf(target)];
  const weight = numberAt(entry, 'weight');
  if (weight === undefined) return undefined;
  const rolledBack = textAt(entry, 'rolledBack');
  const was = listAt(entry, 'was').map((before) => (typeof before === 'number' ? before : null));
  return { weight, ...(rolledBack === undefined ? {} : { rolledBack }), was };
}

/** The operations that make it remember `memory`, or nothing; none where it does. Splits of other Services stay. */
export function remember(virtualService: JsonObject, target: Split, memory?: Memory): readonly PatchOp[] {
  const annotations = objectAt(objectAt(virtualService, 'metadata'), 'annotations');
  const entries = entriesOf(virtualService);
  const next: JsonObject = memory
    ? { ...entries, [keyOf(target)]: { ...memory } }
    : without(entries, keyOf(target));
  const present = splitAnnotation in annotations;
  if (Object.keys(next).length === 0) {
    if (!present) return [];
    const alone = Object.keys(annotations).length === 1;
    return [{ op: 'remove', path: alone ? '/metadata/annotations' : annotationPath }];
  }
  if (isSame(next, entries)) return [];
  const value = JSON.stringify(next);
  if (present) return [{ op: 'replace', path: annotationPath, value }];
  if (Object.keys(annotations).length > 0) return [{ op: 'add', path: annotationPath, value }];
  return [{ op: 'add', path: '/metadata/annotations', value: { [splitAnnotation]: value } }];
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
