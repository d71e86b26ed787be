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
  const version = await pinnedVersion(module);
  return (
    (await cached('istio-crds', version)) ??
    keep('istio-crds', version, join(await moduleFolder(module), file))
  );
}

/** The version of a module that istiod is built from. */
export async function pinnedVersion(name: string): Promise<string> {
  const lines = (await readFile(join(folder, 'go.mod'), 'utf8')).split('\n');
  const line = lines
    .map((each) => each.replace(/^require/, '').trim())
    .find((each) => each.startsWith(`${name} `));
  const version = line?.split(' ')[1];
  if (version === undefined) throw new Error(`${folder}/go.mod does not pin ${name}`);
  return version;
}

/** Where the module's files stand, once it is downloaded. */
export async function moduleFolder(name: string): Promise<string> {
  const said = await run('go', ['mod', 'download', '-json', name], {
    cwd: folder,
    env: { GOWORK: 'off', GOFLAGS: '' },
    ifMissing: 'install Go >= 1.26',
  });
  const { Dir } = JSON.parse(said) as { Dir: string };
  return Dir;
}
