// httpGet probes as the kubelet makes them: real requests, thresholds, period and initial delay.
import { request as http } from 'node:http';
import { request as https } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ContainerSpec, portNumber, type Probe } from './pod.ts';

/** Until a probe first succeeds it is made this often, or more: the rig has no time to wait out a long period. */
const eagerMs = 250;

export interface Probing {
  readonly probe: Probe;
  readonly address: string;
  readonly container: ContainerSpec;
  /** Called when the threshold is passed either way, once each time the answer turns. */
  readonly turned: (succeeds: boolean) => void;
  readonly signal: AbortSignal;
}

/** Probes until aborted. */
export async function keepProbing({ probe, address, container, turned, signal }: Probing): Promise<void> {
  const wait = (ms: number): Promise<void> =>
    sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);
  const periodMs = (probe.periodSeconds ?? 10) * 1000;
  const needed = { true: probe.successThreshold ?? 1, false: probe.failureThreshold ?? 3 };
  let said: boolean | undefined;
  let current: boolean | undefined;
  let inARow = 0;
  let countedAt = 0;
  await wait((probe.initialDelaySeconds ?? 0) * 1000);
  while (!signal.aborted) {
    const succeeds = await isFine(probe, address, container);
    const isEager = said === undefined && !succeeds;
    // An eager failure counts only when a whole period has gone by, else patience would be over too soon.
    if (succeeds !== current || !isEager || Date.now() - countedAt >= periodMs) {
      inARow = succeeds === current ? inARow + 1 : 1;
      countedAt = Date.now();
    }
    current = succeeds;
    if (!signal.aborted && succeeds !== said && inARow >= needed[`${succeeds}`]) {
      said = succeeds;
      turned(succeeds);
    }
    await wait(isEager ? Math.min(eagerMs, periodMs) : periodMs);
  }
}

/** Whether one request is answered with a status of 200 to 399 in time. */
export async function isFine(probe: Probe, address: string, container: ContainerSpec): Promise<boolean> {
  const { path = '/', port, scheme = 'HTTP', httpHeaders = [] } = probe.httpGet ?? { port: 0 };
  const headers = Object.fromEntries(httpHeaders.map(({ name, value }) => [name, value]));
  return new Promise((resolve) => {
    const options = {
      host: address,
      port: portNumber(port, container) ?? 0,
      path,
      headers: { 'user-agent': 'kube-probe/1.36', ...headers },
      agent: false,
      timeout: (probe.timeoutSeconds ?? 1) * 1000,
      rejectUnauthorized: false,
    } as const;
    const sent = (scheme === 'HTTPS' ? https : http)(options, (response) => {
      response.resume();
      const status = response.statusCode ?? 0;
      resolve(status >= 200 && status < 400);
    });
    sent.on('timeout', () => sent.destroy());
    sent.on('error', () => resolve(false));
    sent.on('close', () => resolve(false));
    sent.end();
  });
}
