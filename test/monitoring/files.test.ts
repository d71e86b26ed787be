import { deepEqual, equal, match } from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { GridPos } from '@grafana/grafana-foundation-sdk/dashboard';
import { parse } from 'yaml';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { golden } from '../golden.ts';
import { text } from '../rig/manifests.ts';
import { alerts } from './alerts.ts';
import { canaryBoard } from './canary-board.ts';
import type { Board } from './board.ts';
import { dashboardOf } from './dashboard.ts';
import { prometheusRule, rulesFile } from './rules.ts';
import { serinBoard } from './serin-board.ts';

const { registry } = createMetrics({ version: '1', node: 'v24' });
const boards: readonly Board[] = [canaryBoard, serinBoard];
const folder = 'manifests/monitoring/dashboards';
const queriesOf = ({ rows, marks }: Board): readonly string[] => [
  ...marks.map(({ expr }) => expr),
  ...Object.values(rows)
    .flat()
    .flatMap(({ queries }) => queries.map(({ expr }) => expr)),
];

for (const board of boards)
  test(`dashboard ${board.uid} is made of its code`, () =>
    golden(`../../${folder}/${board.uid}.json`, `${JSON.stringify(dashboardOf(board), null, 2)}\n`));

test('both files of rules are made of the same alerts', () => {
  golden('../../manifests/monitoring/rules.yaml', rulesFile());
  golden('../../manifests/monitoring/prometheus-rule.yaml', prometheusRule());
});

test('docs/monitoring.md says of each alert what to do', () => {
  const docs = text('docs/monitoring.md');
  const headings = [...docs.matchAll(/^### (Serin\w+)\n\n\S/gm)].map(([, name]) => name);
  deepEqual(
    headings,
    alerts.map(({ name }) => name),
  );
});

test('each dashboard is a ConfigMap that Grafana looks for', () => {
  const files = readdirSync(join(import.meta.dirname, '../..', folder)).filter((file) =>
    file.endsWith('.json'),
  );
  const kustomization = parse(text(folder, 'kustomization.yaml')) as {
    configMapGenerator: { files: string[] }[];
    generatorOptions: { labels: object };
  };
  deepEqual(files.toSorted(), boards.map(({ uid }) => `${uid}.json`).toSorted());
  deepEqual(kustomization.configMapGenerator.flatMap((each) => each.files).toSorted(), files.toSorted());
  deepEqual(kustomization.generatorOptions.labels, { grafana_dashboard: '1' });
});

/** The cells of the grid that a panel covers. */
function cellsOf({ x = 0, y = 0, w = 0, h = 0 }: Partial<GridPos> = {}): readonly string[] {
  const columns = Array.from({ length: w }, (_, column) => x + column);
  return columns.flatMap((column) => Array.from({ length: h }, (_, line) => `${column},${y + line}`));
}

test('no two panels of a dashboard lie on each other, and none leaves the grid', () => {
  for (const board of boards) {
    const cells = (dashboardOf(board).panels ?? []).flatMap(({ gridPos }) => cellsOf(gridPos));
    equal(new Set(cells).size, cells.length, board.uid);
    equal(
      cells.every((cell) => Number(cell.split(',')[0]) < 24),
      true,
      board.uid,
    );
  }
});

test('every metric that Serin publishes is told in docs/monitoring.md as the registry has it, and no other', async () => {
  const page = await registry.metrics();
  const types = new Map(
    [...page.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]),
  );
  const rows = registry.getMetricsAsArray().map((metric) => {
    const names = 'labelNames' in metric && Array.isArray(metric.labelNames) ? metric.labelNames : [];
    const labels = names.map((name) => `\`${name}\``).join(', ');
    return `| \`${metric.name}\` | ${types.get(metric.name)} | ${labels || '–'} | ${metric.help} |`;
  });
  const told = text('docs/monitoring.md').match(/^\| `serin_.+$/gm) ?? [];
  deepEqual(told.toSorted(), rows.toSorted());
});

test('every metric of Serin that is asked for is published', async () => {
  const page = await registry.metrics();
  const known = new Set([...page.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name));
  const asked = [...boards.flatMap(queriesOf), ...alerts.map(({ expr }) => expr)];
  const names = asked.flatMap((expr) => [...expr.matchAll(/serin_\w+/g)].map(([name]) => name));
  const unknown = names.filter(
    (name) => !known.has(name) && !known.has(name.replace(/_(bucket|count|sum)$/, '')),
  );
  deepEqual(unknown, []);
});

test('a Prometheus that scrapes Serin keeps whose rollout a series is of', () => {
  const monitor = parse(text('manifests/monitoring/pod-monitor.yaml')) as {
    spec: { podMetricsEndpoints: { port: string; honorLabels: boolean }[] };
  };
  deepEqual(
    monitor.spec.podMetricsEndpoints.map(({ port, honorLabels }) => [port, honorLabels]),
    [
      ['https', true],
      ['http', true],
    ],
  );
  match(text('docs/monitoring.md'), /honor_labels: true/);
});
