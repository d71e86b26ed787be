// The metrics of AnalysisTemplates as those of a plan.
import type { Json, JsonObject } from '../rollout/types.ts';
import { isObject, listAt, numberAt, objectAt, textAt } from '../routing/json.ts';
import { rangeOf } from './argo-condition.ts';
import type { Left } from './imported.ts';

/** An analysis of a Rollout, and where it stands in it. */
export interface Analysis {
  readonly path: string;
  readonly value: JsonObject;
}

export interface Measured {
  readonly metrics: readonly JsonObject[];
  /** The fewest failed measurements that fail it. */
  readonly threshold?: number;
  /** The longest time between two of them. */
  readonly interval?: string;
  /** The most measurements that one asks for. */
  readonly count?: number;
  readonly left: readonly Left[];
}

/** What else is known: the templates of the file, and how its Services are called afterwards. */
export interface Known {
  readonly others: readonly JsonObject[];
  readonly renamed: { readonly from?: string; readonly to?: string };
}

/** Every metric of the analyses, once. */
export function metricsOf(analyses: readonly Analysis[], known: Known): Measured {
  const left: Left[] = [];
  const found = analyses.flatMap((analysis) =>
    listAt(analysis.value, 'templates').flatMap((ref, index) =>
      ofTemplate(ref, { analysis, known, left, path: `${analysis.path}.templates[${index}]` }),
    ),
  );
  const metrics = new Map<string, JsonObject>();
  for (const { metric } of found) metrics.set(textAt(metric, 'name') ?? '', metric);
  const limits = found.map(({ failureLimit }) => failureLimit).filter((limit) => limit >= 0);
  const interval = found.flatMap((each) => each.interval ?? [])[0];
  const counts = found.flatMap(({ count }) => count ?? []);
  return {
    ...{ metrics: [...metrics.values()], left },
    ...(limits.length === 0 ? {} : { threshold: Math.min(...limits) + 1 }),
    ...(interval === undefined ? {} : { interval }),
    ...(counts.length === 0 ? {} : { count: Math.max(...counts) }),
  };
}

interface Context {
  readonly analysis: Analysis;
  readonly known: Known;
  readonly left: Left[];
  readonly path: string;
}

interface Found {
  readonly metric: JsonObject;
  readonly failureLimit: number;
  readonly interval?: string;
  readonly count?: number;
}

function ofTemplate(ref: Json, context: Context): readonly Found[] {
  const name = textAt(ref, 'templateName') ?? '';
  const kind = isObject(ref) && ref['clusterScope'] === true ? 'ClusterAnalysisTemplate' : 'AnalysisTemplate';
  const template = context.known.others.find(
    (each) => each['kind'] === kind && textAt(each['metadata'], 'name') === name,
  );
  if (template === undefined) {
    context.left.push({
      ...{ path: context.path, is: 'lost' },
      why: `${kind} ${name} is not in this file: give it in the same file, and its metrics are read`,
    });
    return [];
  }
  const nested = listAt(template['spec'], 'templates').flatMap((each) => ofTemplate(each, context));
  const own = listAt(template['spec'], 'metrics').flatMap((metric, index) =>
    ofMetric(metric, valuesOf(context.analysis.value, template), {
      ...context,
      path: `${kind} ${name}: spec.metrics[${index}]`,
    }),
  );
  return [...nested, ...own];
}

/** What the arguments stand for; what is only known when it runs has the placeholder of a plan where there is one. */
function valuesOf(analysis: JsonObject, template: JsonObject): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const arg of [...listAt(template['spec'], 'args'), ...listAt(analysis, 'args')]) {
    const name = textAt(arg, 'name') ?? '';
    const value =
      textAt(arg, 'value') ??
      placeholders[textAt(objectAt(objectAt(arg, 'valueFrom'), 'fieldRef'), 'fieldPath') ?? ''];
    if (value !== undefined) values.set(name, value);
  }
  return values;
}

const placeholders: Readonly<Record<string, string | undefined>> = {
  'metadata.name': '{{ name }}',
  'metadata.namespace': '{{ namespace }}',
};

const argument = /\{\{\s*args\.([\w-]+)\s*\}\}/g;

function ofMetric(metric: Json, values: ReadonlyMap<string, string>, context: Context): readonly Found[] {
  const lost = (why: string): readonly Found[] => {
    context.left.push({ path: context.path, is: 'lost', why });
    return [];
  };
  const fill = (text: string): string =>
    text.replaceAll(argument, (whole, name: string) => values.get(name) ?? whole);
  const asked = sourceOf(objectAt(metric, 'provider'));
  if ('why' in asked) return lost(asked.why);
  const [success, failure] = ['successCondition', 'failureCondition'].map((key) => textAt(metric, key));
  const range = rangeOf(success && fill(success), failure && fill(failure));
  if (range === undefined)
    return lost(
      `the condition ${success ?? failure ?? '(none)'} is no range of one number: write it into the query, and a thresholdRange`,
    );
  const query = renamed(fill(asked.query), context);
  const [missing] = [...query.matchAll(argument)].map(([, name]) => name);
  if (missing !== undefined)
    return lost(
      `argument ${missing} has no value in this file; of the candidate's pods {{ target }} says the workload`,
    );
  if (asked.note !== undefined) context.left.push({ path: context.path, is: 'todo', why: asked.note });
  const [interval, count] = [textAt(metric, 'interval'), Number(countIn(metric))];
  return [
    {
      metric: {
        ...{ name: textAt(metric, 'name') ?? '', thresholdRange: { ...range }, query },
        ...(asked.provider === undefined ? {} : { provider: asked.provider }),
      },
      failureLimit: numberAt(metric, 'failureLimit') ?? 0,
      ...(interval === undefined ? {} : { interval: fill(interval) }),
      ...(count > 0 ? { count } : {}),
    },
  ];
}

function countIn(metric: Json): Json | undefined {
  return isObject(metric) ? metric['count'] : undefined;
}

/** The Service of the canary has another name from now on. */
function renamed(
  query: string,
  {
    known: {
      renamed: { from, to },
    },
    left,
    path,
  }: Context,
): string {
  if (from === undefined || to === undefined) return query;
  const text = query.replaceAll(
    new RegExp(`(?<![\\w-])${from.replaceAll(/[.]/g, '\\.')}(?![\\w-])`, 'g'),
    to,
  );
  if (text !== query)
    left.push({ path, is: 'needless', why: `its query asks for Service ${from}; the canary's is ${to} now` });
  return text;
}

type Source =
  | { readonly query: string; readonly provider?: JsonObject; readonly note?: string }
  | { readonly why: string };

function sourceOf(provider: JsonObject): Source {
  const [kind = 'nothing'] = Object.keys(provider);
  const said = objectAt(provider, kind);
  const query = textAt(said, 'query');
  switch (kind) {
    case 'prometheus':
      return query === undefined ? { why: 'it has no query' } : prometheus(query, said);
    case 'graphite':
      return {
        query: `target=${query ?? ''}`,
        provider: { type: 'graphite', address: textAt(said, 'address') ?? '' },
      };
    case 'datadog':
      if (query === undefined)
        return { why: 'several queries with a formula are not asked: write them as one query' };
      return withSecret(
        'datadog',
        query,
        textAt(objectAt(said, 'secretRef'), 'name') ?? 'datadog',
        'datadog_api_key and datadog_application_key',
      );
    case 'newRelic':
      return withSecret(
        'newrelic',
        query ?? '',
        textAt(said, 'profile') ?? 'newrelic',
        'newrelic_account_id and newrelic_query_key',
      );
    case 'web':
    case 'job':
      return {
        why: `provider ${kind} is not asked as a metric: a gate (analysis.webhooks, type rollout) is an endpoint that says yes or no at every check`,
      };
    default:
      return {
        why: `provider ${kind} is none of prometheus, datadog, cloudwatch, newrelic, graphite, influxdb with all that those need: write the metric by hand (docs/configuration.md)`,
      };
  }
}

function prometheus(query: string, said: JsonObject): Source {
  const address = textAt(said, 'address');
  const headers = listAt(said, 'headers').map((each) => [
    textAt(each, 'key') ?? '',
    textAt(each, 'value') ?? '',
  ]);
  if (address === undefined) return { query };
  const needsKeys = 'authentication' in said;
  return {
    query,
    provider: {
      ...{ type: 'prometheus', address },
      ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers) as JsonObject }),
      ...(said['insecure'] === true ? { insecureSkipVerify: true } : {}),
    },
    ...(needsKeys
      ? {
          note: 'its authentication is not carried: put it into a Secret, and name that as provider.secretRef',
        }
      : {}),
  };
}

function withSecret(type: string, query: string, name: string, keys: string): Source {
  const note = `it needs Secret ${name} with ${keys}, and the label serin.dev/metrics: "true"`;
  return { query, provider: { type, secretRef: { name } }, note };
}
