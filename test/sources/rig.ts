// A cluster with Secrets, and a plan that asks a source of its own.
import { deepEqual } from 'node:assert/strict';
import { resources } from '../../src/kube/objects.ts';
import type { Fetch } from '../../src/prometheus/exchange.ts';
import type { Arms } from '../../src/prometheus/queries.ts';
import type { MetricSource } from '../../src/prometheus/source.ts';
import type { JsonObject, MetricSpec } from '../../src/rollout/types.ts';
import { withSources } from '../../src/sources/source.ts';
import { memoryKube } from '../rig/memory-kube.ts';
import { virtualClock } from '../rig/virtual-clock.ts';
import { short } from './asking.ts';

export const arms: Arms = { namespace: 'shop', stable: 'web', canary: 'web-canary', windowMs: 120_000 };
export const influx: MetricSpec = {
  name: 'queue',
  intervalMs: 60_000,
  max: 5,
  query: 'q("{{ target }}", "{{ interval }}", "{{ variables.kind }}")',
  variables: { kind: 'slow' },
  provider: { type: 'influxdb', address: 'https://influx/', secretName: 'influx' },
};
const good = ',result,table,_value\n,q,0,4\n';

export type Reply = (url: URL, init: Parameters<Fetch>[1]) => Response | Promise<never>;

/** A cluster, a source that answers by `reply`, and what was asked of it and of Serin's own Prometheus. */
export function rig(reply: Reply = () => new Response(good)) {
  const kube = memoryKube();
  const asked: { readonly url: string; readonly init: Parameters<Fetch>[1] }[] = [];
  const own: MetricSpec[] = [];
  const prometheus: MetricSource = {
    measure: (metrics) => {
      own.push(...metrics);
      const one = { kind: 'value', value: 1 } as const;
      return Promise.resolve(metrics.map((metric) => ({ metric, canary: one, stable: one })));
    },
    count: () => Promise.reject(new Error('not asked for')),
    figures: () => Promise.reject(new Error('not asked for')),
    incoming: () => Promise.reject(new Error('not asked for')),
  };
  const source = withSources(prometheus, {
    ...{ kube, clock: virtualClock() },
    fetch: async (url, init) => {
      asked.push({ url: url.href, init });
      return reply(url, init);
    },
  });
  const store = async (
    name: string,
    data: Record<string, string>,
    labels: Record<string, string>,
    namespace = 'shop',
  ) => {
    const encoded = Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
    await kube.create(resources.secrets, namespace, {
      metadata: { name, labels },
      data: Object.fromEntries(encoded) as JsonObject,
    });
  };
  const measure = async (
    metric: MetricSpec,
  ): Promise<readonly [canary: number | string, stable: number | string]> => {
    const [measured] = await source.measure([metric], arms);
    if (measured === undefined) throw new Error('nothing measured');
    deepEqual(measured.metric, metric);
    return [short(measured.canary), short(measured.stable)];
  };
  return { kube, source, asked, own, store, measure };
}

export const both = (text: string): readonly [string, string] => [text, text];
export const forMetrics = { 'serin.dev/metrics': 'true' };
export const influxData = { token: 'influx-token\n', org: 'shop-org' };
