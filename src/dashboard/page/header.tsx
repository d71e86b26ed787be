import { time } from './format.ts';
import type { Known } from './live.ts';

interface HeaderProps {
  readonly known: Known;
  readonly onHelp: () => void;
}

/** Which cluster it is, whether it is heard, and what may be done here. */
export function Header({ known, onHelp }: HeaderProps) {
  const { is, text } = standing(known);
  return (
    <header class="top">
      <h1>
        <img src="/icon.svg" alt="" width="22" height="22" />
        Serin
      </h1>
      <span class="context" title="context of the kubeconfig">
        {known.context}
      </span>
      <span class="line" data-is={is} title={text}>
        {text}
      </span>
      <span class="mode">{known.isTold && !known.allowActions ? 'read-only' : ''}</span>
      <button type="button" class="quiet" aria-label="Keyboard help" onClick={onHelp}>
        ?
      </button>
    </header>
  );
}

function standing({ line, isTold, cluster }: Known): {
  readonly is: 'ok' | 'bad' | 'wait';
  readonly text: string;
} {
  if (line === 'lost')
    return { is: 'bad', text: 'No server: is kubectl canary dashboard still running? Trying again…' };
  if (!isTold) return { is: 'wait', text: 'Reading the cluster…' };
  if (cluster.ok) return { is: 'ok', text: 'Live' };
  const since = time(cluster.since);
  return {
    is: 'bad',
    text: `API server silent since ${since}; trying again. What you see is of then (${cluster.why})`,
  };
}
