// Sieve's two ways to blind a controller (OSDI 2022): what it watches reaches it late (stale), or never, because by the
// time it looks again something else is there (unobserved). For every watched key and every pair of its states.
import type { Write } from '../api/types.ts';
import type { SimWorld } from '../world.ts';
import { keyOf, type Known, record, verdictOn } from './record.ts';

export interface SievePlan {
  /** Of the reference. */
  readonly index: number;
  readonly key: string;
  /** The states of the key between which nothing of its kind is heard, by their place among its versions. */
  readonly from: number;
  readonly until: number;
  readonly how: 'stale' | 'unobserved';
}

/** What happens at the same moment as the last state that is held back is held back too. */
const marginMs = 100;
/** Who is blind for longer than this would be found by people before they say something else. */
const longestMs = 120_000;
/** Longer than any run. */
const neverMs = 1e10;

/** Every plan there is for these references. */
export function sievePlans(known: readonly Known[]): readonly SievePlan[] {
  return known.flatMap(({ versions }, index) =>
    [...versions].flatMap(([key, writes]) =>
      pairs(writes).flatMap(([from, until]) =>
        (['stale', 'unobserved'] as const).map((how) => ({ index, key, from, until, how })),
      ),
    ),
  );
}

/** States that were there before the first change hold nothing back: the shop was opened with them. */
function pairs(writes: readonly Write[]): readonly (readonly [number, number])[] {
  const first = writes.findIndex(
    ({ type, call }) => type !== 'ADDED' && call.caller.username !== 'kubernetes-admin',
  );
  return writes.flatMap((begin, from) =>
    from < first
      ? []
      : writes.slice(from + 1).flatMap((end, more) => {
          const isShort = end.at - begin.at <= longestMs;
          return isShort ? [[from, from + 1 + more] as const] : [];
        }),
  );
}

/** Plays a plan; answers what is wrong with it, in a sentence that says how to meet it again. */
export async function playSieve(known: readonly Known[], plan: SievePlan): Promise<string | undefined> {
  const of = known[plan.index];
  const writes = of?.versions.get(plan.key);
  const [from, until] = [writes?.[plan.from], writes?.[plan.until]];
  if (of === undefined || from === undefined || until === undefined) throw new Error('there is no such plan');
  const blind = new Blindfold(plan, until.at - from.at + marginMs);
  const recorded = await record(of.reference, { onOpen: (world) => blind.putOn(world) });
  const wrong = verdictOn(of, recorded);
  const said = `${of.reference.name}, ${plan.key} ${plan.how} from version ${plan.from} to ${plan.until}`;
  if (!blind.wasOn) return `${said}: that state never came`;
  return wrong === undefined ? undefined : `${said}: ${wrong}`;
}

/** Keeps a controller from hearing of one kind for a while. */
class Blindfold {
  wasOn = false;
  readonly #plan: SievePlan;
  readonly #ms: number;
  #seen = new Set<number>();
  #onUntil: number | undefined;

  constructor(plan: SievePlan, ms: number) {
    this.#plan = plan;
    this.#ms = ms;
  }

  putOn(world: SimWorld): void {
    // The processes are there a moment after the world is.
    world.time.after(1, () => {
      for (const { kind, wire } of world.processes) {
        const lag = wire.lag;
        if (kind === 'controller') wire.lag = (write) => lag(write) + this.#heldMs(world, write);
      }
    });
  }

  #heldMs(world: SimWorld, write: Write | undefined): number {
    const [kind] = this.#plan.key.split(' ');
    if (write === undefined || write.resource.kind !== kind) return 0;
    if (keyOf(write.resource.kind, write.object) === this.#plan.key) this.#seen.add(write.version);
    if (this.#onUntil === undefined && this.#seen.size > this.#plan.from) this.#begin(world);
    const left = (this.#onUntil ?? 0) - world.time.now;
    if (left <= 0) return 0;
    return this.#plan.how === 'stale' ? left : neverMs;
  }

  #begin(world: SimWorld): void {
    this.wasOn = true;
    this.#onUntil = world.time.now + this.#ms;
    if (this.#plan.how === 'stale') return;
    // What was on its way is lost with the stream, and too old to be sent again: a new list is all there is.
    world.time.after(this.#ms, () => {
      world.api.compact();
      for (const { kind, wire } of world.processes) if (kind === 'controller') wire.breakWatches('reset');
    });
  }
}
