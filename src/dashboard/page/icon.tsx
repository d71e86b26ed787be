import type { Summary } from '../wire.ts';
import { isOnTrial } from './order.ts';

type Look = 'attention' | 'trial' | 'done' | 'failed' | 'idle';

const paths: Readonly<Record<Look, string>> = {
  attention: 'M8 1.8 15 14H1zM8 6.2v3.6M8 11.9v.1',
  trial: 'M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12',
  done: 'M2.5 8.5 6.3 12.3 13.5 4.4',
  failed: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  idle: 'M8 3a5 5 0 1 0 0 10A5 5 0 1 0 8 3',
};

/** How a rollout stands, for the eye; the words stand beside it. */
export function Icon({ of }: { readonly of: Pick<Summary, 'phase' | 'attention'> }) {
  const look = lookOf(of);
  return (
    <svg class="icon" data-look={look} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={paths[look]} />
    </svg>
  );
}

function lookOf({ phase, attention }: Pick<Summary, 'phase' | 'attention'>): Look {
  if (attention) return 'attention';
  if (isOnTrial({ phase })) return 'trial';
  if (phase === 'Succeeded') return 'done';
  return phase === 'Failed' || phase === 'Aborted' ? 'failed' : 'idle';
}
