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

/** A lab before there is a mesh. */
export interface BareLab {
  readonly plane: ControlPlane;
  readonly kubelet: Kubelet;
  /** Runs kubectl with the words of `line`; throws with what it said where it fails. */
  kubectl(line: string, input?: string): Promise<string>;
  close(): Promise<void>;
}

export interface Lab extends BareLab {
  readonly mesh: Mesh;
}

interface LabOptions {
  readonly stateDir: string;
  readonly prepared: Awaited<ReturnType<typeof prepareLab>>;
  readonly say?: Say;
  /** What Serin's controller waits for proxies; short, since there is one proxy. */
  readonly settle?: string;
  /** Of a bare lab: Istio's API is there, and nobody acts on it. */
  readonly istioApi?: true;
  /** A manifest with Gateway API's CRDs: it is installed, and istiod routes by it. */
  readonly gatewayCrds?: string;
}

/** A cluster with a mesh and no Serin in it. */
export async function openMeshLab(options: Pick<LabOptions, 'stateDir' | 'prepared' | 'gatewayCrds'>) {
  const { plane } = await startPlane(options);
  const [kubelet, mesh] = await Promise.all([startKubelet(plane), meshOn(plane, options)]);
  const close = async (): Promise<void> => {
    await Promise.all([kubelet.stop(), mesh.stop()]);
    await plane.stop();
  };
  return { plane, kubelet, mesh, close };
}

/** Boots everything and installs Serin; ready when its webhook answers. */
export async function openLab(options: LabOptions): Promise<Lab> {
  const { say = () => {} } = options;
  const { plane, kubelet, mesh } = await openMeshLab(options);
  say('istiod, Envoy and Prometheus are up');
  const lab = await furnished({ plane, kubelet }, mesh.prometheusUrl, options);
  return { ...lab, mesh, close: () => closed(lab, mesh) };
}

/** The same without a mesh, until `startMesh`: Istio is not installed, and Prometheus is wherever `prometheusUrl` says. */
export async function openBareLab(
  options: LabOptions & { readonly prometheusUrl: string },
): Promise<BareLab & { startMesh(): Promise<Mesh> }> {
  const { plane } = await startPlane(options);
  const lab = await furnished({ plane, kubelet: await startKubelet(plane) }, options.prometheusUrl, options);
  let mesh: Mesh | undefined;
  const startMeshNow = async (): Promise<Mesh> => {
    mesh = await meshOn(plane, options);
    return mesh;
  };
  return { ...lab, startMesh: startMeshNow, close: () => closed(lab, mesh) };
}

async function startPlane({ stateDir, prepared, say = () => {}, istioApi, gatewayCrds }: LabOptions) {
  const plane = await startControlPlane({ stateDir, binaries: prepared.binaries });
  say('kube-apiserver, kube-controller-manager and etcd are up');
  if (istioApi) await plane.kubectl(['apply', '--server-side', '-f', prepared.istioCrds]);
  if (gatewayCrds) await plane.kubectl(['apply', '--server-side', '-f', gatewayCrds]);
  return { plane, say };
}

function meshOn(controlPlane: ControlPlane, { stateDir, prepared }: LabOptions): Promise<Mesh> {
  return startMesh({ stateDir, controlPlane, ...prepared });
}

async function furnished(
  { plane, kubelet }: Pick<BareLab, 'plane' | 'kubelet'>,
  prometheusUrl: string,
  { stateDir, say = () => {}, settle = '2s' }: LabOptions,
): Promise<BareLab> {
  await startResourceMetrics(plane, kubelet);
  const kubectl = async (line: string, input?: string): Promise<string> => {
    const { code, stdout, stderr } = await plane.kubectl(
      line.split(' '),
      input === undefined ? {} : { input },
    );
    if (code !== 0) throw new Error(`kubectl ${line}: ${stderr.trim()}`);
    return stdout;
  };
  await installSerin({ stateDir, kubectl, prometheusUrl, settle });
  say('Serin is installed from manifests/ and ready');
  const close = async (): Promise<void> => {
    await kubelet.stop();
    await plane.stop();
  };
  return { plane, kubelet, kubectl, close };
}

/** The mesh before what it speaks to. */
async function closed(lab: BareLab, mesh: Mesh | undefined): Promise<void> {
  await mesh?.stop();
  await lab.close();
}

interface Install {
  readonly stateDir: string;
  readonly kubectl: BareLab['kubectl'];
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
