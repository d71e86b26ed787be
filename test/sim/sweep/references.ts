// The runs that are taken as right: short ones, of each way that a rollout can go. What is swept is compared with them.
import { beta } from '../draws.ts';
import type { Event, History, PlanText, Shop } from '../history.ts';

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

const planWith = (analysis: Partial<PlanText['analysis']>): PlanText => ({
  ...shop.plan,
  analysis: { ...shop.plan.analysis, ...analysis },
});

/** No weights: one check, and all traffic at once. */
const iterated = (analysis: Partial<PlanText['analysis']>): PlanText => ({
  ...shop.plan,
  analysis: { interval: '2s', threshold: 1, iterations: 1, ...analysis },
});

const release = (at: number, image: string): Extract<Event, { do: 'release' }> => ({
  at,
  do: 'release',
  image,
  way: 'strategic',
});

/** Whatever is in its way, the first rollout is over by then. */
const longAfterMs = 300_000;

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
  'mirrored first': {
    events: [release(2_000, 'shop:good-2')],
    shop: { plan: planWith({ mirror: true, mirrorWeight: 50 }) },
  },
  'blue/green': {
    events: [release(2_000, 'shop:good-2')],
    shop: { plan: iterated({ metrics: [] }) },
  },
  'by match': {
    events: [release(2_000, 'shop:good-2')],
    shop: { special: 0.4, plan: iterated({ match: [beta] }) },
  },
  'with cookies, given back in steps': {
    events: [release(2_000, 'shop:good-2')],
    shop: { plan: planWith({ stepWeightPromotion: 50, sessionAffinity: { cookieName: 'shop-canary' } }) },
  },
  'in place': {
    events: [release(2_000, 'shop:good-2')],
    shop: { plan: { ...planWith({ stepWeights: [34] }), promotion: 'inPlace' } },
  },
  'without a mesh': {
    events: [release(2_000, 'shop:good-2')],
    shop: { plan: { ...iterated({ metrics: [] }), provider: 'kubernetes' } },
  },
  'through an HTTPRoute': {
    events: [release(2_000, 'shop:good-2')],
    shop: { routes: 'http-route' },
  },
  'by match through an HTTPRoute, with two Services and policies': {
    events: [release(2_000, 'shop:good-2')],
    shop: {
      ...{ routes: 'http-route', special: 0.4, secondService: true, guarded: true },
      plan: iterated({ match: [beta] }),
    },
  },
  'through a GRPCRoute': {
    events: [release(2_000, 'shop:good-2')],
    shop: { routes: 'grpc-route' },
  },
  'by routes that are delegated, one of them from another namespace': {
    events: [release(2_000, 'shop:good-2')],
    shop: { routes: 'delegate', borrowed: true },
  },
  'with tls and tcp beside http, and policies of the mesh': {
    events: [release(2_000, 'shop:good-2')],
    shop: { routes: 'layers', authorized: true },
  },
  'a change of what pods read': {
    // By then Serin has seen what there is, whatever was in its way.
    events: [{ at: 25_000, do: 'config', of: 'ConfigMap', content: 2 }],
    shop: { config: true },
  },
  'a change of what pods read, put back': {
    events: [
      { at: 25_000, do: 'config', of: 'Secret', content: 2 },
      { at: 35_000, do: 'config', of: 'Secret', content: 1 },
    ],
    shop: { config: true },
    isTimed: true,
  },
  'a group': {
    events: [{ ...release(2_000, 'shop:good-2'), others: 'shop:good-2' }],
    shop: { group: 2 },
    isTimed: true,
  },
  'aborted by a command': {
    events: [release(2_000, 'shop:good-2'), { at: 6_500, do: 'command', verb: 'abort' }],
    isTimed: true,
  },
  'promoted by a command, past a gate that is shut': {
    events: [
      { at: 0, do: 'gate', gate: 'owner', mood: 'closed' },
      release(2_000, 'shop:good-2'),
      { at: 20_000, do: 'command', verb: 'promote' },
    ],
    shop: {
      plan: planWith({
        webhooks: [{ name: 'owner', type: 'confirm-promotion', url: 'http://owner.gates/any' }],
      }),
    },
    isTimed: true,
  },
  'tried again': {
    events: [release(2_000, 'shop:bad-2'), { at: longAfterMs, do: 'command', verb: 'retry' }],
    shop: { plan: patient },
    isTimed: true,
  },
  'gone back to what ran before': {
    events: [release(2_000, 'shop:good-2'), { at: longAfterMs, do: 'command', verb: 'rollback' }],
    isTimed: true,
  },
  'with a scaler of its own': {
    events: [release(2_000, 'shop:good-2')],
    shop: {
      scaler: true,
      plan: {
        ...shop.plan,
        ...{ autoscalerRef: { kind: 'HorizontalPodAutoscaler', name: 'web' }, twinScaler: true },
      },
    },
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
