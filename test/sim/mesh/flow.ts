// Requests that are under way: each is open for as long as its pod takes, and ends with it where the pod goes.

interface Part {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  ended: number;
}

/** The requests of one kind to one pod. */
export class Flow {
  readonly #durationMs: number;
  #parts: Part[] = [];
  /** Those that are open now. */
  open = 0;

  constructor(durationMs: number) {
    this.#durationMs = durationMs;
  }

  /** `count` requests began, evenly spread over that time. */
  begin(from: number, to: number, count: number): void {
    this.open += count;
    this.#parts.push({ from, to, count, ended: 0 });
  }

  /** How many ended since it was asked last. */
  end(now: number): number {
    const until = now - this.#durationMs;
    let ended = 0;
    for (const part of this.#parts) {
      const share = part.to <= until ? 1 : Math.max(0, (until - part.from) / (part.to - part.from));
      const byNow = Math.floor(part.count * share);
      ended += byNow - part.ended;
      part.ended = byNow;
    }
    if (ended > 0) this.#parts = this.#parts.filter((part) => part.ended < part.count);
    this.open -= ended;
    return ended;
  }

  /** The pod is gone: how many were open. */
  cut(): number {
    const { open } = this;
    this.#parts = [];
    this.open = 0;
    return open;
  }
}
