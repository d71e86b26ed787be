import { isMap, isScalar, parseDocument, visit } from 'yaml';
import { messageOf } from '../errors.ts';

/** A map of the document as it was read: keys are the author's, values are unknown. */
export type PlainMap = { readonly [key: string]: unknown };

export type Read = { readonly value: unknown } | { readonly problem: string };

/** A plan has a dozen lines; etcd would take an annotation of 256 KiB, and parsing blocks the webhook. */
const maxBytes = 64 * 1024;

/** Far above what a person shares by anchors, far below what a bomb of aliases needs. */
const maxAliasCount = 50;

/** The plain value of one YAML (or JSON) document without tags of its own, or what is wrong with the text. */
export function readDocument(text: string): Read {
  const bytes = Buffer.byteLength(text);
  if (bytes > maxBytes) return { problem: `is ${bytes} bytes long; at most ${maxBytes} are read` };
  try {
    // Keys are checked below: the library compares each with each, which takes seconds where there are thousands.
    const document = parseDocument(text, {
      schema: 'core',
      resolveKnownTags: false,
      stringKeys: true,
      uniqueKeys: false,
    });
    const wrong = document.errors[0] ?? document.warnings[0];
    // The message goes on with a picture of the line, which says nothing in a one-line report.
    if (wrong !== undefined) return { problem: `is not YAML: ${wrong.message.split(':\n')[0]}` };
    const twice = repeatedKey(document);
    if (twice !== undefined) return { problem: `names ${JSON.stringify(twice)} twice in one map` };
    const value: unknown = document.toJS({ maxAliasCount });
    return { value };
  } catch (error) {
    return { problem: `is not YAML: ${messageOf(error)}` };
  }
}

function repeatedKey(document: ReturnType<typeof parseDocument>): string | undefined {
  let found: string | undefined;
  visit(document, (_, node) => {
    if (!isMap(node)) return undefined;
    const keys = node.items.map(({ key }) => String(isScalar(key) ? key.value : key));
    const seen = new Set<string>();
    found = keys.find((key) => seen.size === seen.add(key).size);
    return found === undefined ? undefined : visit.BREAK;
  });
  return found;
}

/** True of a map of the document, false of a list, a scalar or nothing. */
export function isPlainMap(value: unknown): value is PlainMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `over` laid on `base`: maps key by key, anything else as a whole; an empty value leaves what `base` says. */
export function merged(base: unknown, over: unknown): unknown {
  if (over === undefined || over === null) return base;
  if (!isPlainMap(base) || !isPlainMap(over)) return over;
  const keys = [...new Set([...Object.keys(base), ...Object.keys(over)])];
  // fromEntries defines each key, so that one called `__proto__` stays a key and is reported like any other.
  return Object.fromEntries(keys.map((key) => [key, merged(own(base, key), own(over, key))]));
}

/** What the map itself says under `key`, never what it inherits. */
export function own(map: PlainMap, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}
