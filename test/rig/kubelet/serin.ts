// Serin itself as a container: the real process from the sources of this checkout, with its pod's own service account.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kubeconfig } from '../kubeconfig.ts';
import { start } from '../processes.ts';
import type { Instance, Launch } from './images.ts';

const root = join(import.meta.dirname, '../../..');
const podNetwork = join(import.meta.dirname, '../pod-network.ts');

/** Starts `serin` with the arguments of the container. */
export async function startSerin({
  pod,
  podName,
  podIp,
  container,
  env,
  args,
  host,
}: Launch): Promise<Instance> {
  const { namespace = 'default' } = pod.metadata;
  const folder = join(host.stateDir, 'pods', `${namespace}_${podName}`, container.name);
  mkdirSync(folder, { recursive: true });
  const kubeconfigPath = join(folder, 'kubeconfig');
  const token = await tokenOf({ pod, host, namespace });
  writeFileSync(kubeconfigPath, kubeconfig(host.apiServerPort, { caPem: host.caPem, token }), {
    mode: 0o600,
  });
  let end: (code: number) => void = () => undefined;
  const ended = new Promise<number>((resolve) => {
    end = resolve;
  });
  const running = start({
    name: `${podName}/${container.name}`,
    file: process.execPath,
    args: [`--import=${podNetwork}`, join(root, 'src/main.ts'), ...args],
    env: { ...env, KUBECONFIG: kubeconfigPath, RIG_POD_IP: podIp, TMPDIR: folder },
    logFile: join(host.stateDir, 'logs', `${podName}-${container.name}.log`),
    onExit: ({ code, signal }) => end(code ?? (signal === 'SIGKILL' ? 137 : 143)),
  });
  return {
    ended,
    pid: running.pid,
    kill: (signal) => running.kill(signal),
    stop: async () => running.kill('SIGTERM'),
  };
}

async function tokenOf({
  pod,
  host,
  namespace,
}: Pick<Launch, 'pod' | 'host'> & { namespace: string }): Promise<string> {
  const account = pod.spec.serviceAccountName ?? 'default';
  const { name, uid } = pod.metadata;
  const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name, uid };
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
  const answer = await host.api.create<{ status: { token: string } }>(path, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { boundObjectRef, expirationSeconds: 86_400 },
  });
  return answer.status.token;
}
