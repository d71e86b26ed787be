// Where a path such as `analysis.metrics[0].name` stands in the text that a document was read from.
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, Scalar } from 'yaml';
import { parseDocument } from 'yaml';
import type { Place } from './finding.ts';

/** A document with the way from offsets to lines. */
export interface Placed {
  readonly document: Document;
  readonly lines: LineCounter;
  readonly source: string;
}

interface Found {
  /** What is told of the value is shown at its key. */
  readonly at: Node | undefined;
  readonly node: Node | undefined;
}

/** Where the path stands; of what is not there, the nearest around it that is. */
export function placeOf(placed: Placed, path: string): Place {
  const { at } = walk(placed.document, { at: rootOf(placed), node: rootOf(placed) }, path);
  return lineOf(placed.lines, at?.range?.[0] ?? 0);
}

/**
 * Where a path stands in the document that is the text at `path`: exact where it is written as a block (`|`), else the
 * place of the text itself.
 */
export function placeWithin(placed: Placed, path: string, inner: string): Place {
  const { node } = walk(placed.document, { at: rootOf(placed), node: rootOf(placed) }, path);
  if (!isScalar(node) || node.type !== Scalar.BLOCK_LITERAL) return placeOf(placed, path);
  const [from = 0, to = 0] = node.range ?? [];
  const block = placed.source.slice(from, to);
  const content = block.slice(block.indexOf('\n') + 1);
  const indent = /^ */.exec(content.split('\n').find((line) => line.trim() !== '') ?? '')?.[0].length ?? 0;
  const text = content.replaceAll(new RegExp(`^ {0,${indent}}`, 'gm'), '');
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false });
  const { line, column } = placeOf({ document, lines, source: text }, inner);
  return { line: lineOf(placed.lines, from).line + line, column: column + indent };
}

function rootOf({ document }: Placed): Node | undefined {
  return document.contents ?? undefined;
}

function walk(document: Document, found: Found, path: string): Found {
  const rest = path.replace(/^\./, '');
  if (rest === '') return found;
  const node = isAlias(found.node) ? found.node.resolve(document) : found.node;
  const [step, index] = /^\[(\d+)\]/.exec(rest) ?? [];
  if (step !== undefined) {
    const item = isSeq(node) ? asNode(node.items[Number(index)]) : undefined;
    return item === undefined ? found : walk(document, { at: item, node: item }, rest.slice(step.length));
  }
  const pair = isMap(node) ? pairFor(node.items, rest) : undefined;
  if (pair === undefined) return found;
  return walk(document, { at: pair.key, node: pair.value }, rest.slice(pair.name.length));
}

interface Pair {
  readonly name: string;
  readonly key: Node | undefined;
  readonly value: Node | undefined;
}

/** A key may hold dots and brackets itself: the longest that fits is meant. */
function pairFor(
  items: readonly { readonly key: unknown; readonly value: unknown }[],
  rest: string,
): Pair | undefined {
  return items
    .map(({ key, value }) => ({
      name: String(isScalar(key) ? key.value : key),
      ...{ key: asNode(key), value: asNode(value) },
    }))
    .filter(({ name }) => rest.startsWith(name) && /^[.[]|^$/.test(rest.slice(name.length)))
    .toSorted((a, b) => b.name.length - a.name.length)[0];
}

function asNode(value: unknown): Node | undefined {
  return typeof value === 'object' && value !== null && 'range' in value ? (value as Node) : undefined;
}

function lineOf(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}
