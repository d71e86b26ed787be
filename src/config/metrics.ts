import type { MetricProvider } from '../rollout/provider.ts';
import type { MetricSpec } from '../rollout/types.ts';
import type { Field } from './field.ts';
import { parseJson } from './json.ts';
import { checkNames } from './known.ts';
import { objectNameOf, providerOf } from './provider.ts';
import { fillQuery } from './query-template.ts';
import * as schema from './schema.ts';

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
  checkNames(field, schema.metric);
  if (!field.isMap) return undefined;
  const name = nameOf(field.at('name'));
  const intervalMs = field.at('interval').duration() ?? usualIntervalMs;
  const range = rangeOf(field, name);
  const asked = builtInOf(name) === undefined ? askedOf(field, name) : nothingAsked(field, name);
  return name === undefined ? undefined : { name, intervalMs, ...range, ...asked };
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
  checkNames(range, schema.thresholdRange);
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

type Asked = Pick<MetricSpec, 'query' | 'provider' | 'template' | 'variables'>;

function nothingAsked(field: Field, name: string | undefined): Asked {
  for (const key of ['query', 'provider', 'templateRef', 'templateVariables']) {
    if (!field.at(key).isGiven) continue;
    field
      .at(key)
      .report(`is not taken by ${name}, which is built in: remove it or name the metric otherwise`);
  }
  return {};
}

/** What a metric that is not built in asks, and whom. */
function askedOf(field: Field, name: string | undefined): Asked {
  const given = field.at('templateVariables').textsByName();
  const variables = given === undefined ? {} : { variables: given };
  const template = templateOf(field.at('templateRef'));
  if (field.at('templateRef').isGiven) {
    for (const key of ['query', 'provider'])
      if (field.at(key).isGiven) field.at(key).report('is said by the template: remove one of them');
    return template === undefined ? {} : { template, ...variables };
  }
  if (name !== undefined)
    field.at('query').required(`the query of a metric that is not ${Object.keys(builtIns).join(' or ')}`);
  const provider = providerOf(field.at('provider'));
  const query = queryOf(field.at('query'), provider, given);
  return {
    ...(query === undefined ? {} : { query }),
    ...(provider === undefined ? {} : { provider }),
    ...variables,
  };
}

/** The query of a metric or of a MetricTemplate, whose placeholders are all known. */
export function queryOf(
  field: Field,
  provider: MetricProvider | undefined,
  variables: MetricSpec['variables'],
): string | undefined {
  const query = field.text();
  if (query === undefined) return undefined;
  const filled = fillQuery(query, anyValues, variables);
  if (!filled.ok) for (const mistake of filled.mistakes) field.report(mistake);
  else checkLanguage(field, filled.query, provider);
  return query;
}

function checkLanguage(field: Field, query: string, provider: MetricProvider | undefined): void {
  if (provider?.type === 'cloudwatch' && !Array.isArray(parseJson(query)))
    field.expected('a list of MetricDataQueries, in JSON');
  if (provider?.type === 'graphite' && !new URLSearchParams(query.trim()).has('target'))
    field.expected('a query of the render API, such as target=a.b.c');
}

/** Only to see whether everything is known. */
const anyValues = { namespace: 'x', name: 'x', target: 'x', service: 'x', interval: '60s' };

function templateOf(field: Field): MetricSpec['template'] {
  checkNames(field, schema.templateRef);
  if (!field.isMap) return undefined;
  field.at('name').required('the name of the MetricTemplate');
  const name = objectNameOf(field.at('name'));
  const namespace = objectNameOf(field.at('namespace'));
  return name === undefined ? undefined : { name, ...(namespace === undefined ? {} : { namespace }) };
}
