// What was heard already: a webhook that somebody sends again does nothing.
import type { Clock } from '../clock.ts';

/** A comment that is older is not heeded any more: people say it again. */
const windowMs = 600_000;
/** How far the clock of a forge may be ahead. */
const skewMs = 60_000;
const usualMost = 20_000;

export type Heard = 'new' | 'seen' | 'old' | 'full';

/** Remembers for as long as a comment may be heeded, and not more than `most`: what does not fit is refused, never forgotten. */
export class Seen {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #since: number;
  readonly #most: number;
  /** Oldest first. */
  readonly #until = new Map<string, number>();

  constructor(clock: Pick<Clock, 'now'>, most = usualMost) {
    this.#clock = clock;
    this.#most = most;
    // What was said before is of a process that is gone, which may have heeded it; forges tell whole seconds.
    this.#since = Math.floor(clock.now() / 1000) * 1000;
  }

  /** Takes what was said at `at`, known by any of `keys`. */
  take(keys: readonly string[], at: number): Heard {
    const now = this.#clock.now();
    for (const [key, until] of this.#until) {
      if (until > now) break;
      this.#until.delete(key);
    }
    if (!(at >= Math.max(this.#since, now - windowMs) && at <= now + skewMs)) return 'old';
    if (keys.some((key) => this.#until.has(key))) return 'seen';
    if (this.#until.size + keys.length > this.#most) return 'full';
    for (const key of keys) this.#until.set(key, now + windowMs + skewMs);
    return 'new';
  }

  /** Lets it be said again. */
  forget(keys: readonly string[]): void {
    for (const key of keys) this.#until.delete(key);
  }
}
