import { createHmac } from 'node:crypto';
import type { Digests } from '../config/config-seen.ts';
import type { KubeObject } from '../kube/objects.ts';
import { names } from '../kube/objects.ts';
import { canonicalJson } from '../rollout/template.ts';
import type { Json } from '../rollout/types.ts';
import { listAt, objectAt, textAt } from '../routing/json.ts';

/** Makes what is noted of contents: the same for the same content, and nothing of it can be told from that. */
export interface Digester {
  /** Tells its digests from those of another key. */
  readonly id: string;
  /** What a ConfigMap or Secret holds; labels and annotations are none of it. */
  readonly contentOf: (object: KubeObject) => string;
  /** The mark of a change of these objects: the same for the same change, another for the way back. */
  readonly markOf: (changed: readonly string[], from: Digests, to: Digests) => string;
}

/** Digests with that key. */
export function digester(key: Uint8Array): Digester {
  const digest = (value: Json): string =>
    createHmac('sha256', key).update(canonicalJson(value)).digest('hex').slice(0, 16);
  return {
    id: digest('id').slice(0, 8),
    contentOf: (object) => digest([objectAt(object, 'data'), objectAt(object, 'binaryData')]),
    markOf: (changed, from, to) => digest(changed.map((ref) => [ref, from[ref] ?? '', to[ref] ?? ''])),
  };
}

/** Flagger's way to say the same: any value that begins so. */
const flaggers = 'flagger.app/config-tracking';

/** What is kept of a ConfigMap or Secret: never its content. */
export function keptConfig(object: KubeObject, { contentOf }: Digester): KubeObject {
  const { name, namespace, uid, resourceVersion, annotations = {} } = object.metadata;
  const isOff =
    annotations[names.config] === 'disabled' || (annotations[flaggers] ?? '').startsWith('disable');
  return {
    metadata: { ...(namespace === undefined ? {} : { namespace }), name, uid, resourceVersion },
    ...(isOff ? { off: true } : { digest: contentOf(object), writer: writerOf(object) }),
  };
}

/** The field manager that wrote the content last. */
function writerOf({ metadata }: KubeObject): string {
  const entries = listAt(metadata, 'managedFields').filter((entry) => {
    const fields = objectAt(entry, 'fieldsV1');
    return 'f:data' in fields || 'f:binaryData' in fields || 'f:stringData' in fields;
  });
  const newest = entries.toSorted((a, b) => (timeOf(a) < timeOf(b) ? 1 : -1))[0];
  return textAt(newest, 'manager') ?? '';
}

function timeOf(entry: Json): string {
  return textAt(entry, 'time') ?? '';
}
