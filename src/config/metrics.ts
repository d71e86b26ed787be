import type { MetricSpec } from '../rollout/types.ts';
import type { Field } from './field.ts';
import { checkNames } from './known.ts';
import { metric, thresholdRange } from './schema.ts';

/** The metrics Serin asks for itself, the bound that makes each a gate, and the values the bound can have. */
const builtIns = {
  'request-success-rate': { bound: 'min', most: 100, usual: 99, of: 'percent' },
  'request-duration': { bound: 'max', most: Number.MAX_VALUE, usual: 500, of: 'milliseconds' },
} as const;
type BuiltIn = keyof typeof builtIns;

/** What the built-in metrics were called in Flagger of 2019. */
const oldNames: { readonly [name: string]: BuiltIn } = {
  istio_requests_total: 'request-success-rate',
  istio_request_duration_seconds_bucket: 'request-duration',
};

const usualIntervalMs = 60_000;

/** What is checked where the plan names no metrics. */
const usualMetrics: readonly MetricSpec[] = (Object.keys(builtIns) as BuiltIn[]).map((name) => ({
  name,
  intervalMs: usualIntervalMs,
  [builtIns[name].bound]: builtIns[name].usual,
}));

/** The metrics of a plan; the usual ones where it names none, and none where it says so (`metrics: []`). */
export function metricsOf(field: Field): readonly MetricSpec[] {
  return field.items()?.flatMap((item) => metricOf(item) ?? item.required('a metric')) ?? usualMetrics;
}

function metricOf(field: Field): MetricSpec | undefined {
  checkNames(field, metric);
  if (!field.isMap) return undefined;
  const name = nameOf(field.at('name'));
  const intervalMs = field.at('interval').duration() ?? usualIntervalMs;
  const range = rangeOf(field, name);
  return name === undefined ? undefined : { name, intervalMs, ...range, ...queryOf(field.at('query'), name) };
}

function nameOf(field: Field): string | undefined {
  field.required('the name of the metric');
  const name = field.text();
  if (name === undefined || !Object.hasOwn(oldNames, name)) return name;
  const today = oldNames[name];
  field.note(`read as ${today}`);
  return today;
}

function builtInOf(name: string | undefined): (typeof builtIns)[BuiltIn] | undefined {
  return name !== undefined && Object.hasOwn(builtIns, name) ? builtIns[name as BuiltIn] : undefined;
}

function rangeOf(field: Field, name: string | undefined): { readonly min?: number; readonly max?: number } {
  const [threshold, range] = [field.at('threshold'), field.at('thresholdRange')];
  checkNames(range, thresholdRange);
  const builtIn = builtInOf(name);
  if (threshold.isGiven) {
    if (range.isGiven) threshold.report(`says the same as ${range.path}: remove it`);
    const value = numberFor(threshold, builtIn);
    return value === undefined ? {} : { [builtIn?.bound ?? 'max']: value };
  }
  const [min, max] = [numberFor(range.at('min'), builtIn), numberFor(range.at('max'), builtIn)];
  if (min !== undefined && max !== undefined && min > max) range.report(`has min ${min} above max ${max}`);
  if (name !== undefined) requireBound(range, name);
  return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
}

function numberFor(field: Field, builtIn: (typeof builtIns)[BuiltIn] | undefined): number | undefined {
  return builtIn === undefined ? field.number() : field.number(0, builtIn.most);
}

/** A metric without its bound passes whatever is measured: a gate that looks closed and is open. */
function requireBound(range: Field, name: string): void {
  const builtIn = builtInOf(name);
  if (builtIn !== undefined) {
    const { bound, usual, of } = builtIn;
    range.at(bound).required(`a ${bound} in ${of}, such as ${usual},`);
  } else if (!range.at('min').isGiven && !range.at('max').isGiven) {
    range.report('is missing: min or max or both are needed');
  }
}

const placeholder = /\{\{\s*(.*?)\s*\}\}/g;
const placeholders: readonly string[] = ['namespace', 'target', 'interval'];

function queryOf(field: Field, name: string): { readonly query?: string } {
  if (builtInOf(name) !== undefined) {
    if (field.isGiven)
      field.report(`is not taken by ${name}, which is built in: remove it or name the metric otherwise`);
    return {};
  }
  field.required(`the PromQL of a metric that is not ${Object.keys(builtIns).join(' or ')}`);
  const query = field.text();
  if (query === undefined) return {};
  for (const [written, inner] of query.matchAll(placeholder)) {
    if (inner !== undefined && placeholders.includes(inner)) continue;
    field.report(`holds ${written}; what can be filled in is ${placeholders.join(', ')}`);
  }
  return { query };
}
