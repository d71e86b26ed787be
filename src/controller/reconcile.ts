import { type Mistake, mistakesText, type ParsedCanary, parseCanary } from '../config/canary.ts';
import { readState } from '../config/state.ts';
import { isUninstalling } from '../config/uninstall.ts';
import { messageOf } from '../errors.ts';
import { type KubeObject, names } from '../kube/objects.ts';
import type { Decision } from '../rollout/decision.ts';
import { step } from '../rollout/step.ts';
import type { Observation, Plan, State } from '../rollout/types.ts';
import { textAt } from '../routing/json.ts';
import { act, type Hands, tell } from './act.ts';
import { adopt, adoptReplacement, isReplaced } from './adopt.ts';
import type { ConfigReleases } from './config-release.ts';
import { isIdle, isLeaving, isWaiting } from './idle.ts';
import { foresightOf, type Measuring, withMeasurements } from './measure.ts';
import { observe } from './observe.ts';
import { groupOf, type Turns } from './group.ts';
import type { Handled } from './queue.ts';
import { isRefusal } from './refusals.ts';
import { readScene, type Scene, type Sources } from './scene.ts';
import { isTakenBack } from './way.ts';
import { sweep, sweepKey } from './sweep.ts';

/** On which Deployment, and by which plan, something was decided. */
interface Decided {
  readonly uid: string;
  readonly plan: Plan;
}

export interface Surroundings extends Sources, Hands {
  /** The namespace Serin is installed in. */
  readonly home?: string;
  /**
   * True where the copies of these Deployments are what the server has, give or take `withinMs`. Where they were not, they
   * are afterwards.
   */
  readonly areCurrent: (deployments: readonly KubeObject[], withinMs: number) => Promise<boolean>;
  /** Absent where no change of a ConfigMap or Secret is a release. */
  readonly config?: ConfigReleases;
  readonly metricSource: Measuring;
  /** How often both arms are counted at least; absent: as often as each plan's interval asks for. */
  readonly lookMs?: number;
  /** Of groups: their members decide one after another. */
  readonly turns: Turns;
  /** Looks at that Deployment (`namespace/name`) as soon as may be. */
  readonly wake: (key: string) => void;
  /** Told of every decision, for logs and metrics. */
  readonly onDecision: (
    key: string,
    before: State,
    decision: Decision,
    seen: Observation,
    of: Decided,
  ) => void;
  /** Told of what changed and has no rollout, or is gone. */
  readonly onIdle: (key: string) => void;
}

/** Between two looks at what our own writes brought about: the watch wakes us sooner where something came of them. */
const lookAgainMs = 200;
const retryMistakeMs = 30_000;
/** How old what is known of pods may be before the twin is given more, or main's pods are replaced. */
const newsMs = 3_000;

/**
 * Looks at one Deployment (`namespace/name`): observe, decide, act; where nothing is to be done it costs no call. Without a
 * name it sweeps the namespace.
 */
export async function reconcile(around: Surroundings, key: string): Promise<Handled> {
  const [namespace = '', name = ''] = key.split('/');
  if (key === sweepKey(namespace)) return swept(around, namespace);
  const main = around.deployments.get(namespace, name);
  const due = main === undefined ? undefined : await around.config?.look(around, main);
  if (due !== undefined) return due;
  if (main === undefined || isIdle(main)) {
    around.onIdle(key);
    return {};
  }
  if (isLeaving(main)) return swept(around, namespace);
  const group = groupOf(main);
  if (group === undefined) return lookAt(around, main);
  return around.turns.take(`${namespace}/${group}`, async () => {
    const now = around.deployments.get(namespace, name);
    return now === undefined || isIdle(now) || isLeaving(now) ? {} : lookAt(around, now);
  });
}

/** A namespace is swept for itself and for a Deployment that leaves: one split is not taken out twice at once. */
function swept(around: Surroundings, namespace: string): Promise<Handled> {
  return around.turns.take(sweepKey(namespace), () => sweep(around, namespace));
}

function lookAt(around: Surroundings, main: KubeObject): Promise<Handled> {
  return explained(around, main, () => (isWaiting(main) ? takeUp(around, main) : followed(around, main)));
}

/** A hold that only a policy put on becomes a rollout; what comes of that is seen at once. */
async function takeUp(around: Surroundings, main: KubeObject): Promise<Handled> {
  const why = await adopt(around.kube, main);
  return why === undefined ? {} : complain(around, main, `the canary cannot begin: ${why}`);
}

async function followed(around: Surroundings, main: KubeObject): Promise<Handled> {
  const state = readState(main.metadata.annotations);
  if (state === undefined) return {};
  if ('corrupt' in state) return complain(around, main, `the canary cannot go on: ${state.corrupt}`);
  const plan = planOf(around, main, state);
  if (!('spec' in plan)) return complain(around, main, `the canary cannot go on: ${mistakesText(plan)}`);
  if (plan.withdrawn === undefined && isReplaced(main, state)) {
    const why = await adoptReplacement(around.kube, main, state);
    return why === undefined ? {} : complain(around, main, `the canary cannot go on: ${why}`);
  }
  return look(around, plan, readScene(around, main, state, plan.spec));
}

async function look(around: Surroundings, plan: Plan, scene: Scene): Promise<Handled> {
  const seen = await withMeasurements(around, plan, scene, await seenOf(around, scene));
  const now = around.clock.now();
  const decision = step(plan, scene.state, seen, now);
  const concerned = scene.twin === undefined ? [scene.main] : [scene.main, scene.twin];
  if (isDaring(scene.state, decision, seen) && !(await around.areCurrent(concerned, newsMs)))
    return { wakeAt: now };
  const said = withBesides(decision, scene);
  await tellTakenBack(around, decision, scene);
  const foretold = (): Promise<string> => foresightOf(around, plan, scene);
  await act(around, scene, around.config?.explained(said, scene.main) ?? said, foretold);
  const { namespace, name, uid } = scene.main.metadata;
  around.onDecision(`${namespace}/${name}`, scene.state, decision, seen, { uid, plan });
  if (decision.wakeAt === undefined) return {};
  // Also where nothing was done and it is time: then a gate has not answered yet, and wakes us when it has.
  const isLater = decision.actions.length === 0 && decision.wakeAt > now;
  return { wakeAt: isLater ? decision.wakeAt : Math.max(decision.wakeAt, now + lookAgainMs) };
}

async function seenOf({ kube, clock, refusals }: Surroundings, scene: Scene): Promise<Observation> {
  const { main, state } = scene;
  const unmade = refusals.why({ uid: main.metadata.uid, revision: state.revision });
  const seen = await observe(kube, scene, clock.now());
  return unmade === undefined ? seen : { ...seen, unmade };
}

/** Whoever hears that a rollout begins hears what of main's traffic it does not touch. */
function withBesides(decision: Decision, { routing }: Scene): Decision {
  if (routing.kind === 'none' || routing.besides.length === 0) return decision;
  const besides = `; not split, since nothing routes to it or it has other pods too: Service ${routing.besides.join(', ')}`;
  const actions = decision.actions.map((action) =>
    action.do === 'event' && action.reason === 'CanaryStarted'
      ? { ...action, message: action.message + besides }
      : action,
  );
  return { ...decision, actions };
}

/** Who routes to the twin's Service in an object that also carries stable's traffic hears that it goes by the weight. */
async function tellTakenBack(around: Surroundings, { actions }: Decision, scene: Scene): Promise<void> {
  const { main, routing } = scene;
  if (routing.kind === 'none' || !actions.some((action) => action.do === 'route')) return;
  for (const { split, routes } of routing.ways)
    for (const { object, router } of routes.filter((each) => isTakenBack(each, split))) {
      const { namespace, name } = object.metadata;
      const message = `${router.kind} ${namespace}/${name} sends requests to Service ${split.twinService}, which Serin makes: they go by the canary's weight, as those to ${split.service.name}. A host to look at the canary by needs a ${router.kind} of its own`;
      await tell(around, main, { type: 'Warning', reason: 'RouteTakenBack', message });
    }
}

/**
 * True for what must not hang on old news: more for the twin, the end of the pods that could take it back, and giving a
 * candidate up.
 */
function isDaring({ phase }: State, { state, actions }: Decision, { route }: Observation): boolean {
  if (state.phase === 'RollingBack' && phase !== 'RollingBack') return true;
  const given = route.kind === 'split' ? route.weight : 0;
  return actions.some((action) => action.do === 'unhold' || (action.do === 'route' && action.weight > given));
}

function planOf(
  { namespaces, settings, settleMs, lookMs, clock, home }: Surroundings,
  main: KubeObject,
  { phase }: State,
): Plan | readonly Mistake[] {
  const { namespace = '', annotations } = main.metadata;
  const timing = { settleMs, ...(lookMs === undefined ? {} : { lookMs }) };
  const space = namespaces.get(undefined, namespace);
  const defaults = settings.get(namespace, 'serin');
  const parsed = parseCanary(annotations?.[names.canary], textAt(defaults?.['data'], 'canary.yaml'));
  const withdrawn = isUninstalling(settings.get(home, 'serin'), clock.now())
    ? 'Serin is being uninstalled'
    : whyWithdrawn(space, parsed);
  if (parsed.ok === true && withdrawn === undefined) return { spec: parsed.spec, ...timing };
  // The way back waits for no mistake to be mended.
  if (parsed.ok === false && withdrawn === undefined && phase !== 'RollingBack') return parsed.mistakes;
  const plain = parseCanary(undefined);
  if (plain.ok !== true) return [];
  return { spec: plain.spec, ...timing, ...(withdrawn === undefined ? {} : { withdrawn }) };
}

/** Why nobody wants a canary here any more: in the middle of a rollout that ends it at stable, never at the candidate. */
function whyWithdrawn(space: KubeObject | undefined, parsed: ParsedCanary): string | undefined {
  if (parsed.ok === 'disabled') return `${names.canary} says disabled`;
  const mode = space?.metadata.labels?.['serin.dev/mode'] ?? '';
  if (space === undefined || ['canary', 'enforce'].includes(mode)) return undefined;
  return `namespace ${space.metadata.name} has no label serin.dev/mode any more`;
}

async function complain(around: Surroundings, main: KubeObject, message: string): Promise<Handled> {
  await tell(around, main, { type: 'Warning', reason: 'CanaryHeld', message });
  return { wakeAt: around.clock.now() + retryMistakeMs };
}

async function explained(
  around: Surroundings,
  main: KubeObject,
  work: () => Promise<Handled>,
): Promise<Handled> {
  try {
    return await work();
  } catch (error) {
    await explain(around, main, error);
    throw error;
  }
}

/** What stands in the way of a rollout is told where people look; what passes by itself (a conflict) is not. */
async function explain(around: Surroundings, main: KubeObject, error: unknown): Promise<void> {
  if (!isRefusal(error)) return;
  await tell(around, main, { type: 'Warning', reason: 'CanaryHeld', message: messageOf(error) });
}
