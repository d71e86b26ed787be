// Gates on a real server, called as production calls them; loopback is allowed here alone.
import type { TestContext } from 'node:test';
import { type Clock, systemClock } from '../../src/clock.ts';
import type { AskedGate } from '../../src/gates/board.ts';
import { createGates, type Gates, type Outcome } from '../../src/gates/gates.ts';
import type { About } from '../../src/gates/payload.ts';
import { resources } from '../../src/kube/objects.ts';
import type { Fetch } from '../../src/prometheus/exchange.ts';
import { createHttpsFetch } from '../../src/prometheus/https-fetch.ts';
import type { Gate, GateAnswer } from '../../src/rollout/gate.ts';
import type { JsonObject } from '../../src/rollout/types.ts';
import { createLogger } from '../../src/telemetry/log.ts';
import { type GateServer, startGateServer, type GateServerOptions } from '../rig/gate-server.ts';
import { type MemoryKube, memoryKube } from '../rig/memory-kube.ts';

export const about: About = {
  ...{ namespace: 'shop', name: 'web', uid: 'u1', revision: '7f9c', startedAt: 1, check: 2 },
  ...{ phase: 'Progressing', weight: 20, actor: 'ann' },
};

export function aGate(url: string, more: Partial<Gate> = {}): Gate {
  return {
    ...{ name: 'approval', type: 'confirm-promotion', url, timeoutMs: 5_000, retries: 0 },
    ...{ muteAlert: false, disableTls: false, metadata: {} },
    ...more,
  };
}

export function asked(url: string, more: Partial<AskedGate> = {}): AskedGate {
  return { ...aGate(url), type: 'confirm-promotion', ...more };
}

/** Where no plan has a gate. */
export const noGates = {
  gates: { answers: () => undefined, used: () => undefined, tell: () => undefined },
  wake: () => undefined,
};

/** A server that ends with the test. */
export async function serve(t: TestContext, options?: GateServerOptions): Promise<GateServer> {
  const server = await startGateServer(options);
  t.after(() => server.close());
  return server;
}

/** The real clock, but pauses between tries are short; what a call may take is not. */
export const hasty: Clock = {
  now: () => systemClock.now(),
  sleep: (ms, signal) => systemClock.sleep(signal === undefined ? Math.min(ms, 5) : ms, signal),
};

const real = createHttpsFetch();
const fetchAnywhere: Fetch = (url, init) => real(url, { ...init, onlyOutside: false });

export interface Rig {
  readonly gates: Gates;
  readonly kube: MemoryKube;
  readonly log: string[];
  readonly outcomes: Outcome[];
  /** What the gates say once they have, looked at as the controller does. */
  readonly ask: (gates: readonly AskedGate[], of?: About) => Promise<readonly GateAnswer[]>;
}

export function rig({ clock = systemClock, fetch = fetchAnywhere } = {}): Rig {
  const kube = memoryKube();
  const log: string[] = [];
  const outcomes: Outcome[] = [];
  const logger = createLogger('info', { write: (text) => log.push(text) });
  const gates = createGates({
    ...{ kube, clock, random: () => 0.5, fetch },
    warn: (fields, message) => logger.warn(fields, message),
    onTold: (outcome) => outcomes.push(outcome),
  });
  const ask: Rig['ask'] = (those, of = about) =>
    new Promise((resolve) => {
      const look = (): void => {
        const answers = gates.answers(those, of, look);
        if (answers === undefined) return;
        gates.used(`${of.namespace}/${of.name}`);
        resolve(answers);
      };
      look();
    });
  return { gates, kube, log, outcomes, ask };
}

export async function addSecret(kube: MemoryKube, name: string, data: Record<string, string>): Promise<void> {
  const encoded = Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
  const encodedData = Object.fromEntries(encoded) as JsonObject;
  await kube.create(resources.secrets, 'shop', { metadata: { name }, data: encodedData });
}

/** Waits for what comes by itself. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await systemClock.sleep(2);
}
