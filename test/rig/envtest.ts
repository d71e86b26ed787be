// kube-apiserver, etcd and kubectl as the kubebuilder project publishes them: in a folder the user names, or as a
// download. kube-controller-manager is not among them and is built, unless the folder has it.
import { createHash } from 'node:crypto';
import { access, constants, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keep, withTemporaryFolder } from './binary-cache.ts';
import { run } from './run-program.ts';

const version = '1.36.2';
// From kubernetes-sigs/controller-tools, envtest-releases.yaml, which is also where setup-envtest looks.
const sha512: Readonly<Record<string, string>> = {
  amd64:
    'ea743186c8a799f5cf8faf16969f86189d003cb7d130e0ac4b58789f1e5748dcf30ebe91c837a10d5ac415383da3e10b9e64d65785c938c23e739781cfb76f08',
  arm64:
    '2d72ee985a8e262a3c57dc9f7f0fd891f6a8c7bf7ebaa2db6dc6d8eac8ae28181afe51c1f368b67756cdb40b10de9b205609e1726e5f27f7c6d824dd9c6649ac',
};
const unreachableAfterMs = 5_000;
const stalledAfterMs = 300_000;
const oldestMinor = 30;

export const envtestTools: readonly string[] = ['etcd', 'kube-apiserver', 'kubectl'];
/** Names a downloaded program in the cache. */
export const envtestKey = `envtest-${version}`;

type Say = (line: string) => void;

/** The program in the folder that KUBEBUILDER_ASSETS names, if it is set and has it. */
export async function fromAssetsFolder(name: string, say: Say): Promise<string | undefined> {
  const folder = process.env['KUBEBUILDER_ASSETS'];
  if (folder === undefined || ![...envtestTools, 'kube-controller-manager'].includes(name)) return undefined;
  const path = join(folder, name);
  const isThere = await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!isThere) return undefined;
  if (name === 'kube-apiserver') refuseTooOld(path, await run(path, ['--version']), say);
  return path;
}

function refuseTooOld(path: string, said: string, say: Say): void {
  const minor = /v1\.(\d+)\./.exec(said)?.[1];
  if (minor === undefined) throw new Error(`${path} does not say its version, but: ${said.trim()}`);
  if (Number(minor) < oldestMinor) {
    throw new Error(
      `${path} (KUBEBUILDER_ASSETS) is ${said.trim()}: Serin needs 1.${oldestMinor} or later; unset it or name a newer one`,
    );
  }
  say(`using ${said.trim()} from KUBEBUILDER_ASSETS`);
}

/** Downloads the published programs into the cache; an empty answer where they cannot be reached from here. */
export async function downloadEnvtest(say: Say): Promise<Record<string, string>> {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const wanted = sha512[arch];
  if (wanted === undefined) return {};
  const archive = await download(
    `https://github.com/kubernetes-sigs/controller-tools/releases/download/envtest-v${version}/envtest-v${version}-linux-${arch}.tar.gz`,
  );
  if (archive === undefined) {
    say(`no download of Kubernetes ${version} from here`);
    return {};
  }
  const got = createHash('sha512').update(archive).digest('hex');
  if (got !== wanted)
    throw new Error(`the download of Kubernetes ${version} has sha512 ${got}, not ${wanted}`);
  return withTemporaryFolder(async (folder) => {
    const file = join(folder, 'envtest.tar.gz');
    await writeFile(file, archive);
    await run('tar', ['-xzf', file, '-C', folder, '--strip-components=2'], { ifMissing: 'install tar' });
    const kept: Record<string, string> = {};
    for (const name of envtestTools) kept[name] = await keep(name, envtestKey, join(folder, name));
    say(`downloaded Kubernetes ${version}`);
    return kept;
  });
}

async function download(url: string): Promise<Buffer | undefined> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), unreachableAfterMs);
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([abort.signal, AbortSignal.timeout(stalledAfterMs)]),
    });
    clearTimeout(timer);
    return response.ok ? Buffer.from(await response.arrayBuffer()) : undefined;
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
