// What a real Envoy's own page says of real requests, as --scrape reads it: two of them stand for the sidecars of a stable pod
// and a canary. What differs from Istio is told in test/rig/mesh-config/istio-system.yaml; histograms are flushed each 5 s, as
// there.
import { deepEqual, ok } from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { ArmTick } from '../../src/analysis/comparison.ts';
import { systemClock } from '../../src/clock.ts';
import type { Fetch } from '../../src/prometheus/exchange.ts';
import { createHttpsFetch } from '../../src/prometheus/https-fetch.ts';
import { createPrometheus } from '../../src/prometheus/source.ts';
import { withScrapes } from '../../src/scrape/source.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { start, until } from '../rig/processes.ts';
import { toolchain } from '../rig/toolchain.ts';
import { pod } from '../scrape/proxies.ts';

const { stateDir, prepared } = await enterNamespace(() => toolchain(['envoy']));
const addresses = { web: '127.0.1.1', 'web-canary': '127.0.2.1' } as const;
type Workload = keyof typeof addresses;
const workloads = ['web', 'web-canary'] as const;

/** What each pod has answered, by itself. */
const served = { web: { requests: 0, errors: 0 }, 'web-canary': { requests: 0, errors: 0 } };
const apps = await Promise.all(
  workloads.map(async (workload) => {
    const app = createServer((request, response) => {
      const fails = request.url === '/fails';
      served[workload].requests += 1;
      if (fails) served[workload].errors += 1;
      response.writeHead(fails ? 503 : 200).end();
    }).listen(8081, addresses[workload]);
    await once(app, 'listening');
    return app;
  }),
);

const socket = (address: string, port: number): object => ({
  address: { socket_address: { address, port_value: port } },
});
const typed = (name: string, config: object): object => ({
  typed_config: { '@type': `type.googleapis.com/envoy.extensions.${name}`, ...config },
});

/** A sidecar: what comes to port 8080 goes to the app, and is counted with the names and labels of Istio. */
function sidecar(workload: Workload): object {
  const address = addresses[workload];
  const tags = [
    { name: 'reporter', value_format: 'destination' },
    { name: 'destination_service', value_format: `${workload}.shop.svc.cluster.local` },
    { name: 'response_code', value_format: '%RESPONSE_CODE%' },
  ];
  const stats = typed('access_loggers.stats.v3.Config', {
    stats_scope: { prefix: '' },
    counters: [{ stat: { name: 'istio_requests_total', tags }, value_fixed: 1 }],
    histograms: [
      {
        ...{ unit: 'Milliseconds', value_format: '%DURATION%' },
        stat: { name: 'istio_request_duration_milliseconds', tags },
      },
    ],
  });
  const manager = typed('filters.network.http_connection_manager.v3.HttpConnectionManager', {
    stat_prefix: 'inbound',
    access_log: [{ name: 'istio-metrics', ...stats }],
    http_filters: [{ name: 'envoy.filters.http.router', ...typed('filters.http.router.v3.Router', {}) }],
    route_config: {
      virtual_hosts: [
        { name: 'app', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster: 'app' } }] },
      ],
    },
  });
  const filter = { name: 'envoy.filters.network.http_connection_manager', ...manager };
  const endpoints = [{ lb_endpoints: [{ endpoint: socket(address, 8081) }] }];
  return {
    admin: socket(address, 15_090),
    static_resources: {
      listeners: [{ ...socket(address, 8080), filter_chains: [{ filters: [filter] }] }],
      clusters: [{ name: 'app', type: 'STATIC', load_assignment: { cluster_name: 'app', endpoints } }],
    },
  };
}

const envoys = workloads.map((workload) =>
  start({
    name: `envoy of ${workload}`,
    file: prepared.envoy,
    args: [
      ...['--config-yaml', JSON.stringify(sidecar(workload))],
      ...['--concurrency', '1', '--disable-hot-restart', '--log-level', 'warning'],
    ],
    logFile: join(stateDir, `logs/envoy-${workload}.log`),
  }),
);
after(async () => {
  await Promise.all(envoys.map((envoy) => envoy.stop()));
  for (const app of apps) app.close().closeAllConnections();
});
for (const workload of workloads)
  await until(
    `the Envoy of ${workload}`,
    async () => (await fetch(`http://${addresses[workload]}:15090/ready`)).ok,
    {
      needs: envoys,
    },
  );

const kube = {
  get: async (_: unknown, namespace: string | undefined, name: string) => ({
    metadata: { name, namespace: namespace ?? '', uid: name, resourceVersion: '1' },
    spec: { selector: { matchLabels: { app: name } } },
  }),
  list: async (_: unknown, { labelSelector }: { readonly labelSelector?: string }) => {
    const own = workloads.filter((workload) => labelSelector === `app=${workload}`);
    const startTime = '2026-11-01T00:00:00Z';
    const items = own.map((name) => pod({ name: `${name}-1`, ip: addresses[name], startTime }));
    return { items, resourceVersion: '1' };
  },
};
const realFetch = createHttpsFetch();
/** Pods of the rig live where Serin's own machine is elsewhere. */
const rigFetch: Fetch = (url, init) => realFetch(url, { ...init, onlyOutside: false });

async function visit(workload: Workload, good: number, bad: number): Promise<void> {
  const urls = Array.from({ length: good + bad }, (_, at) => (at < good ? '/' : '/fails'));
  const answers = urls.map((path) =>
    fetch(`http://${addresses[workload]}:8080${path}`).then((each) => each.text()),
  );
  await Promise.all(answers);
}

test('what real proxies have answered while they are asked is counted once, with the durations that come later', async () => {
  const clock = systemClock;
  const nobody = createPrometheus({ url: 'http://127.0.0.1:1', clock, fetch: rigFetch });
  const source = withScrapes(nobody, { kube, clock, fetch: rigFetch, everyMs: 1000, port: 15_090 });
  const arms = {
    ...{ namespace: 'shop', stable: 'web', canary: 'web-canary', windowMs: 60_000 },
    services: { stable: 'web', canary: 'web-canary' },
  };
  // Requests of before the weight: they are on the pages already.
  await Promise.all([visit('web', 50, 5), visit('web-canary', 20, 20)]);
  const before = structuredClone(served);
  // By then their durations are told, too.
  await clock.sleep(6000);
  const asked = { routedSince: clock.now(), timedFrom: 0, ready: { stable: 1, canary: 1 } };
  const sums = { requests: 0, errors: 0, timed: 0 };
  const total = (ticks: readonly ArmTick[]) =>
    ticks.reduce(
      (sum, { requests, errors, timed = 0 }) => ({
        ...{ requests: sum.requests + requests, errors: sum.errors + errors, timed: sum.timed + timed },
      }),
      sums,
    );
  const look = async () => {
    const counting = await source.count(arms, asked);
    const ticks = counting.kind === 'ticks' ? counting.ticks : [];
    return {
      stable: total(ticks.map((tick) => tick.stable)),
      canary: total(ticks.map((tick) => tick.canary)),
    };
  };
  await look();
  for (let round = 0; round < 4; round += 1) {
    await Promise.all([visit('web', 80, 1), visit('web-canary', 30, 4), clock.sleep(1000)]);
    await look();
  }
  const gained = (workload: Workload) => {
    const requests = served[workload].requests - before[workload].requests;
    return { requests, errors: served[workload].errors - before[workload].errors, timed: requests };
  };
  const wanted = { stable: gained('web'), canary: gained('web-canary') };
  deepEqual(wanted.canary, { requests: 136, errors: 16, timed: 136 });
  const last = await until('every duration to be told', async () => {
    const seen = await look();
    ok(seen.stable.requests <= wanted.stable.requests && seen.canary.requests <= wanted.canary.requests);
    return seen.stable.timed === wanted.stable.timed && seen.canary.timed === wanted.canary.timed && seen;
  });
  deepEqual(last, wanted);
});
