import type { Summary } from '../wire.ts';

/** A command that a person may give, as it is offered. */
export interface Offer {
  readonly verb: 'promote' | 'pause' | 'resume' | 'abort' | 'retry' | 'rollback';
  readonly label: string;
  /** What comes of it, before it is confirmed. */
  readonly effect: string;
}

const offers: Readonly<Record<Offer['verb'], Omit<Offer, 'verb'>>> = {
  promote: {
    label: 'Promote',
    effect:
      'The analysis ends as passed, and the candidate gets all traffic now, whatever was not checked yet.',
  },
  pause: {
    label: 'Pause',
    effect: 'The weight stays as it is until somebody resumes it. Checks go on, and may still roll it back.',
  },
  resume: { label: 'Resume', effect: 'The rollout goes on from the weight it has.' },
  abort: {
    label: 'Abort',
    effect:
      'The candidate is given up as failed. All traffic goes back to stable, and the twin is taken away.',
  },
  retry: { label: 'Retry', effect: 'The failed candidate is tried again from the start, with no evidence.' },
  rollback: {
    label: 'Roll back',
    effect: 'The template that ran then becomes the candidate, and is promoted without analysis.',
  },
};

/** The commands that make sense as things stand. Serin judges by itself: this only spares people a refusal. */
export function offersFor(rollout: Pick<Summary, 'phase' | 'pause'>): readonly Offer[] {
  return verbsFor(rollout).map((verb) => ({ verb, ...offers[verb] }));
}

/** Going back to a revision of the history; undefined where something is under way. */
export function wayBackFor({ phase }: Pick<Summary, 'phase'>): Offer | undefined {
  const isOver = phase === 'Succeeded' || phase === 'Aborted' || phase === 'Failed';
  return isOver ? { verb: 'rollback', ...offers.rollback } : undefined;
}

function verbsFor({ phase, pause }: Pick<Summary, 'phase' | 'pause'>): readonly Offer['verb'][] {
  const held = pause === undefined ? 'pause' : 'resume';
  switch (phase) {
    case 'Pending':
    case 'Starting':
    case 'Progressing':
    case 'Waiting':
    case 'Rolling':
      return ['promote', held, 'abort'];
    case 'Failed':
      return ['retry'];
    case 'Succeeded':
    case 'Aborted':
      return ['rollback'];
    case 'Promoting.Shift':
      return ['abort'];
    default:
      return [];
  }
}
