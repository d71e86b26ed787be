// The queue of a controller: one look at a key at a time, soon after something happened, again with patience after a failure.
import type { Dice } from '../dice.ts';
import type { SimTime } from '../time.ts';

/** Looks at what a key names, and does what is to be done; answers when to look again though nothing happens, in ms. */
export type Look = (key: string) => Promise<number | undefined>;

/** How long a watch event takes to be acted upon, in ms. */
const soonMs = { least: 5, most: 200 };
/** client-go's rate limiter: doubled with each failure in a row. */
const retryMs = { first: 5, most: 1_000_000 };

export class WorkQueue {
  readonly #time: SimTime;
  readonly #dice: Dice;
  readonly #look: Look;
  readonly #planned = new Map<string, { readonly at: number; readonly cancel: () => void }>();
  /** Keys under a look; true where something happened meanwhile. */
  readonly #busy = new Map<string, boolean>();
  readonly #failures = new Map<string, number>();

  constructor(time: SimTime, dice: Dice, look: Look) {
    this.#time = time;
    this.#dice = dice;
    this.#look = look;
  }

  /** Something happened to it. */
  add(key: string): void {
    if (this.#busy.has(key)) this.#busy.set(key, true);
    else this.#plan(key, this.#dice.between(soonMs.least, soonMs.most));
  }

  #plan(key: string, ms: number): void {
    const at = this.#time.now + ms;
    const planned = this.#planned.get(key);
    if (planned !== undefined && planned.at <= at) return;
    planned?.cancel();
    this.#planned.set(key, { at, cancel: this.#time.after(ms, () => this.#begin(key)) });
  }

  #begin(key: string): void {
    this.#planned.delete(key);
    this.#busy.set(key, false);
    this.#look(key).then(
      (againMs) => {
        this.#failures.delete(key);
        this.#end(key, againMs);
      },
      (error: unknown) => {
        if (!(error instanceof Refused)) throw error;
        const failures = this.#failures.get(key) ?? 0;
        this.#failures.set(key, failures + 1);
        this.#end(key, Math.min(retryMs.first * 2 ** failures, retryMs.most));
      },
    );
  }

  #end(key: string, againMs: number | undefined): void {
    const hasHappened = this.#busy.get(key) === true;
    this.#busy.delete(key);
    if (againMs !== undefined) this.#plan(key, againMs);
    if (hasHappened) this.add(key);
  }
}

/** A write that the API server refused: the look is over and comes again. */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
