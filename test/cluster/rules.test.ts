// The rules by Prometheus' own tool: that it reads them, and when each alert fires. Among the tests on the rig, before
// which Prometheus has been built: what is left to build of the tool takes a minute then, and many more before.
import { deepEqual, equal } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { stringify } from 'yaml';
import { attempt } from '../rig/run-program.ts';
import { ruleTools, toolchain } from '../rig/toolchain.ts';
import { alerts } from '../monitoring/alerts.ts';
import { admission } from '../monitoring/cases/admission.ts';
import type { Case, Fired } from '../monitoring/cases/case.ts';
import { controller } from '../monitoring/cases/controller.ts';
import { rollouts } from '../monitoring/cases/rollouts.ts';
import { told } from '../monitoring/cases/told.ts';
import { runbook } from '../monitoring/rules.ts';

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
