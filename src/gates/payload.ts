import type { Gate, GateType } from '../rollout/gate.ts';
import type { Phase } from '../rollout/types.ts';

/** The rollout that a gate is asked or told about, as it is at that moment. */
export interface About {
  readonly namespace: string;
  /** Of the Deployment. */
  readonly name: string;
  readonly uid: string;
  readonly revision: string;
  /** When the trial began; the same revision may be tried again. */
  readonly startedAt: number;
  /** Tells this check of the trial from its others. */
  readonly check: number;
  readonly phase: Phase;
  readonly weight: number;
  readonly actor: string;
}

/** What is told and needs no answer. */
export type News =
  | { readonly type: 'post-rollout'; readonly message: string }
  | {
      readonly type: 'event';
      readonly eventType: 'Normal' | 'Warning';
      readonly message: string;
      /** Unix ms. */
      readonly at: number;
    };

/** The body of a question: Flagger's fields with their meanings, then our own. */
export function question(gate: Gate, about: About): string {
  return body(about, flaggerPhase(about.phase, gate.type), gate.metadata);
}

/** The body of news. What is told cannot be overwritten by the metadata of the plan, as it can in Flagger. */
export function telling(gate: Gate, about: About, news: News): string {
  const phase = flaggerPhase(about.phase, news.type);
  const { message } = news;
  const said =
    news.type === 'event'
      ? { eventMessage: message, eventType: news.eventType, timestamp: String(news.at) }
      : { message };
  return body(about, phase, { ...gate.metadata, ...said });
}

function body(
  { namespace, name, revision, weight, actor }: About,
  phase: string,
  metadata: Gate['metadata'],
): string {
  return JSON.stringify({
    ...{ name, namespace, phase, checksum: revision, metadata },
    ...{ revision, weight, actor },
  });
}

/** While a candidate is on trial Flagger sends one phase, whatever is asked; before it and after it those of its status. */
function flaggerPhase(phase: Phase, type: GateType): string {
  if (type === 'confirm-rollout') return 'Waiting';
  switch (phase) {
    case 'Pending':
      return type === 'event' ? 'Waiting' : 'Progressing';
    case 'Promoting.Shift':
    case 'Promoting.Roll':
    case 'Promoting.Return':
      return 'Promoting';
    case 'Finalising':
      return 'Finalising';
    case 'Succeeded':
      return 'Succeeded';
    case 'RollingBack':
    case 'Failed':
    case 'Aborted':
      return 'Failed';
    default:
      return 'Progressing';
  }
}
