// The models of what runs in every cluster: kube-controller-manager, scheduler and kubelets. They act as their real
// users through the API server, soon after the writes that concern them; nothing happens while nothing is written.
import { kinds } from '../api/kinds.ts';
import type { SimApi, Write } from '../api/types.ts';
import type { Dice } from '../dice.ts';
import type { Behaviour } from '../mesh/types.ts';
import type { SimTime } from '../time.ts';
import { Autoscaler } from './autoscaler.ts';
import { DeploymentController } from './deployment/controller.ts';
import { DisruptionController } from './disruption-controller.ts';
import { EndpointController } from './endpoint-controller.ts';
import { Hand } from './hand.ts';
import { Kubelets } from './kubelet.ts';
import { isLeaving, type Pod } from './objects.ts';
import { ReplicaSetController } from './replica-set-controller.ts';

export interface Surroundings {
  readonly time: SimTime;
  readonly dice: Dice;
  readonly api: SimApi;
  /** How the software of an image behaves. */
  readonly behaviourOf: (image: string) => Behaviour;
}

export interface SimKubernetes {
  /** The names of the nodes that pods are put on. */
  readonly nodes: readonly string[];
  /** Requests per second that a Deployment (`namespace/name`) answers, as autoscalers measure it; none until it is set. */
  rateOf: (workload: string) => number | undefined;
  /** A node dies: every pod on it is gone at once. It is replaced. */
  loseNode(node: string): Promise<void>;
  /** Evicts every pod of a node, as budgets allow, asking again until all have gone; new pods go elsewhere from the start. */
  drain(node: string): void;
  /** One pod is gone at once. */
  killPod(namespace: string, name: string): Promise<void>;
}

const nodes = ['node-1', 'node-2', 'node-3'] as const;
/** kubectl drain asks again after this. */
const evictAgainMs = 5_000;
/** A drained node takes pods again. */
const drainedMs = 120_000;

/** Starts them all; they take notice of what is written from now on. */
export function startKubernetes({ time, dice, api, behaviourOf }: Surroundings): SimKubernetes {
  const scheduling = dice.fork('scheduler');
  const drained = new Set<string>();
  // Spread as the scheduler does by default: where there are the fewest of the same kind.
  const place = (others: readonly Pod[]): string => {
    const open = nodes.filter((node) => !drained.has(node));
    const count = (node: string): number => others.filter(({ spec }) => spec.nodeName === node).length;
    const least = Math.min(...open.map(count));
    const [first = nodes[0], ...rest] = open.filter((node) => count(node) === least);
    return scheduling.pick([first, ...rest]);
  };
  const kubelets = new Kubelets(time, dice.fork('kubelet'), api, behaviourOf);
  const autoscaler = new Autoscaler(time, api);
  const disruption = new DisruptionController(time, dice.fork('disruption'), api);
  api.eviction = (pod) => disruption.refusal(pod as Pod);
  const models: readonly { see(write: Write): void }[] = [
    kubelets,
    new ReplicaSetController(time, dice.fork('replicaset'), api, place),
    new DeploymentController(time, dice.fork('deployment'), api),
    new EndpointController(time, dice.fork('endpoints'), api),
    disruption,
    autoscaler,
  ];
  api.onWrite((write) => {
    for (const model of models) model.see(write);
  });
  const podsOn = (node: string): readonly Pod[] =>
    (api.list(kinds.pods) as readonly Pod[]).filter(({ spec }) => spec.nodeName === node);
  const admin = new Hand(api, { username: 'admin', manager: 'kubectl-drain' });
  const evict = async (node: string): Promise<void> => {
    const pods = podsOn(node).filter((pod) => !isLeaving(pod));
    for (const { metadata } of pods) {
      const { namespace = '', name } = metadata;
      const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { namespace, name } };
      await admin.ask({
        ...{ verb: 'create', resource: kinds.pods, namespace, name, subresource: 'eviction', body },
      });
    }
    if (pods.length > 0 && drained.has(node)) time.after(evictAgainMs, () => void evict(node));
  };
  return {
    nodes,
    get rateOf() {
      return autoscaler.rateOf;
    },
    set rateOf(rateOf) {
      autoscaler.rateOf = rateOf;
    },
    loseNode: async (node) => {
      await Promise.all(podsOn(node).map((pod) => kubelets.remove(pod)));
    },
    drain: (node) => {
      drained.add(node);
      time.after(drainedMs, () => drained.delete(node));
      void evict(node);
    },
    killPod: async (namespace, name) => {
      const pod = api.get(kinds.pods, namespace, name);
      if (pod !== undefined) await kubelets.remove(pod as Pod);
    },
  };
}
