import { deepEqual, equal, rejects } from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { test } from 'node:test';
import { until } from './processes.ts';

const fixture = join(import.meta.dirname, 'namespace-fixture.ts');
const mark = `98765.${process.pid}`;

interface Said {
  readonly state: string;
  readonly port: number;
  readonly pid: number;
  readonly preparedBy: number;
}

async function enter(
  program: string,
  ...args: readonly string[]
): Promise<{ outer: ChildProcess; said: Said }> {
  const outer = spawn(program, [...args, fixture, mark], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: outer.stdout })) {
    return { outer, said: JSON.parse(line) as Said };
  }
  throw new Error('the fixture said nothing');
}

/** Whether a process that the fixture started inside still runs. */
function isSleeping(): boolean {
  return readdirSync('/proc').some((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8') === `sleep\0${mark}\0`;
    } catch {
      return false;
    }
  });
}

function get(port: number): Promise<string> {
  return fetch(`http://127.0.0.1:${port}/`).then((response) => response.text());
}

test('inside there are pod addresses of its own, a first process, and what was prepared outside', async () => {
  const { outer, said } = await enter(process.execPath);
  equal(said.pid, 1);
  equal(said.preparedBy, outer.pid);
  equal(await get(said.port), 'asked for /pod');
  equal(isSleeping(), true);
  outer.kill('SIGTERM');
  await once(outer, 'exit');
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const) {
  test(`after ${signal} no process, no file and no port is left`, async () => {
    const { outer, said } = await enter(process.execPath);
    const ended = once(outer, 'exit');
    outer.kill(signal);
    deepEqual(await ended, [null, signal]);
    await until('the end of what ran inside', () => !isSleeping(), { timeoutMs: 5000 });
    await until('the folder to go', () => !existsSync(dirname(said.state)), { timeoutMs: 5000 });
    await rejects(get(said.port));
  });
}

test('it ends with the process that started it through bootstrap.mjs, even when that is killed outright', async () => {
  const { outer, said } = await enter('node', join(import.meta.dirname, 'bootstrap.mjs'));
  outer.kill('SIGKILL');
  await until('the end of what ran inside', () => !isSleeping(), { timeoutMs: 5000 });
  await until('the folder to go', () => !existsSync(dirname(said.state)), { timeoutMs: 5000 });
});

test('the exit code of the inside is that of the outside', () => {
  equal(spawnSync(process.execPath, [fixture, mark, '7']).status, 7);
});

test('what a rig left that no longer runs is removed by the next one', () => {
  const dead = spawnSync('true').pid;
  const leftover = join(tmpdir(), `serin-rig-${dead}-leftover`);
  mkdirSync(leftover);
  equal(spawnSync(process.execPath, [fixture, mark, '0']).status, 0);
  equal(existsSync(leftover), false);
});

test('without the programs it needs it says what to install', () => {
  const { status, stderr } = spawnSync(process.execPath, [fixture, mark], {
    env: { PATH: '/nonexistent' },
    encoding: 'utf8',
  });
  deepEqual(
    [status, stderr],
    [1, 'cannot start the rig: cannot run ip: install iproute2 (spawn ip ENOENT)\n'],
  );
});
