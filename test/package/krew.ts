import { stringify } from 'yaml';
import type { Platform } from './platforms.ts';

/** An archive for a platform. */
export interface Packed {
  readonly platform: Platform;
  readonly file: string;
  /** The executable in it. */
  readonly bin: string;
  readonly sha256: string;
}

const releases = 'https://github.com/serin-dev/serin/releases/download';

/** The manifest by which `kubectl krew install canary` finds these archives. */
export function krewManifest(version: string, packed: readonly Packed[]): string {
  return stringify(
    {
      apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
      kind: 'Plugin',
      metadata: { name: 'canary' },
      spec: {
        version: `v${version}`,
        homepage: 'https://github.com/serin-dev/serin',
        shortDescription: 'Watch and steer the canaries of plain Deployments',
        description:
          'Shows what Serin does with a Deployment that is being released: what is live, what is on trial, the evidence and what comes next; promotes it, aborts it, or waits for its verdict in a pipeline.\n',
        platforms: packed.map(({ platform: { os, arch }, file, bin, sha256 }) => ({
          selector: { matchLabels: { os, arch } },
          uri: `${releases}/v${version}/${file}`,
          sha256,
          bin,
        })),
      },
    },
    { lineWidth: 0 },
  );
}
