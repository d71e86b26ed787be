// Requests as a fluid: how many of each kind in each step of time, not one by one. A step ends each second, and wherever
// a proxy learns something or a pod changes, so that within one everything is as it is.
import type { Dice } from '../dice.ts';
import type { SimTime } from '../time.ts';
import { binomial, poisson } from './draws.ts';
import { type Asked, type End, type Lane, laneOf } from './lanes.ts';
import type { MeshPod } from './pods.ts';
import type { Proxy, Way } from './proxy.ts';
import type { Rates } from './rates.ts';
import { addressOf } from './requests.ts';
import type { Tally } from './tally.ts';
import type { Behaviour } from './types.ts';

const stepMs = 1000;

export interface TrafficParts {
  readonly time: SimTime;
  readonly dice: Dice;
  readonly proxies: readonly Proxy[];
  readonly tally: Tally;
  readonly rates: Rates;
  readonly behaviourOf: (image: string) => Behaviour;
  /** Called before any counter of a proxy changes. */
  readonly beforeCounting: () => void;
}

export class Traffic {
  readonly #parts: TrafficParts;
  readonly #loads = new Map<string, number>();
  readonly #lanes = new Map<string, Lane>();
  readonly #lanesOfWays = new WeakMap<Way, readonly Lane[]>();
  #steppedAt: number;
  /** Requests are open: their ends are yet to come. */
  #isOpen = false;
  #isTicking = false;

  constructor(parts: TrafficParts) {
    this.#parts = parts;
    this.#steppedAt = parts.time.now;
  }

  load(host: string, perSecond: number): void {
    this.step();
    if (perSecond > 0) this.#loads.set(host, perSecond);
    else this.#loads.delete(host);
    if (!this.#isTicking && this.#loads.size > 0) this.#tick();
  }

  /** Lets happen what happens up to now; to be called before anything changes that traffic depends on. */
  step(): void {
    const { time, proxies, tally, beforeCounting } = this.#parts;
    const [from, to] = [this.#steppedAt, time.now];
    this.#steppedAt = to;
    if (to === from || (this.#loads.size === 0 && !this.#isOpen)) return;
    beforeCounting();
    for (const [host, perSecond] of this.#loads) {
      const mean = (perSecond * (to - from)) / 1000 / proxies.length;
      for (const proxy of proxies) this.#send(proxy, host, { mean, from, to });
    }
    this.#isOpen = false;
    for (const lane of this.#lanes.values()) if (lane.flow.open > 0) this.#end(lane, to);
    tally.tell(to);
  }

  /** The pod answers no more: what it had open is cut. */
  lose(pod: MeshPod): void {
    this.#parts.beforeCounting();
    for (const lane of this.#lanes.values()) {
      if (lane.pod === pod) this.#count(lane.cut, lane.flow.cut(), 0);
    }
    this.#parts.tally.tell(this.#parts.time.now);
  }

  /** The pod will never answer again. */
  forget(pod: MeshPod): void {
    for (const [key, lane] of this.#lanes) if (lane.pod === pod) this.#lanes.delete(key);
  }

  #tick(): void {
    this.#isTicking = true;
    this.#parts.time.after(stepMs, () => {
      this.step();
      this.#isTicking = this.#loads.size > 0 || this.#isOpen;
      if (this.#isTicking) this.#tick();
    });
  }

  #send(proxy: Proxy, host: string, step: { mean: number; from: number; to: number }): void {
    const { dice } = this.#parts;
    let [left, share] = [poisson(dice, step.mean), 1];
    for (const way of proxy.copiesOf(host)) {
      const lanes = this.#lanesOf(proxy, host, way, true).filter(({ pod }) => pod.isRunning);
      if (lanes.length > 0) this.#begin(lanes, binomial(dice, left, way.share), step);
    }
    for (const way of proxy.waysOf(host)) {
      if (left === 0) return;
      const count = binomial(dice, left, way.share / share);
      left -= count;
      share -= way.share;
      const lanes = this.#lanesOf(proxy, host, way);
      const reached = lanes.filter(({ pod }) => pod.isRunning);
      const lost = this.#fail({ proxy, host, way, reached: reached.length }, count);
      this.#begin(reached, count - lost, step);
    }
  }

  /** Requests that reach no pod, of `count`; a retry takes another pod than the tries before it (previous_hosts). */
  #fail(
    { proxy, host, way, reached }: { proxy: Proxy; host: string; way: Way; reached: number },
    count: number,
  ): number {
    const known = way.pods.length;
    let share = 1;
    for (let tried = 0; tried < Math.min(1 + way.retries, known); tried += 1)
      share *= (known - reached - tried) / (known - tried);
    const lost = binomial(this.#parts.dice, count, share);
    if (lost === 0) return 0;
    const gone = way.pods.find(({ isRunning }) => !isRunning);
    const { status, flags } = gone === undefined ? way.without : { status: 503, flags: 'UF' };
    const result = gone !== undefined ? 'refused' : way.service === undefined ? 'no-cluster' : 'no-endpoint';
    const { workload, namespace } = gone ?? { workload: 'unknown', namespace: 'unknown' };
    const end = {
      heap: this.#parts.tally.heap({ host: addressOf(host), workload: undefined, result, status }),
      counter: () => proxy.counter({ workload, namespace, service: way.service }, status, flags),
    };
    this.#count(end, lost, 0);
    return lost;
  }

  #begin(lanes: readonly Lane[], count: number, { from, to }: { from: number; to: number }): void {
    if (count === 0) return;
    const each = Math.floor(count / lanes.length);
    const more = count - each * lanes.length;
    const first = more === 0 ? 0 : this.#parts.dice.between(0, lanes.length - 1);
    for (const [index, { flow }] of lanes.entries()) {
      const isOneMore = (index - first + lanes.length) % lanes.length < more;
      const own = isOneMore ? each + 1 : each;
      if (own > 0) flow.begin(from, to, own);
    }
  }

  #end(lane: Lane, now: number): void {
    const { dice, rates } = this.#parts;
    const { errors, durationMs } = lane.behaviour;
    const ended = lane.flow.end(now);
    if (lane.flow.open > 0) this.#isOpen = true;
    if (ended === 0) return;
    const failed = binomial(dice, ended, errors);
    this.#count(lane.app, failed, durationMs);
    this.#count(lane.ok, ended - failed, durationMs);
    rates.add(lane.workload, ended, now);
  }

  #count({ heap, counter }: End, count: number, durationMs: number): void {
    if (count === 0) return;
    if (heap !== undefined) this.#parts.tally.add(heap, count, this.#parts.time.now - durationMs);
    counter().add(count, durationMs);
  }

  #lanesOf(proxy: Proxy, host: string, way: Way, isCopy = false): readonly Lane[] {
    let lanes = this.#lanesOfWays.get(way);
    if (lanes === undefined) {
      lanes = way.pods.map((pod) => this.#lane({ proxy, host, service: way.service ?? '', isCopy }, pod));
      this.#lanesOfWays.set(way, lanes);
    }
    return lanes;
  }

  #lane(asked: Asked, pod: MeshPod): Lane {
    const { proxy, host, service, isCopy } = asked;
    const key = `${proxy.name} ${host} ${service} ${pod.uid}${isCopy ? ' copies' : ''}`;
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = laneOf(this.#parts.tally, asked, pod, this.#parts.behaviourOf(pod.image));
      this.#lanes.set(key, lane);
    }
    return lane;
  }
}
