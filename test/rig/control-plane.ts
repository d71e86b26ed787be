// etcd, kube-apiserver and kube-controller-manager as they run everywhere, on loopback, with an authority of their own,
// real RBAC, the default admission plugins and an audit log. Ports are fixed: the rig has its own network namespace.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Api, createApi, type Credentials } from './api.ts';
import { type AuditEvent, auditPolicy, parseAudit } from './audit.ts';
import {
  apiServerFlags,
  apiServerPort,
  controllerManagerFlags,
  controllerManagerPort,
  createIdentity,
  etcdFlags,
} from './control-plane-flags.ts';
import { kubeconfig } from './kubeconfig.ts';
import { type Running, start, until } from './processes.ts';
import { attempt, type Outcome } from './run-program.ts';
import type { Binaries, controlPlaneTools } from './toolchain.ts';

export interface ControlPlane {
  readonly stateDir: string;
  /** The API server's port on 127.0.0.1. */
  readonly port: number;
  readonly caPem: string;
  readonly kubeconfigPath: string;
  /** The API as cluster administrator `admin`. */
  readonly api: Api;
  /** Who the rig's kubelet is; the audit log tells its writes from everybody else's. */
  readonly kubeletCredentials: Credentials;
  /** Runs kubectl as administrator, or as `as`; answers whatever its exit code. */
  kubectl(args: readonly string[], options?: KubectlOptions): Promise<Outcome>;
  /** Every request so far; bodies only of writes, and not of those by the control plane and the rig itself. */
  auditEvents(): AuditEvent[];
  /** Kills a part outright, starts it again and waits until it is ready. */
  restart(part: 'kube-apiserver' | 'kube-controller-manager'): Promise<void>;
  stop(): Promise<void>;
}

export interface KubectlOptions {
  readonly input?: string;
  readonly as?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Options {
  readonly stateDir: string;
  readonly binaries: Pick<Binaries, (typeof controlPlaneTools)[number]>;
  /** Further flags of kube-apiserver. */
  readonly apiServerArgs?: readonly string[];
}

/** Boots an empty control plane under `stateDir`; it is ready when this resolves. */
export async function startControlPlane({
  stateDir,
  binaries,
  apiServerArgs = [],
}: Options): Promise<ControlPlane> {
  const identity = createIdentity(join(stateDir, 'pki'));
  const write = (name: string, content: string): string => {
    writeFileSync(join(stateDir, name), content, { mode: 0o600 });
    return join(stateDir, name);
  };
  const kubeconfigPath = write('kubeconfig', kubeconfig(apiServerPort, identity.admin));
  const managerKubeconfig = write(
    'controller-manager.kubeconfig',
    kubeconfig(apiServerPort, identity.controllerManager),
  );
  const auditLog = join(stateDir, 'audit.log');
  const flags = {
    etcd: etcdFlags(join(stateDir, 'etcd')),
    'kube-apiserver': [
      ...apiServerFlags(identity.folder),
      `--audit-policy-file=${write('audit-policy.json', JSON.stringify(auditPolicy))}`,
      `--audit-log-path=${auditLog}`,
      ...apiServerArgs,
    ],
    'kube-controller-manager': controllerManagerFlags(identity.folder, managerKubeconfig),
  };
  const api = createApi(apiServerPort, identity.admin);
  const manager = createApi(controllerManagerPort, { caPem: identity.admin.caPem });
  type Part = keyof typeof flags;
  const isReady: Record<Part, () => Promise<unknown>> = {
    // kube-apiserver waits for it.
    etcd: async () => true,
    'kube-apiserver': () => api.text('/readyz'),
    'kube-controller-manager': () => manager.text('/healthz'),
  };
  const running = new Map<Part, Running>();
  const launch = async (name: Part): Promise<void> => {
    const logFile = join(stateDir, 'logs', `${name}.log`);
    running.set(name, start({ name, file: binaries[name], args: flags[name], logFile }));
    await until(`${name} to be ready`, isReady[name], { needs: [...running.values()] });
  };
  await launch('etcd');
  await launch('kube-apiserver');
  await launch('kube-controller-manager');
  await until('the first controllers to work', () =>
    api.get('/api/v1/namespaces/default/serviceaccounts/default'),
  );
  return {
    stateDir,
    port: apiServerPort,
    caPem: identity.admin.caPem,
    kubeconfigPath,
    api,
    kubeletCredentials: identity.kubelet,
    kubectl: (args, options) =>
      kubectl({ file: binaries.kubectl, kubeconfigPath, cacheDir: join(stateDir, 'kubectl') }, args, options),
    auditEvents: () => parseAudit(readFileSync(auditLog, 'utf8')),
    restart: async (part) => {
      await running.get(part)?.stop();
      await launch(part);
    },
    stop: async () => {
      api.close();
      manager.close();
      await Promise.all([...running.values()].map((part) => part.stop()));
    },
  };
}

interface Kubectl {
  readonly file: string;
  readonly kubeconfigPath: string;
  readonly cacheDir: string;
}

function kubectl(
  { file, kubeconfigPath, cacheDir }: Kubectl,
  args: readonly string[],
  { input, as, env = {} }: KubectlOptions = {},
): Promise<Outcome> {
  const who = as === undefined ? [] : [`--as=${as}`];
  return attempt(file, [`--kubeconfig=${kubeconfigPath}`, `--cache-dir=${cacheDir}`, ...who, ...args], {
    env,
    ...(input === undefined ? {} : { input }),
  });
}
