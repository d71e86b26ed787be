import { readFileSync } from 'node:fs';
import { Gauge, type Registry } from 'prom-client';
import { named } from './named.ts';

/** What runs here. */
export interface Build {
  readonly version: string;
  readonly node: string;
}

/** This process: the version of the package beside it, where there is one. */
export function thisBuild(): Build {
  return { version: packageVersion() ?? 'unknown', node: process.version };
}

function packageVersion(): string | undefined {
  try {
    const parsed: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    if (typeof parsed !== 'object' || parsed === null || !('version' in parsed)) return undefined;
    return typeof parsed.version === 'string' ? parsed.version : undefined;
  } catch {
    // A single-file build has none.
    return undefined;
  }
}

/** Publishes it. */
export function buildIn(registry: Registry, { version, node }: Build): void {
  const info = new Gauge({
    ...named(registry, 'build_info', 'Which version runs, on which Node: always 1.'),
    labelNames: ['version', 'node'],
  });
  info.set({ version, node }, 1);
}
