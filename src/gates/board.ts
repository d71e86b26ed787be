import type { Clock } from '../clock.ts';
import type { Gate, GateAnswer } from '../rollout/gate.ts';
import type { About } from './payload.ts';

/** A gate that is asked, not told. */
export type AskedGate = Gate & { readonly type: GateAnswer['type'] };
export type Ask = (gate: AskedGate, about: About) => Promise<GateAnswer>;

/** The gates of one rollout that were asked at one check. */
interface Round {
  readonly subject: string;
  /** Undefined while there is no answer yet. */
  readonly answers: Map<string, GateAnswer | undefined>;
  answeredAt: number;
  /** True once the answers were given to somebody. */
  isGiven: boolean;
}

/** What a gate said longer ago than this it may not say any more. */
const freshMs = 60_000;

/**
 * Answers that have come and were not used yet, so that nobody has to wait where they are needed. They are of one trial
 * and one check of it, are given until they were used, and do not outlive the process: then a gate is asked again.
 */
export class Board {
  readonly #clock: Clock;
  readonly #ask: Ask;
  readonly #rounds = new Map<string, Round>();

  /** `ask` must not throw. */
  constructor(clock: Clock, ask: Ask) {
    this.#clock = clock;
    this.#ask = ask;
  }

  /** What was given for that Deployment (`namespace/name`) has been acted upon: it is given no more. */
  used(key: string): void {
    if (this.#rounds.get(key)?.isGiven === true) this.#rounds.delete(key);
  }

  /**
   * What `gates` say, once all of them have, or one of them wants to go back; undefined until then. Asks those that were
   * not asked yet; `onAnswer` tells when to look again. No gates: what was asked before is void.
   */
  answers(
    gates: readonly AskedGate[],
    about: About,
    onAnswer: () => void,
  ): readonly GateAnswer[] | undefined {
    this.#forgetOld();
    const key = `${about.namespace}/${about.name}`;
    if (gates.length === 0) {
      this.#rounds.delete(key);
      return undefined;
    }
    const round = this.#roundOf(key, about);
    for (const gate of gates) {
      if (!round.answers.has(idOf(gate))) void this.#start(round, gate, about, onAnswer);
    }
    const known = gates.flatMap((gate) => round.answers.get(idOf(gate)) ?? []);
    if (known.length < gates.length && !known.some(wantsBack)) return undefined;
    round.isGiven = true;
    return known;
  }

  #roundOf(key: string, { uid, revision, startedAt, check }: About): Round {
    const subject = [uid, revision, startedAt, check].join('/');
    const before = this.#rounds.get(key);
    if (before?.subject === subject) return before;
    const round = {
      subject,
      answers: new Map<string, GateAnswer | undefined>(),
      answeredAt: 0,
      isGiven: false,
    };
    this.#rounds.set(key, round);
    return round;
  }

  async #start(round: Round, gate: AskedGate, about: About, onAnswer: () => void): Promise<void> {
    round.answers.set(idOf(gate), undefined);
    const answer = await this.#ask(gate, about);
    round.answers.set(idOf(gate), answer);
    round.answeredAt = this.#clock.now();
    const isWhole = [...round.answers.values()].every((each) => each !== undefined);
    if (isWhole || wantsBack(answer)) onAnswer();
  }

  /** Also those of rollouts that are no more. */
  #forgetOld(): void {
    const now = this.#clock.now();
    for (const [key, { answers, answeredAt }] of this.#rounds) {
      const isWhole = [...answers.values()].every((each) => each !== undefined);
      if (isWhole && now - answeredAt > freshMs) this.#rounds.delete(key);
    }
  }
}

function idOf({ type, name, url }: Gate): string {
  return [type, name, url].join('\n');
}

function wantsBack({ type, says }: GateAnswer): boolean {
  return type === 'rollback' && says === 'open';
}
