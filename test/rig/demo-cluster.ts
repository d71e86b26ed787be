// The demo against a cluster that is there: whatever the current kubeconfig context names.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Closable, stageParts } from './demo-embedded.ts';
import { attempt } from './run-program.ts';

interface Where {
  readonly 'gateway-url'?: string;
  readonly 'prometheus-url'?: string;
}

const kubectl = (line: string, input?: string) =>
  attempt('kubectl', line.split(' '), {
    ifMissing: 'install kubectl',
    ...(input === undefined ? {} : { input }),
  });

/** Checks that the cluster has what the demo needs; throws with every lack at once. */
export async function clusterStage(where: Where, say: (line: string) => void): Promise<Closable> {
  const gatewayUrl = where['gateway-url'];
  const prometheusUrl = where['prometheus-url'];
  const lacks: string[] = [];
  if (gatewayUrl === undefined || gatewayUrl === '') {
    lacks.push(
      '--gateway-url: say where its ingress gateway is reached on this machine (kubectl -n istio-system port-forward service/istio-ingressgateway 8080:80)',
    );
  }
  if (prometheusUrl === undefined || prometheusUrl === '') {
    lacks.push(
      '--prometheus-url: say where its Prometheus is reached on this machine (kubectl -n istio-system port-forward service/prometheus 9090)',
    );
  }
  const context = await kubectl('config current-context');
  if (context.code !== 0) lacks.push('a kubeconfig with a current context');
  else {
    if ((await kubectl('get crd virtualservices.networking.istio.io')).code !== 0)
      lacks.push('Istio in the cluster');
    if ((await kubectl('get mutatingwebhookconfiguration serin')).code !== 0) {
      lacks.push('Serin in the cluster (kubectl apply -k manifests)');
    }
    const there = (await kubectl('get namespace shop plain -o name --ignore-not-found')).stdout.trim();
    if (there !== '') lacks.push(`namespaces of its own: delete ${there.replaceAll('\n', ' and ')} first`);
  }
  if (gatewayUrl === undefined || prometheusUrl === undefined || lacks.length > 0) {
    throw new Error(`the demo needs\n${lacks.map((lack) => `  - ${lack}`).join('\n')}`);
  }
  say(`Serin in the cluster of context ${context.stdout.trim()}.`);
  const kubeconfigPath = process.env['KUBECONFIG'] ?? join(homedir(), '.kube/config');
  return {
    ...stageParts(kubeconfigPath, prometheusUrl),
    gatewayUrl,
    kubectl,
    keep: async (tell) => tell('\nThe namespaces shop and plain stay in the cluster.'),
    close: async () => {
      await kubectl('delete namespace shop plain');
    },
  };
}
