// The versions of the shop: a real HTTP server at the pod's address, which behaves as its tag says. Variables of the
// container named SHOP_... change a version further (SHOP_ERROR_RATE=0.2).
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Env } from './environment.ts';
import type { Instance, Launch } from './images.ts';
import type { ContainerSpec } from './pod.ts';
import { Traffic } from './traffic.ts';

interface Behaviour {
  /** Part of the requests answered with 503. */
  readonly ERROR_RATE: number;
  readonly LATENCY_MS: number;
  /** Part of the requests that take SLOW_MS instead. */
  readonly SLOW_RATE: number;
  readonly SLOW_MS: number;
  /** From the start to the first readiness; negative: never. */
  readonly READY_AFTER_MS: number;
  /** From the start to the end of the process; negative: it goes on. */
  readonly CRASH_AFTER_MS: number;
  /** How long it goes on serving once it is told to end, so that nobody still sends to it when it stops. */
  readonly LINGER_MS: number;
  readonly CPU_MS_PER_REQUEST: number;
  readonly SEED: number;
}

const healthy: Behaviour = {
  ERROR_RATE: 0,
  LATENCY_MS: 3,
  SLOW_RATE: 0,
  SLOW_MS: 700,
  READY_AFTER_MS: 200,
  CRASH_AFTER_MS: -1,
  LINGER_MS: 1000,
  CPU_MS_PER_REQUEST: 1,
  SEED: 1,
};

/** Any tag that is not here is a healthy version. */
const versions: Readonly<Record<string, Partial<Behaviour>>> = {
  '3': { ERROR_RATE: 0.05 },
  crash: { CRASH_AFTER_MS: 200, READY_AFTER_MS: -1 },
  slow: { SLOW_RATE: 0.05 },
  never: { READY_AFTER_MS: -1 },
  late: { READY_AFTER_MS: 3000 },
};

/** Where the shop listens: at the first port that its container names. */
export function shopPort(container: ContainerSpec): number {
  return container.ports?.[0]?.containerPort ?? 8080;
}

/** Starts the version of the shop that `launch.tag` names. */
export async function startShop(launch: Launch): Promise<Instance> {
  const behaviour = behaviourOf(launch.tag, launch.env);
  const traffic = new Traffic(behaviour.CPU_MS_PER_REQUEST);
  const startedAt = Date.now();
  const isReady = (): boolean =>
    behaviour.READY_AFTER_MS >= 0 && Date.now() - startedAt >= behaviour.READY_AFTER_MS;
  const random = randomOf(behaviour.SEED, launch.podName);
  const draining = new AbortController();
  const server = createServer((request, response) => {
    // A probe asks after health only: it is no customer, meets no fault and is not counted.
    if (request.headers['user-agent']?.startsWith('kube-probe/') === true) {
      response.writeHead(isReady() ? 200 : 503).end();
      return;
    }
    void answer(launch, behaviour, random, { request, response, draining: draining.signal }).then((status) =>
      traffic.count(status),
    );
  });
  // As a server behind Envoy must: a connection that idles is closed by the client, or a request meets its end.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(shopPort(launch.container), launch.podIp, resolve);
  });
  return instanceOf(server, behaviour, traffic, draining);
}

function instanceOf(
  server: Server,
  behaviour: Behaviour,
  traffic: Traffic,
  draining: AbortController,
): Instance {
  const abort = new AbortController();
  let end: (code: number) => void = () => undefined;
  const ended = new Promise<number>((resolve) => {
    end = (code) => {
      abort.abort();
      server.close(() => resolve(code));
      server.closeAllConnections();
    };
  });
  if (behaviour.CRASH_AFTER_MS >= 0) {
    void sleep(behaviour.CRASH_AFTER_MS, undefined, { signal: abort.signal }).then(
      () => end(1),
      () => undefined,
    );
  }
  return {
    ended,
    traffic,
    kill: () => end(137),
    stop: async () => {
      draining.abort();
      await sleep(behaviour.LINGER_MS, undefined, { signal: abort.signal }).catch(() => undefined);
      // No new connection from here on; what is in flight is finished.
      if (!abort.signal.aborted) server.close(() => end(0));
    },
  };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Aborted once the server is to end: no connection is kept for another request. */
  readonly draining: AbortSignal;
}

async function answer(
  { tag, podName }: Launch,
  behaviour: Behaviour,
  random: () => number,
  { request, response, draining }: Exchange,
): Promise<number> {
  request.resume();
  const isFailing = random() < behaviour.ERROR_RATE;
  const isSlow = random() < behaviour.SLOW_RATE;
  await sleep(isSlow ? behaviour.SLOW_MS : behaviour.LATENCY_MS);
  const status = isFailing ? 503 : 200;
  if (draining.aborted) response.shouldKeepAlive = false;
  response.writeHead(status, { 'content-type': 'application/json', 'x-version': tag });
  response.end(`${JSON.stringify({ version: tag, pod: podName })}\n`);
  return status;
}

function behaviourOf(tag: string, env: Env): Behaviour {
  const tuned = Object.entries({ ...healthy, ...versions[tag] }).map(([name, value]) => {
    const text = env[`SHOP_${name}`];
    return [name, text === undefined ? value : Number(text)] as const;
  });
  return Object.fromEntries(tuned) as unknown as Behaviour;
}

/** The same numbers for the same seed and pod (mulberry32). */
function randomOf(seed: number, podName: string): () => number {
  let state = seed;
  for (const letter of podName) state = (Math.imul(state, 31) + letter.charCodeAt(0)) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
