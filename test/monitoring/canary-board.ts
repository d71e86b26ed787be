// The dashboard of one Deployment: stable on the left, its canary on the right.
import type { Board, Chart, Query } from './board.ts';

const range = '$__rate_interval';
const rollout = 'namespace="$namespace",deployment="$stable"';
const arms = ['stable', 'canary'] as const;
type Arm = (typeof arms)[number];

function requests(arm: Arm, more = ''): string {
  return `istio_requests_total{destination_workload_namespace="$namespace",destination_workload="$${arm}"${more}}`;
}

/** Requests a second. Both ends of a call may have told of it: the one that told of more counts. */
function rate(arm: Arm, more = ''): string {
  return `max(sum by (reporter) (rate(${requests(arm, more)}[${range}])))`;
}

/** Nothing failed where no failure was ever counted; a quotient of what is not there would be nothing instead. */
function success(arm: Arm): string {
  const failed = `(${rate(arm, ',response_code=~"5.."')} or ${rate(arm)} * 0)`;
  return `100 * (1 - ${failed} / ${rate(arm)})`;
}

function duration(arm: Arm, quantile: number): string {
  const buckets = `istio_request_duration_milliseconds_bucket{destination_workload_namespace="$namespace",destination_workload="$${arm}"}`;
  return `histogram_quantile(${quantile}, max by (le) (sum by (reporter, le) (rate(${buckets}[${range}]))))`;
}

/** Of the pods of a Deployment: its name, that of a ReplicaSet, that of a pod. `web` must not mean `web-canary`. */
function containers(arm: Arm): string {
  return `namespace="$namespace",pod=~"$${arm}-[a-z0-9]+-[a-z0-9]+",container!=""`;
}

/** The same panel of both, side by side. */
function beside(chart: Omit<Chart, 'queries'>, queries: (arm: Arm) => readonly Query[]): readonly Chart[] {
  return arms.map((arm) => ({ ...chart, title: `${chart.title}: ${arm}`, queries: queries(arm) }));
}

const trial: readonly Chart[] = [
  {
    ...{ title: 'Phase', as: 'states', unit: 'none', width: 12 },
    about: 'Where the rollout stood when.',
    colors: { Waiting: 'yellow', RollingBack: 'red' },
    queries: [{ expr: `max by (phase) (serin_rollout_phase{${rollout}})`, legend: '{{phase}}' }],
  },
  {
    ...{ title: 'Verdict', as: 'states', unit: 'none', width: 12 },
    about: 'What the last check said.',
    colors: { fail: 'red', inconclusive: 'yellow', error: 'orange' },
    queries: [{ expr: `max by (verdict) (serin_rollout_verdict{${rollout}})`, legend: '{{verdict}}' }],
  },
  {
    ...{ title: 'Weight', as: 'series', unit: 'percent', width: 8, min: 0, max: 100 },
    about: 'What the routes give the canary, and its part of the requests that were counted.',
    queries: [
      { expr: `max(serin_rollout_weight{${rollout},arm="canary"})`, legend: 'routes' },
      { expr: `100 * ${rate('canary')} / (${rate('canary')} + ${rate('stable')})`, legend: 'requests' },
    ],
  },
  {
    ...{ title: 'Evidence against the canary', as: 'series', unit: 'none', width: 8, limits: 'bound' },
    about: 'ln M that the canary is worse than stable; it is rolled back where a line meets the bound.',
    queries: [
      { expr: `max by (of) (serin_rollout_evidence{${rollout}})`, legend: '{{of}}' },
      { expr: `max(serin_rollout_evidence_bound{${rollout}})`, legend: 'bound' },
    ],
  },
  {
    ...{ title: 'Checks', as: 'series', unit: 'none', width: 8, min: 0 },
    about: 'Checks of this trial by result; silent: those in a row that said nothing.',
    colors: { passed: 'green', failed: 'red', silent: 'yellow' },
    queries: [{ expr: `max by (result) (serin_rollout_checks{${rollout}})`, legend: '{{result}}' }],
  },
];

const red: readonly Chart[] = [
  ...beside(
    { title: 'Requests', about: 'Requests a second, by status.', as: 'series', unit: 'reqps', min: 0 },
    (arm) => [
      {
        expr: `max by (response_code) (sum by (reporter, response_code) (rate(${requests(arm)}[${range}])))`,
        legend: '{{response_code}}',
      },
    ],
  ),
  ...beside(
    {
      title: 'Success rate',
      about: 'Requests without an error of the server.',
      as: 'series',
      unit: 'percent',
      max: 100,
    },
    (arm) => [{ expr: success(arm), legend: 'success' }],
  ),
  ...beside(
    {
      title: 'Duration',
      about: 'Of a request: half of them, and all but one in a hundred.',
      as: 'series',
      unit: 'ms',
      min: 0,
    },
    (arm) => [
      { expr: duration(arm, 0.5), legend: 'P50' },
      { expr: duration(arm, 0.99), legend: 'P99' },
    ],
  ),
];

const use: readonly Chart[] = [
  ...beside(
    { title: 'CPU', about: 'Cores that each pod uses.', as: 'series', unit: 'short', min: 0 },
    (arm) => [
      {
        expr: `sum by (pod) (rate(container_cpu_usage_seconds_total{${containers(arm)}}[${range}]))`,
        legend: '{{pod}}',
      },
    ],
  ),
  ...beside(
    { title: 'Memory', about: 'What each pod could not give back.', as: 'series', unit: 'bytes', min: 0 },
    (arm) => [
      { expr: `sum by (pod) (container_memory_working_set_bytes{${containers(arm)}})`, legend: '{{pod}}' },
    ],
  ),
];

export const canaryBoard: Board = {
  uid: 'serin-canary',
  title: 'Serin / canary',
  about: 'One Deployment: what its stable pods do, and what its canary does.',
  variables: [
    {
      ...{ name: 'namespace', label: 'Namespace' },
      values: {
        of: 'istio_requests_total{destination_workload_namespace!="unknown"}',
        label: 'destination_workload_namespace',
      },
    },
    {
      ...{ name: 'stable', label: 'Deployment' },
      values: {
        of: 'istio_requests_total{destination_workload_namespace="$namespace",destination_workload!~"unknown|.+-canary"}',
        label: 'destination_workload',
      },
    },
    {
      ...{ name: 'canary', label: 'Canary' },
      values: { of: `serin_rollout_twin_info{${rollout}}`, label: 'twin' },
    },
  ],
  marks: [{ name: 'Phases', expr: `serin_rollout_phase{${rollout}}`, legend: '{{phase}}' }],
  rows: {
    'The trial of $stable': trial,
    'Requests, errors, duration': red,
    'Use of resources': use,
  },
};
