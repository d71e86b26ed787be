import type { Dice } from '../dice.ts';
import type { SimTime } from '../time.ts';
import type { SimMesh } from './types.ts';

interface OnItsWay<T> {
  readonly at: number;
  state: T;
}

/** One kind of news from istiod to one proxy: each takes its time, none overtakes another, some come together. */
export class Push<T> {
  readonly #time: SimTime;
  readonly #dice: Dice;
  readonly #bounds: () => SimMesh['propagation'];
  readonly #take: (state: T) => void;
  #last: OnItsWay<T> | undefined;

  constructor(time: SimTime, dice: Dice, bounds: () => SimMesh['propagation'], take: (state: T) => void) {
    this.#time = time;
    this.#dice = dice;
    this.#bounds = bounds;
    this.#take = take;
  }

  /** When all that was sent so far has come; 0 where nothing is on its way. */
  get lastAt(): number {
    return this.#last?.at ?? 0;
  }

  /** Sends what is so now; it comes no earlier than `notBefore`. */
  send(state: T, notBefore = 0): void {
    const { leastMs, mostMs } = this.#bounds();
    const last = this.#last;
    const earliest = Math.max(this.#time.now + leastMs, notBefore);
    if (last !== undefined && last.at >= earliest && this.#dice.chance(0.5)) {
      last.state = state; // istiod waits a little for more, and pushes what is newest then
      return;
    }
    const own = this.#time.now + this.#dice.between(leastMs, mostMs);
    const coming = { at: Math.max(own, notBefore, this.lastAt), state };
    this.#last = coming;
    this.#time.after(coming.at - this.#time.now, () => {
      if (this.#last === coming) this.#last = undefined;
      this.#take(coming.state);
    });
  }
}
