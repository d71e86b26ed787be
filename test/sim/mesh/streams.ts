// Connections that clients keep open for long: each begins by the route of its moment, and lives and dies with its pod. They
// are no requests to Istio's counters until they end, and then so few that they are left out there.
import type { Dice } from '../dice.ts';
import type { SimTime } from '../time.ts';
import type { MeshPod } from './pods.ts';
import type { Proxy, Way } from './proxy.ts';
import type { Tally } from './tally.ts';
import type { Outcome } from './types.ts';

/** How long a client waits before it tries again. */
const againMs = 1000;

interface Wish {
  readonly host: string;
  count: number;
  seconds: number;
  /** Those that are kept: open, or about to be opened again. */
  kept: number;
}

interface Open {
  readonly wish: Wish;
  readonly pod: MeshPod;
  readonly begunAt: number;
  readonly drop: () => void;
}

export class Streams {
  readonly #parts: { time: SimTime; dice: Dice; proxies: readonly Proxy[]; tally: Tally };
  readonly #wishes = new Map<string, Wish>();
  readonly #open = new Set<Open>();
  #next = 0;

  constructor(parts: { time: SimTime; dice: Dice; proxies: readonly Proxy[]; tally: Tally }) {
    this.#parts = parts;
  }

  /** So many from now on, the first of them of any age; where that is fewer, those beyond it end in their time. */
  keep(host: string, count: number, seconds: number): void {
    const wish = this.#wishes.get(host) ?? { host, count, seconds, kept: 0 };
    this.#wishes.set(host, wish);
    Object.assign(wish, { count, seconds });
    for (; wish.kept < count; wish.kept += 1) this.#begin(wish, this.#parts.dice.next());
  }

  /** The pod is gone, and every stream on it. */
  lose(pod: MeshPod): void {
    for (const open of this.#open) {
      if (open.pod !== pod) continue;
      open.drop();
      this.#open.delete(open);
      this.#tell(open.wish, 'cut', pod, open.begunAt);
      this.#later(open.wish, againMs);
    }
  }

  #begin(wish: Wish, share: number): void {
    const { time, dice, proxies } = this.#parts;
    const proxy = proxies[this.#next++ % proxies.length];
    const way = chosen(dice, proxy?.waysOf(wish.host) ?? []);
    const pods = way?.pods.filter(({ isRunning }) => isRunning) ?? [];
    const pod = pods[dice.between(0, pods.length - 1)];
    if (pod === undefined) {
      this.#tell(wish, resultWithout(way), undefined, time.now);
      return this.#later(wish, againMs);
    }
    const begunAt = time.now;
    const end = (): void => {
      this.#open.delete(open);
      this.#tell(wish, 'ok', pod, begunAt);
      this.#later(wish, 0);
    };
    const open: Open = { wish, pod, begunAt, drop: time.after(1000 * wish.seconds * share, end) };
    this.#open.add(open);
  }

  /** Opens it again, where it is still wanted. */
  #later(wish: Wish, ms: number): void {
    this.#parts.time.after(ms, () => {
      if (wish.kept > wish.count) wish.kept -= 1;
      else this.#begin(wish, 1);
    });
  }

  #tell({ host }: Wish, result: Outcome['result'], pod: MeshPod | undefined, begunAt: number): void {
    const { tally, time } = this.#parts;
    const workload = pod === undefined ? undefined : `${pod.namespace}/${pod.workload}`;
    tally.add(tally.heap({ host, workload, result, status: result === 'ok' ? 200 : 503 }), 1, begunAt);
    tally.tell(time.now);
  }
}

function chosen(dice: Dice, ways: readonly Way[]): Way | undefined {
  let at = dice.next();
  return ways.find(({ share }) => (at -= share) < 0) ?? ways.at(-1);
}

function resultWithout(way: Way | undefined): Outcome['result'] {
  if (way?.service === undefined) return 'no-cluster';
  return way.pods.length === 0 ? 'no-endpoint' : 'refused';
}
