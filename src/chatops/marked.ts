import type { Mark, Place, Thread } from './thread.ts';

const mostKept = 5_000;

/** What the commits were told last: the same is not told twice, whoever would tell it. */
export class Marked {
  readonly #last = new Map<string, string>();

  /** Tells it where it is news; throws Stop where the forge does not take it, and then it is still news. */
  async mark(
    { forge, repository }: Place,
    mark: Mark,
    thread: () => Promise<Pick<Thread, 'mark'>>,
  ): Promise<void> {
    const { sha, environment, state, description } = mark;
    const key = [forge, repository.toLowerCase(), sha.toLowerCase(), environment].join(' ');
    const text = `${state} ${description}`;
    if (this.#last.get(key) === text) return;
    if (this.#last.size >= mostKept) this.#last.clear();
    this.#last.set(key, text);
    try {
      await (await thread()).mark(mark);
    } catch (error) {
      if (this.#last.get(key) === text) this.#last.delete(key);
      throw error;
    }
  }
}
