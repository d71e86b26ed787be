import { type ConfigRef, configRefs, refName } from '../config/config-refs.ts';
import { configOf, type Digests, readSeen } from '../config/config-seen.ts';
import type { Holding } from '../config/hold.ts';
import { stableOf } from '../config/stable.ts';
import { readState } from '../config/state.ts';
import { isPaused, isTwin, templateOf } from '../kube/deployment.ts';
import { type KubeObject, names } from '../kube/objects.ts';
import { revisionOf } from '../kube/revision.ts';
import type { Json, State } from '../rollout/types.ts';
import type { Digester } from './config-digest.ts';
import type { ConfigSight } from './config-step.ts';
import type { ConfigWatch } from './config-watch.ts';
import { isLeaving, isWaiting } from './idle.ts';

/** Where a Deployment stands, as far as its configuration may become a candidate. */
export type ConfigStanding =
  | { readonly is: 'free'; readonly state: State | undefined }
  /** The candidate in its template is kept back. */
  | { readonly is: 'held'; readonly state: Holding; readonly stable: Json };

/** Undefined where the moment is no good one: its pods roll, traffic goes back, or somebody else's word comes first. */
export function standingOf(main: KubeObject): ConfigStanding | undefined {
  const { annotations = {} } = main.metadata;
  if (isTwin(main) || isLeaving(main) || isWaiting(main) || names.command in annotations) return undefined;
  const state = readState(annotations);
  if (state === undefined) return { is: 'free', state };
  if ('corrupt' in state) return undefined;
  switch (state.phase) {
    case 'Succeeded':
    case 'Aborted':
      return { is: 'free', state };
    case 'Failed':
      return isPaused(main) && names.stable in annotations ? heldIn(main, state) : { is: 'free', state };
    case 'Pending':
    case 'Starting':
    case 'Progressing':
    case 'Waiting':
    case 'Promoting.Shift':
      return isPaused(main) ? heldIn(main, state) : undefined;
    case 'Rolling':
      return heldIn(main, state);
    case 'RollingBack':
    case 'Promoting.Roll':
    case 'Promoting.Return':
    case 'Finalising':
      return undefined;
  }
}

function heldIn(main: KubeObject, state: Holding): ConfigStanding | undefined {
  const template = templateOf(main);
  if (revisionOf(template) !== state.revision) return undefined;
  const stable = stableOf(main.metadata.annotations, template, state);
  return stable === undefined ? undefined : { is: 'held', state, stable };
}

/** What is seen of the configuration of a Deployment that stands so; undefined while that is not known. */
export function sightOf(
  main: KubeObject,
  standing: ConfigStanding,
  watch: ConfigWatch,
  { id }: Digester,
): ConfigSight | undefined {
  const seen = readSeen(main.metadata.annotations);
  const isForeign = seen !== undefined && seen.key !== id;
  // What the candidate was made for cannot be told any more: it is seen anew when its trial is over.
  if (isForeign && standing.is === 'held') return undefined;
  const template = templateOf(main);
  const mark = configOf(template);
  return {
    ...holdings(configRefs(template), main.metadata.namespace ?? '', watch),
    standing: standing.is,
    noted: isForeign ? undefined : seen,
    mark,
    stableMark: standing.is === 'held' ? configOf(standing.stable) : mark,
  };
}

function holdings(
  refs: readonly ConfigRef[],
  namespace: string,
  watch: ConfigWatch,
): Pick<ConfigSight, 'now' | 'lacking'> {
  const now: { [ref: string]: string } = {};
  const lacking: string[] = [];
  for (const ref of refs) {
    const holding = watch.holding(namespace, ref);
    if (holding === 'not followed') continue;
    if (holding !== 'lacking') now[refName(ref)] = holding.digest;
    else if (ref.optional) now[refName(ref)] = '';
    else lacking.push(refName(ref));
  }
  return { now: now satisfies Digests, lacking };
}
