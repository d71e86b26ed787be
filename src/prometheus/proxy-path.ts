import type { KubeObject } from '../kube/objects.ts';
import { listAt, objectAt } from '../routing/json.ts';

const flag = '--prometheus-url=';

/**
 * The path by which the API server passes a query on to the Prometheus of Serin's controller; undefined where that is no
 * Service of the cluster. `deployment` is Serin's own.
 */
export function prometheusPath(deployment: KubeObject | undefined): string | undefined {
  const containers = listAt(objectAt(objectAt(deployment?.['spec'], 'template'), 'spec'), 'containers');
  const args = containers.flatMap((container) => listAt(container, 'args'));
  const found = args.find((arg): arg is string => typeof arg === 'string' && arg.startsWith(flag));
  const text = found?.slice(flag.length) ?? '';
  return URL.canParse(text) ? proxyPath(new URL(text)) : undefined;
}

/** `http://name.namespace[.svc[.cluster.local]]:port/path` as a path of the service proxy. */
function proxyPath({ protocol, hostname, port, pathname }: URL): string | undefined {
  const [, name, namespace] = /^([a-z0-9-]+)\.([a-z0-9-]+)(?:\.svc(?:\..+)?)?$/.exec(hostname) ?? [];
  if (name === undefined || namespace === undefined) return undefined;
  const scheme = protocol === 'https:' ? 'https:' : '';
  const service = `${scheme}${name}:${port === '' ? (scheme === '' ? 80 : 443) : port}`;
  const base = pathname.replace(/\/+$/, '');
  return `/api/v1/namespaces/${namespace}/services/${service}/proxy${base}/api/v1/query_range`;
}
