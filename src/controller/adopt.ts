import { givingUp, type HoldChange, type Holding, holding, inherited, takenOver } from '../config/hold.ts';
import { type Asked, readAsked, readState } from '../config/state.ts';
import { isMadeFor, isPaused, selectorOf, templateOf } from '../kube/deployment.ts';
import { listAll, type Kube } from '../kube/kube.ts';
import { type KubeObject, names, resources } from '../kube/objects.ts';
import { revisionOf } from '../kube/revision.ts';
import { isSame, templateOfSet } from '../rollout/template.ts';
import type { State } from '../rollout/types.ts';
import { numberAt } from '../routing/json.ts';

/** What is to be written so that a policy's hold is a rollout like any other; or why that cannot be told. */
export type Adoption = { readonly change: HoldChange } | { readonly why: string };

/**
 * Takes up what a policy held: one write, bound to the version that was read, after which all is as if the webhook had
 * answered. Answers why where that cannot be done.
 */
export async function adopt(kube: Kube, main: KubeObject): Promise<string | undefined> {
  return written(kube, main, adoptionOf(main, await setsOf(kube, main)));
}

/**
 * True where another template stands in the place of the candidate that is held, and nobody told us: it was changed
 * while the namespace had no label. It must not be run, nor be failed, in the name of the other.
 */
export function isReplaced(main: KubeObject, state: State): boolean {
  if (!isHolding(state) || state.phase === 'RollingBack' || !isPaused(main)) return false;
  if (!(names.stable in (main.metadata.annotations ?? {}))) return false;
  return ![state.revision, state.stableRevision].includes(revisionOf(templateOf(main)));
}

/** Takes up what stands there as the next candidate, whoever asked for it; answers why where that cannot be done. */
export async function adoptReplacement(
  kube: Kube,
  main: KubeObject,
  state: State,
): Promise<string | undefined> {
  if (!isHolding(state)) return undefined;
  return written(kube, main, third(main, somebody, state, await setsOf(kube, main)));
}

const somebody = { actor: 'somebody, while nobody held it' };

async function written(kube: Kube, main: KubeObject, adoption: Adoption): Promise<string | undefined> {
  if ('why' in adoption) return adoption.why;
  const { namespace, name, uid, resourceVersion } = main.metadata;
  const { annotations, paused } = adoption.change;
  const wished = Object.entries({ ...annotations, [names.heldBy]: undefined, [names.asked]: undefined });
  const body = {
    metadata: {
      ...{ uid, resourceVersion },
      annotations: Object.fromEntries(wished.map(([key, text]) => [key, text ?? null])),
    },
    ...(paused === undefined ? {} : { spec: { paused } }),
  };
  await kube.patch(resources.deployments, namespace, name, { type: 'merge', body });
  return undefined;
}

/** What the webhook would have written of the change that stands in `main`, whose ReplicaSets are `sets`. */
export function adoptionOf(main: KubeObject, sets: readonly KubeObject[]): Adoption {
  const { annotations } = main.metadata;
  const asked = readAsked(annotations);
  const state = readState(annotations);
  if (asked === undefined) return { why: `${names.asked} is missing` };
  if ('corrupt' in asked) return { why: asked.corrupt };
  if (state !== undefined && 'corrupt' in state) return { why: state.corrupt };
  // Somebody took the hold off, and the candidate with it went out.
  if (!isPaused(main)) return { change: { annotations: {} } };
  return state !== undefined && isHolding(state) && isHeld(state, asked, names.stable in (annotations ?? {}))
    ? third(main, asked, state, sets)
    : first(main, asked, { state, sets });
}

/** In place, main is held and let go in turns: whether it was paused just then says nothing. */
function isHeld({ phase }: Holding, { paused }: Asked, hasWayBack: boolean): boolean {
  return phase === 'Rolling' || (paused && hasWayBack);
}

/** The phases in which the template is a candidate that is kept back. */
function isHolding(state: State): state is Holding {
  const others: readonly State['phase'][] = [
    'Succeeded',
    'Aborted',
    'Promoting.Roll',
    'Promoting.Return',
    'Finalising',
  ];
  return !others.includes(state.phase);
}

/** A candidate where nothing was held before. */
function first(
  main: KubeObject,
  { actor, paused, revision }: Asked,
  { state, sets }: { readonly state: State | undefined; readonly sets: readonly KubeObject[] },
): Adoption {
  const set = sets.find((each) => numberOf(each) === revision) ?? newest(sets.filter(hasPods));
  if (set === undefined) return { why: 'no ReplicaSet of it has pods, so what is stable cannot be told' };
  const stable = templateOfSet(set);
  // It was changed and changed back: nothing is to be released.
  if (isSame(templateOf(main), stable)) return { change: { annotations: {}, paused } };
  return { change: holding(templateOf(main), stable, { ...takenOver(state, paused), actor }) };
}

/** A candidate in the place of another that was held, or that very one again, or the stable template again. */
function third(
  main: KubeObject,
  { actor }: Pick<Asked, 'actor'>,
  state: Holding,
  sets: readonly KubeObject[],
): Adoption {
  const candidate = templateOf(main);
  if (revisionOf(candidate) === state.revision) return { change: { annotations: {} } };
  const set = sets.find((each) => revisionOf(templateOfSet(each)) === state.stableRevision);
  if (set === undefined)
    return { why: `no ReplicaSet of it has the stable revision ${state.stableRevision}` };
  const stable = templateOfSet(set);
  if (isSame(candidate, stable)) return { change: givingUp(state, actor) };
  return { change: holding(candidate, stable, { ...inherited(state), actor }) };
}

/** The ReplicaSets of a Deployment. */
export async function setsOf(kube: Kube, main: KubeObject): Promise<readonly KubeObject[]> {
  const { namespace = '' } = main.metadata;
  const sets = await listAll(kube, resources.replicaSets, { namespace, labelSelector: selectorOf(main) });
  return (sets ?? []).filter((set) => isMadeFor(set, main));
}

/** The number that the Deployment controller gives a ReplicaSet and writes on the Deployment too. */
function numberOf({ metadata }: KubeObject): string {
  return metadata.annotations?.['deployment.kubernetes.io/revision'] ?? '';
}

function newest(sets: readonly KubeObject[]): KubeObject | undefined {
  return [...sets].sort((a, b) => Number(numberOf(b)) - Number(numberOf(a)))[0];
}

function hasPods({ spec }: KubeObject): boolean {
  return (numberAt(spec, 'replicas') ?? 0) > 0;
}
