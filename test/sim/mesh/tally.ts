import type { Outcome } from './types.ts';

type Kind = Omit<Outcome, 'at' | 'count' | 'begunAt'>;

/** Outcomes of one kind since they were told last. */
export interface Heap {
  readonly kind: Kind;
  count: number;
  begunAt: number;
}

/** Gathers outcomes of one step of time, and tells them together. */
export class Tally {
  readonly #heaps = new Map<string, Heap>();
  readonly #listeners: ((outcome: Outcome) => void)[] = [];
  /** Those with something to tell. */
  readonly #touched: Heap[] = [];

  onOutcome(listener: (outcome: Outcome) => void): void {
    this.#listeners.push(listener);
  }

  heap(kind: Kind): Heap {
    const key = `${kind.host} ${kind.workload} ${kind.result} ${kind.status}`;
    let heap = this.#heaps.get(key);
    if (heap === undefined) {
      heap = { kind, count: 0, begunAt: 0 };
      this.#heaps.set(key, heap);
    }
    return heap;
  }

  /** `begunAt`: when the last of them may have begun. */
  add(heap: Heap, count: number, begunAt: number): void {
    if (count === 0) return;
    if (heap.count === 0) this.#touched.push(heap);
    heap.count += count;
    heap.begunAt = Math.max(heap.begunAt, begunAt);
  }

  tell(at: number): void {
    for (const heap of this.#touched.splice(0)) {
      const outcome: Outcome = { at, begunAt: heap.begunAt, count: heap.count, ...heap.kind };
      heap.count = 0;
      heap.begunAt = 0;
      for (const listener of this.#listeners) listener(outcome);
    }
  }
}
