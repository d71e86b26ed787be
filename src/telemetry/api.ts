import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { CallTold } from '../kube/counted.ts';
import type { Reflector } from '../kube/reflector.ts';
import { named } from './named.ts';

/** What is asked of a reflector. */
type Followed = Pick<Reflector, 'stats' | 'synced' | 'isInstalled'>;

/** What is published of our use of the API server. */
export interface ApiMetrics {
  /** A call was answered, or not. */
  readonly apiCall: (call: CallTold) => void;
  /** Publishes what the reflector of `resource` counts, as it is whenever somebody asks. */
  readonly followReflector: (resource: string, reflector: Followed) => void;
  /** Nothing is followed any more. */
  readonly forgetReflectors: () => void;
}

export function apiIn(registry: Registry): ApiMetrics {
  return { apiCall: callsIn(registry), ...reflectorsIn(registry) };
}

function callsIn(registry: Registry): ApiMetrics['apiCall'] {
  const calls = new Counter({
    ...named(registry, 'api_requests_total', 'Calls of the API server, by status; `none`: not answered.'),
    labelNames: ['verb', 'resource', 'code'],
  });
  const seconds = new Histogram({
    ...named(
      registry,
      'api_request_duration_seconds',
      'Time until the API server answered, but for watches.',
    ),
    labelNames: ['verb'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
  });
  for (const verb of ['get', 'list', 'create', 'patch', 'delete']) seconds.zero({ verb });
  return ({ verb, resource, code, tookMs }) => {
    calls.inc({ verb, resource, code });
    if (verb !== 'watch' && code !== 'none') seconds.observe({ verb }, tookMs / 1000);
  };
}

function reflectorsIn(registry: Registry): Omit<ApiMetrics, 'apiCall'> {
  const followed = new Map<string, Followed>();
  const labelNames = ['resource'] as const;
  // The reflector counts; here it is only told.
  const publish = (name: string, help: string, count: (each: Followed) => number | undefined): void => {
    const metric: Gauge<'resource'> | Counter<'resource'> = name.endsWith('_total')
      ? new Counter({ ...named(registry, name, help), labelNames, collect: () => tell(count, metric) })
      : new Gauge({ ...named(registry, name, help), labelNames, collect: () => tell(count, metric) });
  };
  const tell = (count: (each: Followed) => number | undefined, metric: Gauge | Counter): void => {
    metric.reset();
    for (const [resource, each] of followed) {
      const value = count(each);
      if (value !== undefined) metric.inc({ resource }, value);
    }
  };
  publish('reflector_relists_total', 'Full lists after the first.', ({ stats }) => stats.relists);
  publish('reflector_restarts_total', 'Failures to follow the API server.', ({ stats }) => stats.restarts);
  publish('reflector_synced', '1 once all objects of the kind are known.', ({ synced }) => (synced ? 1 : 0));
  publish(
    'reflector_last_seen_timestamp_seconds',
    'When the API server last told of a kind that is installed (Unix time).',
    ({ isInstalled, stats: { lastSeen } }) =>
      isInstalled && lastSeen !== undefined ? lastSeen / 1000 : undefined,
  );
  return {
    followReflector: (resource, reflector) => followed.set(resource, reflector),
    forgetReflectors: () => followed.clear(),
  };
}
