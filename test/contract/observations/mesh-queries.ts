// How Prometheus answers queries.
import { listAt, objectAt, textAt } from '../../../src/routing/json.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import type { MeshCluster, Observation } from '../cluster.ts';
import { labelsOf } from './mesh-counts.ts';
import { hostOf, onlyTo, shopWith } from './mesh-shop.ts';

export const meshQueries: readonly Observation<MeshCluster>[] = [
  {
    says: 'the answers of queries that need no series',
    scenario: async ({ query }) => {
      const answers = [];
      for (const promql of [
        'vector(42)',
        '42',
        'no_such_series',
        'sum(increase(no_such_series[1m]))',
        'sum(increase(no_such_series[1m])) or vector(0)',
        'histogram_quantile(0.99, sum by (le) (rate(no_such_series_bucket[1m])))',
        'vector(1) / 0',
        '0 / vector(0)',
        'vector(1) or vector(2)',
        'scalar(no_such_series)',
      ]) {
        answers.push(timeless(await query(promql)));
      }
      return answers;
    },
    expected: [
      { resultType: 'vector', result: [{ metric: {}, value: '42' }] },
      { resultType: 'scalar', result: '42' },
      { resultType: 'vector', result: [] },
      { resultType: 'vector', result: [] },
      { resultType: 'vector', result: [{ metric: {}, value: '0' }] },
      { resultType: 'vector', result: [] },
      { resultType: 'vector', result: [{ metric: {}, value: '+Inf' }] },
      { resultType: 'vector', result: [{ metric: {}, value: 'NaN' }] },
      { resultType: 'vector', result: [{ metric: {}, value: '1' }] },
      { resultType: 'scalar', result: 'NaN' },
    ],
  },
  {
    says: 'a series has its name, and what is computed of it has none; `or` adds what is not there',
    scenario: async (cluster) => {
      await shopWith(cluster, onlyTo({ host: 'web' }));
      await cluster.send(hostOf(cluster), 50, 1);
      const of = `istio_requests_total{destination_workload_namespace="${cluster.namespace}"}`;
      await cluster.until('the scrape', async () => (await labelsOf(cluster, of)).length > 0);
      const namesOf = async (promql: string) => [
        ...new Set((await labelsOf(cluster, promql)).map((labels) => labels['__name__'] ?? '-')),
      ];
      const by = 'sum by (destination_workload, response_code)';
      return [
        await namesOf(of),
        await namesOf(`${of} * 2`),
        await labelsOf(cluster, `${by} (${of}) or ${by} (${of}) or vector(1)`),
      ];
    },
    expected: [['istio_requests_total'], ['-'], [{ destination_workload: 'web', response_code: '200' }, {}]],
  },
];

/** Without the times, which are any. */
function timeless(data: JsonObject): JsonObject {
  const resultType = textAt(data, 'resultType') ?? null;
  const result = listAt(data, 'result');
  if (resultType === 'scalar') return { resultType, result: result[1] ?? null };
  return {
    resultType,
    result: result.map((row) => ({
      metric: objectAt(row, 'metric'),
      value: listAt(row, 'value')[1] ?? null,
    })),
  };
}
