import { deepEqual, equal } from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import type { Parts } from '../../src/processes/parts.ts';
import { tracingOf } from '../../src/processes/traces.ts';
import { step } from '../../src/rollout/step.ts';
import { createLogger } from '../../src/telemetry/log.ts';
import { World } from '../rollout/world.ts';

const command = {
  kind: 'controller',
  ...{ namespace: 'serin-system', identity: 'serin-0', logLevel: 'info' },
  ...{ port: 8080, prometheusUrl: 'http://prometheus', settleMs: 5_000 },
} as const;
type Used = Pick<Parts, 'clock' | 'serverClock' | 'log'>;
const parts = (now: () => number): Parts => {
  const used: Used = {
    ...{ clock: systemClock, serverClock: { ...systemClock, now }, log: createLogger('silent') },
  };
  return used as Parts;
};

test('no traces are made where no collector is named', async () => {
  equal(
    await tracingOf(
      parts(() => 0),
      command,
    ),
    undefined,
  );
});

test('what is left is sent before a process ends, by the API server’s clock, and who leads anew forgets what was', async (t) => {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => bodies.push(chunk.toString('utf8')));
    request.on('end', () => response.writeHead(200, { connection: 'close' }).end('{}'));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => server.close());
  const tracesUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`;
  const world = new World();
  const tracing = await tracingOf(
    parts(() => world.now),
    { ...command, tracesUrl },
  );
  for (let looks = 0; looks < 100 && world.state.phase !== 'Succeeded'; looks += 1) {
    const seen = world.observe();
    const decision = step(world.plan, world.state, seen, world.now);
    tracing?.onDecision('shop/web', world.state, decision, seen, { uid: 'u1', plan: world.plan });
    if (world.state.phase === 'Promoting.Roll') tracing?.onLead();
    if (!world.look()) world.pass();
  }
  await tracing?.close();
  const names = [...bodies.join('').matchAll(/"name":"([\w.]+)"/g)].map(([, name]) => name);
  deepEqual(
    names.filter((name) => name !== 'serin' && name !== 'Promoting.Roll' && name !== 'Promoting.Return'),
    ['Starting', 'Progressing', 'Progressing', 'Progressing', 'Promoting.Shift', 'Finalising', 'rollout'],
  );
});
