// Draws a history from a seed: a shop, what people do to it and what goes wrong, legal and otherwise at random. Each seed
// has a few of all the features only (a swarm): what all of them at once would drown shows where one is alone.
import { Dice } from './dice.ts';
import { meddling, planOf, policyKinds, troubles, ways } from './draws.ts';
import type { Event, History, Shop } from './history.ts';

/** A history begins with a shop that is up; people act from now on. */
const firstMs = 2_000;

/** The history of a seed: the same for the same seed. */
export function historyOf(seed: number): History {
  const dice = new Dice(seed).fork('history');
  const shop = withMore(shopOf(dice.fork('shop')), dice.fork('more of the shop'));
  const releases = releasesOf(dice.fork('releases'), shop);
  const until = spanOf(releases) + rolloutMs(shop);
  const others = meddlingOf(dice.fork('meddling'), shop, releases, until);
  const misfortunes = troublesOf(dice.fork('troubles'), shop, until);
  const read = readOf(dice.fork('what is read'), shop, releases, until);
  const events = [...releases, ...others, ...misfortunes, ...read];
  return { seed, shop, events: events.sort((a, b) => a.at - b.at) };
}

function shopOf(dice: Dice): Shop {
  const settleMs = dice.pick([1_000, 2_000, 2_000, 3_000]);
  return {
    replicas: dice.between(2, 6),
    routes: dice.pick(['none', 'one', 'one', 'two', 'rich', 'subsets', 'http-route']),
    planIn: dice.pick(['annotation', 'annotation', 'config-map']),
    plan: planOf(dice),
    scaler: dice.chance(0.2),
    load: dice.pick([5, 20, 50, 200]),
    streams: dice.chance(0.2)
      ? { count: dice.between(1, 4), seconds: dice.between(1, 30) }
      : { count: 0, seconds: 1 },
    readyMs: dice.between(500, 4_000),
    webhooks: dice.chance(0.7) ? 1 : 2,
    controllers: dice.chance(0.6) ? 1 : 2,
    settleMs,
    policies: dice.chance(0.3),
    secondService: dice.chance(0.1),
    guarded: dice.chance(0.15),
    ...(dice.chance(0.12) ? { group: dice.pick([2, 2, 3] as const) } : {}),
    special: dice.chance(0.5) ? 0.2 : 0,
  };
}

/** What came to be drawn later has dice of its own: the rest of a seed's history is as it was. */
function withMore(shop: Shop, dice: Dice): Shop {
  // One scaler is one Deployment's; in place there is no twin.
  const mayCopy = shop.scaler && shop.group === undefined && shop.plan.promotion !== 'inPlace';
  const hasScaler = mayCopy && dice.chance(0.5);
  const scaled = { autoscalerRef: { kind: 'HorizontalPodAutoscaler', name: 'web' }, twinScaler: true };
  return {
    ...shop,
    ...(dice.chance(0.2) ? { routes: dice.pick(['layers', 'delegate', 'grpc-route'] as const) } : {}),
    ...(hasScaler ? { plan: { ...shop.plan, ...scaled } } : {}),
    config: dice.chance(0.2),
    authorized: dice.chance(0.12),
    borrowed: dice.chance(0.1),
  };
}

const harmless = ['good', 'good', 'good', 'fair', 'slow'] as const;
const harmful = ['bad', 'bad', 'worse', 'late', 'crash', 'missing', 'never'] as const;

/** One to three releases, some of which come while the one before is on trial. */
function releasesOf(dice: Dice, shop: Shop): readonly Event[] {
  const count = dice.pick([1, 1, 2, 2, 3]);
  const events: Event[] = [];
  let at = firstMs + dice.between(0, 3_000);
  for (let number = 2; number < count + 2; number += 1) {
    const kind = dice.chance(0.6) ? dice.pick(harmless) : dice.pick(harmful);
    const others = dice.chance(0.8) ? 'good' : dice.pick(harmful);
    const isOfAll = shop.group !== undefined && dice.chance(0.8);
    events.push({
      ...{ at, do: 'release', image: `shop:${kind}-${number}`, way: dice.pick(ways) },
      ...(isOfAll ? { others: `shop:${others}-${number}` } : {}),
    });
    const isOverlapping = dice.chance(0.3);
    at += isOverlapping ? dice.between(1_000, 40_000) : rolloutMs(shop) + dice.between(0, 20_000);
  }
  return events;
}

/** About what a rollout takes where nothing goes wrong. */
function rolloutMs({ plan, settleMs, readyMs }: Shop): number {
  const { interval, stepWeights, iterations = 0 } = plan.analysis;
  const checks = (stepWeights?.length ?? 0) + iterations;
  const steps = checks * (Number.parseInt(interval, 10) * 1_000 + readyMs);
  return steps + 6 * settleMs + 4 * readyMs + 15_000;
}

/** These mean more than one moment: git that says so from now on, a label that is off for a while. */
function meddlingOf(dice: Dice, shop: Shop, releases: readonly Event[], until: number): readonly Event[] {
  const features = meddling.filter(() => dice.chance(0.15));
  const events: Event[] = features.flatMap((draw) =>
    Array.from({ length: dice.between(1, 2) }, (): Event => {
      return { at: firstMs + dice.between(0, until), ...draw(dice, shop) };
    }),
  );
  if (dice.chance(0.1)) events.push(...gitops(dice, releases));
  if (dice.chance(0.06)) events.push(...suspended(dice, until));
  if (dice.chance(0.03)) events.push({ at: dice.between(firstMs, until), do: 'uninstall' });
  if (dice.chance(0.02)) events.push({ at: dice.between(firstMs, until), do: 'delete-namespace' });
  events.push(...moods(dice, shop, until));
  if (dice.chance(0.05)) events.push(...unlabelled(dice, until));
  if (dice.chance(0.01))
    events.push({ at: dice.between(firstMs, until), do: 'delete', propagation: 'Orphan' });
  // Keys and signatures cost much real time.
  if (dice.chance(0.03))
    events.push({
      at: dice.between(0, until),
      do: 'roll-certificates',
      how: dice.pick(['delete', 'expire']),
    });
  return events;
}

function spanOf(events: readonly Event[]): number {
  return Math.max(0, ...events.map(({ at }) => at));
}

/** A GitOps tool that applies every so often what git says; people commit rather than apply. */
function gitops(dice: Dice, releases: readonly Event[]): readonly Event[] {
  const way = dice.pick(['server-side', 'strategic'] as const);
  const commits = releases.flatMap((event): readonly Event[] =>
    event.do === 'release' ? [{ at: Math.max(0, event.at - 1), do: 'commit', image: event.image }] : [],
  );
  const everyMs = dice.between(8, 30) * 1_000;
  const syncs = Array.from(
    { length: 8 },
    (_, index): Event => ({ at: (index + 1) * everyMs, do: 'sync', way }),
  );
  return [...commits, ...syncs];
}

/** Whoever suspends a plan takes that back some time. */
function suspended(dice: Dice, until: number): readonly Event[] {
  const at = firstMs + dice.between(0, until);
  return [
    { at, do: 'suspend', on: true },
    { at: at + dice.between(2_000, 30_000), do: 'suspend', on: false },
  ];
}

/** Each gate of the plan is as its owner has it, and opens in the end; one that asks for rollbacks mostly asks for none. */
function moods(dice: Dice, { plan }: Shop, until: number): readonly Event[] {
  return (plan.analysis.webhooks ?? []).flatMap(({ type: gate }): readonly Event[] => {
    const calm = gate === 'rollback' ? 'closed' : 'open';
    if (!dice.chance(0.7)) return [{ at: 0, do: 'gate', gate, mood: calm }];
    const mood =
      gate === 'rollback'
        ? dice.pick(['closed', 'closed', 'gone', 'open', 'moody'] as const)
        : dice.pick(['closed', 'slow', 'broken', 'gone', 'moody'] as const);
    return [
      { at: 0, do: 'gate', gate, mood },
      { at: dice.between(firstMs, until), do: 'gate', gate, mood: calm },
    ];
  });
}

/** What pods read changes, sometimes with the template; and policies come and go. */
function readOf(dice: Dice, shop: Shop, releases: readonly Event[], until: number): readonly Event[] {
  const events: Event[] = [];
  const changed = (at: number): Event => ({
    ...{ at, do: 'config', of: dice.pick(['ConfigMap', 'Secret']) },
    content: dice.pick<number | 'label'>([1, 2, 2, 3, 'label']),
  });
  if (shop.config === true) {
    for (const { at } of releases) if (dice.chance(0.3)) events.push(changed(at + dice.between(-900, 900)));
    const count = dice.between(1, 3);
    for (let nth = 0; nth < count; nth += 1) events.push(changed(dice.between(firstMs, until)));
  }
  const hasPolicies = shop.guarded === true || shop.authorized === true;
  if (dice.chance(hasPolicies ? 0.6 : 0.05)) {
    const count = dice.between(1, 3);
    for (let nth = 0; nth < count; nth += 1)
      events.push({
        ...{ at: dice.between(firstMs, until), do: 'policy', kind: dice.pick(policyKinds) },
        change: dice.pick(['add', 'edit', 'edit', 'delete']),
      });
  }
  return events;
}

function unlabelled(dice: Dice, until: number): readonly Event[] {
  const at = firstMs + dice.between(0, until);
  return [
    { at, do: 'label', on: false },
    { at: at + dice.between(1_000, 20_000), do: 'label', on: true },
  ];
}

function troublesOf(dice: Dice, shop: Shop, until: number): readonly Event[] {
  // A fifth of all histories has none: what breaks there breaks for everybody.
  if (dice.chance(0.2)) return [];
  const features = troubles.filter(() => dice.chance(0.15));
  const events = features.flatMap((draw) =>
    Array.from({ length: dice.between(1, 3) }, (): Event => {
      return { at: dice.between(0, until), ...draw(dice, shop) };
    }),
  );
  return [...events, ...restartsOf(dice.fork('restarts'), events)];
}

/** A clock that is set says nothing to who runs there: mostly the process begins anew by it. */
function restartsOf(dice: Dice, events: readonly Event[]): readonly Event[] {
  return events.flatMap((event): readonly Event[] => {
    if (event.do !== 'skew' || !dice.chance(0.8)) return [];
    const { at, slot } = event;
    const backAfterMs = dice.between(200, 4_000);
    return [{ at: at + dice.between(1, 5_000), do: 'kill', slot, backAfterMs, newPod: dice.chance(0.4) }];
  });
}
