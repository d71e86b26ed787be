// A whole trial by production's code: the machine, what it has measured, and the client of a Prometheus that is scripted.
import { fail } from 'node:assert/strict';
import type { ComparisonSpec } from '../../src/analysis/comparison.ts';
import { withMeasurements } from '../../src/controller/measure.ts';
import { noGates } from '../gates/rig.ts';
import type { Scene } from '../../src/controller/scene.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import { createPrometheus, type MetricSource } from '../../src/prometheus/source.ts';
import type { State } from '../../src/rollout/types.ts';
import { settled, virtualClock } from '../rig/virtual-clock.ts';
import { aPlan, World } from '../rollout/world.ts';
import { withScrapes } from '../../src/scrape/source.ts';
import { proxiesOf } from '../scrape/proxies.ts';
import { ScrapedShop } from './scraped-shop.ts';

export type Trial = ReturnType<typeof startTrial>;

export interface Story {
  readonly says: string;
  /** How things are from the beginning. */
  readonly given?: (trial: Trial) => void;
  /** What happens at a second of the trial. */
  readonly happens?: (trial: Trial, second: number) => void;
  readonly compare?: Partial<ComparisonSpec>;
  readonly weights?: readonly number[];
  /** The pods' proxies are asked themselves, so often. */
  readonly scrapeMs?: number;
  readonly seed?: number;
  /** With which words it ends. */
  readonly words: RegExp;
}

/** The beginning of a story. */
export function started({ given, happens, weights = [50, 60, 70], ...how }: Partial<Story> = {}): Trial {
  const trial = startTrial(weights, how);
  given?.(trial);
  trial.happens = (second) => happens?.(trial, second);
  return trial;
}

const usual: ComparisonSpec = { errorRate: true, latency: true, falseRollback: 0.01, tolerance: 1.5 };
/** Lower than any regression here: what fails a canary is the comparison. */
const successRate = { name: 'request-success-rate', intervalMs: 60_000, min: 40 };

const object = (name: string): KubeObject => ({
  metadata: { name, namespace: 'shop', uid: name, resourceVersion: '1' },
});

/** A release in a shop of four pods, with Serin's own comparison changed by `change`. */
function startTrial(
  weights: readonly number[],
  { compare: change, scrapeMs, seed }: Pick<Partial<Story>, 'compare' | 'scrapeMs' | 'seed'>,
) {
  const compare = { ...usual, ...change };
  const strategy = { kind: 'weights', weights } as const;
  const analysis = { intervalMs: 60_000, threshold: 3, strategy, metrics: [successRate], gates: [], compare };
  const plan = aPlan({ analysis });
  const world = new World(scrapeMs === undefined ? plan : { ...plan, lookMs: scrapeMs });
  const clock = virtualClock();
  world.now = clock.now();
  const shop = new ScrapedShop(seed);
  const ready = () => ({ stable: world.main.ready, canary: world.twin?.ready ?? 0 });
  const prometheus = createPrometheus({ url: 'http://prometheus.test', clock, fetch: shop.fetch(clock) });
  const proxies = proxiesOf(shop, clock, ready);
  const metricSource: MetricSource =
    scrapeMs === undefined
      ? prometheus
      : withScrapes(prometheus, { ...proxies, clock, everyMs: scrapeMs, port: 15_090 });
  let elapsed = 0;
  const trial = {
    ...{ world, shop, proxies },
    /** Called after each second since the first weight. */
    happens: (_second: number): void => undefined,
    message: (): string => ('message' in world.state ? world.state.message : ''),
    until: async (...phases: readonly State['phase'][]): Promise<void> => {
      // Stable has served for a while when the release begins.
      if (world.state.phase === 'Pending') await live(120_000);
      for (let looks = 0; looks < 500; looks += 1) {
        if (phases.includes(world.state.phase)) return;
        if (world.look(undefined, await seen())) continue;
        const before = world.now;
        world.pass();
        await live(world.now - before);
      }
      fail(`stays ${world.state.phase}, events: ${world.events.slice(-5).join(' | ')}`);
    },
  };

  const tick = (at: number): void => {
    shop.second(at, world.weight, ready());
    if (world.weight === 0) return;
    elapsed += 1;
    trial.happens(elapsed);
  };
  const live = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; ) {
      const step = Math.min(left, 1000 - (clock.now() % 1000));
      await clock.advance(step);
      left -= step;
      if (clock.now() % 1000 === 0) tick(clock.now());
    }
    world.now = clock.now();
  };
  const seen = async () => {
    world.count = undefined;
    const { measurements: _, ...bare } = world.observe();
    const look = { isOver: false };
    const asked = withMeasurements(
      { clock, metricSource, ...noGates },
      world.plan,
      sceneOf(world),
      bare,
    ).finally(() => {
      look.isOver = true;
    });
    for (await settled(); !look.isOver; await settled()) await live(1000);
    return asked;
  };
  return trial;
}

function sceneOf({ plan, state }: World): Scene {
  return {
    ...{ main: object('web'), spec: plan.spec, twinName: 'web-canary', labels: { ok: false, why: '' } },
    ...{ services: [], others: [], made: [], scaler: false, state },
    routing: {
      kind: 'split',
      ways: [
        {
          ...{ service: object('web'), maker: undefined, routes: [] },
          split: { service: { name: 'web', namespace: 'shop', ports: [] }, twinService: 'web-canary' },
        },
      ],
      besides: [],
    },
  };
}
