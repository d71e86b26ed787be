// The files of rules, as Prometheus reads them and as its operator does.
import { stringify } from 'yaml';
import { type Alert, groups } from './alerts.ts';

const docs = 'https://github.com/serin-dev/serin/blob/main/docs/monitoring.md';

/** Where it is written what to do. */
export function runbook({ name }: Alert): string {
  return `${docs}#${name.toLowerCase()}`;
}

/** `rules.yaml`: for `rule_files` of a Prometheus. */
export function rulesFile(): string {
  return yaml({ groups: ruleGroups() }, 'rule_files of a Prometheus');
}

/** `prometheus-rule.yaml`: for the Prometheus operator. */
export function prometheusRule(): string {
  const object = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'serin', namespace: 'serin-system' },
    spec: { groups: ruleGroups() },
  };
  return yaml(object, 'the Prometheus operator');
}

function ruleGroups(): readonly object[] {
  return Object.entries(groups).map(([name, alerts]) => ({
    name,
    rules: alerts.map((alert) => ({
      alert: alert.name,
      expr: alert.expr,
      for: alert.for,
      labels: { severity: alert.severity },
      annotations: {
        summary: alert.summary,
        description: alert.description,
        runbook_url: runbook(alert),
      },
    })),
  }));
}

function yaml(value: object, reader: string): string {
  const text = stringify(value, { lineWidth: 0 });
  return `# Made of test/monitoring/alerts.ts, for ${reader}: UPDATE_GOLDEN=1 writes it anew.\n${text}`;
}
