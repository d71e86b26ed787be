import { deepEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { Traffic } from './traffic.ts';
import { usageOfProcess, usageOfServed } from './usage.ts';

test('what a process has used is what the kernel counts of it', () => {
  const before = process.cpuUsage();
  const usage = usageOfProcess(process.pid);
  const after = process.cpuUsage();
  const seconds = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1e6;
  ok(usage !== undefined);
  // The kernel tells it in hundredths of a second, user and system apart.
  ok(usage.cpuSeconds > seconds(before) - 0.05 && usage.cpuSeconds < seconds(after) + 0.05);
  const ratio = usage.memoryBytes / process.memoryUsage.rss();
  ok(ratio > 0.5 && ratio < 2, `${ratio}`);
});

test('a process that has ended uses nothing', () => {
  // Above the largest id that Linux gives.
  deepEqual(usageOfProcess(4_194_305), undefined);
});

test('what the rig serves itself has used the CPU of its answers', () => {
  const traffic = new Traffic(10);
  const before = usageOfServed(traffic)?.cpuSeconds ?? 0;
  for (let answers = 0; answers < 100; answers += 1) traffic.count(200);
  const used = (usageOfServed(traffic)?.cpuSeconds ?? 0) - before;
  ok(used >= 1 && used < 1.1, `${used}`);
  deepEqual(usageOfServed(undefined), undefined);
});
