// The processes of Serin: production's own, unchanged, on simulated ports.
import type { Logger } from 'pino';
import { createKube } from '../../src/kube/client.ts';
import { serverTime } from '../../src/kube/server-time.ts';
import { runController } from '../../src/processes/controller.ts';
import { type Parts, serviceAccountOf } from '../../src/processes/parts.ts';
import { runWebhook } from '../../src/processes/webhook.ts';
import { createLogger } from '../../src/telemetry/log.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import type { Admission, SimApi, Wire } from './api/types.ts';
import { entropyOf } from './certificates.ts';
import type { Dice } from './dice.ts';
import type { SimGates } from './gates.ts';
import type { SimMesh } from './mesh/types.ts';
import { Life, type SimTime } from './time.ts';
import type { SerinProcess } from './types.ts';

const serinNamespace = 'serin-system';
export const serinUser = serviceAccountOf({ namespace: serinNamespace, identity: '', logLevel: '' });

/** What a process of Serin finds around it. */
export interface Site {
  readonly time: SimTime;
  readonly dice: Dice;
  readonly api: SimApi;
  readonly mesh: SimMesh;
  readonly gates: SimGates;
  readonly settleMs: number;
  readonly createWire: () => Wire;
  /** Told of each line that a process logs; undefined where nobody reads them. */
  readonly onLog: ((process: string, line: string) => void) | undefined;
  /** Told of a process that ended by itself, which none should. */
  readonly onEnd: (process: string, error: unknown) => void;
}

/** A process, and how it is asked to leave. */
export interface Running extends SerinProcess {
  /** As SIGTERM does. */
  readonly stop: () => void;
  /** What an answer of its webhook takes beyond its usual time, in ms; may be changed while it runs. */
  slowness: { ms: number };
}

type App = Parameters<Parts['listen']>[0];

const silent = createLogger('silent');
/** Every how many ms kubelet asks whether a pod is ready; until then kube-apiserver may still be sent to it. */
const readinessMs = 2_000;

/** Starts a process of Serin; `name` is that of its pod, whose machine's clock is `skewMs` off. */
export function startProcess(site: Site, kind: SerinProcess['kind'], name: string, skewMs: number): Running {
  const { time, api } = site;
  const life = new Life(time, name, skewMs);
  const dice = site.dice.fork(`${kind} ${name} ${time.now}`);
  const wire = site.createWire();
  const leaving = new AbortController();
  const slowness = { ms: 0 };
  let withdraw = (): void => {};
  const listen = async (app: App): Promise<void> => {
    if (kind !== 'webhook') return;
    const answer = answering(site, life, app, () => dice.between(1, 6) + slowness.ms);
    withdraw = api.serve(`${serinNamespace}/serin-webhook`, { certificate: () => shownBy(app), answer });
  };
  const withdrawn = (): void => {
    time.after(dice.between(0, readinessMs), () => withdraw());
  };
  const stop = (): void => {
    leaving.abort();
    withdrawn();
  };
  life.onDeath(withdrawn);
  const parts: Parts = { ...portsOf(site, life, wire, dice, kind), listen };
  run(site, parts, leaving.signal, life, kind);
  return { kind, name, life, wire, stop, slowness };
}

function portsOf(
  site: Site,
  life: Life,
  wire: Wire,
  dice: Dice,
  kind: SerinProcess['kind'],
): Omit<Parts, 'listen'> {
  const { api, mesh, gates } = site;
  const { clock } = life;
  const connection = api.connect({ username: serinUser, manager: life.name }, life, wire);
  const { transport, clock: serverClock } = serverTime(connection, clock);
  return {
    clock,
    serverClock,
    random: dice.fork('jitter').random,
    kube: createKube(transport, clock),
    log: logOf(site, `${kind} ${life.name}`),
    metrics: createMetrics(),
    entropy: entropyOf(dice.fork('entropy')),
    fetch: gates.beside(mesh.prometheus(life), life),
  };
}

function run(site: Site, parts: Parts, signal: AbortSignal, life: Life, kind: SerinProcess['kind']): void {
  const { name } = life;
  const place = { namespace: serinNamespace, identity: name, logLevel: 'info' };
  const ending =
    kind === 'webhook'
      ? runWebhook(parts, { kind, ...place, port: 8443 }, signal)
      : runController(
          parts,
          {
            kind,
            ...place,
            port: 8080,
            prometheusUrl: 'http://prometheus.istio-system:9090',
            settleMs: site.settleMs,
          },
          signal,
        );
  ending.then(
    () => {
      if (!signal.aborted) site.onEnd(`${kind} ${name}`, undefined);
      // What has left is no more.
      life.kill();
    },
    (error: unknown) => {
      if (!life.isDead) site.onEnd(`${kind} ${name}`, error);
      life.kill();
    },
  );
}

/** The webhook's own server answers, without a socket; how long that takes is simulated. */
function answering({ time }: Site, life: Life, app: App, latency: () => number): Admission {
  return (review, path = '/mutate') =>
    new Promise((resolve) => {
      const answer = async (): Promise<void> => {
        const reply = await time.hold(
          app.inject({ method: 'POST', url: path, headers: { host: 'serin-webhook' }, payload: review }),
        );
        life.resume(() => resolve({ status: reply.statusCode, body: reply.body }));
      };
      // Nobody listens where the process is dead: kube-apiserver learns it at once.
      if (life.isDead) return resolve(undefined);
      time.after(latency(), () => life.resume(() => void answer()));
    });
}

/** The certificate that the server of `app` shows now: a TLS server keeps what it was given last. */
function shownBy(app: App): string {
  const { server } = app as { readonly server?: { readonly cert?: unknown } };
  const cert = server?.cert;
  if (typeof cert !== 'string') throw new Error('the webhook serves no certificate');
  return cert;
}

function logOf({ onLog }: Site, process: string): Logger {
  if (onLog === undefined) return silent;
  return createLogger('info', { write: (line) => onLog(process, line) });
}
