/** Work that waits, at most: of one lane, and of all. */
const mostOfLane = 100;
const mostOfAll = 1_000;

type Work = () => Promise<void>;

/** Lanes of work that do not hold each other up; in each lane one piece after the other, in the order they came. */
export class Lanes {
  readonly #lanes = new Map<string, Work[]>();
  #waiting = 0;

  /** False where there is no room: the work is not done. `work` must not throw. */
  add(lane: string, work: Work): boolean {
    const begun = this.#lanes.get(lane);
    if (this.#waiting >= mostOfAll || (begun?.length ?? 0) >= mostOfLane) return false;
    this.#waiting += 1;
    if (begun !== undefined) {
      begun.push(work);
      return true;
    }
    const fresh = [work];
    this.#lanes.set(lane, fresh);
    void this.#drain(lane, fresh);
    return true;
  }

  async #drain(lane: string, works: Work[]): Promise<void> {
    for (let work = works.shift(); work !== undefined; work = works.shift()) {
      await work();
      this.#waiting -= 1;
    }
    this.#lanes.delete(lane);
  }
}
