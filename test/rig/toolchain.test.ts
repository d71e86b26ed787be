import { deepEqual, equal, match, rejects } from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const folder = mkdtempSync(join(tmpdir(), 'serin-toolchain-'));
after(() => rmSync(folder, { recursive: true }));
// Read when the module is loaded, so it is loaded after this.
process.env['XDG_CACHE_HOME'] = join(folder, 'cache');
const { cached, exclusively, keep } = await import('./binary-cache.ts');
const { toolchain } = await import('./toolchain.ts');

function program(name: string, says: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\necho '${says}'\n`);
  chmodSync(path, 0o755);
  return path;
}

test('what is not cached is not found', async () => {
  equal(await cached('tool', 'none'), undefined);
});

test('a cached program is found under its name and key, as it was, and can be run', async () => {
  const kept = await keep('tool', 'one', program('source', 'hello'));
  equal(await cached('tool', 'one'), kept);
  equal(readFileSync(kept, 'utf8'), "#!/bin/sh\necho 'hello'\n");
  equal(await cached('tool', 'two'), undefined);
});

test('a damaged program is not used, and can be kept anew', async () => {
  const kept = await keep('tool', 'damaged', program('source', 'right'));
  writeFileSync(kept, 'wrong');
  equal(await cached('tool', 'damaged'), undefined);
  equal(await keep('tool', 'damaged', program('source', 'right')), kept);
  equal(await cached('tool', 'damaged'), kept);
});

test('two that keep the same program at once both have it, and leave nothing else', async () => {
  const source = program('source', 'both');
  const kept = await Promise.all([keep('tool', 'twice', source), keep('tool', 'twice', source)]);
  deepEqual(new Set(kept), new Set([await cached('tool', 'twice')]));
  deepEqual(
    readdirSync(join(folder, 'cache/serin')).filter((name) => name.startsWith('.')),
    [],
  );
});

test('one works at a time under one name, and a lock whose owner has died does not hold', async () => {
  const lock = join(folder, 'cache/serin/.lock-build');
  mkdirSync(lock);
  // Above the largest id that Linux gives.
  writeFileSync(join(lock, 'pid'), '4194305');
  const steps: string[] = [];
  const work = (name: string) => async (): Promise<void> => {
    steps.push(`${name} begins`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    steps.push(`${name} ends`);
  };
  await exclusively('build', work('first'));
  await Promise.all([exclusively('build', work('second')), exclusively('build', work('third'))]);
  equal(steps.length, 6);
  for (let step = 0; step < 6; step += 2) equal(steps[step]?.split(' ')[0], steps[step + 1]?.split(' ')[0]);
});

test('programs in KUBEBUILDER_ASSETS are used where they stand, and their version is told', async () => {
  const assets = join(folder, 'assets');
  mkdirSync(assets);
  process.env['KUBEBUILDER_ASSETS'] = assets;
  const path = program('assets/kube-apiserver', 'Kubernetes v1.34.1');
  const said: string[] = [];
  deepEqual(await toolchain(['kube-apiserver'], (line) => said.push(line)), { 'kube-apiserver': path });
  deepEqual(said, ['using Kubernetes v1.34.1 from KUBEBUILDER_ASSETS']);
});

test('a kube-apiserver in KUBEBUILDER_ASSETS that is too old is refused', async () => {
  program('assets/kube-apiserver', 'Kubernetes v1.29.9');
  await rejects(toolchain(['kube-apiserver']), ({ message }: Error) => {
    match(
      message,
      /kube-apiserver \(KUBEBUILDER_ASSETS\) is Kubernetes v1\.29\.9: Serin needs 1\.30 or later/,
    );
    return true;
  });
});

test('SERIN_ENVOY is used where it is the pinned release, and refused where it is another', async () => {
  process.env['SERIN_ENVOY'] = program('envoy', 'envoy  version: abc/1.40.2/Clean/RELEASE/BoringSSL');
  deepEqual(await toolchain(['envoy']), { envoy: process.env['SERIN_ENVOY'] });
  process.env['SERIN_ENVOY'] = program('envoy', 'envoy  version: abc/1.39.0/Clean/RELEASE/BoringSSL');
  await rejects(toolchain(['envoy']), /envoy is not an Envoy 1\.40\.0/);
});
