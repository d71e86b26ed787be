// What the Prometheus operator makes of a PodMonitor, as far as ours goes.

export interface PodMonitor {
  readonly metadata: { readonly namespace: string };
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly podMetricsEndpoints: readonly Endpoint[];
  };
}

interface Endpoint {
  readonly port: string;
  readonly path: string;
  readonly scheme?: string;
  readonly honorLabels: boolean;
  readonly tlsConfig?: {
    readonly serverName: string;
    readonly ca: { readonly secret: { readonly name: string; readonly key: string } };
  };
}

interface Surroundings {
  readonly kubeconfig: string;
  /** A file with what that key of a Secret holds. */
  readonly fileOf: (secret: string, key: string) => string;
}

/** A job for each endpoint; how often is Prometheus' own matter. */
export function jobsOf(
  { metadata: { namespace }, spec }: PodMonitor,
  around: Surroundings,
): readonly object[] {
  const labels = Object.entries(spec.selector.matchLabels).map(([label, value]) => ({
    source_labels: [`__meta_kubernetes_pod_label_${label.replaceAll(/[^A-Za-z0-9_]/g, '_')}`],
    regex: value,
    action: 'keep',
  }));
  return spec.podMetricsEndpoints.map((endpoint) => ({
    job_name: `serin-${endpoint.port}`,
    metrics_path: endpoint.path,
    scheme: endpoint.scheme ?? 'http',
    honor_labels: endpoint.honorLabels,
    ...tlsOf(endpoint, around),
    kubernetes_sd_configs: [
      { role: 'pod', namespaces: { names: [namespace] }, kubeconfig_file: around.kubeconfig },
    ],
    relabel_configs: [
      ...labels,
      { source_labels: ['__meta_kubernetes_pod_container_port_name'], regex: endpoint.port, action: 'keep' },
      ...['namespace', 'pod_name', 'pod_container_name'].map((name) => ({
        source_labels: [`__meta_kubernetes_${name}`],
        target_label: name
          .replace(/^pod_/, '')
          .replace(/^name$/, 'pod')
          .replace('container_name', 'container'),
      })),
    ],
  }));
}

function tlsOf({ tlsConfig }: Endpoint, { fileOf }: Surroundings): object {
  if (tlsConfig === undefined) return {};
  const { name, key } = tlsConfig.ca.secret;
  return { tls_config: { server_name: tlsConfig.serverName, ca_file: fileOf(name, key) } };
}
