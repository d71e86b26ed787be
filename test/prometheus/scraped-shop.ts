// A shop whose pods count as Istio's proxies do, a Prometheus that scrapes them, and its API as production's client asks it.
import type { Clock } from '../../src/clock.ts';
import type { Fetch } from '../../src/prometheus/exchange.ts';
import { Dice } from '../sim/dice.ts';
import { bounds, Counter } from '../sim/mesh/counters.ts';
import { binomial, poisson } from '../sim/mesh/draws.ts';
import { evaluate } from '../sim/mesh/evaluate.ts';
import type { Sample } from '../sim/mesh/memory.ts';
import { parseQuery } from '../sim/mesh/promql.ts';

export type Arm = 'canary' | 'stable';
type Ailment = 'none' | 'truncated' | 'NaN' | 'slow';

const workloads = { stable: 'web', canary: 'web-canary' } as const;

/** Requests come one by one, and each fails by itself; `count` adds what does not. */
export class ScrapedShop {
  perSecond = 100;
  /** How often Prometheus scrapes. */
  scrapeMs = 5000;
  /** Share of the requests that fail. */
  errors: Record<Arm, number> = { canary: 0.01, stable: 0.01 };
  ailment: Ailment = 'none';
  /** How far its clock is ahead of ours. */
  aheadMs = 0;
  /** Labels that each Prometheus that scrapes puts on its own. */
  replicas: readonly Readonly<Record<string, string>>[] = [{}];
  /** Every query so far. */
  readonly asked: string[] = [];
  readonly unscraped = new Set<string>();
  readonly served: Record<Arm, { requests: number; errors: number }> = {
    canary: { requests: 0, errors: 0 },
    stable: { requests: 0, errors: 0 },
  };
  readonly #dice: Dice;
  /** By pod and code. */
  readonly #counters = new Map<string, Counter>();
  #memory = new Map<string, readonly [{ readonly labels: Counter['labels'] }, Sample[]]>();

  constructor(seed = 7) {
    this.#dice = new Dice(seed);
  }

  /** One second of requests, of which `weight` percent go to the canary, and the scrape that is due. */
  second(now: number, weight: number, pods: Record<Arm, number>): void {
    const requests = poisson(this.#dice, this.perSecond);
    const canary = pods.canary === 0 ? 0 : binomial(this.#dice, requests, weight / 100);
    this.#serve('canary', canary, pods.canary);
    this.#serve('stable', requests - canary, pods.stable);
    if (now % this.scrapeMs === 0) this.#scrape(now + this.aheadMs);
  }

  #serve(arm: Arm, requests: number, pods: number): void {
    for (let pod = 1; pod <= pods; pod += 1) {
      const own = Math.floor((requests + pod - 1) / pods);
      const errors = binomial(this.#dice, own, this.errors[arm]);
      this.count(arm, pod, '503', errors);
      this.count(arm, pod, '200', own - errors);
    }
  }

  /** A pod answers so many requests with `code`. */
  count(arm: Arm, pod: number, code: string, requests: number): void {
    this.served[arm].requests += requests;
    if (code === '503') this.served[arm].errors += requests;
    const name = `${workloads[arm]}-${pod}`;
    const key = `${name} ${code}`;
    const labels = {
      ...{ reporter: 'destination', destination_workload: workloads[arm] },
      ...{ destination_workload_namespace: 'shop', pod: name, instance: `${name}:15020` },
      ...{ destination_service: `${workloads[arm]}.shop.svc.cluster.local`, response_code: code },
    };
    const counter = this.#counters.get(key) ?? new Counter(labels);
    // A proxy has no series of what never was.
    if (requests > 0) this.#counters.set(key, counter);
    counter.add(requests, 20);
  }

  /** The proxy of a pod starts again and counts from nothing. */
  restart(arm: Arm, pod: number): void {
    for (const code of ['200', '503']) this.#counters.delete(`${workloads[arm]}-${pod} ${code}`);
  }

  /** Prometheus starts again and knows nothing. */
  forget(): void {
    this.#memory = new Map();
  }

  #scrape(at: number): void {
    for (const [key, counter] of this.#counters) {
      if (this.unscraped.has(counter.labels['pod'] ?? '')) continue;
      const sample = { at, requests: counter.requests, buckets: counter.buckets(this.#dice) };
      this.replicas.forEach((own, replica) => {
        const name = `${key} ${replica}`;
        const known = this.#memory.get(name) ?? [{ labels: { ...counter.labels, ...own } }, []];
        known[1].push(sample);
        this.#memory.set(name, known);
      });
    }
  }

  /** What the proxy of a pod tells of itself at this moment. */
  page(pod: string): string {
    const own = [...this.#counters.values()].filter(({ labels }) => labels['pod'] === pod);
    const lines = own.flatMap((counter) => {
      const { pod: _, instance: __, ...told } = counter.labels;
      const labels = Object.entries(told).map(([name, value]) => `${name}="${value}"`);
      const line = (metric: string, value: number, ...more: readonly string[]): string =>
        `istio_${metric}{${[...labels, ...more].join(',')}} ${value}\n`;
      const buckets = counter.buckets(this.#dice).map((count, at) => {
        const bound = bounds[at] ?? 0;
        return line(
          'request_duration_milliseconds_bucket',
          count,
          `le="${Number.isFinite(bound) ? bound : '+Inf'}"`,
        );
      });
      return [line('requests_total', counter.requests), ...buckets];
    });
    return `# TYPE istio_requests_total counter\n${lines.join('')}`;
  }

  /** Its API, for a client whose time is `clock`. */
  fetch(clock: Clock): Fetch {
    return async (url, { signal }) => {
      const query = url.searchParams.get('query') ?? '';
      this.asked.push(query);
      if (this.ailment === 'slow') await clock.sleep(30_000, signal);
      signal.throwIfAborted();
      const whole = this.#answer(query, clock.now() + this.aheadMs);
      const body = this.ailment === 'truncated' ? whole.slice(0, whole.length / 2) : whole;
      return new Response(body);
    };
  }

  #answer(query: string, now: number): string {
    const value = evaluate(parseQuery(query), { now, series: this.#memory.values() });
    const text = (each: number): string => (this.ailment === 'NaN' ? 'NaN' : String(each));
    switch (value.kind) {
      case 'scalar':
        return said('scalar', [now / 1000, String(value.value)]);
      case 'vector':
        return said(
          'vector',
          value.rows.map((row) => ({ metric: row.labels, value: [now / 1000, text(row.value)] })),
        );
      case 'matrix':
        return said(
          'matrix',
          value.series.map(({ labels, points }) => ({
            metric: labels,
            values: points.map(([at, each]) => [at / 1000, text(each)]),
          })),
        );
    }
  }
}

function said(resultType: string, result: unknown): string {
  return JSON.stringify({ status: 'success', data: { resultType, result } });
}
