// Everything that can happen in a history, one draw for each: what people and tools do, and what goes wrong.
import type { Dice } from './dice.ts';
import type { Act, Flaw, PlanText, PolicyKind, Shop, Slot, Trouble, Way } from './history.ts';

type Draw<T> = (dice: Dice, shop: Shop) => T;

/** How a template is written; `kubectl set image` and `kubectl apply` most of all. */
export const ways: readonly [Way, ...Way[]] = [
  'strategic',
  'strategic',
  'merge',
  'json',
  'replace',
  'server-side',
];

export const policyKinds: readonly [PolicyKind, ...PolicyKind[]] = [
  'NetworkPolicy',
  'PodDisruptionBudget',
  'AuthorizationPolicy',
  'PeerAuthentication',
  'RequestAuthentication',
];

/** A plan that is over soon: virtual minutes cost real ones. */
export function planOf(dice: Dice): PlanText {
  const { analysis, ...around } = strategyOf(dice);
  const webhooks = dice.chance(0.25) ? gatesOf(dice) : [];
  return {
    ...around,
    analysis: {
      interval: `${dice.pick([2, 3, 5])}s`,
      threshold: dice.between(1, 2),
      ...analysis,
      ...(webhooks.length === 0 ? {} : { webhooks }),
    },
    progressDeadlineSeconds: dice.pick([20, 40, 60]),
    onFailure: dice.chance(0.7) ? 'hold' : 'restore',
    ...(dice.chance(0.04) ? { skipAnalysis: true } : {}),
  };
}

type Technique = Omit<Partial<PlanText>, 'analysis'> & { readonly analysis: Partial<PlanText['analysis']> };

/** The condition that some of the simulated requests meet. */
export const beta = { headers: { 'x-beta': { exact: 'yes' } } };

/** Weights most of all, and each of the other techniques. */
function strategyOf(dice: Dice): Technique {
  const weights = { stepWeights: dice.pick([[50], [10, 50], [20, 60], [5, 25, 50], [100]]) };
  const iterations = dice.between(1, 3);
  switch (dice.pick(techniques)) {
    case 'weights':
      return { analysis: weights };
    case 'promoted in steps':
      return { analysis: { ...weights, stepWeightPromotion: dice.pick([30, 50]) } };
    case 'mirrored first':
      return { analysis: { ...weights, mirror: true, mirrorWeight: dice.pick([20, 100]) } };
    case 'with cookies':
      return { analysis: { ...weights, sessionAffinity: { cookieName: 'shop-canary' } } };
    case 'blue/green':
      return { analysis: { iterations, metrics: [] } };
    case 'blue/green, mirrored':
      return { analysis: { iterations, mirror: true, mirrorWeight: 50 } };
    case 'by match':
      return { analysis: { iterations, match: [beta] } };
    case 'in place':
      return { promotion: 'inPlace', analysis: { stepWeights: dice.pick([[50], [34, 67]]) } };
    case 'without a mesh':
      return { provider: 'kubernetes', analysis: { iterations, metrics: [] } };
  }
}

const techniques = [
  ...(['weights', 'weights', 'weights', 'weights', 'weights', 'weights', 'weights', 'weights'] as const),
  ...(['promoted in steps', 'mirrored first', 'mirrored first', 'with cookies', 'blue/green'] as const),
  ...(['blue/green, mirrored', 'by match', 'by match', 'in place', 'in place', 'without a mesh'] as const),
] as const;

const gateTypes = [
  ...(['confirm-rollout', 'pre-rollout', 'rollout', 'confirm-traffic-increase'] as const),
  ...(['confirm-promotion', 'rollback', 'post-rollout', 'event'] as const),
] as const;

/** One to three gates; each is known by its type. A rollback gate that is open would roll everything back. */
function gatesOf(dice: Dice): NonNullable<PlanText['analysis']['webhooks']> {
  const types = new Set(Array.from({ length: dice.between(1, 3) }, () => dice.pick(gateTypes)));
  return [...types].map((type) => ({ name: type, type, url: `http://${type}.gates/any` }));
}

/** What else people and tools do, and how often in a history that has it. */
export const meddling: readonly Draw<Act>[] = [
  (dice) => ({
    do: 'release',
    image: dice.pick(['shop:good-1', 'shop:good-2', 'shop:bad-2']),
    way: dice.pick(ways),
  }),
  (dice) => ({ do: 'release', image: 'shop:good-9', way: dice.pick(ways), dryRun: true }),
  (dice) => ({ do: 'scale', replicas: dice.between(1, 7), through: dice.pick(['scale', 'spec']) }),
  (dice) => ({ do: 'undo', careless: dice.chance(0.5) }),
  (dice) => ({ do: 'restart', careless: dice.chance(0.5) }),
  (dice) => ({ do: dice.pick(['pause', 'resume', 'resume']), careless: true }),
  (dice) => {
    const again = { afterMs: dice.between(0, 4_000), image: dice.pick(['shop:good-1', 'shop:good-8']) };
    const propagation = dice.pick(['Background', 'Background', 'Foreground'] as const);
    return { do: 'delete', propagation, ...(dice.chance(0.8) ? { again } : {}) };
  },
  (dice) => ({ do: 'release-next-door', image: dice.pick(['shop:good-2', 'shop:bad-2']) }),
  (dice) => ({ do: 'sync', way: dice.pick(['server-side', 'strategic']) }),
  (dice) => ({ do: 'edit-route', edit: dice.pick(['timeout', 'add-route', 'header']) }),
  (dice) => ({
    do: 'remove',
    what: dice.pick(['virtual-service', 'service', 'twin', 'twin-service']),
    againAfterMs: dice.between(500, 10_000),
  }),
  (dice) => ({
    do: 'command',
    verb: dice.pick(['promote', 'abort', 'pause', 'resume', 'retry', 'rollback']),
  }),
  (dice) => ({ do: 'command', verb: dice.pick(['pause', 'resume', 'retry']) }),
  (dice) => ({ do: 'quota', forMs: dice.between(5_000, 50_000) }),
  (dice, shop) => ({ do: 'plan', plan: dice.chance(0.2) ? 'disabled' : planOf(dice.fork(shop.routes)) }),
  (dice) => ({ do: 'load', perSecond: dice.pick([2, 20, 100]) }),
  (dice) => ({
    do: dice.pick(['kill-pod', 'evict']),
    of: dice.pick(['web', 'web-canary']),
    nth: dice.between(0, 5),
  }),
  (dice) => ({ do: 'drain', node: dice.between(0, 2) }),
];

const flaws: readonly [Flaw, ...Flaw[]] = [
  '409',
  '429',
  '500',
  'lost',
  'hang',
  'delay',
  'crash-before',
  'crash-after',
];

/** What goes wrong. */
export const troubles: readonly Draw<Trouble>[] = [
  (dice, shop) => ({
    do: 'kill',
    slot: slotOf(dice, shop),
    backAfterMs: dice.between(200, 12_000),
    newPod: dice.chance(0.4),
  }),
  (dice, shop) => ({ do: 'stop', slot: slotOf(dice, shop), backAfterMs: dice.between(0, 4_000) }),
  (dice, shop) => ({ do: 'freeze', slot: slotOf(dice, shop), forMs: dice.between(500, 40_000) }),
  (dice, shop) => ({
    do: 'skew',
    slot: slotOf(dice, shop),
    ms: dice.pick([-3_600_000, -60_000, -2_000, 2_000, 60_000, 3_600_000]),
  }),
  (dice, shop) => ({
    do: 'latency',
    slot: slotOf(dice, shop),
    ms: dice.between(100, 3_000),
    forMs: dice.between(2_000, 30_000),
  }),
  (dice, shop) => ({
    do: 'lag',
    slot: slotOf(dice, shop),
    ms: dice.between(500, 20_000),
    forMs: dice.between(2_000, 30_000),
  }),
  (dice, shop) => ({ do: 'break-watches', slot: slotOf(dice, shop), how: dice.pick(['reset', 'stall']) }),
  (dice, shop) => ({ do: 'cut', slot: slotOf(dice, shop), forMs: dice.between(500, 30_000) }),
  () => ({ do: 'compact' }),
  (dice) => {
    const status = dice.pick([429, 500, 503] as const);
    const retryAfterSeconds = dice.between(1, 4);
    return {
      do: 'outage',
      status,
      ...(status === 500 ? {} : { retryAfterSeconds }),
      forMs: dice.between(500, 15_000),
    };
  },
  (dice, shop) => ({
    do: 'flaky',
    slot: slotOf(dice, shop),
    share: dice.pick([0.02, 0.05, 0.2]),
    kinds: flaws.filter(() => dice.chance(0.4)),
    forMs: dice.between(5_000, 60_000),
  }),
  (dice) => ({
    do: 'ailment',
    ailment: dice.pick(['down', 'error', 'page', 'truncated', 'slow', 'unscraped', 'empty']),
    forMs: dice.between(2_000, 40_000),
  }),
  () => ({ do: 'restart-prometheus' }),
  (dice, shop) => {
    const mostMs = dice.chance(0.7) ? shop.settleMs - 200 : dice.between(shop.settleMs, 20_000);
    return { do: 'propagation', leastMs: 10, mostMs, forMs: dice.between(5_000, 60_000) };
  },
  (dice) => ({ do: 'slow-pods', byMs: dice.between(1_000, 30_000), forMs: dice.between(5_000, 60_000) }),
  (dice, shop) => ({
    do: 'slow-webhook',
    slot: webhookOf(dice, shop),
    byMs: dice.between(500, 8_000),
    forMs: dice.between(2_000, 20_000),
  }),
  (dice) => ({ do: 'lose-node', node: dice.between(0, 2) }),
];

function slotOf(dice: Dice, shop: Shop): Slot {
  const isController = dice.chance(0.65);
  return isController ? `controller-${dice.between(0, shop.controllers - 1)}` : webhookOf(dice, shop);
}

function webhookOf(dice: Dice, { webhooks }: Shop): Slot {
  return `webhook-${dice.between(0, webhooks - 1)}`;
}
