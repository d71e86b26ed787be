import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Kube } from '../kube/kube.ts';
import { type KubeObject, resources } from '../kube/objects.ts';
import type { Action, Decision } from '../rollout/decision.ts';
import type { State } from '../rollout/types.ts';
import { recordHeld, restoreStable, scaleMain, setCondition } from './act-main.ts';
import { route, unroute } from './act-route.ts';
import { applyTwin, removeTwin, writeLedger } from './act-twin.ts';
import type { Scene } from './scene.ts';

/** What actions are done with. */
export interface Hands {
  readonly kube: Kube;
  readonly clock: Clock;
  readonly warn: (fields: object, message: string) => void;
}

/**
 * Does the actions of a decision in their order and stops at the first that fails (it throws); the next look asks
 * again for what is missing.
 */
export async function act(hands: Hands, scene: Scene, { actions, state }: Decision): Promise<void> {
  let main = scene.main;
  for (const action of actions) {
    main = await perform(hands, { ...scene, main }, action, state);
  }
}

/** Does one action; returns the Deployment as it is then, since a later write must name its newest version. */
async function perform(hands: Hands, scene: Scene, action: Action, state: State): Promise<KubeObject> {
  const { kube, clock } = hands;
  const { main } = scene;
  switch (action.do) {
    case 'record':
      return recordHeld(kube, main, state, 'as it is');
    case 'hold':
      return recordHeld(kube, main, state, 'on');
    case 'unhold':
      return recordHeld(kube, main, state, 'off');
    case 'restore':
      return restoreStable(kube, main, state);
    case 'condition':
      return setCondition(kube, main, action, new Date(clock.now()));
    default:
      await performAround(hands, scene, action, state);
      return main;
  }
}

type OnMain = Extract<Action, { do: 'record' | 'hold' | 'unhold' | 'restore' | 'condition' }>;

/** The actions that leave the Deployment as it is. */
async function performAround(
  hands: Hands,
  scene: Scene,
  action: Exclude<Action, OnMain>,
  { revision }: State,
): Promise<void> {
  const { kube } = hands;
  switch (action.do) {
    case 'twin':
      return applyTwin(kube, scene, action.replicas, revision);
    case 'remove-twin':
      return removeTwin(kube, scene);
    case 'ledger':
      return writeLedger(kube, scene, action.ledger);
    case 'scale-main':
      return scaleMain(kube, scene, action.replicas);
    case 'route':
      return route(kube, scene, action.weight, action.rolledBack);
    case 'unroute':
      return unroute(kube, scene);
    case 'event':
      return tell(hands, scene.main, action);
  }
}

/** Writes an Event. One that cannot be written is logged and holds nothing up. */
export async function tell(
  { kube, clock, warn }: Hands,
  about: KubeObject,
  { type, reason, message }: Extract<Action, { do: 'event' }>,
): Promise<void> {
  const { name, namespace = '', uid, resourceVersion } = about.metadata;
  const at = new Date(clock.now()).toISOString();
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { generateName: `${name.slice(0, 200)}.`, namespace },
    involvedObject: { apiVersion: 'apps/v1', kind: 'Deployment', name, namespace, uid, resourceVersion },
    source: { component: 'serin' },
    reportingComponent: 'serin.dev/controller',
    ...{ type, reason, message: message.slice(0, 1024), firstTimestamp: at, lastTimestamp: at, count: 1 },
  };
  try {
    await kube.create(resources.events, namespace, event);
  } catch (error) {
    warn({ err: error, deployment: `${namespace}/${name}` }, `event not written: ${messageOf(error)}`);
  }
}
