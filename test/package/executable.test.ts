// kubectl-canary as one file that needs no Node beside it: built for this machine, and run as kubectl would.
import { equal, match } from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parse } from 'yaml';
import { attempt } from '../rig/run-program.ts';
import { makeBlob, makeExecutable } from './executable.ts';
import { krewManifest } from './krew.ts';
import { platforms } from './platforms.ts';

const folder = mkdtempSync(join(tmpdir(), 'serin-package-'));
after(() => rmSync(folder, { recursive: true }));
const blob = await makeBlob(join(folder, 'parts'));
const file = makeExecutable(blob, process.execPath, join(folder, 'kubectl-canary'));
const canary = (...args: readonly string[]) =>
  attempt(file, args, { env: { HOME: folder, KUBECONFIG: join(folder, 'none'), PATH: '' } });

test('it says what it can do', async () => {
  const { code, stdout } = await canary('--help');
  equal(code, 0);
  for (const verb of ['status', 'watch', 'promote', 'dashboard']) match(stdout, new RegExp(`\\b${verb}\\b`));
});

test('a mistake is told as it is from the sources', async () => {
  const { code, stderr } = await canary('statsu', 'web');
  equal(code, 3);
  match(stderr, /status/);
});

test('its Kubernetes client is in it: it says that no cluster is known', async () => {
  const { code, stderr } = await canary('status', 'web');
  equal(code, 3);
  match(stderr, /kubeconfig/);
});

test('the krew manifest names an archive for each platform', () => {
  const packed = platforms.map((platform) => ({
    ...{ platform, file: `kubectl-canary-${platform.name}.tar.gz`, bin: 'kubectl-canary' },
    sha256: '0'.repeat(64),
  }));
  const { spec } = parse(krewManifest('0.1.0', packed)) as {
    spec: { version: string; platforms: { uri: string; selector: { matchLabels: object } }[] };
  };
  equal(spec.version, 'v0.1.0');
  equal(new Set(spec.platforms.map(({ uri }) => uri)).size, 6);
  equal(new Set(spec.platforms.map(({ selector }) => JSON.stringify(selector))).size, 6);
});
