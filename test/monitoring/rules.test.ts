// The rules by Prometheus' own tools: that it reads them, and when each alert fires.
import { deepEqual, equal } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { stringify } from 'yaml';
import { golden } from '../golden.ts';
import { attempt } from '../rig/run-program.ts';
import { ruleTools, toolchain } from '../rig/toolchain.ts';
import { text } from '../rig/manifests.ts';
import { alerts } from './alerts.ts';
import { admission } from './cases/admission.ts';
import type { Case, Fired } from './cases/case.ts';
import { controller } from './cases/controller.ts';
import { rollouts } from './cases/rollouts.ts';
import { told } from './cases/told.ts';
import { prometheusRule, rulesFile, runbook } from './rules.ts';

const cases = [...admission, ...controller, ...rollouts, ...told];
const { promtool } = await toolchain(ruleTools);
const folder = mkdtempSync(join(tmpdir(), 'serin-rules-'));
after(() => rmSync(folder, { recursive: true }));
const rules = join(import.meta.dirname, '../../manifests/monitoring/rules.yaml');

async function said(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await attempt(promtool, args);
  equal(code, 0, stdout + stderr);
  return stdout;
}

test('both files of rules are made of the same alerts', () => {
  golden('../../manifests/monitoring/rules.yaml', rulesFile());
  golden('../../manifests/monitoring/prometheus-rule.yaml', prometheusRule());
});

test('Prometheus reads the rules, and finds nothing to mend', async () => {
  const answer = await said('check', 'rules', '--lint=all', '--lint-fatal', rules);
  equal(answer.includes(`SUCCESS: ${alerts.length} rules found`), true, answer);
});

test('each alert is seen to fire, and seen not to', () => {
  const seen = (fires: boolean): string[] =>
    alerts
      .map(({ name }) => name)
      .filter((name) => cases.some((each) => each.alert === name && (each.fires !== undefined) === fires));
  const all = alerts.map(({ name }) => name);
  deepEqual([seen(true), seen(false)], [all, all]);
});

// One run for all, since starting it takes longer than a case; it names those that fail.
test(`${cases.length} times alerts fire, or do not, as test/monitoring/cases says`, async () => {
  const file = join(folder, 'cases.yaml');
  const all = { rule_files: [rules], evaluation_interval: '1m', tests: cases.map(unitTest) };
  writeFileSync(file, stringify(all));
  await said('test', 'rules', file);
});

test('docs/monitoring.md says of each alert what to do', () => {
  const docs = text('docs/monitoring.md');
  const headings = [...docs.matchAll(/^### (Serin\w+)\n\n\S/gm)].map(([, name]) => name);
  deepEqual(
    headings,
    alerts.map(({ name }) => name),
  );
});

function unitTest({ alert, name, series, at, fires = [] }: Case): object {
  const expected = 'length' in fires ? fires : [fires];
  return {
    name: `${alert}: ${name}`,
    interval: '1m',
    input_series: Object.entries(series).map(([selector, values]) => ({ series: selector, values })),
    alert_rule_test: [
      { eval_time: at, alertname: alert, exp_alerts: expected.map((each) => fired(alert, each)) },
    ],
  };
}

function fired(name: string, { labels = {}, ...says }: Fired): object {
  const alert = alerts.find((each) => each.name === name);
  if (alert === undefined) throw new Error(`no alert ${name}`);
  const { severity, summary, description } = alert;
  return {
    exp_labels: { severity, ...labels },
    exp_annotations: { summary, description, ...says, runbook_url: runbook(alert) },
  };
}
