// Gateway API's custom resource definitions (the standard channel), as the module that istiod is built with carries them.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, keep, withTemporaryFolder } from './binary-cache.ts';
import { moduleFolder, pinnedVersion } from './istio-crds.ts';

const module = 'sigs.k8s.io/gateway-api';

/** Where a manifest with all of Gateway API's CRDs stands; to be found before the namespace is entered. */
export async function findGatewayCrds(): Promise<string> {
  const version = await pinnedVersion(module);
  return (await cached('gateway-crds', version)) ?? keptFrom(await moduleFolder(module), version);
}

function keptFrom(source: string, version: string): Promise<string> {
  const folder = join(source, 'config/crd/standard');
  return withTemporaryFolder(async (temporary) => {
    // The one that is no CRD is a policy on their updates.
    const files = (await readdir(folder)).filter((name) => name.endsWith('.yaml') && !name.includes('_vap_'));
    const texts = await Promise.all(files.sort().map((name) => readFile(join(folder, name), 'utf8')));
    const whole = join(temporary, 'crds.yaml');
    await writeFile(whole, texts.join('\n---\n'));
    return keep('gateway-crds', version, whole);
  });
}
