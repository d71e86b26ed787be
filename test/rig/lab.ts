// All the real parts together: a control plane, a mesh, pods that answer, and Serin installed from manifests/.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { findIstioCrds } from './istio-crds.ts';
import { type Kubelet, startKubelet } from './kubelet.ts';
import { type Mesh, startMesh } from './mesh.ts';
import { startResourceMetrics } from './resource-metrics.ts';
import { allTools, type Say, toolchain } from './toolchain.ts';

const manifests = join(import.meta.dirname, '../../manifests');

/** What must be had before the namespace is entered: inside there is no network. */
export async function prepareLab(say?: Say) {
  return { binaries: await toolchain(allTools, say), istioCrds: await findIstioCrds() };
}

export interface Lab {
  readonly plane: ControlPlane;
  readonly mesh: Mesh;
  readonly kubelet: Kubelet;
  /** Runs kubectl with the words of `line`; throws with what it said where it fails. */
  kubectl(line: string, input?: string): Promise<string>;
  close(): Promise<void>;
}

interface LabOptions {
  readonly stateDir: string;
  readonly prepared: Awaited<ReturnType<typeof prepareLab>>;
  readonly say?: Say;
  /** What Serin's controller waits for proxies; short, since there is one proxy. */
  readonly settle?: string;
}

/** Boots everything and installs Serin; ready when its webhook answers. */
export async function openLab({
  stateDir,
  prepared,
  say = () => {},
  settle = '2s',
}: LabOptions): Promise<Lab> {
  const { binaries, istioCrds } = prepared;
  const plane = await startControlPlane({ stateDir, binaries });
  say('kube-apiserver, kube-controller-manager and etcd are up');
  const [kubelet, mesh] = await Promise.all([
    startKubelet(plane),
    startMesh({ stateDir, controlPlane: plane, binaries, istioCrds }),
  ]);
  await startResourceMetrics(plane, kubelet);
  say('istiod, Envoy and Prometheus are up');
  const kubectl = async (line: string, input?: string): Promise<string> => {
    const { code, stdout, stderr } = await plane.kubectl(
      line.split(' '),
      input === undefined ? {} : { input },
    );
    if (code !== 0) throw new Error(`kubectl ${line}: ${stderr.trim()}`);
    return stdout;
  };
  await installSerin({ stateDir, kubectl, prometheusUrl: mesh.prometheusUrl, settle });
  say('Serin is installed from manifests/ and ready');
  const close = async (): Promise<void> => {
    await kubelet.stop();
    await mesh.stop();
    await plane.stop();
  };
  return { plane, mesh, kubelet, kubectl, close };
}

interface Install {
  readonly stateDir: string;
  readonly kubectl: Lab['kubectl'];
  readonly prometheusUrl: string;
  readonly settle: string;
}

/** The manifests as they stand; only the controller's flags are the rig's. */
async function installSerin({ stateDir, kubectl, prometheusUrl, settle }: Install): Promise<void> {
  const overlay = join(stateDir, 'overlay');
  mkdirSync(overlay, { recursive: true });
  const args = ['controller', `--prometheus-url=${prometheusUrl}`, `--settle=${settle}`, '--log-level=debug'];
  const patch = [{ op: 'replace', path: '/spec/template/spec/containers/1/args', value: args }];
  const kustomization = {
    resources: [relative(overlay, manifests), relative(overlay, join(manifests, 'policies'))],
    patches: [{ target: { kind: 'Deployment', name: 'serin' }, patch: JSON.stringify(patch) }],
  };
  writeFileSync(join(overlay, 'kustomization.yaml'), JSON.stringify(kustomization));
  await kubectl(`apply -k ${overlay}`);
  await kubectl('rollout status deployment/serin -n serin-system --timeout=60s');
}
