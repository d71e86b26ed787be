// A file of several documents, YAML or JSON, as somebody applies it.
import { LineCounter, parseAllDocuments } from 'yaml';
import { isPlainMap, own, type PlainMap } from '../config/document.ts';
import { messageOf } from '../errors.ts';
import type { Place } from './finding.ts';
import { type Placed, placeOf, placeWithin } from './place.ts';

/** One object of a file, or a map that is none. */
export interface Item {
  readonly value: PlainMap;
  /** Where a path of it stands. */
  place(path: string): Place;
  /** Where a path stands in the document that is the text at `path`. */
  placeWithin(path: string, inner: string): Place;
}

export interface Documents {
  readonly items: readonly Item[];
  /** Why the file, or a part of it, cannot be read. */
  readonly broken: readonly (Place & { readonly text: string })[];
}

/** Far above what a person shares by anchors, far below what a bomb of aliases needs. */
const maxAliasCount = 1000;

/** Reads every document; the items of a List stand for themselves. */
export function readDocuments(source: string): Documents {
  const lines = new LineCounter();
  const documents = parseAllDocuments(source, { lineCounter: lines });
  if (!Array.isArray(documents)) return { items: [], broken: [] };
  const broken: Documents['broken'][number][] = [];
  const items = documents.flatMap((document) => {
    const placed: Placed = { document, lines, source };
    for (const { pos, message } of document.errors) {
      const { line, col } = lines.linePos(pos[0]);
      broken.push({ line, column: col, text: `is not YAML: ${message.split(/ at line \d+|:\n/)[0]}` });
    }
    if (document.errors.length > 0) return [];
    try {
      return itemsOf(placed, document.toJS({ maxAliasCount }), '');
    } catch (error) {
      broken.push({ ...placeOf(placed, ''), text: `is not YAML: ${messageOf(error)}` });
      return [];
    }
  });
  return { items, broken };
}

function itemsOf(placed: Placed, value: unknown, path: string): readonly Item[] {
  if (!isPlainMap(value)) return [];
  const list = own(value, 'items');
  const kind = own(value, 'kind');
  if (typeof kind === 'string' && kind.endsWith('List') && Array.isArray(list))
    return list.flatMap((item, index) => itemsOf(placed, item, `${path}items[${index}].`));
  return [
    {
      value,
      place: (inner) => placeOf(placed, `${path}${inner}`),
      placeWithin: (at, inner) => placeWithin(placed, `${path}${at}`, inner),
    },
  ];
}
