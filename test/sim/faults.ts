// Troubles: each is brought about, lasts as long as it says, and is taken down for the invariants.
import type { Trouble } from './history.ts';
import type { Place } from './slots.ts';
import type { SimWorld } from './world.ts';

type Of<Do extends Trouble['do']> = Extract<Trouble, { readonly do: Do }>;

/** Brings the trouble about; it ends by itself. */
export function befall(world: SimWorld, trouble: Trouble): void {
  const lasts = 'forMs' in trouble ? trouble.forMs : 'backAfterMs' in trouble ? trouble.backAfterMs : 0;
  const now = world.time.now;
  world.troubled({
    what: saidOf(trouble),
    from: now,
    until: now + lasts,
    costsRequests: costsRequests(world, trouble),
  });
  if ('slot' in trouble) befallPlace(world, world.place(trouble.slot), trouble);
  else befallAll(world, trouble);
}

/** A trouble in words, for people: `cut (webhook-0, forMs 4000)`. */
function saidOf({ do: what, ...rest }: Trouble): string {
  const details = Object.entries(rest).map(([key, value]) =>
    key === 'slot' ? String(value) : `${key} ${String(value)}`,
  );
  return details.length === 0 ? what : `${what} (${details.join(', ')})`;
}

function costsRequests({ settleMs }: SimWorld, trouble: Trouble): boolean {
  if (trouble.do === 'propagation') return trouble.mostMs > settleMs;
  return trouble.do === 'lose-node';
}

type OfPlace = Extract<Trouble, { readonly slot: unknown }>;

function befallPlace(world: SimWorld, place: Place, trouble: OfPlace): void {
  const { time } = world;
  const { life, wire } = place.process;
  const { ailments } = place;
  const lasting = <T>(of: Set<T>, ailment: T, ms: number): void => {
    of.add(ailment);
    place.refresh();
    time.after(ms, () => {
      of.delete(ailment);
      place.refresh();
    });
  };
  switch (trouble.do) {
    case 'kill':
      return place.kill(trouble.backAfterMs, trouble.newPod);
    case 'stop':
      return place.stop(trouble.backAfterMs);
    case 'freeze':
      return life.pause(trouble.forMs);
    case 'skew':
      return place.setClock(trouble.ms);
    case 'break-watches':
      return wire.breakWatches(trouble.how);
    case 'latency':
      return lasting(ailments.latencyMs, { ms: trouble.ms }, trouble.forMs);
    case 'lag':
      return lasting(ailments.lagMs, { ms: trouble.ms }, trouble.forMs);
    case 'cut':
      return lasting(ailments.cuts, {}, trouble.forMs);
    case 'flaky':
      return lasting(ailments.flaws, trouble, trouble.forMs);
    case 'slow-webhook':
      return lasting(ailments.slownessMs, { ms: trouble.byMs }, trouble.forMs);
  }
}

function befallAll(world: SimWorld, trouble: Exclude<Trouble, OfPlace>): void {
  const { api, mesh } = world;
  switch (trouble.do) {
    case 'compact':
      return api.compact();
    case 'restart-prometheus':
      return mesh.restartPrometheus();
    case 'outage':
      return outage(world, trouble);
    case 'ailment':
      return whileIt(world, 'ailment', trouble.forMs, trouble.ailment, (value) => {
        mesh.ailment = value ?? 'none';
      });
    case 'propagation':
      return whileIt(world, 'propagation', trouble.forMs, trouble, (value) => {
        mesh.propagation = value ?? world.usualPropagation;
      });
    case 'slow-pods':
      return whileIt(world, 'slow-pods', trouble.forMs, trouble.byMs, (value) => {
        world.slowPodsByMs = value ?? 0;
      });
    case 'lose-node':
      void world.kubernetes.loseNode(world.node(trouble.node));
      return;
  }
}

function outage(world: SimWorld, { status, retryAfterSeconds, forMs }: Of<'outage'>): void {
  const answer = { status, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
  whileIt(world, 'outage', forMs, answer, (value) => {
    world.api.outage = value;
  });
}

/** Of several troubles of one kind the last one that still lasts counts. */
function whileIt<T>(
  world: SimWorld,
  kind: string,
  ms: number,
  value: T,
  set: (value: T | undefined) => void,
): void {
  const now = (world.lasting.get(kind) ?? []) as readonly T[];
  world.lasting.set(kind, [...now, value]);
  set(value);
  world.time.after(ms, () => {
    const left = ((world.lasting.get(kind) ?? []) as readonly T[]).filter((each) => each !== value);
    world.lasting.set(kind, left);
    set(left.at(-1));
  });
}
