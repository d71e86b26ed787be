import type { Clock, Random } from '../clock.ts';
import type { Kube } from '../kube/kube.ts';
import { type KubeObject, resources } from '../kube/objects.ts';
import { createReflector, type Reflector } from '../kube/reflector.ts';
import { listAt, textAt } from '../routing/json.ts';
import { splitServices } from '../routing/memory.ts';
import { type Run, WorkQueue } from './queue.ts';
import { reconcile, type Surroundings } from './reconcile.ts';
import { isIdle, leavesTraces, sweepKey } from './sweep.ts';

export interface ControllerOptions {
  readonly kube: Kube;
  readonly clock: Clock;
  readonly random: Random;
  readonly metricSource: Surroundings['metricSource'];
  readonly settleMs: number;
  readonly warn: Surroundings['warn'];
  readonly onDecision: Surroundings['onDecision'];
  readonly onIdle: Surroundings['onIdle'];
  readonly onRun: (run: Run) => void;
  readonly onFailure: (error: unknown) => void;
}

/** Rollouts looked at side by side; each look is a few calls. */
const workers = 8;
/** Everything is looked at this often though nothing was seen to change: what no watch told is found then. */
const fullLookMs = 300_000;

export interface Controller {
  readonly queue: WorkQueue;
  readonly reflectors: readonly Reflector[];
  /** Follows the API server and works on rollouts until `signal` aborts. May be called once. */
  run(signal: AbortSignal): Promise<void>;
}

/** The controller: watches Deployments and VirtualServices, and looks at what has a rollout. It must be the only one. */
export function createController(options: ControllerOptions): Controller {
  const { kube, clock, random, onFailure } = options;
  const queue = new WorkQueue(clock, random, options.onRun);
  const deployments = createReflector({
    ...{ kube, clock, random, onFailure, scope: {}, resource: resources.deployments },
    onChange: (key, object, previous) => {
      queue.add(keyOfRollout(object ?? previous) ?? key);
      if (leavesTraces(object, previous)) queue.add(sweepKey((object ?? previous)?.metadata.namespace));
    },
  });
  const virtualServices = createReflector({
    ...{ kube, clock, random, onFailure, scope: {}, resource: resources.virtualServices },
    // Which rollout it concerns is known only from the Services; those that are underway are few.
    onChange: (_key, object) => {
      for (const each of deployments.store.list()) if (!isIdle(each)) queue.add(keyOf(each));
      // An edit may come to be seen after its Deployment has gone, also while nobody watched: nothing else tells of it.
      for (const { namespace } of splitServices(object ?? {})) queue.add(sweepKey(namespace));
    },
  });
  const around: Surroundings = {
    ...options,
    deployments: deployments.store,
    virtualServices: () => (virtualServices.isInstalled ? virtualServices.store.list() : undefined),
  };
  const run = async (signal: AbortSignal): Promise<void> => {
    const following = [deployments, virtualServices].map((reflector) => reflector.run(signal));
    while (!signal.aborted && !(deployments.synced && virtualServices.synced)) await clock.sleep(50, signal);
    const looking = lookAtAll(clock, signal, [deployments, virtualServices]);
    await queue.run(workers, (key) => reconcile(around, key), signal);
    await Promise.all([...following, looking]);
  };
  return { queue, reflectors: [deployments, virtualServices], run };
}

async function lookAtAll(clock: Clock, signal: AbortSignal, reflectors: readonly Reflector[]): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(fullLookMs, signal);
    if (!signal.aborted) for (const reflector of reflectors) reflector.announceAll();
  }
}

/** A twin's changes are its owner's news. */
function keyOfRollout(object: KubeObject | undefined): string | undefined {
  const owner = listAt(object?.metadata, 'ownerReferences').find(
    (each) => textAt(each, 'kind') === 'Deployment',
  );
  const name = textAt(owner, 'name');
  return name === undefined ? undefined : `${object?.metadata.namespace}/${name}`;
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}
