import { X509Certificate } from 'node:crypto';
import { decide, type Surroundings } from '../admission/mutate.ts';
import { keepSplit } from '../admission/route-keep.ts';
import { createWebhookServer, type KeyPair, type WebhookServer } from '../admission/server.ts';
import type { Command } from '../config/command.ts';
import { endRollouts } from '../controller/uninstall.ts';
import { type Resource, resources } from '../kube/objects.ts';
import { createReflector, type Reflector } from '../kube/reflector.ts';
import { labelsIn, selectorMatches, serviceSelector } from '../routing/selectors.ts';
import { createNews } from '../tls/news.ts';
import { keepCertificates } from '../tls/rotate.ts';
import { type Copies, createJudge } from './judging.ts';
import { custodyOf, type Parts, serviceAccountOf } from './parts.ts';

type WebhookCommand = Extract<Command, { kind: 'webhook' }>;

/** How long requests still come after a replica said it is not ready: a Service's endpoints take that long to change. */
const leaveMs = 5_000;
const lookForIstioMs = 60_000;
/** A webhook has 30 s at most (manifests/base/enforcement.yaml); whoever is refused comes again within minutes. */
const leavingTimes = { limitMs: 25_000, noteMs: 600_000 };

/** Answers admission from the moment there is a certificate to serve; ends a while after `signal` aborts. */
export async function runWebhook(parts: Parts, command: WebhookCommand, signal: AbortSignal): Promise<void> {
  const { clock, log } = parts;
  const serving = new AbortController();
  const { surroundings, copies, following } = followSurroundings(parts, serving.signal);
  const server = await startServer(parts, command, {
    surroundings,
    copies,
    leaving: signal,
    serving: serving.signal,
  });
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  log.info('leaves: not ready, and still answering');
  await clock.sleep(leaveMs);
  await server?.app.close();
  serving.abort();
  await following;
}

interface Serving {
  readonly surroundings: Surroundings;
  readonly copies: Copies;
  readonly leaving: AbortSignal;
  readonly serving: AbortSignal;
}

/** Listens with the first pair; every later one is served from the next connection on. */
async function startServer(
  parts: Parts,
  command: WebhookCommand,
  { surroundings, copies, leaving, serving }: Serving,
): Promise<WebhookServer | undefined> {
  const { random, log, metrics } = parts;
  let server: WebhookServer | undefined;
  let first: (pair: KeyPair | undefined) => void = () => {};
  const firstPair = new Promise<KeyPair | undefined>((resolve) => {
    first = resolve;
    leaving.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  const onPair = (pair: KeyPair): void => {
    if (server === undefined) first(pair);
    else server.reload(pair);
    metrics.certificateExpiry.set(Date.parse(new X509Certificate(pair.cert).validTo) / 1000);
  };
  const custody = { ...custodyOf(parts, command), isExternal: command.isExternal === true };
  const news = createNews(custody, random, metrics.followReflector);
  void news.run(serving);
  void keepCertificates({ ...custody, random, news, onPair, log }, serving);
  const pair = await firstPair;
  if (pair === undefined) return undefined;
  server = createWebhookServer({
    ...pair,
    log,
    decide: (asked) => decide(asked, { controller: serviceAccountOf(command), surroundings }),
    decideRoute: (asked) => keepSplit(asked, serviceAccountOf(command)),
    validate: createJudge(parts, copies),
    endRollouts: () =>
      endRollouts({ kube: parts.kube, clock: parts.serverClock, home: command.namespace, ...leavingTimes }),
    metrics: () => metrics.registry.metrics(),
    onReview: (outcome, seconds) => {
      metrics.reviews.inc(outcome);
      metrics.reviewSeconds.observe(seconds);
    },
    ready: () => !leaving.aborted,
  });
  await parts.listen(server.app, command.port);
  return server;
}

interface Followed {
  readonly surroundings: Surroundings;
  readonly copies: Copies;
  readonly following: Promise<unknown>;
}

/** Keeps what warnings are worded with and what rules look at; no hold waits for it. */
function followSurroundings({ kube, clock, random, log, metrics }: Parts, signal: AbortSignal): Followed {
  const copyOf = (resource: Resource): Reflector => {
    const reflector = createReflector({
      ...{ kube, clock, random, scope: {}, resource },
      onChange: () => {},
      onFailure: (error) => log.warn({ err: error }, `does not follow ${resource.plural}`),
    });
    metrics.followReflector(resource.plural, reflector);
    return reflector;
  };
  const copies: Copies = {
    services: copyOf(resources.services),
    deployments: copyOf(resources.deployments),
  };
  const { services, deployments } = copies;
  let isIstioThere: boolean | undefined;
  const lookForIstio = async (): Promise<void> => {
    // Once there, it stays: whoever takes Istio away has more to do than to read our warnings.
    while (!signal.aborted && isIstioThere !== true) {
      try {
        isIstioThere = (await kube.list(resources.virtualServices, { limit: 1 })) !== undefined;
      } catch (error) {
        log.warn({ err: error }, 'does not know whether Istio is installed');
      }
      await clock.sleep(lookForIstioMs, signal);
    }
  };
  const surroundings: Surroundings = {
    istio: () => isIstioThere,
    servicesFor: (namespace, labels) => {
      if (!services.synced) return undefined;
      const selecting = services.store.inNamespace(namespace).filter((service) => {
        const selector = serviceSelector(service);
        return selector !== undefined && selectorMatches(selector, labelsIn(labels));
      });
      return selecting.map(({ metadata }) => metadata.name);
    },
  };
  const following = Promise.all([services.run(signal), deployments.run(signal), lookForIstio()]);
  return { surroundings, copies, following };
}
