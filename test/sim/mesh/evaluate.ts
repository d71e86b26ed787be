// The value of a query, from what Prometheus remembers.
import type { Labels } from '../../../src/routing/types.ts';
import type { Expression } from './promql.ts';
import { type Bucket, bucketQuantile, increase, lastIndex } from './rate.ts';
import { type Remembered, type Selector, seriesOf } from './series.ts';

interface Row {
  readonly labels: Labels;
  readonly value: number;
}

/** The samples of a series in a range, oldest first. */
interface Raw {
  readonly labels: Labels;
  readonly points: readonly (readonly [at: number, value: number])[];
}

export type Value =
  | { readonly kind: 'scalar'; readonly value: number }
  | { readonly kind: 'vector'; readonly rows: readonly Row[] }
  | { readonly kind: 'matrix'; readonly series: readonly Raw[] };

/** What is asked: when, and of which series. */
export interface Question {
  readonly now: number;
  readonly series: Remembered;
}

/** How long the last sample of a series stands for it. */
const lookbackMs = 5 * 60_000;

/** Throws where a part of Prometheus is asked for that the simulator lacks. */
export function evaluate(expression: Expression, question: Question): Value {
  switch (expression.kind) {
    case 'number':
      return { kind: 'scalar', value: expression.value };
    case 'selector':
      return expression.rangeMs === undefined
        ? vector(latest(expression, question))
        : { kind: 'matrix', series: raw(expression, expression.rangeMs, question) };
    case 'sum':
      return vector(sumBy(expression.by, rowsOf(evaluate(expression.of, question))));
    case 'binary':
      return binary(
        expression.operator,
        evaluate(expression.left, question),
        evaluate(expression.right, question),
      );
    case 'call':
      return call(expression, question);
  }
}

function call({ name, args }: Extract<Expression, { kind: 'call' }>, question: Question): Value {
  const [first, second] = args;
  if (name === 'time') return { kind: 'scalar', value: question.now / 1000 };
  if (first === undefined) throw teach(`${name}()`);
  if (name === 'rate' || name === 'increase') return vector(grown(name, first, question));
  const value = evaluate(first, question);
  if (name === 'vector') return vector([{ labels: {}, value: numberOf(value) }]);
  if (name === 'scalar') {
    const [row, ...more] = rowsOf(value);
    return { kind: 'scalar', value: row === undefined || more.length > 0 ? Number.NaN : row.value };
  }
  if (second === undefined) throw teach(`${name} of one`);
  return vector(quantiles(numberOf(value), rowsOf(evaluate(second, question))));
}

function grown(name: string, of: Expression, { now, series }: Question): readonly Row[] {
  if (of.kind !== 'selector' || of.rangeMs === undefined) throw teach(`${name} of no range`);
  const { rangeMs } = of;
  const rows: Row[] = [];
  for (const { labels, line } of seriesOf(of, series)) {
    const value = increase(line, now, rangeMs);
    if (value !== undefined) rows.push({ labels, value: name === 'rate' ? value / (rangeMs / 1000) : value });
  }
  return rows;
}

/** A range is open at its beginning and closed at its end, as since Prometheus 3. */
function raw(of: Selector, rangeMs: number, { now, series }: Question): readonly Raw[] {
  return seriesOf(of, series).flatMap(({ labels, line }) => {
    const points: (readonly [number, number])[] = [];
    for (let at = lastIndex(line, now); at >= 0 && line.at(at) > now - rangeMs; at -= 1)
      points.push([line.at(at), line.value(at)]);
    return points.length === 0
      ? []
      : [{ labels: { __name__: of.metric, ...labels }, points: points.toReversed() }];
  });
}

function latest(of: Selector, { now, series }: Question): readonly Row[] {
  return seriesOf(of, series).flatMap(({ labels, line }) => {
    const last = lastIndex(line, now);
    if (last === -1 || line.at(last) <= now - lookbackMs) return [];
    return [{ labels: { __name__: of.metric, ...labels }, value: line.value(last) }];
  });
}

function sumBy(by: readonly string[], rows: readonly Row[]): readonly Row[] {
  const sums = new Map<string, { labels: Labels; value: number }>();
  for (const { labels, value } of rows) {
    const key = by.map((name) => labels[name] ?? '').join('\n');
    const sum = sums.get(key);
    if (sum !== undefined) sum.value += value;
    else sums.set(key, { labels: only(labels, by), value });
  }
  return [...sums.values()];
}

function only(labels: Labels, by: readonly string[]): Labels {
  return Object.fromEntries(by.flatMap((name) => (labels[name] ? [[name, labels[name]]] : [])));
}

function quantiles(quantile: number, rows: readonly Row[]): readonly Row[] {
  const groups = new Map<string, { labels: Labels; buckets: Bucket[] }>();
  for (const { labels: all, value } of rows) {
    const { le = '', ...labels } = all;
    const group = groups.get(keyOf(labels)) ?? { labels, buckets: [] };
    groups.set(keyOf(labels), group);
    group.buckets.push({ bound: Number(le.replace('Inf', 'Infinity')), count: value });
  }
  return [...groups.values()].map(({ labels, buckets }) => ({
    labels,
    value: bucketQuantile(quantile, buckets),
  }));
}

function binary(operator: string, left: Value, right: Value): Value {
  if (operator === 'or') {
    const rows = rowsOf(left);
    const there = new Set(rows.map(({ labels }) => keyOf(labels)));
    return vector([...rows, ...rowsOf(right).filter(({ labels }) => !there.has(keyOf(labels)))]);
  }
  const apply = (a: number, b: number): number =>
    operator === '+' ? a + b : operator === '-' ? a - b : operator === '*' ? a * b : a / b;
  if (left.kind === 'scalar' && right.kind === 'scalar')
    return { kind: 'scalar', value: apply(left.value, right.value) };
  if (left.kind === 'scalar')
    return vector(rowsOf(right).map((row) => bare(row, apply(left.value, row.value))));
  if (right.kind === 'scalar')
    return vector(rowsOf(left).map((row) => bare(row, apply(row.value, right.value))));
  const others = new Map(rowsOf(right).map((row) => [keyOf(nameless(row.labels)), row]));
  return vector(
    rowsOf(left).flatMap((row) => {
      const other = others.get(keyOf(nameless(row.labels)));
      return other === undefined ? [] : [bare(row, apply(row.value, other.value))];
    }),
  );
}

/** What is computed is no metric any more. */
function bare({ labels }: Row, value: number): Row {
  return { labels: nameless(labels), value };
}

function nameless(labels: Labels): Labels {
  const { __name__: _, ...rest } = labels;
  return rest;
}

function keyOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function vector(rows: readonly Row[]): Value {
  return { kind: 'vector', rows };
}

function rowsOf(value: Value): readonly Row[] {
  if (value.kind !== 'vector') throw teach(`a ${value.kind} in place of a vector`);
  return value.rows;
}

function numberOf(value: Value): number {
  if (value.kind !== 'scalar') throw teach(`a ${value.kind} in place of a number`);
  return value.value;
}

function teach(what: string): Error {
  return new Error(`teach the simulator this of PromQL: ${what}`);
}
