// What a container uses: of a process of its own from /proc, of what the rig serves itself by what it answered.
import { readFileSync } from 'node:fs';
import type { Traffic } from './traffic.ts';

export interface Usage {
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
}

/** USER_HZ and the size of a page, on every Linux that the rig runs on. */
const ticksPerSecond = 100;
const pageBytes = 4096;

/** What the process has used; undefined where it has ended meanwhile. */
export function usageOfProcess(pid: number): Usage | undefined {
  try {
    // The second field is a name in brackets, which may hold anything (proc(5)).
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [, resident = '0'] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    return { cpuSeconds: ticks / ticksPerSecond, memoryBytes: Number(resident) * pageBytes };
  } catch {
    return undefined;
  }
}

/** What answering took; the memory is that of the rig, in which it is served with all others. */
export function usageOfServed(traffic: Traffic | undefined): Usage | undefined {
  if (traffic === undefined) return undefined;
  return { cpuSeconds: traffic.cpuSeconds(), memoryBytes: process.memoryUsage.rss() };
}
