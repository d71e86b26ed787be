// The resource metrics API (metrics.k8s.io) as metrics-server offers it, behind the API server's aggregation: CPU of every
// pod of the shop from the requests it really answers. Pods the rig does not serve for, and memory, have no figures.
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAuthority } from './authority.ts';
import type { ControlPlane } from './control-plane.ts';
import { windowSeconds } from './kubelet/traffic.ts';
import type { Kubelet, PodView } from './kubelet.ts';
import { matchesLabels } from './label-selector.ts';
import { until } from './processes.ts';

const address = '10.244.255.252';
const service = { namespace: 'kube-system', name: 'resource-metrics' };
const groupVersion = 'metrics.k8s.io/v1beta1';
const base = `/apis/${groupVersion}`;

/** Serves the metrics of the kubelet's pods; ready when the API server answers from them. */
export async function startResourceMetrics(
  { api }: ControlPlane,
  kubelet: Pick<Kubelet, 'pods'>,
): Promise<{ stop(): Promise<void> }> {
  const authority = createAuthority('resource-metrics');
  const host = `${service.name}.${service.namespace}.svc`;
  const { certPem, keyPem } = authority.issue({ commonName: host, hosts: [host] });
  const server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
    const answer = answerTo(new URL(request.url ?? '/', 'https://metrics'), kubelet.pods());
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(answer === undefined ? undefined : JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  server.unref();
  await publish(api, (server.address() as AddressInfo).port, authority.certPem);
  await until('the metrics API', () => api.get(`${base}/pods`));
  return {
    stop: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function publish(api: ControlPlane['api'], port: number, caPem: string): Promise<void> {
  const { namespace, name } = service;
  const ports = [{ name: 'https', port }];
  await api.create(`/api/v1/namespaces/${namespace}/services`, { metadata: { name }, spec: { ports } });
  await api.create(`/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`, {
    metadata: { name, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports,
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
  });
  await api.create('/apis/apiregistration.k8s.io/v1/apiservices', {
    metadata: { name: 'v1beta1.metrics.k8s.io' },
    spec: {
      group: 'metrics.k8s.io',
      version: 'v1beta1',
      service: { ...service, port },
      caBundle: Buffer.from(caPem).toString('base64'),
      groupPriorityMinimum: 100,
      versionPriority: 100,
    },
  });
}

const resources = [
  { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] },
];
const podsPath = new RegExp(`^${base}(?:/namespaces/(?<namespace>[^/]+))?/pods(?:/(?<name>[^/]+))?$`);

/** The answer of the API, or undefined where there is nothing at that path. */
function answerTo(url: URL, pods: readonly PodView[]): object | undefined {
  if (url.pathname === base) return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources };
  const path = podsPath.exec(url.pathname)?.groups;
  if (path === undefined) return undefined;
  const { namespace, name } = path;
  const selector = url.searchParams.get('labelSelector') ?? '';
  const items = pods
    .filter((pod) => namespace === undefined || pod.namespace === namespace)
    .filter((pod) => matchesLabels(selector, pod.labels))
    .map(metricsOf)
    .filter(({ containers }) => containers.length > 0);
  if (name !== undefined) return items.find(({ metadata }) => metadata.name === name);
  return { kind: 'PodMetricsList', apiVersion: groupVersion, metadata: {}, items };
}

function metricsOf({ name, namespace, labels, containers }: PodView) {
  return {
    metadata: { name, namespace, labels },
    timestamp: new Date().toISOString(),
    window: `${windowSeconds}s`,
    containers: containers.flatMap((container) =>
      container.cpuMillis === undefined
        ? []
        : [{ name: container.name, usage: { cpu: `${container.cpuMillis}m` } }],
    ),
  };
}
