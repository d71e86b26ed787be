// The runs that are taken as right: short ones, of each way that a rollout can go. What is swept is compared with them.
import type { Event, History, Shop } from '../history.ts';

export interface Reference {
  readonly name: string;
  readonly history: History;
  /**
   * Something comes at a time of its own, whatever the rollout has come to: how often pods come and go is timing, and
   * what was not begun by then is never made.
   */
  readonly isTimed: boolean;
}

const shop: Shop = {
  replicas: 3,
  routes: 'one',
  planIn: 'annotation',
  plan: {
    analysis: { interval: '2s', threshold: 1, stepWeights: [50] },
    progressDeadlineSeconds: 60,
    onFailure: 'hold',
  },
  scaler: false,
  load: 40,
  streams: { count: 0, seconds: 1 },
  readyMs: 1_000,
  webhooks: 1,
  controllers: 1,
  settleMs: 1_000,
  policies: false,
};

/** Two seconds are too few to see the first errors of a version: an increase begins with the second sample of a series. */
const patient = { ...shop.plan, analysis: { ...shop.plan.analysis, interval: '6s' } };

const release = (at: number, image: string): Event => ({ at, do: 'release', image, way: 'strategic' });

interface Told {
  readonly events: readonly Event[];
  readonly shop?: Partial<Shop>;
  readonly isTimed?: boolean;
}

const told: Readonly<Record<string, Told>> = {
  healthy: { events: [release(2_000, 'shop:good-2')] },
  'healthy with a VirtualService that is generated': {
    events: [release(2_000, 'shop:good-2')],
    shop: { routes: 'none' },
  },
  'a bad version': { events: [release(2_000, 'shop:bad-2')], shop: { plan: patient } },
  'a bad version that is restored': {
    events: [release(2_000, 'shop:bad-2')],
    shop: { plan: { ...patient, onFailure: 'restore' } },
  },
  superseded: {
    events: [release(2_000, 'shop:good-2'), release(6_500, 'shop:good-3')],
    isTimed: true,
  },
  aborted: { events: [release(2_000, 'shop:good-2'), release(6_500, 'shop:good-1')], isTimed: true },
  'deleted on trial': {
    events: [release(2_000, 'shop:good-2'), { at: 6_500, do: 'delete', propagation: 'Background' }],
    isTimed: true,
  },
  'scaled by an autoscaler': {
    events: [release(2_000, 'shop:good-2')],
    shop: { scaler: true },
    isTimed: true,
  },
};

/** Every reference, with the dice of `seed`. */
export function referencesOf(seed: number): readonly Reference[] {
  return Object.entries(told).map(([name, { events, shop: change = {}, isTimed = false }]) => ({
    name,
    history: { seed, shop: { ...shop, ...change }, events },
    isTimed,
  }));
}
