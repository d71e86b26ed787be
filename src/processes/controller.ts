import fastify from 'fastify';
import type { Command } from '../config/command.ts';
import { tell } from '../controller/act.ts';
import { createController, type Controller, type ControllerOptions } from '../controller/controller.ts';
import { runAsLeader } from '../controller/lease.ts';
import type { Surroundings } from '../controller/reconcile.ts';
import { missingPolicy } from '../controller/strength.ts';
import { messageOf } from '../errors.ts';
import { createGates, type Gates } from '../gates/gates.ts';
import { fenced } from '../kube/fenced.ts';
import type { Kube } from '../kube/kube.ts';
import { resources } from '../kube/objects.ts';
import { keyOf } from '../kube/store.ts';
import { createMessages, type Messages } from '../notify/messages.ts';
import { secretKeys } from '../prometheus/keys.ts';
import { createPrometheus, type MetricSource } from '../prometheus/source.ts';
import { withScrapes } from '../scrape/source.ts';
import { withSources } from '../sources/source.ts';
import { figuresOf } from './figures.ts';
import type { Parts } from './parts.ts';
import { type Tracing, tracingOf } from './traces.ts';

type ControllerCommand = Extract<Command, { kind: 'controller' }>;

/** Runs rollouts while this replica leads; answers health and metrics all the time. Ends when `signal` aborts. */
export async function runController(
  parts: Parts,
  command: ControllerCommand,
  signal: AbortSignal,
): Promise<void> {
  const { kube, clock, serverClock, random, log, metrics, entropy } = parts;
  const metricSource = metricSourceOf(parts, command);
  const tracing = await tracingOf(parts, command);
  let leading: Controller | undefined;
  const health = await serveHealth(parts, command.port, () => leading);
  const lead = async (tenure: AbortSignal, _fence: number, holds: () => boolean): Promise<void> => {
    log.info({ identity: command.identity }, 'leads');
    metrics.leader.set(1);
    tracing?.onLead();
    const controller = createController({
      ...{ kube: fenced(kube, holds), clock: serverClock, random, settleMs: command.settleMs },
      ...(command.scrape === undefined ? {} : { lookMs: command.scrape.everyMs }),
      home: command.namespace,
      randomBytes: (size) => entropy.randomBytes(size),
      metricSource,
      gates: gatesOf(parts),
      messages: messagesOf(parts, command, {
        kube: fenced(kube, holds),
        isOver: () => !holds() || tenure.aborted,
      }),
      warn: (fields, message) => log.warn(fields, message),
      ...told(parts, tracing),
      onFailure: (error) => log.warn({ err: error }, 'does not follow the API server'),
      // The ConfigMaps of settings are followed, too, by a watch of their own.
      onFollow: ({ plural }, reflector) => metrics.followReflector(`${plural}/releases`, reflector),
    });
    leading = controller;
    void tellOfMissingPolicy(parts, command);
    metrics.followQueue(() => controller.queue.depth);
    for (const { resource, reflector } of controller.followed)
      metrics.followReflector(resource.plural, reflector);
    await controller.run(tenure);
    leading = undefined;
    metrics.stopLeading();
  };
  const { namespace, identity } = command;
  const onFailure = (error: unknown): void => log.warn({ err: error }, `lease: ${messageOf(error)}`);
  await runAsLeader({ kube, clock, random, namespace, name: 'serin', identity, lead, onFailure }, signal);
  await tracing?.close();
  await health.close();
}

/** The gates and hooks of plans; how those fare that are only told is counted. */
function gatesOf({ kube, fetch, serverClock: clock, random, log, metrics }: Parts): Gates {
  const warn = (fields: object, message: string): void => log.warn(fields, message);
  return createGates({ kube, fetch, clock, random, warn, onTold: (outcome) => metrics.hooks.inc(outcome) });
}

/** Whoever the settings of namespaces name hears of rollouts, from the one that leads. */
function messagesOf(
  { fetch, serverClock: clock, random, log, metrics }: Parts,
  { namespace: home }: ControllerCommand,
  leading: { readonly kube: Kube; readonly isOver: () => boolean },
): Messages {
  const warn = (fields: object, message: string): void => log.warn(fields, message);
  return createMessages({
    ...{ ...leading, fetch, clock, random, home, warn },
    onTold: (type, outcome) => metrics.messages.inc(type, outcome),
    onTrouble: (main, message) => {
      warn({ deployment: keyOf(main) }, message);
      const telling = { type: 'Warning', reason: 'MessageNotSent', message } as const;
      void tell({ kube: leading.kube, clock, warn }, main, telling);
    },
  });
}

/** Serin's Prometheus, what plans bring of their own, and where it is asked for the pods' proxies. */
function metricSourceOf(
  { kube, fetch, serverClock }: Parts,
  { prometheusUrl: url, prometheusSecret: name, namespace, scrape }: ControllerCommand,
): MetricSource {
  // The same clock that says since when the traffic is routed so.
  const asking = { clock: serverClock, fetch };
  const keys = name === undefined ? {} : { keys: secretKeys({ kube, clock: serverClock, namespace, name }) };
  const source = withSources(createPrometheus({ url, ...asking, ...keys }), { kube, ...asking });
  return scrape === undefined ? source : withScrapes(source, { kube, ...asking, ...scrape });
}

/** Whoever installed Serin hears that the stronger of its two ways is left out: in the log, and of its own Deployment. */
async function tellOfMissingPolicy(
  { kube, clock, log }: Parts,
  { namespace }: ControllerCommand,
): Promise<void> {
  const warn = (fields: object, message: string): void => log.warn(fields, message);
  try {
    const message = await missingPolicy(kube);
    if (message === undefined) return;
    log.warn(message);
    const serin = await kube.get(resources.deployments, namespace, 'serin');
    const telling = { type: 'Warning', reason: 'PolicyMissing', message } as const;
    if (serin !== undefined) await tell({ kube, clock, warn }, serin, telling);
  } catch (error) {
    log.warn({ err: error }, 'does not know whether the policies are installed');
  }
}

/** Ready: able to lead, and where it leads, with a whole picture of the cluster. */
async function serveHealth({ metrics, listen }: Parts, port: number, leading: () => Controller | undefined) {
  const app = fastify({ bodyLimit: 1024, requestTimeout: 5_000 });
  app.get('/healthz', () => 'ok');
  app.get('/readyz', (_request, reply) => {
    const behind = leading()?.followed.find(({ reflector }) => !reflector.synced);
    return behind === undefined ? 'ok' : reply.code(503).send('not synced');
  });
  app.get('/metrics', async (_request, reply) => {
    reply.header('content-type', metrics.registry.contentType);
    return metrics.registry.metrics();
  });
  await listen(app, port);
  return app;
}

/** What is made of the controller's news: log lines, and the figures. */
function told(
  parts: Parts,
  tracing: Tracing | undefined,
): Pick<ControllerOptions, 'onDecision' | 'onIdle' | 'onRun'> {
  const { metrics, log } = parts;
  const count = decided(parts);
  return {
    onDecision: (...decision) => {
      count(...decision);
      tracing?.onDecision(...decision);
    },
    onIdle: (key) => {
      metrics.forgetRollout(key);
      tracing?.onIdle(key);
    },
    onRun: ({ key, tookMs, waitedMs, failure }) => {
      metrics.reconciles.inc(failure === undefined ? 'ok' : 'failed');
      metrics.reconcileSeconds.observe(tookMs / 1000);
      metrics.queueWaitSeconds.observe(waitedMs / 1000);
      if (failure !== undefined) log.warn({ deployment: key, err: failure.error }, 'a look failed');
    },
  };
}

/** Tells what was decided: a log line where something is done, and the figures. */
function decided({ log, metrics, serverClock }: Parts): Surroundings['onDecision'] {
  const count = figuresOf(metrics, serverClock);
  return (...decision) => {
    const [key, , { state, actions }, { route }] = decision;
    if (actions.length > 0) {
      const done = actions.map((action) => action.do);
      const weight = route.kind === 'split' ? route.weight : 0;
      log.info({ deployment: key, revision: state.revision, phase: state.phase, weight, done }, 'decided');
    }
    count(...decision);
  };
}
