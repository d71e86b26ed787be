import type { Dice } from '../dice.ts';
import type { SimTime } from '../time.ts';
import type { Clusters } from './clusters.ts';
import type { Routes } from './routes.ts';
import type { SimMesh } from './types.ts';

export interface News {
  readonly clusters?: Clusters;
  readonly routes?: Routes;
}

export interface LinkParts {
  readonly time: SimTime;
  readonly dice: Dice;
  readonly bounds: () => SimMesh['propagation'];
  readonly learn: (news: News) => void;
}

interface Push {
  readonly at: number;
  serial: number;
  news: News;
}

/**
 * The way of news from istiod to one proxy: each push takes its own time, some come together, and what is older than what
 * the proxy knows by then changes nothing.
 */
export class Link {
  readonly #parts: LinkParts;
  #serial = 0;
  #last: Push | undefined;
  readonly #known = { clusters: 0, routes: 0 };

  constructor(parts: LinkParts) {
    this.#parts = parts;
  }

  /** Sends what is so now: endpoints by themselves, routes with the clusters they lead to. */
  send(news: News): void {
    const { time, dice, bounds } = this.#parts;
    const { leastMs, mostMs } = bounds();
    const last = this.#last;
    this.#serial += 1;
    const isInTime = last !== undefined && last.at >= time.now + leastMs && last.at <= time.now + mostMs;
    if (isInTime && dice.chance(0.5)) {
      last.news = { ...last.news, ...news }; // istiod waits a little for more, and pushes what is newest then
      last.serial = this.#serial;
      return;
    }
    const waitMs = dice.between(leastMs, mostMs);
    const push = { at: time.now + waitMs, serial: this.#serial, news };
    this.#last = push;
    time.after(waitMs, () => this.#arrive(push));
  }

  #arrive(push: Push): void {
    if (this.#last === push) this.#last = undefined;
    const { serial, news } = push;
    const clusters = serial > this.#known.clusters ? news.clusters : undefined;
    const routes = serial > this.#known.routes ? news.routes : undefined;
    if (clusters !== undefined) this.#known.clusters = serial;
    if (routes !== undefined) this.#known.routes = serial;
    const fresh = {
      ...(clusters === undefined ? {} : { clusters }),
      ...(routes === undefined ? {} : { routes }),
    };
    if (clusters !== undefined || routes !== undefined) this.#parts.learn(fresh);
  }
}
