// What Prometheus makes of the requests in a mesh.
import type { Json } from '../../../src/rollout/types.ts';
import { listAt, objectAt } from '../../../src/routing/json.ts';
import { labelsIn } from '../../../src/routing/selectors.ts';
import type { Labels } from '../../../src/routing/types.ts';
import type { MeshCluster, Observation } from '../cluster.ts';
import { hostOf, onlyTo, scale, shopWith, total } from './mesh-shop.ts';

export const meshCounts: readonly Observation<MeshCluster>[] = [
  {
    says: 'every request is counted once, for the Deployment of its pod, the Service of its route and its code',
    scenario: async (cluster) => {
      await shopWith(cluster, onlyTo({ host: 'web' }));
      const sent = total(await cluster.send(hostOf(cluster), 50, 1));
      const of = `{destination_workload_namespace="${cluster.namespace}"}`;
      for (const counted of ['istio_requests_total', 'istio_request_duration_milliseconds_count'])
        await cluster.until(counted, async () => (await valueOf(cluster, `sum(${counted}${of})`)) === sent);
      const by =
        'reporter, destination_workload, destination_workload_namespace, destination_service, destination_service_name, destination_service_namespace, response_code, response_flags, grpc_response_status';
      return labelsOf(cluster, `sum by (${by}) (istio_requests_total${of})`);
    },
    expected: [
      {
        reporter: 'source',
        destination_workload: 'web',
        destination_workload_namespace: 'NS',
        destination_service: 'web.NS.svc.cluster.local',
        destination_service_name: 'web',
        destination_service_namespace: 'NS',
        response_code: '200',
        response_flags: '-',
      },
    ],
  },
  {
    says: 'a request to a Service without pods is counted for the Service, and for no workload',
    scenario: async (cluster) => {
      await shopWith(cluster, onlyTo({ host: 'web' }));
      await scale(cluster, 0);
      await cluster.send(hostOf(cluster), 50, 1);
      const of = `{destination_service="web.${cluster.namespace}.svc.cluster.local"}`;
      return failuresOf(cluster, of);
    },
    expected: [
      {
        destination_workload: 'unknown',
        destination_workload_namespace: 'unknown',
        destination_service: 'web.NS.svc.cluster.local',
        response_code: '503',
        response_flags: 'UH',
      },
    ],
  },
  {
    says: 'a request for a Service that nobody knows, and one without a route, are counted for nobody',
    scenario: async (cluster) => {
      await shopWith(cluster, onlyTo({ host: 'gone' }));
      await cluster.send(hostOf(cluster), 50, 1);
      await cluster.send('other.example.com', 50, 1);
      return [
        await failuresOf(cluster, '{response_flags="NC"}'),
        await failuresOf(cluster, '{response_flags="NR"}'),
      ];
    },
    expected: [
      [
        {
          destination_workload: 'unknown',
          destination_workload_namespace: 'unknown',
          response_code: '503',
          response_flags: 'NC',
        },
      ],
      [
        {
          destination_workload: 'unknown',
          destination_workload_namespace: 'unknown',
          response_code: '404',
          response_flags: 'NR',
        },
      ],
    ],
  },
  {
    says: 'the durations have the bounds of Envoy, each with a decimal point',
    scenario: async (cluster) => {
      await shopWith(cluster, onlyTo({ host: 'web' }));
      await cluster.send(hostOf(cluster), 50, 1);
      const query = `sum by (le) (istio_request_duration_milliseconds_bucket{destination_workload_namespace="${cluster.namespace}"})`;
      const labels = await cluster.until('the scrape', async () => {
        const found = await labelsOf(cluster, query);
        return found.length > 0 && found;
      });
      return labels.map((each) => each['le'] ?? '').sort((a, b) => bound(a) - bound(b));
    },
    expected: [
      ...[
        '0.5',
        '1.0',
        '5.0',
        '10.0',
        '25.0',
        '50.0',
        '100.0',
        '250.0',
        '500.0',
        '1000.0',
        '2500.0',
        '5000.0',
      ],
      ...['10000.0', '30000.0', '60000.0', '300000.0', '600000.0', '1.8e+06', '3.6e+06', '+Inf'],
    ],
  },
  {
    says: 'requests that came before the first scrape of their series are no increase',
    scenario: async (cluster) => {
      await shopWith(cluster, onlyTo({ host: 'web' }));
      const sent = total(await cluster.send(hostOf(cluster), 40, 0.5));
      const of = `{destination_workload_namespace="${cluster.namespace}"}`;
      await cluster.until(
        'the scrape',
        async () => (await valueOf(cluster, `sum(istio_requests_total${of})`)) === sent,
      );
      const grown = await cluster.until('the increase', async () => {
        const value = await valueOf(cluster, `sum(increase(istio_requests_total${of}[60s]))`);
        return value !== undefined && { value };
      });
      return grown.value < sent ? 'fewer than were sent' : grown.value;
    },
    expected: 'fewer than were sent',
  },
  {
    says: 'the increase in a window is about as many as were sent in it',
    scenario: async (cluster) => {
      await shopWith(cluster, onlyTo({ host: 'web' }));
      await cluster.send(hostOf(cluster), 40, 30);
      await cluster.pass(1000);
      const of = `{destination_workload_namespace="${cluster.namespace}"}`;
      const grown = (await valueOf(cluster, `sum(increase(istio_requests_total${of}[20s]))`, 7000)) ?? 0;
      return Math.abs(grown - 800) < 160 ? 'about 800' : grown;
    },
    expected: 'about 800',
  },
  {
    says: 'a Prometheus that begins anew knows every total, and of no increase before it',
    isLast: true,
    scenario: async (cluster) => {
      await shopWith(cluster, onlyTo({ host: 'web' }));
      const sent = total(await cluster.send(hostOf(cluster), 50, 8));
      await cluster.pass(6000);
      await cluster.restartPrometheus();
      const of = `{destination_workload_namespace="${cluster.namespace}"}`;
      const grown = await cluster.until('two scrapes', async () => {
        const value = await valueOf(cluster, `sum(increase(istio_requests_total${of}[60s]))`);
        return value !== undefined && { value };
      });
      return [(await valueOf(cluster, `sum(istio_requests_total${of})`)) === sent, grown.value];
    },
    expected: [true, 0],
  },
];

/** The rows of a query. */
async function rows(cluster: MeshCluster, promql: string, agoMs = 0): Promise<readonly Json[]> {
  return listAt(await cluster.query(promql, agoMs), 'result');
}

/** The value of a query that has one. */
async function valueOf(cluster: MeshCluster, promql: string, agoMs = 0): Promise<number | undefined> {
  const [row] = await rows(cluster, promql, agoMs);
  return row === undefined ? undefined : Number(listAt(row, 'value')[1]);
}

/** The labels of each row of a query. */
export async function labelsOf(cluster: MeshCluster, promql: string): Promise<readonly Labels[]> {
  return (await rows(cluster, promql)).map((row) => labelsIn(objectAt(row, 'metric')));
}

/** The labels of failures, once they are scraped. */
async function failuresOf(cluster: MeshCluster, selector: string): Promise<readonly Labels[]> {
  const by =
    'destination_workload, destination_workload_namespace, destination_service, response_code, response_flags';
  const query = `sum by (${by}) (istio_requests_total${selector})`;
  return cluster.until('the scrape', async () => {
    const labels = await labelsOf(cluster, query);
    return labels.length > 0 && labels;
  });
}

function bound(text: string): number {
  return Number(text.replace('Inf', 'Infinity'));
}
