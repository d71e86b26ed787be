// Deployments that are promoted together (`serin.dev/group`): who they are, and that no two decide at the same time.
import { readState } from '../config/state.ts';
import { isTwin } from '../kube/deployment.ts';
import type { KubeObject } from '../kube/objects.ts';
import type { StoreView } from '../kube/store.ts';
import type { Member, Observation, State } from '../rollout/types.ts';
import type { Scene } from './scene.ts';

export const groupName = 'serin.dev/group';

/** The group that a Deployment says it is in, by annotation or by label. */
export function groupOf({ metadata }: KubeObject): string | undefined {
  const name = metadata.annotations?.[groupName] ?? metadata.labels?.[groupName];
  return name === '' ? undefined : name;
}

/** The Deployments of the namespace that are in the same group, without itself. */
export function othersOf(deployments: StoreView, main: KubeObject): readonly KubeObject[] {
  const name = groupOf(main);
  if (name === undefined) return [];
  const all = deployments.inNamespace(main.metadata.namespace ?? '');
  return all.filter(
    (each) => each.metadata.uid !== main.metadata.uid && !isTwin(each) && groupOf(each) === name,
  );
}

/** What is seen of the others of the group; undefined where there is none. */
export function groupSeen({ main, state, others }: Scene): Observation['group'] {
  const name = groupOf(main);
  if (name === undefined) return undefined;
  return { name, members: others.flatMap((other) => memberSeen(other, state)) };
}

/** A rollout that had ended before this one began is another matter. */
function memberSeen(other: KubeObject, own: State): readonly Member[] {
  const state = readState(other.metadata.annotations);
  if (state === undefined || 'corrupt' in state) return [];
  const begun = 'startedAt' in own ? (own.startedAt ?? 0) : Number.POSITIVE_INFINITY;
  if ('endedAt' in state && state.endedAt < begun) return [];
  const { phase } = state;
  const passed = 'passed' in state && state.passed;
  const shifted = 'shifted' in state && state.shifted;
  return [{ name: other.metadata.name, phase, passed, shifted }];
}

/** Work on one key at a time, in the order it was asked for. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  async take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const turn = (async () => {
      await before?.catch(() => undefined);
      return work();
    })();
    this.#last.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.#last.get(key) === turn) this.#last.delete(key);
    }
  }
}
