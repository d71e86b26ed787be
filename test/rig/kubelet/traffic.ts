/** What a pod served: every answer by its status, and how busy the last seconds were. */
export class Traffic {
  readonly byStatus = new Map<number, number>();
  readonly #cpuMsPerRequest: number;
  readonly #startedAt = Date.now();
  /** Answers in each of the last seconds, by second of the epoch. */
  readonly #recent = new Map<number, number>();

  constructor(cpuMsPerRequest: number) {
    this.#cpuMsPerRequest = cpuMsPerRequest;
  }

  count(status: number): void {
    this.byStatus.set(status, (this.byStatus.get(status) ?? 0) + 1);
    const second = Math.floor(Date.now() / 1000);
    this.#recent.set(second, (this.#recent.get(second) ?? 0) + 1);
    for (const old of this.#recent.keys()) if (old < second - windowSeconds) this.#recent.delete(old);
  }

  /** Seconds of a core used since the start. */
  cpuSeconds(): number {
    const answers = [...this.byStatus.values()].reduce((sum, count) => sum + count, 0);
    const idleSeconds = ((Date.now() - this.#startedAt) * idleMillis) / 1e6;
    return idleSeconds + (answers * this.#cpuMsPerRequest) / 1000;
  }

  /** Thousandths of a core used over the last whole seconds. */
  cpuMillis(): number {
    const now = Math.floor(Date.now() / 1000);
    let answers = 0;
    for (const [second, count] of this.#recent)
      if (second < now && second >= now - windowSeconds) answers += count;
    return Math.round(idleMillis + (answers / windowSeconds) * this.#cpuMsPerRequest);
  }
}

export const windowSeconds = 5;
const idleMillis = 2;
