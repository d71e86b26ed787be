import type { Registry } from 'prom-client';

/** What every metric of Serin has: its name with the prefix, what it says, and where it is published. */
export function named(
  registry: Registry,
  name: string,
  help: string,
): { name: string; help: string; registers: Registry[] } {
  return { name: `serin_${name}`, help, registers: [registry] };
}
