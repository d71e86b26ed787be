// The mesh of the rig: real istiod, upstream Envoy as ingress gateway, real Prometheus. What differs from an Istio
// installation: Envoy is upstream's and not istio-proxy, there are no sidecars and no mTLS, and Istio's metrics are those of
// the gateway (reporter=source), counted by Envoy's stats access logger.
import { rmSync } from 'node:fs';
import type { ControlPlane } from './control-plane.ts';
import { type Gateway, startGateway } from './envoy.ts';
import { startIstiod } from './istiod.ts';
import type { Running } from './processes.ts';
import { type Prometheus, prometheusFolder, startPrometheus } from './prometheus.ts';
import type { Binaries } from './toolchain.ts';

export interface MeshOptions {
  readonly stateDir: string;
  readonly controlPlane: ControlPlane;
  readonly binaries: Pick<Binaries, 'pilot-discovery' | 'envoy' | 'prometheus'>;
  readonly istioCrds: string;
}

export interface Mesh {
  /** Of the gateway: the Host header says which VirtualService is meant. */
  readonly gatewayUrl: string;
  readonly prometheusUrl: string;
  readonly query: Prometheus['query'];
  readonly configurePrometheus: Prometheus['configure'];
  /** Takes Prometheus down with all it knows, and starts it empty. */
  restartPrometheus(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the mesh; ready when a VirtualService that is applied from now on routes and is counted. */
export async function startMesh(options: MeshOptions): Promise<Mesh> {
  const { stateDir } = options;
  const startEmpty = (): Promise<Prometheus> => {
    rmSync(prometheusFolder(stateDir), { recursive: true, force: true });
    return startPrometheus({ stateDir, program: options.binaries.prometheus });
  };
  const [[istiod, gateway], first] = await Promise.all([startIstioAndGateway(options), startEmpty()]);
  let prometheus = first;
  return {
    gatewayUrl: gateway.url,
    prometheusUrl: prometheus.url,
    query: (promql) => prometheus.query(promql),
    configurePrometheus: (more) => prometheus.configure(more),
    restartPrometheus: async () => {
      await prometheus.running.stop();
      prometheus = await startEmpty();
    },
    stop: async () => {
      await Promise.all([gateway.running, prometheus.running, istiod].map((running) => running.stop()));
    },
  };
}

/** In this order: an Envoy that does not reach istiod waits longer from try to try. */
async function startIstioAndGateway(options: MeshOptions): Promise<[Running, Gateway]> {
  const { stateDir, controlPlane, binaries, istioCrds } = options;
  const program = binaries['pilot-discovery'];
  const istiod = await startIstiod({ stateDir, controlPlane, program, crds: istioCrds });
  return [istiod, await startGateway({ stateDir, program: binaries.envoy })];
}
