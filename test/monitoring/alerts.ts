// The alerts of manifests/monitoring, from which both files of rules are made.

export interface Alert {
  readonly name: string;
  readonly severity: 'critical' | 'warning' | 'info';
  /** How long it must be so. */
  readonly for: string;
  /** What is looked at: it has a value also while all is well. */
  readonly looks: string;
  /** What makes an alert of it. */
  readonly expr: string;
  readonly summary: string;
  readonly description: string;
}

type Told = Pick<Alert, 'summary' | 'description'>;
type Urgency = Pick<Alert, 'severity' | 'for'>;

/** Fires where `looks` compares so: `> 3`. */
function when(looks: string, compares: string): Pick<Alert, 'looks' | 'expr'> {
  return { looks, expr: `${looks} ${compares}` };
}

/** Fires where nothing has `looks`, or nothing that compares so. */
function missing(looks: string, compares = ''): Pick<Alert, 'looks' | 'expr'> {
  return { looks, expr: `absent(${`${looks} ${compares}`.trim()})` };
}

const alert = (
  name: string,
  [severity, holds]: readonly [Urgency['severity'], string],
  condition: Pick<Alert, 'looks' | 'expr'>,
  [summary, description]: readonly [Told['summary'], Told['description']],
): Alert => ({ name, severity, for: holds, ...condition, summary, description });

const hour = 3600;
const day = 24 * hour;

/** The part of what `all` counts that `some` does, in 0..1. */
function share(counter: string, some: string, range: string): string {
  return `sum(rate(${counter}{${some}}[${range}])) / sum(rate(${counter}[${range}]))`;
}

function quantile(histogram: string, range: string): string {
  return `histogram_quantile(0.99, sum by (le) (rate(${histogram}_bucket[${range}])))`;
}

const admission = [
  alert('SerinWebhookDown', ['critical', '2m'], missing('serin_certificate_expiry_timestamp_seconds'), [
    'No webhook of Serin answers Prometheus.',
    'Template changes are held by kube-apiserver, or refused, until a webhook is back.',
  ]),
  alert(
    'SerinWebhookFailing',
    ['critical', '5m'],
    when(share('serin_admission_reviews_total', 'outcome="failed"', '5m'), '> 0.01'),
    [
      "Serin's webhook answers reviews with errors.",
      '{{ $value | humanizePercentage }} of the reviews fail: what they were about is held or refused by kube-apiserver instead.',
    ],
  ),
  alert(
    'SerinWebhookSlow',
    ['warning', '10m'],
    when(quantile('serin_admission_duration_seconds', '5m'), '> 1'),
    [
      "Serin's webhook is slow.",
      'One review in a hundred takes {{ $value | humanizeDuration }} or longer; kube-apiserver waits 5 s.',
    ],
  ),
  alert(
    'SerinCertificateExpiring',
    ['critical', '1h'],
    when('min(serin_certificate_expiry_timestamp_seconds) - time()', `< ${5 * day}`),
    [
      "The certificate of Serin's webhook ends soon.",
      'It ends in {{ $value | humanizeDuration }} and should have been renewed days ago.',
    ],
  ),
  alert(
    'SerinBypassed',
    ['info', '0m'],
    when('sum by (rule) (increase(serin_enforce_total{outcome="bypassed"}[15m]))', '> 0'),
    [
      'A rule was bypassed.',
      'Somebody went around rule {{ $labels.rule }} with a reason; an Event says who, and why.',
    ],
  ),
];

const controller = [
  alert('SerinNoLeader', ['critical', '2m'], missing('serin_leader', '== 1'), [
    'No controller of Serin leads.',
    'Rollouts under way stand still where they are, and none begins.',
  ]),
  alert('SerinTwoLeaders', ['critical', '2m'], when('sum(serin_leader)', '> 1'), [
    'More than one controller of Serin leads.',
    '{{ $value }} controllers say they lead. Is Serin installed twice, or scraped twice?',
  ]),
  alert('SerinQueueLag', ['warning', '10m'], when(quantile('serin_queue_wait_seconds', '10m'), '> 10'), [
    "Serin's controller is behind.",
    'One Deployment in a hundred waits {{ $value | humanizeDuration }} or longer to be looked at.',
  ]),
  alert(
    'SerinLooksFailing',
    ['warning', '15m'],
    when(share('serin_reconciles_total', 'result="failed"', '10m'), '> 0.2'),
    [
      "Serin's controller fails to look at Deployments.",
      '{{ $value | humanizePercentage }} of the looks fail; the log says why.',
    ],
  ),
  alert(
    'SerinApiCallsFailing',
    ['warning', '10m'],
    {
      // While none fails there is no series of it.
      looks: 'sum(rate(serin_api_requests_total[5m]))',
      expr: `${share('serin_api_requests_total', 'code=~"5..|none"', '5m')} > 0.1`,
    },
    [
      'The API server does not answer Serin.',
      '{{ $value | humanizePercentage }} of the calls get an error of the server, or no answer.',
    ],
  ),
  alert(
    'SerinNotFollowing',
    ['warning', '5m'],
    when('time() - serin_reflector_last_seen_timestamp_seconds', '> 600'),
    [
      'Serin does not hear of {{ $labels.resource }}.',
      'The API server has told {{ $labels.pod }} nothing of them for {{ $value | humanizeDuration }}: what it knows may be old.',
    ],
  ),
];

const which = '{{ $labels.namespace }}/{{ $labels.deployment }}';
const rollouts = [
  alert(
    'SerinRolloutStuck',
    ['warning', '5m'],
    {
      looks: 'time() - serin_rollout_since_timestamp_seconds',
      expr: `(time() - serin_rollout_since_timestamp_seconds > ${hour}) unless on (namespace, deployment) (serin_rollout_paused == 1)`,
    },
    [
      `The rollout of ${which} does not move.`,
      'It has been in one phase, at one weight, for {{ $value | humanizeDuration }}, and nobody has paused it.',
    ],
  ),
  alert(
    'SerinRolloutFailed',
    ['warning', '0m'],
    when('time() - serin_rollout_failed_timestamp_seconds', `< ${hour}`),
    [
      `The rollout of ${which} failed.`,
      'It was rolled back {{ $value | humanizeDuration }} ago; what its owner asked for is held until another version is applied.',
    ],
  ),
  alert(
    'SerinAnalysisWithoutData',
    ['warning', '2m'],
    when('serin_rollout_checks{result="silent"}', '>= 3'),
    [
      `The analysis of ${which} has no data.`,
      '{{ $value }} checks in a row said nothing: no traffic, or no metrics of it.',
    ],
  ),
  alert(
    'SerinHeldWhileDown',
    ['warning', '5m'],
    {
      looks: 'kube_deployment_spec_paused',
      expr: 'kube_deployment_spec_paused == 1 unless on () (max(serin_leader) == 1)',
    },
    [
      `A change of ${which} may be held, and Serin is down.`,
      'It is paused, by kube-apiserver for Serin or by its owner, and no controller leads that would go on with it.',
    ],
  ),
];

const told = [
  alert(
    'SerinMessagesFailing',
    ['warning', '0m'],
    when('sum by (kind) (increase(serin_messages_total{outcome!="told"}[15m]))', '> 0'),
    [
      'Messages to {{ $labels.kind }} are not heard.',
      '{{ $value | humanize }} messages of the last 15 minutes were lost; an Event of each Deployment says why.',
    ],
  ),
  alert(
    'SerinHooksFailing',
    ['warning', '0m'],
    when('sum(increase(serin_hooks_total{outcome!="told"}[15m]))', '> 0'),
    [
      'Hooks do not hear their news.',
      '{{ $value | humanize }} pieces of news of the last 15 minutes were lost.',
    ],
  ),
];

/** Every alert, by what it is about. */
export const groups: Readonly<Record<string, readonly Alert[]>> = {
  'serin-admission': admission,
  'serin-controller': controller,
  'serin-rollouts': rollouts,
  'serin-told': told,
};

export const alerts: readonly Alert[] = Object.values(groups).flat();
