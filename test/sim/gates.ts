// Gates and hooks of users: any `http://<name>.gates/…`, each behaving as a history says, or by the dice.
import type { Fetch } from '../../src/prometheus/exchange.ts';
import type { Dice } from './dice.ts';
import { later, refused } from './later.ts';
import type { Life, SimTime } from './time.ts';

/** `moody`: anything of the others, anew at each call. */
export type Mood = 'open' | 'closed' | 'slow' | 'broken' | 'gone' | 'moody';

/** A call that came in, and what it was answered with once it was; who gave up before has no status. */
export interface GateCall {
  readonly at: number;
  /** Of the process that called. */
  readonly from: string;
  readonly gate: string;
  readonly path: string;
  readonly body: string;
  status?: number;
}

/** Longer than the usual timeout of a gate. */
const slowMs = 30_000;
const certain = ['open', 'closed', 'slow', 'broken', 'gone'] as const;

export class SimGates {
  readonly #time: SimTime;
  readonly #dice: Dice;
  readonly #moods = new Map<string, Mood>();
  readonly calls: GateCall[] = [];

  constructor(time: SimTime, dice: Dice) {
    this.#time = time;
    this.#dice = dice;
  }

  /** From now on the gate of that name behaves so; one of which nothing was said is open. */
  set(gate: string, mood: Mood): void {
    this.#moods.set(gate, mood);
  }

  /** A `fetch` of a process that reaches the gates, and everything else by `elsewhere`. */
  beside(elsewhere: Fetch, life: Life): Fetch {
    return (url, init) => {
      const [, gate] = /^([^.]+)\.gates$/.exec(url.hostname) ?? [];
      return gate === undefined ? elsewhere(url, init) : this.#called(gate, url, init, life);
    };
  }

  #called(
    gate: string,
    url: URL,
    { signal, body = '' }: Parameters<Fetch>[1],
    life: Life,
  ): ReturnType<Fetch> {
    const mood = this.#moodOf(gate);
    const call: GateCall = { at: this.#time.now, from: life.name, gate, path: url.pathname, body };
    this.calls.push(call);
    const wait = mood === 'slow' ? slowMs : this.#dice.between(2, 80);
    return later(this.#time, { life, signal, wait }, () => {
      if (mood === 'gone') throw refused(url);
      const [status, said] = answers[mood];
      call.status = status;
      return new Response(said, { status });
    });
  }

  #moodOf(gate: string): Exclude<Mood, 'moody'> {
    const mood = this.#moods.get(gate) ?? 'open';
    return mood === 'moody' ? this.#dice.pick(certain) : mood;
  }
}

const answers = {
  open: [200, 'Approved'],
  slow: [200, 'Approved'],
  closed: [403, 'Forbidden'],
  broken: [503, 'upstream connect error'],
} as const satisfies Readonly<Record<Exclude<Mood, 'moody' | 'gone'>, readonly [number, string]>>;
