import type { Counting } from '../analysis/comparison.ts';
import type { Kube } from '../kube/kube.ts';
import type { Arms } from '../prometheus/queries.ts';
import { type Asked, countedSince, ticksOf } from '../prometheus/ticks.ts';
import { CountedPod, type PodSeen } from './counted-pod.ts';
import type { Page } from './exposition.ts';
import { Pods, type PodsSeen } from './pods.ts';

interface Means {
  readonly everyMs: number;
  readonly ask: (pod: PodSeen) => Promise<Page>;
}

/** `elsewhere`: pods have no proxy, so that somebody else has to count. */
type Counted = Counting | { readonly kind: 'elsewhere' };

/** Pods come and go; where fewer or more are ready than are known they are listed at once. */
const listAgainMs = 10_000;
/** Pages in memory at one time. */
const atATime = 10;
/** As many scrapes as a pod that is ready may miss. */
const patience = 2.5;
/** Scrapes that are kept of before what is counted: their rhythm is learnt from them. */
const keptScrapes = 10;

/** One trial's pods and what their proxies have counted. Kept in memory alone: another controller begins anew. */
export class Trial {
  readonly #arms: Arms;
  readonly #means: Means;
  readonly #pods: Pods;
  readonly #counted = new Map<string, CountedPod>();
  /** Decided once: two that count by turns would count the same twice. */
  #isElsewhere: boolean | undefined;
  #seen: PodsSeen = { pods: [], haveProxies: true };
  #listedAt = Number.NEGATIVE_INFINITY;
  #scrapedAt = Number.NEGATIVE_INFINITY;
  /** Why a pod could not be heard the last time. */
  #failures: ReadonlyMap<string, string> = new Map();

  constructor(kube: Pick<Kube, 'get' | 'list'>, arms: Arms, means: Means) {
    this.#arms = arms;
    this.#means = means;
    this.#pods = new Pods(kube, arms);
  }

  /** Asks the proxies where it is time, and counts; throws what the API server says. */
  async count(asked: Asked, now: number): Promise<Counted> {
    const since = countedSince(asked, 0);
    await this.#list(asked, now);
    if (this.#isElsewhere !== false)
      return this.#isElsewhere === true
        ? { kind: 'elsewhere' }
        : { kind: 'incomplete', why: 'pods are not known yet' };
    // A look may come for other reasons than the time.
    if (now - this.#scrapedAt >= this.#means.everyMs / 2) await this.#scrape(since, now);
    const missing = this.#missing(now);
    if (missing !== undefined) return { kind: 'incomplete', why: missing };
    const pods = [...this.#counted.values()];
    if (!pods.some(({ counts }) => counts))
      return { kind: 'absent', why: 'no proxy counts requests of these Services' };
    const series = pods.map((pod) => pod.series(this.#arms));
    const samples = {
      requests: series.flatMap(({ requests }) => requests),
      durations: series.flatMap(({ durations }) => durations),
    };
    return ticksOf(samples, this.#arms, asked, 0);
  }

  async #list({ ready }: Asked, now: number): Promise<void> {
    const isSame = (['stable', 'canary'] as const).every(
      (arm) => this.#seen.pods.filter((pod) => pod.arm === arm && pod.ready).length === ready[arm],
    );
    if (isSame && now - this.#listedAt < listAgainMs) return;
    this.#seen = await this.#pods.list();
    this.#listedAt = now;
    const arms = new Set(this.#seen.pods.map(({ arm }) => arm));
    if (arms.size === 2) this.#isElsewhere ??= !this.#seen.haveProxies;
  }

  /** Pods that are not ready are asked, too: what they failed is why. */
  async #scrape(since: number, now: number): Promise<void> {
    const failures = new Map<string, string>();
    const { pods } = this.#seen;
    for (let at = 0; at < pods.length; at += atATime)
      await Promise.all(
        pods.slice(at, at + atATime).map(async (pod) => {
          const page = await this.#means.ask(pod);
          const counted = this.#counted.get(pod.name) ?? new CountedPod(pod);
          this.#counted.set(pod.name, counted);
          const why = page.kind === 'error' ? page.why : counted.hear(page.samples, this.#arms, now, since);
          if (why !== undefined) failures.set(pod.name, why);
        }),
      );
    this.#failures = failures;
    this.#scrapedAt = now;
    this.#forget(since);
  }

  #forget(since: number): void {
    const present = new Set(this.#seen.pods.map(({ name }) => name));
    for (const [name, pod] of this.#counted) {
      if (!present.has(name) && (pod.heardAt ?? 0) < since) this.#counted.delete(name);
      else pod.forget(since - keptScrapes * this.#means.everyMs);
    }
  }

  /** Says so where a pod that is ready is not heard: it may be the one that fails. */
  #missing(now: number): string | undefined {
    const silent = this.#seen.pods.find(({ name, ready }) => {
      const heardAt = this.#counted.get(name)?.heardAt ?? Number.NEGATIVE_INFINITY;
      return ready && now - heardAt > patience * this.#means.everyMs;
    });
    if (silent === undefined) return undefined;
    return `the proxy of pod ${silent.name} is not heard: ${this.#failures.get(silent.name) ?? 'not asked yet'}`;
  }
}
