// The sending half of a load, on a thread of its own so that nothing else the rig does delays a request.
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { LoadPlan, LoadOrder, LoadReport } from './load.ts';
import type { Sample } from './load-tally.ts';

const REPORT_MS = 50;

const plan = workerData as LoadPlan;
const port = parentPort;
if (port === null) throw new Error('load-worker.ts runs as a worker of load.ts');

const agent = new http.Agent({ keepAlive: true });
const inFlight = new Set<Promise<void>>();
const stopped = new AbortController();
let phase = plan.phase;
let sent = 0;
let samples: Sample[] = [];

port.on('message', (order: LoadOrder) => {
  if (order.do === 'stop') stopped.abort();
  else phase = order.name;
});

const report = (done: boolean): void => {
  port.postMessage({ sent, samples, done } satisfies LoadReport);
  samples = [];
};

/** Sends what is due whether or not earlier requests were answered; a late timer is made up for. */
async function sendAll(): Promise<void> {
  const start = performance.now();
  const ends = start + plan.maxSeconds * 1000;
  while (sent < plan.maxRequests && !stopped.signal.aborted) {
    const due = start + (sent / plan.ratePerSecond) * 1000;
    if (due >= ends) return;
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait, undefined, { signal: stopped.signal }).catch(() => undefined);
    else send();
  }
}

function send(): void {
  const began = performance.now();
  const sentIn = phase;
  sent += 1;
  const request = ask().then((answer) => {
    samples.push({ phase: sentIn, ms: performance.now() - began, answer });
    inFlight.delete(request);
  });
  inFlight.add(request);
}

/** Never rejects: a failure is an answer of its own. */
function ask(): Promise<Sample['answer']> {
  return new Promise((resolve) => {
    const broke = (error: NodeJS.ErrnoException): void =>
      resolve({ broke: error.code === 'ABORT_ERR' ? 'TIMEOUT' : (error.code ?? error.name) });
    const request = http.get(plan.url, {
      agent,
      headers: { ...plan.headers, host: plan.host },
      signal: AbortSignal.timeout(plan.timeoutMs),
    });
    request.on('error', broke);
    request.on('response', (response) => {
      response.on('error', broke);
      response.on('end', () => {
        const version = response.headers['x-version'];
        resolve({
          status: response.statusCode ?? 0,
          version: typeof version === 'string' ? version : 'none',
        });
      });
      response.resume();
    });
  });
}

const reporting = setInterval(report, REPORT_MS, false);
await sendAll();
await Promise.all(inFlight);
clearInterval(reporting);
agent.destroy();
report(true);
port.close();
