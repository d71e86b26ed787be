// Istio's custom resource definitions, as the module that istiod is built from carries them.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, keep } from './binary-cache.ts';
import { run } from './run-program.ts';

const folder = join(import.meta.dirname, 'build/istio');
const module = 'istio.io/istio';
const file = 'manifests/charts/base/files/crd-all.gen.yaml';

/** Where a manifest with all of Istio's CRDs stands; like a program, it is to be found before the namespace is entered. */
export async function findIstioCrds(): Promise<string> {
  const version = await pinnedVersion();
  return (await cached('istio-crds', version)) ?? keep('istio-crds', version, await inModule());
}

async function pinnedVersion(): Promise<string> {
  const version = /^require istio\.io\/istio (\S+)$/m.exec(
    await readFile(join(folder, 'go.mod'), 'utf8'),
  )?.[1];
  if (version === undefined) throw new Error(`${folder}/go.mod does not pin ${module}`);
  return version;
}

async function inModule(): Promise<string> {
  const said = await run('go', ['mod', 'download', '-json', module], {
    cwd: folder,
    env: { GOWORK: 'off', GOFLAGS: '' },
    ifMissing: 'install Go >= 1.26',
  });
  const { Dir } = JSON.parse(said) as { Dir: string };
  return join(Dir, file);
}
