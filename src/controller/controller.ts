import type { Clock, Random } from '../clock.ts';
import type { Kube } from '../kube/kube.ts';
import { type KubeObject, type Resource, resources } from '../kube/objects.ts';
import type { Reflector } from '../kube/reflector.ts';
import { refresh, remembering } from '../kube/remembering.ts';
import { keyOf } from '../kube/store.ts';
import type { Messages } from '../notify/messages.ts';
import { listAt, textAt } from '../routing/json.ts';
import { splitServices } from '../routing/memory.ts';
import { type Run, WorkQueue } from './queue.ts';
import { reconcile, type Surroundings } from './reconcile.ts';
import { configReleases } from './config-follow.ts';
import { hasConfig } from './config-release.ts';
import { absentAgainMs, copiesOf, type Followed, Following, guards } from './copies.ts';
import { routers } from '../kube/routers.ts';
import { othersOf, Turns } from './group.ts';
import { isIdle, leavesTraces } from './idle.ts';
import { messageTeller, resumeMessages } from './messages.ts';
import { Refusals } from './refusals.ts';
import { sweepKey } from './sweep.ts';

export interface ControllerOptions {
  readonly kube: Kube;
  readonly clock: Clock;
  readonly random: Random;
  readonly metricSource: Surroundings['metricSource'];
  readonly gates: Surroundings['gates'];
  /** Absent where nobody is to hear of rollouts. */
  readonly messages?: Messages;
  readonly settleMs: number;
  readonly lookMs?: number;
  /** The namespace Serin is installed in. */
  readonly home?: string;
  /** What the key of the digests is made from; without, no change of a ConfigMap is a release. */
  readonly randomBytes?: (size: number) => Uint8Array;
  readonly warn: Surroundings['warn'];
  readonly onDecision: Surroundings['onDecision'];
  readonly onIdle: Surroundings['onIdle'];
  readonly onRun: (run: Run) => void;
  readonly onFailure: (error: unknown) => void;
  /** Told of what is followed beside `followed`: nothing waits for it. */
  readonly onFollow?: (resource: Resource, reflector: Reflector) => void;
}

/** Rollouts looked at side by side; each look is a few calls. */
const workers = 8;
/** Everything is looked at this often though nothing was seen to change: what no watch told is found then. */
const fullLookMs = 300_000;

export interface Controller {
  readonly queue: WorkQueue;
  readonly followed: readonly Followed[];
  /** Follows the API server and works on rollouts until `signal` aborts. May be called once. */
  run(signal: AbortSignal): Promise<void>;
}

/** The controller: follows what rollouts hang on, and looks at what has one. It must be the only one. */
export function createController(options: ControllerOptions): Controller {
  const { kube, clock, random, onRun } = options;
  const queue = new WorkQueue(clock, random, onRun);
  const following = new Following(options);
  const deployments = followAll(following, queue, options.home);
  const remembered = remembering(kube, clock, (resource) => following.find(resource));
  const config = configReleases(options, deployments.reflector.store, queue);
  const copies = copiesOf(following);
  const { home = '' } = options;
  const telling = options.messages === undefined ? undefined : { messages: options.messages, copies, home };
  const around: Surroundings = {
    ...options,
    ...copies,
    ...(telling === undefined ? {} : { tellMessages: messageTeller(telling) }),
    ...(config === undefined ? {} : { config }),
    turns: new Turns(),
    refusals: new Refusals(),
    kube: remembered,
    wake: (key) => queue.add(key),
    areCurrent: (objects, withinMs) => areCurrent(options, deployments, objects, withinMs),
  };
  const reflectors = following.all.map(({ reflector }) => reflector);
  const run = async (signal: AbortSignal): Promise<void> => {
    const running = [...reflectors, ...(config === undefined ? [] : [config.watch])].map((each) =>
      each.run(signal),
    );
    while (!signal.aborted && !reflectors.every(({ synced }) => synced)) await clock.sleep(50, signal);
    const looking = lookAtAll(clock, signal, reflectors);
    if (telling !== undefined && !signal.aborted) void resumeMessages(telling, () => clock.now());
    await queue.run(workers, (key) => reconcile(around, key), signal);
    await Promise.all([...running, looking]);
  };
  return { queue, followed: following.all, run };
}

function followAll(following: Following, queue: WorkQueue, home: string | undefined): Followed {
  const sweepAfter = (object?: KubeObject, previous?: KubeObject): void => {
    if (leavesTraces(object, previous)) queue.add(sweepKey((object ?? previous)?.metadata.namespace));
  };
  const deployments = following.follow(resources.deployments, {
    onChange: (key, object, previous) => {
      queue.add(keyOfRollout(object ?? previous) ?? key);
      // What one of a group does is what the others wait for.
      const changed = object ?? previous;
      if (changed !== undefined) lookAt(othersOf(deployments.copy, changed));
      sweepAfter(object, previous);
    },
  });
  const { store } = deployments.reflector;
  const lookAt = (those: readonly KubeObject[]): void => {
    for (const each of those) if (!isIdle(each)) queue.add(keyOf(each));
  };
  following.follow(resources.services, {
    isTimed: true,
    onChange: (_key, object, previous) => {
      // Which rollout it concerns is known only from the Services; those that are underway are few.
      lookAt(store.inNamespace((object ?? previous)?.metadata.namespace ?? ''));
      sweepAfter(object, previous);
    },
  });
  following.follow(resources.configMaps, {
    fieldSelector: 'metadata.name=serin',
    // That of our own namespace says that we are being uninstalled.
    onChange: (key, object, previous) =>
      key === `${home}/serin` ? lookAt(store.list()) : inNamespaceAll(object ?? previous),
  });
  // Whether changes of ConfigMaps are releases, too.
  const inNamespaceAll = (object?: KubeObject): void => {
    for (const each of store.inNamespace(object?.metadata.namespace ?? object?.metadata.name ?? ''))
      if (!isIdle(each) || hasConfig(each)) queue.add(keyOf(each));
  };
  following.follow(resources.namespaces, {
    onChange: (_name, object, previous) => inNamespaceAll(object ?? previous),
  });
  // Its status changes every few seconds, and that there is one is asked only when main gets its traffic back.
  following.follow(resources.horizontalPodAutoscalers, { onChange: () => undefined });
  // They are asked for where a twin begins: a shadow that comes late is put right with the next.
  for (const resource of guards) following.follow(resource, { absentAgainMs, onChange: () => undefined });
  followRoutes(following, queue, () => lookAt(store.list()));
  return deployments;
}

function followRoutes(following: Following, queue: WorkQueue, lookAtAllRollouts: () => void): void {
  const onChange = (_key: string, object?: KubeObject): void => {
    lookAtAllRollouts();
    // An edit may come to be seen after its Deployment has gone, also while nobody watched: nothing else tells of it.
    for (const { namespace } of splitServices(object ?? {})) queue.add(sweepKey(namespace));
  };
  for (const { resource } of routers) following.follow(resource, { absentAgainMs, isTimed: true, onChange });
}

/** By a write of ours that has come back by the watch, else by reading them. */
async function areCurrent(
  { kube, clock }: ControllerOptions,
  { copy }: Followed,
  objects: readonly KubeObject[],
  withinMs: number,
): Promise<boolean> {
  const age = clock.now() - copy.provenAt;
  if (age >= 0 && age < withinMs) return true;
  const same = objects.map(({ metadata: { namespace, name } }) =>
    refresh({ kube, clock }, copy, resources.deployments, { namespace, name }),
  );
  return (await Promise.all(same)).every((isSame) => isSame);
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
