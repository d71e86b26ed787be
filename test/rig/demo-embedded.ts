// The demo's own cluster: booted for it and gone with it.
import { systemClock } from '../../src/clock.ts';
import { createKube } from '../../src/kube/client.ts';
import { createTransport } from '../../src/kube/transport.ts';
import { createPrometheus } from '../../src/prometheus/source.ts';
import { KubeConfig } from '@kubernetes/client-node';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stage } from './demo-release.ts';
import { openLab, prepareLab } from './lab.ts';
import { enterNamespace } from './namespace.ts';

type Say = (line: string) => void;

export interface Closable extends Stage {
  /** Says how to reach everything from outside, and waits for Ctrl-C. */
  keep(say: Say): Promise<void>;
  close(): Promise<void>;
}

/** Everything that reads and writes through one kubeconfig file. */
export function stageParts(
  kubeconfigPath: string,
  prometheusUrl: string,
): Pick<Stage, 'kube' | 'prometheus'> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfigPath);
  return {
    kube: createKube(createTransport(config), systemClock),
    prometheus: createPrometheus({ url: prometheusUrl, clock: systemClock, fetch }),
  };
}

/** Gets the programs (outside), boots everything (inside) and installs Serin. Returns inside only. */
export async function embeddedStage(say: Say): Promise<Closable> {
  const { stateDir, prepared, expose } = await enterNamespace(() => prepareLab(say));
  const begun = Date.now();
  const progress = (line: string): void =>
    say(`${((Date.now() - begun) / 1000).toFixed(1).padStart(6)} s  ${line}`);
  say('Serin on real parts: etcd, kube-apiserver, kube-controller-manager, istiod, Envoy, Prometheus.');
  const lab = await openLab({ stateDir, prepared, say: progress });
  const { kubeconfigPath, port } = lab.plane;
  return {
    ...stageParts(kubeconfigPath, lab.mesh.prometheusUrl),
    gatewayUrl: lab.mesh.gatewayUrl,
    kubectl: (line, input) => lab.plane.kubectl(line.split(' '), input === undefined ? {} : { input }),
    close: () => lab.close(),
    keep: async (tell) => {
      const [api, gateway, prometheus] = await Promise.all(
        [port, portOf(lab.mesh.gatewayUrl), portOf(lab.mesh.prometheusUrl)].map((inner) => expose(inner)),
      );
      const outside = join(stateDir, 'kubeconfig-outside');
      const inside = readFileSync(kubeconfigPath, 'utf8');
      writeFileSync(outside, inside.replace(`127.0.0.1:${port}`, `127.0.0.1:${api}`), { mode: 0o600 });
      tell(`\nEverything stays up until Ctrl-C. In another terminal:
  export KUBECONFIG=${outside}
  kubectl -n shop get deployments,virtualservices
  curl -H 'Host: shop.example.com' http://127.0.0.1:${gateway}/
  Prometheus: http://127.0.0.1:${prometheus}`);
      await new Promise(() => setInterval(() => {}, 60_000));
    },
  };
}

function portOf(url: string): number {
  return Number(new URL(url).port || 80);
}
