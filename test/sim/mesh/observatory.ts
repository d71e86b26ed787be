// Prometheus as a whole: what it scrapes, what ails it, and what it answers.
import { names, resources } from '../../../src/kube/objects.ts';
import type { PrometheusOptions } from '../../../src/prometheus/client.ts';
import type { SimApi } from '../api/types.ts';
import type { Dice } from '../dice.ts';
import type { Life, SimTime } from '../time.ts';
import type { Counter } from './counters.ts';
import { Memory } from './memory.ts';
import { prometheusFetch } from './prometheus.ts';
import type { Proxy } from './proxy.ts';
import type { SimMesh } from './types.ts';

interface ObservatoryParts {
  readonly time: SimTime;
  readonly dice: Dice;
  readonly api: Pick<SimApi, 'get'>;
  readonly proxies: readonly Proxy[];
  readonly scrapeMs: number;
}

export class Observatory {
  readonly #parts: ObservatoryParts;
  readonly #memory: Memory;
  #ailment: SimMesh['ailment'] = 'none';

  constructor(parts: ObservatoryParts) {
    const { time, dice, proxies, scrapeMs } = parts;
    this.#parts = parts;
    this.#memory = new Memory({
      ...{ dice: dice.fork('scrapes'), proxies, now: time.now, intervalMs: scrapeMs },
      isScraped: (counter) => this.#isScraped(counter),
    });
  }

  get ailment(): SimMesh['ailment'] {
    return this.#ailment;
  }

  set ailment(ailment) {
    this.catchUp(); // what was to be scraped until now is scraped under the old one
    this.#ailment = ailment;
  }

  /** Makes the scrapes that are due: to be called before anything changes that they show. */
  catchUp(): void {
    this.#memory.catchUp(this.#parts.time.now);
  }

  /** It begins anew, with nothing in its memory. */
  restart(): void {
    this.catchUp();
    this.#memory.clear();
  }

  /** The `fetch` of a process. */
  fetchOf(life: Life): PrometheusOptions['fetch'] {
    const { time, dice } = this.#parts;
    const own = { time, dice: dice.fork(`fetch of ${life.name}`), memory: this.#memory };
    return prometheusFetch({ ...own, ailment: () => this.#ailment }, life);
  }

  /** It scrapes nothing while it is down; and where the twin's pods are not scraped, nothing is known of its requests. */
  #isScraped({ labels }: Counter): boolean {
    if (this.#ailment === 'down') return false;
    if (this.#ailment !== 'unscraped') return true;
    const { destination_workload: name = '', destination_workload_namespace: namespace } = labels;
    const deployment = this.#parts.api.get(resources.deployments, namespace, name);
    return deployment === undefined || !(names.twinOf in (deployment.metadata.annotations ?? {}));
  }
}
