import type { Gate, GateAnswer } from '../rollout/gate.ts';
import { type AskedGate, Board } from './board.ts';
import { agrees, call, type Line } from './call.ts';
import { Lanes } from './lanes.ts';
import { type About, type News, question, telling } from './payload.ts';

export type Outcome = 'told' | 'failed' | 'dropped';

export interface GatesOptions extends Line {
  readonly warn: (fields: object, message: string) => void;
  /** Told what became of each piece of news. */
  readonly onTold?: (outcome: Outcome) => void;
}

/** The gates and hooks of all rollouts of a process. Nothing here holds a rollout up, and nothing throws. */
export interface Gates {
  /** See `Board.answers`; of `gates` only those of the types asked for are to be given. */
  answers(gates: readonly AskedGate[], about: About, onAnswer: () => void): readonly GateAnswer[] | undefined;
  /** See `Board.used`. */
  used(key: string): void;
  /** Tells those of `gates` that are of the news' type, after what they were told of this rollout before. */
  tell(gates: readonly Gate[], about: About, news: News): void;
}

/** The end of a rollout is told so often, whatever the plan says: a minute or two, in which a receiver is started again. */
const leastRetriesOfEnd = 8;

/** Makes the gates of a process. */
export function createGates({ warn, onTold = () => undefined, ...line }: GatesOptions): Gates {
  const board = new Board(line.clock, (gate, about) => ask(line, gate, about));
  const lanes = new Lanes();
  const deliver = async (gate: Gate, about: About, news: News): Promise<void> => {
    const leastRetries = news.type === 'post-rollout' ? leastRetriesOfEnd : 0;
    const body = telling(gate, about, news);
    const heard = await call(line, gate, { namespace: about.namespace, body, leastRetries });
    onTold(agrees(heard) ? 'told' : 'failed');
    if (!agrees(heard)) warn(fieldsOf(gate, about), `hook was not told: ${heard.why}`);
  };
  return {
    answers: (gates, about, onAnswer) => board.answers(gates, about, onAnswer),
    used: (key) => board.used(key),
    tell(gates, about, news) {
      for (const gate of gates.filter(({ type }) => type === news.type)) {
        const lane = `${about.namespace}/${about.name} ${gate.url}`;
        if (lanes.add(lane, () => deliver(gate, about, news))) continue;
        onTold('dropped');
        warn(fieldsOf(gate, about), 'hook was not told: too much waits to be told');
      }
    },
  };
}

async function ask(line: Line, gate: AskedGate, about: About): Promise<GateAnswer> {
  const { name, type } = gate;
  const heard = await call(line, gate, { namespace: about.namespace, body: question(gate, about) });
  if (heard.kind === 'none') return { name, type, says: 'error', why: heard.why };
  return { name, type, says: agrees(heard) ? 'open' : 'closed', why: heard.why };
}

function fieldsOf({ name, type }: Gate, about: About): object {
  return { deployment: `${about.namespace}/${about.name}`, hook: name, type };
}
