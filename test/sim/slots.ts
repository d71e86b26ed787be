// The places of Serin's processes: what runs in one, what ails it, and how it comes back after it died.
import type { Call, Fault } from './api/types.ts';
import type { Dice } from './dice.ts';
import type { Flaw, Slot } from './history.ts';
import { type Running, type Site, startProcess } from './serin.ts';
import type { SerinProcess } from './types.ts';

/** What ails the process of a slot; each entry is one trouble that lasts. */
export interface Ailments {
  readonly latencyMs: Set<{ readonly ms: number }>;
  readonly lagMs: Set<{ readonly ms: number }>;
  readonly slownessMs: Set<{ readonly ms: number }>;
  readonly cuts: Set<object>;
  readonly flaws: Set<{ readonly share: number; readonly kinds: readonly Flaw[] }>;
}

/** Asked about each call of a process before chance is. */
export type Intercept = (process: SerinProcess, call: Call) => Fault | undefined;

/** kubelet starts a container again after so long; the backoff of a real one is longer and tests no more. */
const restartMs = 1_000;

/** One replica of a process of Serin, whatever pod it runs in now. */
export class Place {
  readonly name: Slot;
  readonly kind: SerinProcess['kind'];
  readonly ailments: Ailments = {
    latencyMs: new Set(),
    lagMs: new Set(),
    slownessMs: new Set(),
    cuts: new Set(),
    flaws: new Set(),
  };
  readonly #site: Site;
  readonly #dice: Dice;
  readonly #intercept: Intercept | undefined;
  readonly #onStart: (process: Running) => void;
  #pods = 0;
  /** What the clock of the machine shows beyond the true time, in ms. */
  #skewMs = 0;
  #back: { readonly afterMs: number; readonly newPod: boolean } | undefined;
  #running: Running;

  constructor(site: Site, name: Slot, intercept: Intercept | undefined, onStart: (process: Running) => void) {
    this.#site = site;
    this.name = name;
    this.kind = name.startsWith('webhook') ? 'webhook' : 'controller';
    this.#dice = site.dice.fork(`place ${name}`);
    this.#intercept = intercept;
    this.#onStart = onStart;
    this.#running = this.#start();
  }

  /** What runs here now, or ran last. */
  get process(): Running {
    return this.#running;
  }

  /** Kills the process; it is back after `afterMs`, in the same pod or in another. */
  kill(afterMs: number, newPod: boolean): void {
    this.#back = { afterMs, newPod };
    this.#running.life.kill();
  }

  /** Asks the process to leave, as a rolling update does; another pod takes its place. */
  stop(afterMs: number): void {
    this.#back = { afterMs, newPod: true };
    this.#running.stop();
  }

  /** Sets the clock of the machine: who runs there keeps its time, and who starts there begins with another. */
  setClock(byMs: number): void {
    this.#skewMs += byMs;
  }

  /** Brings the wire in line with what ails the slot now. */
  refresh(): void {
    const { wire, slowness } = this.#running;
    wire.isCut = this.ailments.cuts.size > 0;
    slowness.ms = sum(this.ailments.slownessMs);
  }

  #start(): Running {
    const running = startProcess(this.#site, this.kind, `serin-${this.name}-${this.#pods}`, this.#skewMs);
    running.life.onDeath(() => this.#died());
    this.#equip(running);
    this.#onStart(running);
    return running;
  }

  #died(): void {
    const { afterMs, newPod } = this.#back ?? { afterMs: restartMs, newPod: false };
    this.#back = undefined;
    if (newPod) this.#pods += 1;
    this.#site.time.after(afterMs, () => {
      this.#running = this.#start();
      this.refresh();
    });
  }

  #equip(running: Running): void {
    const { wire } = running;
    const dice = this.#dice.fork(`${running.name} ${this.#site.time.now}`);
    wire.latency = () => dice.between(1, 5) + sum(this.ailments.latencyMs);
    wire.lag = () => dice.between(1, 10) + sum(this.ailments.lagMs);
    wire.fault = (call) => this.#intercept?.(running, call) ?? this.#flawOf(call, dice);
  }

  #flawOf(call: Call, dice: Dice): Fault | undefined {
    for (const { share, kinds } of this.ailments.flaws) {
      const [first, ...more] = kinds.filter((kind) => canMeet(call, kind));
      if (first !== undefined && dice.chance(share)) return faultOf(dice.pick([first, ...more]), dice);
    }
    return undefined;
  }
}

/** Nothing but a change of something that is there can conflict. */
function canMeet({ verb }: Call, flaw: Flaw): boolean {
  return flaw !== '409' || verb === 'patch' || verb === 'update';
}

function faultOf(flaw: Flaw, dice: Dice): Fault {
  switch (flaw) {
    case '409':
      return { do: 'refuse', status: 409, reason: 'Conflict' };
    case '429':
      return { do: 'refuse', status: 429, reason: 'TooManyRequests', retryAfterSeconds: dice.between(1, 3) };
    case '500':
      return { do: 'refuse', status: 500, reason: 'InternalError' };
    case 'delay':
      return { do: 'delay', ms: dice.between(200, 4_000) };
    case 'crash-before':
      return { do: 'crash', when: 'before' };
    case 'crash-after':
      return { do: 'crash', when: 'after' };
    case 'lost':
    case 'hang':
      return { do: flaw };
  }
}

function sum(entries: Iterable<{ readonly ms: number }>): number {
  let total = 0;
  for (const { ms } of entries) total += ms;
  return total;
}
