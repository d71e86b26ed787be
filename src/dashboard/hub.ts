import type { News } from './wire.ts';

export interface Numbered {
  /** `<boot>.<number>`: of another boot, a number says nothing. */
  readonly id: string;
  readonly news: News;
}

export interface Hub {
  /** Tells everybody, and keeps it for those who come back. */
  tell(news: News): void;
  /**
   * Calls `listener` with all that was missed since `lastId`, or with everything as it is where that cannot be told, and
   * then with each news as it comes; answers how to stop.
   */
  listen(lastId: string | undefined, listener: (numbered: Numbered) => void): () => void;
}

/** News that are kept: those who come back within a restart of the API server have missed no more. */
const mostKept = 1_000;

/** News for any number of listeners; `all` makes those of somebody who knows nothing yet. */
export function createHub(boot: string, all: () => News): Hub {
  const listeners = new Set<(numbered: Numbered) => void>();
  let kept: Numbered[] = [];
  let last = 0;
  const idOf = (number: number): string => `${boot}.${number}`;
  const missedSince = (lastId: string | undefined): readonly Numbered[] | undefined => {
    const since = last - kept.length;
    for (let number = last; number >= since; number -= 1)
      if (lastId === idOf(number)) return kept.slice(number - since);
    return undefined;
  };
  return {
    tell(news) {
      last += 1;
      const numbered = { id: idOf(last), news };
      kept.push(numbered);
      if (kept.length > mostKept) kept = kept.slice(-mostKept / 2);
      for (const listener of listeners) listener(numbered);
    },
    listen(lastId, listener) {
      const missed = missedSince(lastId) ?? [{ id: idOf(last), news: all() }];
      for (const numbered of missed) listener(numbered);
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
