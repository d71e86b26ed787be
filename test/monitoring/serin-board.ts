// The dashboard of Serin itself, for who runs it.
import type { Board, Chart, Query } from './board.ts';

const range = '$__rate_interval';

/** Events a second of a counter, by a label of theirs. */
function rateBy(label: string, counter: string): Query {
  return { expr: `sum by (${label}) (rate(${counter}[${range}]))`, legend: `{{${label}}}` };
}

function quantiles(histogram: string): readonly Query[] {
  return [0.5, 0.99].map((part) => ({
    expr: `histogram_quantile(${part}, sum by (le) (rate(${histogram}_bucket[${range}])))`,
    legend: `P${part * 100}`,
  }));
}

/** How long something took that is rare: over all that is shown. */
function medians(histogram: string, label: string): Query {
  const buckets = `increase(${histogram}_bucket[$__range])`;
  return { expr: `histogram_quantile(0.5, sum by (${label}, le) (${buckets}))`, legend: `{{${label}}}` };
}

function lines(title: string, about: string, unit: string, queries: readonly Query[], width = 8): Chart {
  return { title, about, as: 'series', unit, queries, width, min: 0 };
}

function number(title: string, about: string, unit: string, query: Query): Chart {
  return { title, about, as: 'number', unit, queries: [query], width: 6 };
}

const state: readonly Chart[] = [
  number('Version', 'What runs, by version.', 'none', {
    expr: 'count by (version) (serin_build_info)',
    legend: '{{version}}',
  }),
  number('Leaders', 'Controllers that lead: always one.', 'none', {
    expr: 'sum(serin_leader)',
    legend: 'leaders',
  }),
  number('Certificate', 'How long the serving certificate is still good for.', 's', {
    expr: 'min(serin_certificate_expiry_timestamp_seconds) - time()',
    legend: 'left',
  }),
  number('Rollouts under way', 'Whatever their phase.', 'none', {
    expr: 'count(serin_rollout_phase) or vector(0)',
    legend: 'rollouts',
  }),
];

const admission: readonly Chart[] = [
  lines('Reviews', 'What the webhook decided, a second.', 'reqps', [
    rateBy('outcome', 'serin_admission_reviews_total'),
  ]),
  lines(
    'Review duration',
    'From a review to its answer; kube-apiserver waits 5 s.',
    's',
    quantiles('serin_admission_duration_seconds'),
  ),
  lines('Broken rules', 'In enforced namespaces: refused, warned of or bypassed.', 'short', [
    {
      expr: `sum by (rule, outcome) (increase(serin_enforce_total[$__range])) > 0 or sum by (outcome) (increase(serin_enforce_total[$__range]))`,
      legend: '{{outcome}} {{rule}}',
    },
  ]),
];

const rollouts: readonly Chart[] = [
  lines('By phase', 'Rollouts under way.', 'none', [
    { expr: 'count by (phase) (serin_rollout_phase)', legend: '{{phase}}' },
  ]),
  lines('Ended', 'Rollouts that ended in the time that is shown, by how.', 'none', [
    { expr: 'sum by (outcome) (increase(serin_rollouts_total[$__range]))', legend: '{{outcome}}' },
  ]),
  lines('Checks', 'By verdict, a second.', 'short', [rateBy('verdict', 'serin_ticks_total')]),
  lines('Standing still', 'Since when each rollout has been in its phase, at its weight.', 's', [
    {
      expr: 'time() - max by (namespace, deployment) (serin_rollout_since_timestamp_seconds)',
      legend: '{{namespace}}/{{deployment}}',
    },
  ]),
  lines('Duration', 'Half of the rollouts took no longer.', 's', [
    medians('serin_rollout_duration_seconds', 'outcome'),
  ]),
  lines('Phases', 'Half of the times a rollout was in it, it was there no longer.', 's', [
    medians('serin_rollout_phase_duration_seconds', 'phase'),
  ]),
  lines(
    'Twin',
    'From when a held change was seen until its twin was ready.',
    's',
    quantilesOfRange('serin_rollout_twin_ready_seconds'),
  ),
  lines(
    'Weight',
    'From the decision on a weight until the routes give it.',
    's',
    quantilesOfRange('serin_rollout_weight_delay_seconds'),
  ),
  lines('Failed', 'How long ago the last rollout of a Deployment failed, until another begins.', 's', [
    {
      expr: 'time() - max by (namespace, deployment) (serin_rollout_failed_timestamp_seconds)',
      legend: '{{namespace}}/{{deployment}}',
    },
  ]),
];

const controller: readonly Chart[] = [
  lines('Leader', 'Which controller leads.', 'none', [
    { expr: 'max by (pod) (serin_leader)', legend: '{{pod}}' },
  ]),
  lines('Queue', 'Deployments that wait to be looked at.', 'none', [
    { expr: 'sum(serin_queue_depth)', legend: 'waiting' },
  ]),
  lines('Wait', 'From when a look was due to its start.', 's', quantiles('serin_queue_wait_seconds')),
  lines('Looks', 'At Deployments, a second.', 'short', [rateBy('result', 'serin_reconciles_total')]),
  lines('Look duration', 'Of a look at a Deployment.', 's', quantiles('serin_reconcile_duration_seconds')),
  lines('Told', 'Messages and news for hooks, and what became of them.', 'short', [
    {
      expr: 'sum by (kind, outcome) (increase(serin_messages_total[$__range]))',
      legend: '{{kind}} {{outcome}}',
    },
    { expr: 'sum by (outcome) (increase(serin_hooks_total[$__range]))', legend: 'hook {{outcome}}' },
  ]),
];

const api: readonly Chart[] = [
  lines('Calls', 'Of the API server, a second, by verb.', 'reqps', [
    rateBy('verb', 'serin_api_requests_total'),
  ]),
  lines('Calls by kind', 'What is asked for most.', 'reqps', [
    {
      expr: `topk(10, sum by (resource) (rate(serin_api_requests_total[${range}])))`,
      legend: '{{resource}}',
    },
  ]),
  lines('Answers', 'By status; none: no answer came.', 'reqps', [rateBy('code', 'serin_api_requests_total')]),
  lines('Call duration', 'All but one in a hundred, by verb.', 's', [
    {
      expr: `histogram_quantile(0.99, sum by (verb, le) (rate(serin_api_request_duration_seconds_bucket[${range}])))`,
      legend: '{{verb}}',
    },
  ]),
  lines('Not heard of', 'Since the API server last told of a kind.', 's', [
    {
      expr: 'time() - min by (resource) (serin_reflector_last_seen_timestamp_seconds)',
      legend: '{{resource}}',
    },
  ]),
  lines('Watches', 'Kinds of which not all is known yet, and watches begun anew.', 'short', [
    { expr: 'sum(1 - serin_reflector_synced)', legend: 'not known' },
    { expr: `sum(rate(serin_reflector_restarts_total[${range}]))`, legend: 'restarts' },
    { expr: `sum(rate(serin_reflector_relists_total[${range}]))`, legend: 'lists' },
  ]),
];

/** Serin's own pods, whatever their namespace is called. */
const ours = 'and on (namespace, pod) serin_build_info';
const resources: readonly Chart[] = [
  lines(
    'CPU',
    'Cores that each container uses.',
    'short',
    [
      {
        expr: `sum by (namespace, pod, container) (rate(container_cpu_usage_seconds_total{container!=""}[${range}])) ${ours}`,
        legend: '{{pod}} {{container}}',
      },
    ],
    12,
  ),
  lines(
    'Memory',
    'What each container could not give back; its limit is 256 MiB.',
    'bytes',
    [
      {
        expr: `sum by (namespace, pod, container) (container_memory_working_set_bytes{container!=""}) ${ours}`,
        legend: '{{pod}} {{container}}',
      },
    ],
    12,
  ),
];

function quantilesOfRange(histogram: string): readonly Query[] {
  return quantiles(histogram).map(({ expr, legend }) => ({
    expr: expr.replace('rate(', 'increase(').replace(range, '$__range'),
    legend,
  }));
}

export const serinBoard: Board = {
  uid: 'serin',
  title: 'Serin / operator',
  about: 'How Serin itself does: its webhook, its controller, and all rollouts.',
  variables: [],
  marks: [],
  rows: {
    Serin: state,
    Admission: admission,
    Rollouts: rollouts,
    Controller: controller,
    'API server': api,
    'Use of resources': resources,
  },
};
