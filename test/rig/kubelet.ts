// The rig's one node: binds every pending pod to itself, gives it an address, runs what its images name (kubelet/images.ts),
// says how it does, and takes it down as its deletion asks. No scheduler, no containers: real servers and processes.
import { type Api, type ApiObject, createApi } from './api.ts';
import type { ControlPlane } from './control-plane.ts';
import type { Host } from './kubelet/images.ts';
import type { Pod } from './kubelet/pod.ts';
import { PodRunner } from './kubelet/runner.ts';
import type { Usage } from './kubelet/usage.ts';

export interface Kubelet {
  /** Every pod that runs here now. */
  pods(): PodView[];
  /** Sends a signal to a container's process, which is then restarted as after any crash. */
  kill(pod: string, container: string, signal: NodeJS.Signals): void;
  /** How many answers of which status a pod of the shop has given, its whole life long, also after it is gone. */
  served(pod: string): ReadonlyMap<number, number>;
  /** Ends every pod's servers and processes outright; the objects stay. */
  stop(): Promise<void>;
}

export interface PodView {
  readonly name: string;
  readonly namespace: string;
  readonly ip: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly isReady: boolean;
  readonly containers: readonly ContainerView[];
}

export interface ContainerView {
  readonly name: string;
  readonly image: string;
  readonly restarts: number;
  /** Thousandths of a core, where the rig serves for it. */
  readonly cpuMillis: number | undefined;
  /** What it has used since it was started last. */
  readonly usage: Usage | undefined;
}

const nodeName = 'rig';
const nodeIp = '10.244.255.253';

/** Registers the node and runs every pod there is from now on. */
export async function startKubelet(controlPlane: ControlPlane): Promise<Kubelet> {
  const { port, stateDir, kubeletCredentials } = controlPlane;
  const api = createApi(port, kubeletCredentials);
  await registerNode(controlPlane);
  const host: Host = { api, apiServerPort: port, caPem: kubeletCredentials.caPem, stateDir };
  const runners = new Map<string, PodRunner>();
  const gone: PodRunner[] = [];
  const addresses = podAddresses();
  const abort = new AbortController();

  const remove = (uid: string): void => {
    const runner = runners.get(uid);
    if (runner === undefined) return;
    runners.delete(uid);
    gone.push(runner);
    void runner.destroy();
  };
  const change = (pod: Pod): void => {
    const { uid, deletionTimestamp, deletionGracePeriodSeconds = 30 } = pod.metadata as PodMetadata;
    let runner = runners.get(uid);
    if (runner === undefined && deletionTimestamp !== undefined) {
      // Deleted before it ran here.
      api.delete(pathOf(pod), { gracePeriodSeconds: 0 }).catch(ignored);
      return;
    }
    if (pod.spec.nodeName === undefined) return bind(api, pod);
    if (pod.spec.nodeName !== nodeName) return;
    const isOver = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
    if (runner === undefined && isOver) return;
    if (runner === undefined) {
      runner = new PodRunner(pod, addresses(), nodeIp, host);
      runners.set(uid, runner);
    }
    if (deletionTimestamp !== undefined) void runner.terminate(deletionGracePeriodSeconds);
  };
  api.follow<Pod>(
    '/api/v1/pods',
    {
      list: (pods) => {
        const there = new Set(pods.map(({ metadata }) => metadata.uid));
        for (const uid of runners.keys()) if (!there.has(uid)) remove(uid);
        pods.forEach(change);
      },
      change: (type, pod) => (type === 'DELETED' ? remove(pod.metadata.uid) : change(pod)),
    },
    abort.signal,
  );
  const named = (name: string): PodRunner | undefined =>
    [...runners.values(), ...gone].find(({ pod }) => pod.metadata.name === name);
  return {
    pods: () => [...runners.values()].map(viewOf),
    kill: (pod, container, signal) => {
      const found = named(pod)?.containers.find(({ spec }) => spec.name === container);
      if (found === undefined) throw new Error(`the rig runs no container ${container} of a pod ${pod}`);
      found.kill(signal);
    },
    served: (pod) => servedBy(named(pod)),
    stop: async () => {
      abort.abort();
      await Promise.all([...runners.values()].map((runner) => runner.destroy()));
      api.close();
    },
  };
}

type PodMetadata = Pod['metadata'] & { readonly deletionGracePeriodSeconds?: number };

function viewOf(runner: PodRunner): PodView {
  const { name, namespace = 'default', labels = {} } = runner.pod.metadata;
  const containers = runner.containers.map((container) => ({
    name: container.spec.name,
    image: container.spec.image,
    restarts: container.condition.restartCount,
    cpuMillis: container.traffic.at(-1)?.cpuMillis(),
    usage: container.usage(),
  }));
  return { name, namespace, ip: runner.podIp, labels, isReady: runner.isReady, containers };
}

function servedBy(runner: PodRunner | undefined): ReadonlyMap<number, number> {
  const sum = new Map<number, number>();
  for (const { byStatus } of runner?.containers.flatMap(({ traffic }) => traffic) ?? []) {
    for (const [status, count] of byStatus) sum.set(status, (sum.get(status) ?? 0) + count);
  }
  return sum;
}

/** Addresses 10.244.0.1 to 10.244.254.254, none given twice: who is gone stays gone. */
function podAddresses(): () => string {
  let last = 0;
  return () => {
    last += 1;
    if (last % 256 === 255) last += 2;
    if (last >= 255 * 256) throw new Error('the rig has no pod address left');
    return `10.244.${last >> 8}.${last & 255}`;
  };
}

function pathOf({ metadata }: ApiObject): string {
  return `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
}

function bind(api: Api, pod: Pod): void {
  const { name, uid } = pod.metadata;
  const target = { kind: 'Node', name: nodeName };
  api.create(`${pathOf(pod)}/binding`, { metadata: { name, uid }, target }).catch(ignored);
}

/** For what the next event or list of pods brings again, should it have failed. */
function ignored(): void {}

async function registerNode({ api }: ControlPlane): Promise<void> {
  await api.create('/api/v1/nodes', {
    metadata: { name: nodeName, labels: { 'kubernetes.io/hostname': nodeName } },
  });
  const resources = { cpu: '64', memory: '256Gi', pods: '1000' };
  const now = new Date().toISOString();
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: 'RigReady',
    lastHeartbeatTime: now,
    lastTransitionTime: now,
  };
  await api.patch(`/api/v1/nodes/${nodeName}/status`, {
    status: {
      capacity: resources,
      allocatable: resources,
      addresses: [{ type: 'InternalIP', address: nodeIp }],
      conditions: [ready],
    },
  });
}
