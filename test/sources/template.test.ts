import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { resources } from '../../src/kube/objects.ts';
import type { JsonObject, MetricSpec } from '../../src/rollout/types.ts';
import { both, forMetrics, influxData, rig } from './rig.ts';

const byTemplate = (namespace?: string): MetricSpec => ({
  name: 'queue',
  intervalMs: 60_000,
  max: 5,
  template: { name: 'queue', ...(namespace === undefined ? {} : { namespace }) },
  variables: { kind: 'slow' },
});
const template = (provider: JsonObject, query = 'q("{{ variables.kind }}", "{{ target }}")'): JsonObject => ({
  metadata: { name: 'queue' },
  spec: { provider, query },
});
const influxTemplate = template({
  type: 'influxdb',
  address: 'https://influx',
  secretRef: { name: 'influx' },
});

test('a MetricTemplate says query and source, and its Secret is beside it', async () => {
  const { kube, asked, store, measure } = rig();
  await kube.create(resources.metricTemplates, 'shop', influxTemplate);
  await store('influx', influxData, forMetrics);
  deepEqual(await measure(byTemplate()), [4, 4]);
  equal(asked.length, 2);
  equal((JSON.parse(asked[0]?.init.body ?? '') as { query: string }).query, 'q("slow", "web-canary")');
});

test('a template of another namespace needs a Secret that is shared', async () => {
  const { kube, asked, store, measure } = rig();
  await kube.create(resources.metricTemplates, 'metrics', influxTemplate);
  await store('influx', influxData, forMetrics, 'metrics');
  deepEqual(
    await measure(byTemplate('metrics')),
    both(
      'error: Secret metrics/influx is not meant for this: its owner allows it by the label serin.dev/metrics: "shared"',
    ),
  );
  deepEqual(asked, []);
  const shared = { metadata: { labels: { 'serin.dev/metrics': 'shared' } } };
  await kube.patch(resources.secrets, 'metrics', 'influx', { type: 'merge', body: shared });
  deepEqual(await measure(byTemplate('metrics')), [4, 4]);
});

test('a template for a Prometheus without an address is asked of Serin’s own', async () => {
  const { kube, asked, own, measure } = rig();
  await kube.create(resources.metricTemplates, 'shop', template({ type: 'prometheus' }));
  deepEqual(await measure(byTemplate()), [1, 1]);
  deepEqual(
    own.map(({ query, template: rest }) => [query, rest]),
    [['q("{{ variables.kind }}", "{{ target }}")', undefined]],
  );
  deepEqual(asked, []);
});

test('a template that is not there, or is wrong, is told by its name and every mistake in it', async () => {
  const { kube, measure } = rig();
  deepEqual(
    await measure(byTemplate()),
    both(
      'error: templateRef: MetricTemplate shop/queue is not there, or its kind (flagger.app/v1beta1) is not installed',
    ),
  );
  await kube.create(
    resources.metricTemplates,
    'shop',
    template({ type: 'dynatrace' }, '{{ variables.other }}'),
  );
  deepEqual(
    await measure(byTemplate()),
    both(
      'error: MetricTemplate shop/queue: spec.provider.type: expected prometheus or datadog or cloudwatch or newrelic or graphite or influxdb, got "dynatrace"; spec.query holds the variable other, and templateVariables has only kind',
    ),
  );
});
