// What a cluster's Prometheus knows of containers and Deployments, under the names that cAdvisor (in the kubelet) and
// kube-state-metrics give it, as far as dashboards and alerts ask for it.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { KubeObject } from '../../src/kube/objects.ts';
import { isObject } from '../../src/routing/json.ts';
import type { ControlPlane } from './control-plane.ts';
import type { Kubelet } from './kubelet.ts';

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Serves them on loopback; answers where. */
export async function startContainerMetrics(
  { api }: ControlPlane,
  kubelet: Pick<Kubelet, 'pods'>,
): Promise<{ readonly target: string; stop(): void }> {
  const page = async (): Promise<string> => {
    const { items } = await api.get<{ items: KubeObject[] }>('/apis/apps/v1/deployments');
    const paused = items.map(({ metadata: { namespace = '', name }, spec }) => ({
      labels: { namespace, deployment: name },
      value: isObject(spec) && spec['paused'] === true ? 1 : 0,
    }));
    return [...containerLines(kubelet), ...linesOf('kube_deployment_spec_paused', 'gauge', paused)].join('');
  };
  const server = createServer((_, response) => {
    page().then(
      (text) => response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  const stop = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { target: `127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
}

function containerLines(kubelet: Pick<Kubelet, 'pods'>): readonly string[] {
  const used = kubelet
    .pods()
    .flatMap(({ namespace, name: pod, containers }) =>
      containers.flatMap(({ name: container, image, usage }) =>
        usage === undefined ? [] : [{ labels: { namespace, pod, container, image }, usage }],
      ),
    );
  const cpu = used.map(({ labels, usage }) => ({ labels, value: usage.cpuSeconds }));
  const memory = used.map(({ labels, usage }) => ({ labels, value: usage.memoryBytes }));
  return [
    ...linesOf('container_cpu_usage_seconds_total', 'counter', cpu),
    ...linesOf('container_memory_working_set_bytes', 'gauge', memory),
  ];
}

function linesOf(name: string, type: string, samples: readonly Sample[]): readonly string[] {
  const lines = samples.map(({ labels, value }) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(text)}`);
    return `${name}{${pairs.join(',')}} ${value}\n`;
  });
  return [`# TYPE ${name} ${type}\n`, ...lines];
}
