import { isMadeFor, isPaused } from '../kube/deployment.ts';
import type { KubeObject } from '../kube/objects.ts';
import { containersOf } from '../kube/pod-trouble.ts';
import type { State } from '../rollout/types.ts';
import { listAt, numberAt, objectAt, textAt } from '../routing/json.ts';
import { type Arm, armOf, type Objects, revisionsOf } from './objects.ts';
import type { Node } from './report.ts';

/** The Deployment, its ReplicaSets that have pods, those pods, and the same of the twin. */
export function treeOf(objects: Objects, state: State | undefined): readonly Node[] {
  const { main, twin } = objects;
  const below = twin === undefined ? [] : [deployment(twin, 'canary', setsIn(objects, state, twin))];
  // What Serin holds back is paused for Kubernetes.
  const isHeld = revisionsOf(main, state).candidate !== undefined;
  return [
    deployment(main, undefined, [...setsIn(objects, state, main), ...below], isHeld ? 'held' : 'paused'),
  ];
}

function deployment(
  object: KubeObject,
  arm: Arm | undefined,
  children: readonly Node[],
  word = 'paused',
): Node {
  const [ready, wanted] = [count(object, 'readyReplicas'), numberAt(object['spec'], 'replicas') ?? 1];
  const held = isPaused(object) ? `, ${word}` : '';
  return {
    ...{ kind: 'Deployment', name: object.metadata.name, children },
    ...(arm === undefined ? {} : { arm }),
    ...{ ready: ready >= wanted, status: `${ready}/${wanted} ready${held}` },
  };
}

function setsIn(objects: Objects, state: State | undefined, owner: KubeObject): readonly Node[] {
  return objects.sets
    .filter((set) => isMadeFor(set, owner) && (size(set) > 0 || count(set, 'replicas') > 0))
    .map((set) => {
      const arm = armOf(objects, state, set);
      const children = objects.pods.filter((pod) => isMadeFor(pod, set)).map((pod) => podNode(pod, arm));
      const ready = count(set, 'readyReplicas');
      return {
        ...{ kind: 'ReplicaSet', name: set.metadata.name, children },
        ...(arm === undefined ? {} : { arm }),
        ...{ ready: ready >= size(set), status: `${ready}/${size(set)} ready` },
      };
    });
}

function podNode(pod: KubeObject, arm: Arm | undefined): Node {
  const status = podStatus(pod);
  return {
    ...{ kind: 'Pod', name: pod.metadata.name, children: [], ready: status === 'ready', status },
    ...(arm === undefined ? {} : { arm }),
  };
}

/** In one word where there is one, as `kubectl get pods` has it. */
function podStatus(pod: KubeObject): string {
  if ('deletionTimestamp' in pod.metadata) return 'terminating';
  const why = containersOf(pod)
    .map((status) => whyNot(objectAt(status, 'state')))
    .find((each) => each !== undefined);
  if (why !== undefined) return why;
  const isReady = listAt(pod['status'], 'conditions').some(
    (each) => textAt(each, 'type') === 'Ready' && textAt(each, 'status') === 'True',
  );
  return isReady ? 'ready' : (textAt(pod['status'], 'reason') ?? notReady(textAt(pod['status'], 'phase')));
}

function whyNot(state: ReturnType<typeof objectAt>): string | undefined {
  const waiting = textAt(objectAt(state, 'waiting'), 'reason');
  if (waiting !== undefined) return waiting;
  const ended = textAt(objectAt(state, 'terminated'), 'reason');
  // An init container that is done is none of it.
  return ended === 'Completed' ? undefined : ended;
}

function notReady(phase: string | undefined): string {
  return phase === undefined || phase === 'Running' ? 'not ready' : phase;
}

function size(set: KubeObject): number {
  return numberAt(set['spec'], 'replicas') ?? 0;
}

function count({ status }: KubeObject, name: string): number {
  return numberAt(status, name) ?? 0;
}
