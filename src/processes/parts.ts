import type { FastifyInstance, RawServerBase } from 'fastify';
import type { Logger } from 'pino';
import { type Clock, type Random, systemClock } from '../clock.ts';
import type { Place } from '../config/command.ts';
import { createKube } from '../kube/client.ts';
import { counted } from '../kube/counted.ts';
import type { Kube } from '../kube/kube.ts';
import { serverTime } from '../kube/server-time.ts';
import { createTransport, loadKubeConfig } from '../kube/transport.ts';
import type { Fetch } from '../prometheus/exchange.ts';
import { createHttpsFetch } from '../prometheus/https-fetch.ts';
import { thisBuild } from '../telemetry/build.ts';
import { createLogger } from '../telemetry/log.ts';
import { createMetrics, type Metrics } from '../telemetry/metrics.ts';
import { type Entropy, systemEntropy } from '../tls/issue.ts';
import type { Custody } from '../tls/secret.ts';

/** What every process of Serin is made of. */
export interface Parts {
  readonly clock: Clock;
  /** The API server's: for times that stand in the cluster. */
  readonly serverClock: Clock;
  readonly random: Random;
  readonly kube: Kube;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly entropy: Entropy;
  readonly fetch: Fetch;
  /** Opens the port that others reach `app` by. */
  readonly listen: (app: App, port: number) => Promise<unknown>;
}

type App = Pick<FastifyInstance<RawServerBase>, 'listen' | 'inject'>;

/** The names of manifests/base. */
const installed = { secret: 'serin-certs', service: 'serin-webhook', webhookConfiguration: 'serin' } as const;

/** The real parts of a process. */
export function realParts({ logLevel }: Place, random: Random): Parts {
  const metrics = createMetrics(thisBuild());
  const calling = counted(createTransport(loadKubeConfig()), systemClock, metrics.apiCall);
  const { transport, clock: serverClock } = serverTime(calling, systemClock);
  return {
    clock: systemClock,
    serverClock,
    random,
    kube: createKube(transport, systemClock),
    log: createLogger(logLevel),
    metrics,
    entropy: systemEntropy,
    fetch: createHttpsFetch(),
    listen: (app, port) => app.listen({ port, host: '0.0.0.0' }),
  };
}

/** Where the webhook's certificates are kept, and for which names. */
export function custodyOf({ kube, clock, entropy }: Parts, { namespace }: Place): Custody {
  return {
    kube,
    clock,
    entropy,
    namespace,
    secretName: installed.secret,
    webhookConfiguration: installed.webhookConfiguration,
    dnsNames: webhookNames(namespace),
  };
}

/** The names kube-apiserver calls the webhook by. */
export function webhookNames(namespace: string): readonly string[] {
  const name = `${installed.service}.${namespace}.svc`;
  return [name, `${name}.cluster.local`];
}

/** The user that Serin's own writes come from. */
export function serviceAccountOf({ namespace }: Place): string {
  return `system:serviceaccount:${namespace}:serin`;
}
