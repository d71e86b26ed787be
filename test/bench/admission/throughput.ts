// Requests per second of one core, and how long one takes: Serin's webhook against a bare server and against express, in
// turns within one run. A core's worth is counted in CPU time, so that what else runs on the machine does not count.
import type { ChildProcess } from 'node:child_process';
import { Agent, request } from 'node:https';
import { median, quantile } from '../statistics.ts';
import { startContender } from './contender.ts';
import type { Contender } from './servers.ts';

const names = ['serin', 'bare', 'express'] as const satisfies readonly Contender[];
const connections = 4;

interface Plan {
  readonly body: string;
  readonly rounds: number;
  readonly requests: number;
  /** Where express is installed. */
  readonly folder: string;
}

interface Measured {
  readonly perCoreSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface Throughput {
  readonly figures: Readonly<Record<Contender, Measured>>;
  /** Requests per second and core of Serin's over those of the other: the median of the rounds. */
  readonly ratios: { readonly toBare: number; readonly toExpress: number };
}

interface Running {
  readonly child: ChildProcess;
  /** Sends that many requests over a few connections that stay; answers how long each took, in ms. */
  burst(count: number, width: number): Promise<number[]>;
  cpuSeconds(): Promise<number>;
}

/** Measures in `rounds` turns; each turn gives each server the same requests. */
export async function measureThroughput(plan: Plan): Promise<Throughput> {
  const servers = await startAll(plan);
  try {
    for (const name of names) await servers[name].burst(plan.requests, connections);
    const rounds: Record<Contender, number>[] = [];
    const times: Record<Contender, number[]> = { serin: [], bare: [], express: [] };
    for (let round = 0; round < plan.rounds; round += 1) {
      const rates = { serin: 0, bare: 0, express: 0 };
      // Each has each place in the order as often as the others.
      for (const name of [...names.slice(round % 3), ...names.slice(0, round % 3)]) {
        const before = await servers[name].cpuSeconds();
        await servers[name].burst(plan.requests, connections);
        rates[name] = plan.requests / ((await servers[name].cpuSeconds()) - before);
        times[name].push(...(await servers[name].burst(plan.requests / 4, 1)));
      }
      rounds.push(rates);
    }
    const measured = (name: Contender): Measured => ({
      perCoreSecond: Math.round(median(rounds.map((rates) => rates[name]))),
      p50Ms: quantile(times[name], 0.5),
      p99Ms: quantile(times[name], 0.99),
    });
    return {
      figures: { serin: measured('serin'), bare: measured('bare'), express: measured('express') },
      ratios: {
        toBare: median(rounds.map(({ serin, bare }) => serin / bare)),
        toExpress: median(rounds.map(({ serin, express }) => serin / express)),
      },
    };
  } finally {
    for (const name of names) servers[name].child.disconnect();
  }
}

async function startAll({ body, folder }: Plan): Promise<Record<Contender, Running>> {
  const start = async (name: Contender): Promise<Running> => {
    const { child, port, ca, usage } = await startContender(name, folder);
    const agent = new Agent({ keepAlive: true, maxSockets: connections, ca });
    return {
      child,
      burst: async (count, width) => {
        const times: number[] = [];
        const worker = async (): Promise<void> => {
          for (let sent = 0; sent < count / width; sent += 1) times.push(await timed({ port, agent }, body));
        };
        await Promise.all(Array.from({ length: width }, worker));
        return times;
      },
      cpuSeconds: async () => (await usage()).cpuSeconds,
    };
  };
  return { serin: await start('serin'), bare: await start('bare'), express: await start('express') };
}

async function timed(to: { readonly port: number; readonly agent: Agent }, body: string): Promise<number> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const begun = performance.now();
  await new Promise<void>((resolve, reject) => {
    const sent = request({ ...to, host: '127.0.0.1', path: '/mutate', method: 'POST', headers }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`answered with ${answer.statusCode}`));
      answer.resume().on('end', resolve);
    });
    sent.on('error', reject).end(body);
  });
  return performance.now() - begun;
}
