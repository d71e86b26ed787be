import { type Mistake, mistakesText, parseCanary } from '../config/canary.ts';
import { readState } from '../config/state.ts';
import { hasCode, messageOf } from '../errors.ts';
import { type KubeObject, names, resources } from '../kube/objects.ts';
import type { StoreView } from '../kube/store.ts';
import type { Decision } from '../rollout/decision.ts';
import { step } from '../rollout/step.ts';
import type { Observation, Plan, RolloutSpec, State } from '../rollout/types.ts';
import { textAt } from '../routing/json.ts';
import { act, type Hands, tell } from './act.ts';
import { type Measuring, withMeasurements } from './measure.ts';
import { observe } from './observe.ts';
import type { Handled } from './queue.ts';
import { readScene, type Scene, type Sources } from './scene.ts';
import { isIdle, sweep, sweepKey } from './sweep.ts';

export interface Surroundings extends Sources, Hands {
  /** The copy the watch keeps; a look begins with it and goes on with live reads. */
  readonly deployments: StoreView;
  readonly metricSource: Measuring;
  readonly settleMs: number;
  /** Told of every decision, for logs and metrics. */
  readonly onDecision: (key: string, before: State, decision: Decision, seen: Observation) => void;
}

/** Between two looks at what our own writes brought about: the watch wakes us sooner where something came of them. */
const lookAgainMs = 200;
const retryMistakeMs = 30_000;

/**
 * Looks at one Deployment (`namespace/name`): observe, decide, act; idle ones cost no call. Without a name it sweeps the
 * namespace.
 */
export async function reconcile(around: Surroundings, key: string): Promise<Handled> {
  const [namespace = '', name = ''] = key.split('/');
  if (key === sweepKey(namespace)) {
    await sweep(around, namespace);
    return {};
  }
  const known = around.deployments.get(namespace, name);
  if (known === undefined || isIdle(known)) return {};
  const main = await around.kube.get(resources.deployments, namespace, name);
  if (main === undefined || isIdle(main)) return {};
  const state = readState(main.metadata.annotations);
  if (state === undefined) return {};
  if ('corrupt' in state) return complain(around, main, `the canary cannot go on: ${state.corrupt}`);
  const spec = await specOf(around, main, state);
  if (!('analysis' in spec)) return complain(around, main, `the canary cannot go on: ${mistakesText(spec)}`);
  return look(around, key, await readScene(around, main, state, spec));
}

async function look(around: Surroundings, key: string, scene: Scene): Promise<Handled> {
  const plan: Plan = { spec: scene.spec, settleMs: around.settleMs };
  const seen = await withMeasurements(around, plan, scene, await observe(around.kube, scene));
  const now = around.clock.now();
  const decision = step(plan, scene.state, seen, now);
  try {
    await act(around, scene, decision);
  } catch (error) {
    await explain(around, scene.main, error);
    throw error;
  }
  around.onDecision(key, scene.state, decision, seen);
  if (decision.wakeAt === undefined) return {};
  return {
    wakeAt: decision.actions.length === 0 ? decision.wakeAt : Math.max(decision.wakeAt, now + lookAgainMs),
  };
}

async function specOf(
  { kube }: Surroundings,
  main: KubeObject,
  { phase }: State,
): Promise<RolloutSpec | readonly Mistake[]> {
  const { namespace, annotations } = main.metadata;
  const defaults = await kube.get(resources.configMaps, namespace, 'serin');
  const shared = textAt(defaults?.['data'], 'canary.yaml');
  const parsed = parseCanary(annotations?.[names.canary], shared);
  if (parsed.ok === true) return parsed.spec;
  // The way back waits for no mistake to be mended.
  if (parsed.ok === false && phase !== 'RollingBack') return parsed.mistakes;
  // Opting out in the middle of a rollout does not change how that one goes on.
  const plain = parseCanary(undefined);
  return plain.ok === true ? plain.spec : [];
}

async function complain(around: Surroundings, main: KubeObject, message: string): Promise<Handled> {
  await tell(around, main, { do: 'event', type: 'Warning', reason: 'CanaryHeld', message });
  return { wakeAt: around.clock.now() + retryMistakeMs };
}

/** What stands in the way of a rollout is told where people look; what passes by itself (a conflict) is not. */
async function explain(around: Surroundings, main: KubeObject, error: unknown): Promise<void> {
  if (hasCode(error, 'KUBE_INVALID') || hasCode(error, 'KUBE_FORBIDDEN') || hasCode(error, 'KUBE_CONFLICT')) {
    if (/modified|resourceVersion/.test(messageOf(error))) return;
    await tell(around, main, {
      do: 'event',
      type: 'Warning',
      reason: 'CanaryHeld',
      message: messageOf(error),
    });
  }
}
