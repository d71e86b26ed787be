// What an apply would do: asked of the API server, and reckoned from the plan that it would store.
import { mistakesText, parseCanary } from '../config/canary.ts';
import type { Copies } from '../controller/copies.ts';
import { hasCode, messageOf } from '../errors.ts';
import { containersIn, templateOf } from '../kube/deployment.ts';
import type { Kube } from '../kube/kube.ts';
import { type KubeObject, names, resources } from '../kube/objects.ts';
import type { JsonObject } from '../rollout/types.ts';
import { objectAt, textAt } from '../routing/json.ts';
import { isLabelled } from '../report/standing.ts';
import { applied, asWritten, imagesSet, type Target } from './apply.ts';
import type { Ask } from './call.ts';
import { changeOf, type Changed } from './change.ts';
import { type Course, courseOf } from './course.ts';
import { dryRun, type Tried } from './dry-run.ts';
import { type Fate, fateOf } from './fate.ts';
import type { Kinds } from './kinds.ts';
import { reckonedWith, type Reckoned, type Reckoning } from './reckon.ts';
import { copiesAround, sceneOf, Sight } from './seen.ts';
import { type Touched, touchedBy } from './touched.ts';

/** What there is to say of one object of a file. */
export interface Planned {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  /** Of a Deployment; of other objects only whether they would be taken. */
  readonly fate: Fate | { readonly is: 'taken' };
  readonly warnings: readonly string[];
  readonly changed?: Changed;
  readonly trial?: Trial;
}

/** How the canary would go. */
export interface Trial extends Reckoned {
  readonly course: Course;
  /** Why no traffic is split; absent where it is. */
  readonly unsplit?: string;
  readonly deadlineMs: number;
  readonly touched: readonly Touched[];
  readonly problem?: string;
  readonly unread: readonly string[];
}

export interface Planning extends Reckoning {
  readonly kube: Kube;
  readonly ask: Ask;
  readonly kinds: Kinds;
  /** Where an object is that does not say it. */
  readonly namespace: string;
  /** Namespaces that come to be by the same apply. */
  readonly making: readonly string[];
}

/** What is to be applied: an object of a file, or images of a Deployment that is there. */
export type Wish =
  | { readonly object: JsonObject }
  | { readonly deployment: string; readonly images: ReadonlyMap<string, string> };

/** Plans one wish; writes nothing. */
export async function plan(planning: Planning, wish: Wish): Promise<Planned> {
  if ('deployment' in wish) return ofImages(planning, wish);
  const { object } = wish;
  const [version, kind] = [textAt(object, 'apiVersion') ?? '', textAt(object, 'kind') ?? ''];
  const name = textAt(object['metadata'], 'name') ?? '';
  const resource = await planning.kinds(version, kind);
  if ('unknown' in resource)
    return { kind, name, warnings: [], fate: { is: 'unknown', why: resource.unknown } };
  const namespace = resource.namespaced
    ? (textAt(object['metadata'], 'namespace') ?? planning.namespace)
    : undefined;
  const target = { resource, namespace, name };
  return readable(target, async () => {
    // One that gets its name from the API server is always new.
    const live = name === '' ? undefined : await planning.kube.get(resource, namespace, name);
    const call = applied(asWritten(object, namespace), live, target);
    if (kind === 'Deployment' && resource.group === 'apps') return ofDeployment(planning, target, call, live);
    return { ...named(target), ...otherFate(await tryOut(planning, target, call)) };
  });
}

async function ofImages(
  planning: Planning,
  { deployment, images }: Extract<Wish, { readonly images: ReadonlyMap<string, string> }>,
): Promise<Planned> {
  const { namespace, kube } = planning;
  const target = { resource: resources.deployments, namespace, name: deployment };
  return readable(target, async () => {
    const live = await kube.get(target.resource, namespace, deployment);
    const known = containersIn(templateOf(live ?? {})).map(({ name }) => name);
    // The API server would take another name for another container.
    const other = [...images.keys()].find((each) => !known.includes(each));
    const why = `it has no container ${other}: ${known.join(', ')}`;
    if (live !== undefined && other !== undefined)
      return { ...named(target), warnings: [], fate: { is: 'refused', why } };
    return ofDeployment(planning, target, imagesSet(images, target), live);
  });
}

/** Who may not read an object cannot be told what becomes of it. */
async function readable(target: Target, look: () => Promise<Planned>): Promise<Planned> {
  try {
    return await look();
  } catch (error) {
    if (!hasCode(error, 'KUBE_FORBIDDEN')) throw error;
    return { ...named(target), warnings: [], fate: { is: 'unknown', why: messageOf(error) } };
  }
}

function named({
  resource: { kind },
  namespace,
  name,
}: Target): Pick<Planned, 'kind' | 'namespace' | 'name'> {
  return { kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

/** What is in a namespace that the same apply makes is refused by the dry run, which has made none. */
async function tryOut(
  { ask, making }: Planning,
  { namespace }: Target,
  call: Parameters<Ask>[0],
): Promise<Tried> {
  const tried = await dryRun(ask, call);
  const isMade = namespace !== undefined && making.includes(namespace);
  if (!isMade || tried.is !== 'refused' || tried.message !== `namespaces "${namespace}" not found`)
    return tried;
  return {
    is: 'unknown',
    why: `namespace ${namespace} comes to be by the same apply: ask again once it is there`,
  };
}

function otherFate(tried: Tried): Pick<Planned, 'fate' | 'warnings'> {
  if (tried.is === 'unknown') return { fate: tried, warnings: [] };
  if (tried.is === 'refused')
    return { fate: { is: 'refused', why: tried.message }, warnings: tried.warnings };
  return { fate: { is: 'taken' }, warnings: tried.warnings };
}

async function ofDeployment(
  planning: Planning,
  target: Target,
  call: Parameters<Ask>[0],
  live: KubeObject | undefined,
): Promise<Planned> {
  const { kube } = planning;
  const namespace = target.namespace ?? '';
  const sight = new Sight(kube);
  const [tried, copies] = await Promise.all([tryOut(planning, target, call), copiesAround(sight, namespace)]);
  const space = copies.namespaces.get(undefined, namespace);
  const fate = fateOf(live, tried, space === undefined || isLabelled(space));
  const warnings = tried.is === 'unknown' ? [] : tried.warnings;
  const said = { ...named(target), fate, warnings };
  if (tried.is !== 'taken' || live === undefined) return said;
  const isTried = fate.is === 'held' || fate.is === 'waits';
  const changed = changeOf(live, tried.object);
  const trial = isTried ? await trialOf(planning, sight, copies, tried.object) : undefined;
  return {
    ...said,
    ...(fate.is === 'unchanged' ? {} : { changed }),
    ...(trial === undefined ? {} : { trial }),
  };
}

async function trialOf(
  planning: Planning,
  sight: Sight,
  copies: Copies,
  main: KubeObject,
): Promise<Trial | undefined> {
  const { namespace = '', annotations } = main.metadata;
  const defaults = textAt(objectAt(copies.settings.get(namespace, 'serin'), 'data'), 'canary.yaml');
  const parsed = parseCanary(annotations?.[names.canary], defaults);
  if (parsed.ok !== true) {
    const problem =
      parsed.ok === 'disabled'
        ? 'the plan says disabled'
        : `the plan cannot be followed: ${mistakesText(parsed.mistakes)}`;
    return { ...nothing, problem };
  }
  const { spec } = parsed;
  const scene = sceneOf(copies, main, spec);
  // Who may not read Services cannot be told that none selects the pods.
  const isHidden = sight.unread.includes('services');
  const isSplit = scene.routing.kind === 'split' || isHidden;
  const { traffics, known } = await reckonedWith(planning, sight, scene);
  const touching = await touchedBy(sight, planning.kube, scene);
  return {
    ...{ course: courseOf(spec, isSplit, traffics), traffics, known, deadlineMs: spec.progressDeadlineMs },
    ...(scene.routing.kind === 'none' && spec.promotion === 'shift' && !isHidden
      ? { unsplit: scene.routing.why }
      : {}),
    ...{ touched: touching.touched, unread: sight.unread },
    ...(touching.problem === undefined ? {} : { problem: touching.problem }),
  };
}

const nothing: Trial = {
  course: { steps: [], totalMs: 0, isCompared: false, gates: [] },
  ...{ traffics: [], known: { why: '' }, deadlineMs: 0, touched: [], unread: [] },
};
