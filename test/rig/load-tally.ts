/** What became of one request. */
export interface Sample {
  /** The phase in which it was sent. */
  readonly phase: string;
  /** Milliseconds from the send to the last byte, or to the failure. */
  readonly ms: number;
  /** An answer that came whole, or the code of what broke (ECONNRESET, ECONNREFUSED, TIMEOUT). */
  readonly answer: { readonly status: number; readonly version: string } | { readonly broke: string };
}

export interface Counts {
  readonly ok: number;
  /** Everything that is not a whole answer of 2xx or 3xx. */
  readonly failed: number;
  readonly errors: {
    readonly byStatus: ReadonlyMap<number, number>;
    readonly transport: ReadonlyMap<string, number>;
  };
  /** Of all finished requests, failed ones too; 0 where there are none. */
  readonly p50: number;
  readonly p99: number;
}

export interface Totals extends Counts {
  /** By the version that answered; a request that broke has none. */
  readonly byVersion: ReadonlyMap<string, Counts>;
  readonly byPhase: ReadonlyMap<string, Counts>;
}

/** Adds up requests; counts and percentiles are exact, since a load is bounded. */
export class Tally {
  readonly #all = new Group();
  readonly #versions = new Map<string, Group>();
  readonly #phases = new Map<string, Group>();

  add(sample: Sample): void {
    this.#all.add(sample);
    groupOf(this.#phases, sample.phase).add(sample);
    if ('status' in sample.answer) groupOf(this.#versions, sample.answer.version).add(sample);
  }

  totals(): Totals {
    return { ...this.#all.counts(), byVersion: countsOf(this.#versions), byPhase: countsOf(this.#phases) };
  }
}

class Group {
  #ok = 0;
  readonly #byStatus = new Map<number, number>();
  readonly #transport = new Map<string, number>();
  readonly #durations: number[] = [];

  add({ answer, ms }: Sample): void {
    this.#durations.push(ms);
    if ('broke' in answer) countUp(this.#transport, answer.broke);
    else if (answer.status >= 200 && answer.status < 400) this.#ok += 1;
    else countUp(this.#byStatus, answer.status);
  }

  counts(): Counts {
    const sorted = Float64Array.from(this.#durations).sort();
    return {
      ok: this.#ok,
      failed: sorted.length - this.#ok,
      errors: { byStatus: new Map(this.#byStatus), transport: new Map(this.#transport) },
      p50: nearestRank(sorted, 0.5),
      p99: nearestRank(sorted, 0.99),
    };
  }
}

function nearestRank(sorted: Float64Array, quantile: number): number {
  return sorted[Math.ceil(sorted.length * quantile) - 1] ?? 0;
}

function countUp<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function groupOf(groups: Map<string, Group>, name: string): Group {
  const found = groups.get(name) ?? new Group();
  groups.set(name, found);
  return found;
}

function countsOf(groups: ReadonlyMap<string, Group>): ReadonlyMap<string, Counts> {
  return new Map([...groups].map(([name, group]) => [name, group.counts()]));
}
