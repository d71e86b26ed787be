// What would become of a Deployment, told by what the API server would store.
import { isRestart } from '../admission/deployment.ts';
import { readState } from '../config/state.ts';
import { isPaused, templateOf } from '../kube/deployment.ts';
import { type KubeObject, names } from '../kube/objects.ts';
import { isSame } from '../rollout/template.ts';
import type { State } from '../rollout/types.ts';
import type { Tried } from './dry-run.ts';

export type Fate =
  | { readonly is: 'refused'; readonly why: string }
  | { readonly is: 'unknown'; readonly why: string }
  /** Nothing runs yet that a canary could be compared with. */
  | { readonly is: 'new' }
  /** The template is what runs; `why` says what else it is where it is held or has failed. */
  | { readonly is: 'unchanged'; readonly why: string }
  | { readonly is: 'restart' }
  | {
      readonly is: 'held';
      readonly revision: string;
      readonly stableRevision: string;
      /** The candidate whose place it takes. */
      readonly inPlaceOf?: string;
    }
  /** By kube-apiserver itself, since Serin did not answer. */
  | { readonly is: 'waits' }
  /** It ends the rollout under way: stable is back. */
  | { readonly is: 'ends'; readonly revision: string }
  /** To everybody at once. */
  | { readonly is: 'direct'; readonly why: string };

/** Reads the fate from the two objects. `isWatched` is false where the namespace has no label. */
export function fateOf(live: KubeObject | undefined, tried: Tried, isWatched: boolean): Fate {
  if (tried.is === 'refused') return { is: 'refused', why: tried.message };
  if (tried.is === 'unknown') return tried;
  if (live === undefined) return { is: 'new' };
  const { object, warnings } = tried;
  const [before, after] = [stateIn(live), stateIn(object)];
  if (isSame(templateOf(live), templateOf(object))) return { is: 'unchanged', why: standing(before) };
  if (
    after?.phase === 'RollingBack' ||
    (after !== undefined && 'ending' in after && after.ending === 'Aborted')
  )
    return { is: 'ends', revision: after.revision };
  if (after?.phase === 'Pending' && isPaused(object) && after.revision !== idOf(before)) {
    const { revision, stableRevision } = after;
    return { is: 'held', revision, stableRevision, ...replaced(before) };
  }
  const [mark, marked] = [live, object].map(({ metadata }) => metadata.annotations?.[names.heldBy]);
  if (marked === 'policy' && mark !== marked) return { is: 'waits' };
  if (isRestart(templateOf(live), templateOf(object))) return { is: 'restart' };
  return { is: 'direct', why: isWatched ? whyIn(warnings) : 'the namespace has no label serin.dev/mode' };
}

function stateIn({ metadata }: KubeObject): State | undefined {
  const state = readState(metadata.annotations);
  return state === undefined || 'corrupt' in state ? undefined : state;
}

/** Of a rollout that is not over: a candidate with the revision of one that is tried again is new. */
function idOf(state: State | undefined): string | undefined {
  return state === undefined || 'endedAt' in state ? undefined : state.revision;
}

function replaced(before: State | undefined): { readonly inPlaceOf?: string } {
  return before === undefined || before.phase === 'Succeeded' || before.phase === 'Aborted'
    ? {}
    : { inPlaceOf: before.revision };
}

function standing(state: State | undefined): string {
  if (state === undefined || state.phase === 'Succeeded' || state.phase === 'Aborted') return '';
  if (state.phase === 'Failed')
    return `revision ${state.revision} has failed and stays held: ${state.message}`;
  return `revision ${state.revision} is on trial already, and that goes on`;
}

function whyIn(warnings: readonly string[]): string {
  const said = warnings.map((each) => /without a canary: (.+)$/.exec(each)?.[1]);
  return (
    said.find((each) => each !== undefined) ??
    'nothing held it: does Serin answer? kubectl canary doctor says'
  );
}

/** True where nothing goes past a canary that should not. */
export function isFine({ is }: Fate): boolean {
  return !['refused', 'unknown', 'direct'].includes(is);
}
