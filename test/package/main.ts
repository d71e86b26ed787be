// npm run package: kubectl-canary for each platform as one file, the krew manifest that names them, and the SBOM, in
// dist/package. The same sources give the same bytes.
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeBlob, makeExecutable, run, version } from './executable.ts';
import { krewManifest, type Packed } from './krew.ts';
import { nodeFor, type Platform, platforms } from './platforms.ts';

const usage = `npm run package -- [--platform NAME]... [--node NAME=FILE]...   puts kubectl-canary into dist/package
  --platform   ${platforms.map(({ name }) => name).join(', ')}; all of them where none is named
  --node       the Node ${process.versions.node} of a platform, where npm has no package of it
`;
const { values } = parseArgs({
  options: {
    platform: { type: 'string', multiple: true },
    node: { type: 'string', multiple: true },
    help: { type: 'boolean' },
  },
});
if (values.help === true) process.stdout.write(usage);
else process.exitCode = await main(values.platform ?? platforms.map(({ name }) => name), values.node ?? []);

async function main(names: readonly string[], given: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => platforms.every((each) => each.name !== name));
  if (unknown.length > 0) {
    process.stderr.write(`--platform: ${unknown.join(', ')} given\n${usage}`);
    return 2;
  }
  const nodes = new Map(given.map((each) => [each.split('=')[0], each.slice(each.indexOf('=') + 1)]));
  const folder = join(import.meta.dirname, '../../dist/package');
  rmSync(folder, { recursive: true, force: true });
  const blob = await makeBlob(join(folder, 'parts'));
  const packed: Packed[] = [];
  const left: string[] = [];
  for (const platform of platforms.filter(({ name }) => names.includes(name))) {
    try {
      packed.push(pack(blob, nodes.get(platform.name) ?? nodeFor(platform), platform, folder));
      console.log(`${packed.at(-1)?.file}  ${packed.at(-1)?.sha256}`);
    } catch (error) {
      left.push(platform.name);
      console.error(`${platform.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  writeFileSync(join(folder, 'canary.yaml'), krewManifest(version, packed));
  writeFileSync(join(folder, 'sbom.cdx.json'), run('npm', ['sbom', '--omit=dev', '--sbom-format=cyclonedx']));
  rmSync(join(folder, 'parts'), { recursive: true });
  if (left.length > 0) console.error(`not made: ${left.join(', ')} (--node NAME=FILE names a Node for it)`);
  if (packed.some(({ platform }) => platform.os === 'darwin'))
    console.error(
      'macOS runs what is signed alone: codesign --sign - kubectl-canary, before it is packed for others',
    );
  return left.length === 0 ? 0 : 1;
}

function pack(blob: string, node: string, platform: Platform, folder: string): Packed {
  const bin = platform.os === 'windows' ? 'kubectl-canary.exe' : 'kubectl-canary';
  const inside = join(folder, 'parts', platform.name);
  mkdirSync(inside, { recursive: true });
  makeExecutable(blob, node, join(inside, bin), platform.os === 'darwin');
  copyFileSync(join(import.meta.dirname, '../../LICENSE'), join(inside, 'LICENSE'));
  const file = `kubectl-canary-${platform.name}.tar.gz`;
  const same = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--mode=0755'];
  run('tar', [...same, '-I', 'gzip -n', '-cf', join(folder, file), bin, 'LICENSE'], inside);
  const sha256 = createHash('sha256')
    .update(readFileSync(join(folder, file)))
    .digest('hex');
  return { platform, file, bin, sha256 };
}
