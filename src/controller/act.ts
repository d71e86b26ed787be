import type { Clock } from '../clock.ts';
import { hasCode, messageOf } from '../errors.ts';
import type { Gates } from '../gates/gates.ts';
import { eventOf, type Telling } from '../kube/event.ts';
import type { Kube } from '../kube/kube.ts';
import { type KubeObject, resources } from '../kube/objects.ts';
import type { Action, Decision } from '../rollout/decision.ts';
import type { JsonObject, State } from '../rollout/types.ts';
import { numberAt } from '../routing/json.ts';
import {
  evidenceOf,
  recordEvidence,
  recordHeld,
  restoreStable,
  scaleMain,
  setCondition,
} from './act-main.ts';
import { route, unroute } from './act-route.ts';
import { goBack, type Heeded, ignoreCommand } from './command.ts';
import { applyTwin, removeTwin, waitsForAnother } from './act-twin.ts';
import { type Happened, tellEnd, tellHooks, useAnswers } from './hooks.ts';
import { hash } from '../kube/hash.ts';
import type { Refusals } from './refusals.ts';
import type { Scene } from './scene.ts';

/** What actions are done with. */
export interface Hands {
  readonly kube: Kube;
  readonly clock: Clock;
  /** How long proxies may take to know of new endpoints. */
  readonly settleMs: number;
  readonly warn: (fields: object, message: string) => void;
  readonly gates: Gates;
  readonly refusals: Refusals;
  /** Told what the Events tell, for whoever is to hear of it elsewhere; absent where nobody is. */
  readonly tellMessages?: (scene: Scene, happened: Happened) => void;
}

/** What an Event says beside its own words, where it is known by then; empty otherwise. */
type Foretold = () => Promise<string>;
type Told = Extract<Action, { do: 'event' }>;

/**
 * Does the actions of a decision in their order and stops at the first that fails (it throws); the next look asks
 * again for what is missing. What people are told keeps nothing but the state after it waiting.
 */
export async function act(
  hands: Hands,
  scene: Scene,
  { actions, state }: Decision,
  foretold: Foretold,
): Promise<void> {
  let [main, before] = [scene.main, scene.state];
  const sayings: Promise<void>[] = [];
  try {
    for (const [index, action] of actions.entries()) {
      // Written with the state that follows from it.
      if (action.do === 'ledger' && isRecord(actions[index + 1])) continue;
      if (action.do === 'event') {
        sayings.push(say(hands, { ...scene, main }, { state, action, foretold }));
        continue;
      }
      if (writesState(action)) await Promise.all(sayings);
      const evidence = evidenceBefore(scene, actions[index - 1]);
      main = await perform(hands, { ...scene, main }, action, { state, ...evidence });
      if (!writesState(action)) continue;
      // At once: nothing tells of it again where an action after this one fails.
      tellEnd(hands.gates, { ...scene, state: before }, state);
      before = state;
    }
  } finally {
    await Promise.all(sayings);
  }
  useAnswers(hands.gates, scene);
}

async function say(
  hands: Hands,
  scene: Scene,
  { state, action, foretold }: { state: State; action: Told; foretold: Foretold },
): Promise<void> {
  const { type, reason, foretells } = action;
  const message = foretells === true ? action.message + (await foretold()) : action.message;
  const happened: Happened = { state, telling: { type, reason, message }, at: hands.clock.now() };
  tellHooks(hands.gates, scene, happened);
  hands.tellMessages?.(scene, happened);
  const trial = 'startedAt' in state ? state.startedAt : undefined;
  await tell(hands, scene.main, { type, reason, message }, trial);
}

function isRecord(action: Action | undefined): boolean {
  return action !== undefined && ['record', 'hold', 'unhold'].includes(action.do);
}

function evidenceBefore(scene: Scene, before: Action | undefined): { readonly evidence?: JsonObject } {
  return before?.do === 'ledger' ? { evidence: evidenceOf(scene, before.ledger) } : {};
}

function writesState({ do: what }: Action): boolean {
  return what === 'record' || what === 'hold' || what === 'unhold' || what === 'restore';
}

/** Does one action; returns the Deployment as it is then, since a later write must name its newest version. */
async function perform(
  hands: Hands,
  scene: Scene,
  action: Exclude<Action, Told>,
  { state, evidence }: { readonly state: State; readonly evidence?: JsonObject },
): Promise<KubeObject> {
  const { kube, clock } = hands;
  const { main } = scene;
  switch (action.do) {
    case 'record':
      return recordHeld(kube, main, state, 'as it is', evidence);
    case 'hold':
      return recordHeld(kube, main, state, 'on', evidence);
    case 'unhold':
      return recordHeld(kube, main, state, 'off', evidence);
    case 'restore':
      return restoreStable(kube, main, state);
    case 'ledger':
      return recordEvidence(kube, main, evidenceOf(scene, action.ledger));
    case 'condition':
      return setCondition(kube, main, action, new Date(clock.now()));
    case 'ignore-command':
      return told(hands, await ignoreCommand(kube, main, action.why));
    case 'go-back':
      return told(hands, await goBack(kube, main, scene.state, action.to));
    default:
      await performAround(hands, scene, action, state.revision);
      return main;
  }
}

type OnMain = Extract<
  Action,
  { do: 'record' | 'hold' | 'unhold' | 'restore' | 'condition' | 'ledger' | 'ignore-command' | 'go-back' }
>;

async function told(hands: Hands, { main, telling }: Heeded): Promise<KubeObject> {
  await tell(hands, main, telling);
  return main;
}

/** The actions that leave the Deployment as it is. */
async function performAround(
  { kube, clock, settleMs, refusals }: Hands,
  scene: Scene,
  action: Exclude<Action, OnMain | Told>,
  revision: string,
): Promise<void> {
  switch (action.do) {
    case 'twin':
      return makeTwin(refusals, scene, revision, () =>
        applyTwin(kube, scene, { replicas: action.replicas, settleMs, revision }),
      );
    case 'remove-twin':
      refusals.forget(scene.main.metadata.uid);
      return removeTwin(kube, scene);
    case 'scale-main':
      return scaleMain(kube, scene, action.replicas);
    case 'route':
      return route({ kube, clock }, scene, action);
    case 'unroute':
      return unroute(kube, scene);
  }
}

/** What refuses a twin counts towards its deadline; the end of another's rollout, which has the same Service, is waited for. */
function makeTwin(
  refusals: Refusals,
  scene: Scene,
  revision: string,
  make: () => Promise<void>,
): Promise<void> {
  return waitsForAnother(scene) ? make() : refusals.noting({ uid: scene.main.metadata.uid, revision }, make);
}

/** Writes an Event, of that trial where it is of one. One that cannot be written is logged and holds nothing up. */
export async function tell(
  { kube, clock, warn }: Pick<Hands, 'kube' | 'clock' | 'warn'>,
  about: KubeObject,
  telling: Telling,
  trial?: number,
): Promise<void> {
  const { name, namespace = '', uid, resourceVersion } = about.metadata;
  const main = { apiVersion: 'apps/v1', kind: 'Deployment', name, namespace, uid, resourceVersion };
  const event = eventOf(main, telling, 'controller', clock.now());
  // The same again counts one Event up, as kube's own recorder does: one that repeats must not push out the others.
  const same = hash([uid, trial, telling.type, telling.reason, telling.message].join('\n')).slice(0, 16);
  try {
    await writeEvent(kube, namespace, `${name.slice(0, 200)}.${same}`, event);
  } catch (error) {
    warn({ err: error, deployment: `${namespace}/${name}` }, `event not written: ${messageOf(error)}`);
  }
}

async function writeEvent(kube: Kube, namespace: string, name: string, event: JsonObject): Promise<void> {
  try {
    await kube.create(resources.events, namespace, { ...event, metadata: { name, namespace } });
  } catch (error) {
    if (!hasCode(error, 'KUBE_CONFLICT')) throw error;
    const before = await kube.get(resources.events, namespace, name);
    if (before === undefined) return;
    const { uid, resourceVersion } = before.metadata;
    const count = (numberAt(before, 'count') ?? 1) + 1;
    const body = {
      ...{ metadata: { uid, resourceVersion }, count },
      lastTimestamp: event['lastTimestamp'] ?? null,
    };
    await kube.patch(resources.events, namespace, name, { type: 'merge', body });
  }
}
