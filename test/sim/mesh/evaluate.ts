// The value of a query, from what Prometheus remembers.
import type { Labels } from '../../../src/routing/types.ts';
import { bounds } from './counters.ts';
import type { Sample } from './memory.ts';
import type { Expression, Matcher } from './promql.ts';
import { bucketQuantile, increase, type Point } from './rate.ts';

export interface Row {
  readonly labels: Labels;
  readonly value: number;
}

export type Value =
  | { readonly kind: 'scalar'; readonly value: number }
  | { readonly kind: 'vector'; readonly rows: readonly Row[] };

/** What is asked: when, and of which series. */
export interface Question {
  readonly now: number;
  readonly series: Iterable<readonly [{ readonly labels: Labels }, readonly Sample[]]>;
}

interface Line {
  readonly labels: Labels;
  readonly points: readonly Point[];
}

/** How long the last sample of a series stands for it. */
const lookbackMs = 5 * 60_000;

/** Throws where a part of Prometheus is asked for that the simulator lacks. */
export function evaluate(expression: Expression, question: Question): Value {
  switch (expression.kind) {
    case 'number':
      return { kind: 'scalar', value: expression.value };
    case 'selector':
      return vector(latest(expression, question));
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

function grown(name: string, of: Expression, question: Question): readonly Row[] {
  if (of.kind !== 'selector' || of.rangeMs === undefined) throw teach(`${name} of no range`);
  const { rangeMs } = of;
  return lines(of, question).flatMap(({ labels, points }) => {
    const value = increase(points, question.now, rangeMs);
    if (value === undefined) return [];
    return [{ labels, value: name === 'rate' ? value / (rangeMs / 1000) : value }];
  });
}

function latest(of: Extract<Expression, { kind: 'selector' }>, question: Question): readonly Row[] {
  if (of.rangeMs !== undefined) throw teach('a range as an answer');
  return lines(of, question).flatMap(({ labels, points }) => {
    const point = points.findLast(({ at }) => at <= question.now);
    if (point === undefined || point.at <= question.now - lookbackMs) return [];
    return [{ labels: { __name__: of.metric, ...labels }, value: point.value }];
  });
}

const valueOf: Readonly<Record<string, (sample: Sample) => number>> = {
  istio_requests_total: ({ requests }) => requests,
  istio_request_duration_milliseconds_count: ({ buckets }) => buckets.at(-1) ?? 0,
};
const histogram = 'istio_request_duration_milliseconds_bucket';

function lines(of: Extract<Expression, { kind: 'selector' }>, { series }: Question): readonly Line[] {
  const read = valueOf[of.metric];
  const found: Line[] = [];
  for (const [{ labels }, samples] of series) {
    if (of.metric === histogram) found.push(...bucketLines(labels, samples, of.matchers));
    else if (read !== undefined && isMatched(labels, of.matchers))
      found.push({ labels, points: samples.map((sample) => ({ at: sample.at, value: read(sample) })) });
  }
  return found;
}

function bucketLines(
  labels: Labels,
  samples: readonly Sample[],
  matchers: readonly Matcher[],
): readonly Line[] {
  if (!isMatched(labels, matchers.filter(({ label }) => label !== 'le'))) return [];
  return bounds.flatMap((bound, bucket) => {
    const own = { ...labels, le: boundText(bound) };
    if (!isMatched(own, matchers)) return [];
    return [{ labels: own, points: samples.map(({ at, buckets }) => ({ at, value: buckets[bucket] ?? 0 })) }];
  });
}

/** As Prometheus 3 writes bounds, whoever exposes them: with a decimal point. */
function boundText(bound: number): string {
  if (bound === Number.POSITIVE_INFINITY) return '+Inf';
  return Number.isInteger(bound) ? `${bound}.0` : String(bound);
}

function isMatched(labels: Labels, matchers: readonly Matcher[]): boolean {
  return matchers.every(({ label, matches }) => matches(labels[label] ?? ''));
}

function sumBy(by: readonly string[], rows: readonly Row[]): readonly Row[] {
  const sums = new Map<string, Row>();
  for (const { labels, value } of rows) {
    const kept = Object.fromEntries(by.flatMap((name) => (labels[name] ? [[name, labels[name]]] : [])));
    const key = keyOf(kept);
    sums.set(key, { labels: kept, value: (sums.get(key)?.value ?? 0) + value });
  }
  return [...sums.values()];
}

function quantiles(quantile: number, rows: readonly Row[]): readonly Row[] {
  const groups = new Map<string, { labels: Labels; buckets: Point[] }>();
  for (const { labels: all, value } of rows) {
    const { le = '', ...labels } = all;
    const group = groups.get(keyOf(labels)) ?? { labels, buckets: [] };
    groups.set(keyOf(labels), group);
    group.buckets.push({ at: Number(le.replace('Inf', 'Infinity')), value });
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
  const others = new Map(right.rows.map((row) => [keyOf(nameless(row.labels)), row]));
  return vector(
    left.rows.flatMap((row) => {
      const other = others.get(keyOf(nameless(row.labels)));
      return other === undefined ? [] : [bare(row, apply(row.value, other.value))];
    }),
  );
}

/** What is computed is no metric any more. */
function bare({ labels }: Row, value: number): Row {
  return { labels: nameless(labels), value };
}

function nameless({ __name__: _, ...labels }: Labels): Labels {
  return labels;
}

function keyOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function vector(rows: readonly Row[]): Value {
  return { kind: 'vector', rows };
}

function rowsOf(value: Value): readonly Row[] {
  if (value.kind === 'scalar') throw teach('a number in place of a vector');
  return value.rows;
}

function numberOf(value: Value): number {
  if (value.kind === 'vector') throw teach('a vector in place of a number');
  return value.value;
}

function teach(what: string): Error {
  return new Error(`teach the simulator this of PromQL: ${what}`);
}
