import type { Outcome } from './types.ts';

type Kind = Omit<Outcome, 'at' | 'count'>;

/** Outcomes of one kind since they were told last. */
export interface Heap {
  readonly kind: Kind;
  count: number;
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
      heap = { kind, count: 0 };
      this.#heaps.set(key, heap);
    }
    return heap;
  }

  add(heap: Heap, count: number): void {
    if (count === 0) return;
    if (heap.count === 0) this.#touched.push(heap);
    heap.count += count;
  }

  tell(at: number): void {
    for (const heap of this.#touched.splice(0)) {
      const outcome: Outcome = { at, count: heap.count, ...heap.kind };
      heap.count = 0;
      for (const listener of this.#listeners) listener(outcome);
    }
  }
}
