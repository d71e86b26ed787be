// The pages that a newcomer follows, followed: from an empty cluster with Istio to a first canary and Serin's removal, by the
// very commands that stand there, with the real kubectl, Helm and plugin.
import { equal, ok } from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readersFolder, walk } from '../docs/walk.ts';
import { walked } from '../docs/walked.ts';
import { openMeshLab, prepareLab } from '../rig/lab.ts';
import { startLoad } from '../rig/load.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { toolchain } from '../rig/toolchain.ts';

const { stateDir, prepared } = await enterNamespace(async () => ({
  ...(await prepareLab()),
  ...(await toolchain(['helm4'])),
}));
const { plane, mesh, close } = await openMeshLab({ stateDir, prepared });
after(close);

/** A reader has kubectl, helm and the plugin on the PATH, and stands in a clone. */
function makeReader() {
  const bin = join(stateDir, 'bin');
  mkdirSync(bin);
  symlinkSync(prepared.binaries.kubectl, join(bin, 'kubectl'));
  symlinkSync(prepared.helm4, join(bin, 'helm'));
  const plugin = join(bin, 'kubectl-canary');
  const entry = join(import.meta.dirname, '../../src/kubectl-canary.ts');
  writeFileSync(plugin, `#!/bin/sh\nexec '${process.execPath}' '${entry}' "$@"\n`);
  chmodSync(plugin, 0o755);
  const folder = readersFolder(join(stateDir, 'reader'));
  const env = {
    KUBECONFIG: plane.kubeconfigPath,
    HOME: folder,
    PATH: `${bin}:/usr/bin:/bin`,
    PROMETHEUS: mesh.prometheusUrl,
  };
  return { folder, env };
}
const reader = makeReader();

const visitors = startLoad({
  ...{ url: mesh.gatewayUrl, host: 'shop.example.com', ratePerSecond: 40 },
  ...{ maxSeconds: 600, maxRequests: 24_000, timeoutMs: 30_000 },
});
after(() => visitors.stop());

for (const page of walked)
  test(`${page} is as it says, command by command`, async () => {
    ok((await walk(page, reader)) > 0, 'there are commands');
  });

test('what docs/install.md says at its end takes Serin away, and the shop serves', async () => {
  equal(await walk('docs/install.md', reader, 'last'), 1);
  const { stdout } = await plane.kubectl(['-n', 'shop', 'get', 'deployments', '-o', 'name']);
  equal(stdout, 'deployment.apps/web\n');
});
