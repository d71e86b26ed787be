// What dashboards and alerts ask (docs/monitoring.md), asked of a real Prometheus that has seen a rollout.
import { deepEqual, equal, ok } from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { parse } from 'yaml';
import { alerts } from '../monitoring/alerts.ts';
import type { Board } from '../monitoring/board.ts';
import { canaryBoard } from '../monitoring/canary-board.ts';
import { fill, variableValues } from '../monitoring/grafana.ts';
import { jobsOf, type PodMonitor } from '../monitoring/operator.ts';
import { serinBoard } from '../monitoring/serin-board.ts';
import { startContainerMetrics } from '../rig/container-metrics.ts';
import { until } from '../rig/processes.ts';
import { openShop, patient, stateOf } from '../rig/shop-lab.ts';

const root = join(import.meta.dirname, '../..');
const monitoring = join(root, 'manifests/monitoring');
const begun = Date.now() / 1000;

const shop = await openShop((object) => (object.kind === 'HorizontalPodAutoscaler' ? undefined : object));
const containers = await startContainerMetrics(shop.plane, shop.kubelet);
after(async () => {
  containers.stop();
  await shop.close();
});

/** What Prometheus answers on that path of its API. */
async function ask<T>(path: string, query: Readonly<Record<string, string>> = {}): Promise<T> {
  const answer = await fetch(`${shop.mesh.prometheusUrl}/api/v1/${path}?${new URLSearchParams(query)}`);
  const { data, error } = (await answer.json()) as { data?: T; error?: string };
  if (data === undefined) throw new Error(`${error}: ${JSON.stringify(query)}`);
  return data;
}

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [at: number, value: string])[];
}

/** What a query has answered since the beginning, second by second. */
async function seriesOf(query: string): Promise<readonly Series[]> {
  // To a step beyond now: the last before it may be older than the newest scrape.
  const range = { start: String(begun), end: String(Date.now() / 1000 + 1), step: '1' };
  const { result } = await ask<{ result: readonly Series[] }>('query_range', { query, ...range });
  return result;
}

/** How many of the values are numbers. */
async function valuesOf(query: string): Promise<number> {
  const series = await seriesOf(query);
  return series.flatMap(({ values }) => values).filter(([, value]) => value !== 'NaN').length;
}

suite('monitoring', () => {
  const variables = new Map([
    ['__rate_interval', '10s'],
    ['__range', '10m'],
  ]);

  before(async () => {
    const secret = await shop.plane.api.get<{ data: Record<string, string> }>(
      '/api/v1/namespaces/serin-system/secrets/serin-certs',
    );
    const monitor = parse(readFileSync(join(monitoring, 'pod-monitor.yaml'), 'utf8')) as PodMonitor;
    const fileOf = (_name: string, key: string): string => {
      const file = join(shop.plane.stateDir, `scraped-${key}`);
      writeFileSync(file, Buffer.from(secret.data[key] ?? '', 'base64'));
      return file;
    };
    await shop.mesh.configurePrometheus({
      scrape_configs: [
        ...jobsOf(monitor, { kubeconfig: shop.plane.kubeconfigPath, fileOf }),
        { job_name: 'containers', honor_labels: true, static_configs: [{ targets: [containers.target] }] },
      ],
      rule_files: [join(monitoring, 'rules.yaml')],
    });
    await until(
      'both containers of both pods to be scraped',
      async () => (await shop.mesh.query('serin_build_info')).length === 4,
      patient,
    );
    const { state } = await shop.release('shop:3');
    equal(state.phase, 'Failed', JSON.stringify(stateOf(await shop.main())));
    await until(
      'the failure to be scraped',
      async () => (await shop.mesh.query('serin_rollout_failed_timestamp_seconds')).length === 1,
      patient,
    );
  });

  test('the dashboards are ConfigMaps that Grafana finds', async () => {
    await shop.kubectl(`apply -k ${join(monitoring, 'dashboards')}`);
    const found = await shop.kubectl('get configmaps -A -l grafana_dashboard=1 -o name');
    deepEqual(found.trim().split('\n').length, 2);
  });

  test('every variable of the canary dashboard offers what is there', async () => {
    for (const variable of canaryBoard.variables) {
      const values = await variableValues(variable, variables, (path, query) => ask<string[]>(path, query));
      const wanted = { namespace: 'shop', stable: 'web', canary: 'web-canary' }[variable.name] ?? '';
      ok(values.includes(wanted), `${variable.name}: ${values.join(', ')}`);
      variables.set(variable.name, wanted);
    }
  });

  for (const board of [canaryBoard, serinBoard])
    test(`every panel of ${board.title} has data of a rollout`, async () => {
      const empty: string[] = [];
      for (const { title, expr } of questionsOf(board))
        if ((await valuesOf(fill(expr, variables))) === 0) empty.push(`${title}: ${fill(expr, variables)}`);
      deepEqual(empty, []);
    });

  test('the pods of stable are not those of its canary', async () => {
    const podsOf = async (arm: string): Promise<string[]> => {
      const [cpu] = questionsOf(canaryBoard).filter(({ title }) => title === `CPU: ${arm}`);
      const series = await seriesOf(fill(cpu?.expr ?? '', variables));
      return [...new Set(series.map(({ metric }) => (metric['pod'] ?? '').replace(/(-[^-]+){2}$/, '')))];
    };
    deepEqual([await podsOf('stable'), await podsOf('canary')], [['web'], ['web-canary']]);
  });

  test('each watch of webhook and controller is told of', async () => {
    const synced = await shop.mesh.query('min by (resource) (serin_reflector_synced)');
    const known = synced.filter(({ value }) => value === 1).map(({ labels }) => labels['resource']);
    const some = ['deployments', 'services', 'mutatingwebhookconfigurations', 'configmaps/releases'];
    deepEqual(
      some.filter((resource) => !known.includes(resource)),
      [],
    );
  });

  test('every alert looks at something that is there', async () => {
    const empty: string[] = [];
    for (const { name, looks } of alerts) if ((await valuesOf(looks)) === 0) empty.push(name);
    deepEqual(empty, []);
  });

  test('of all alerts, that of the failed rollout fires', async () => {
    const rules = await until(
      'the rules to be evaluated',
      async () => {
        const { groups } = await ask<{ groups: { rules: Rule[] }[] }>('rules');
        const all = groups.flatMap((group) => group.rules);
        return all.every(({ health }) => health === 'ok') && all.some(isFiring) && all;
      },
      patient,
    );
    deepEqual(
      rules.filter(isFiring).map(({ name }) => name),
      ['SerinRolloutFailed'],
    );
    equal(rules.length, alerts.length);
  });
});

interface Rule {
  readonly name: string;
  readonly health: string;
  readonly state: string;
}

function isFiring({ state }: Rule): boolean {
  return state === 'firing';
}

function questionsOf({ rows, marks }: Board): readonly { readonly title: string; readonly expr: string }[] {
  const panels = Object.values(rows).flat();
  return [
    ...marks.map(({ name, expr }) => ({ title: name, expr })),
    ...panels.flatMap(({ title, queries }) => queries.map(({ expr }) => ({ title, expr }))),
  ];
}
