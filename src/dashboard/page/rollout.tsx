import { useEffect, useState } from 'preact/hooks';
import type { Detail } from '../wire.ts';
import { addressOf } from './address.ts';
import { Arms } from './arms.tsx';
import { askDetail } from './ask.ts';
import { Charts } from './charts.tsx';
import { Checks } from './checks.tsx';
import { Diff } from './diff-view.tsx';
import { Events } from './events.tsx';
import { Headline } from './headline.tsx';
import { History } from './history.tsx';
import type { Known } from './live.ts';
import { Routes } from './routes.tsx';
import { Steps } from './steps.tsx';
import { useNow } from './store.ts';
import { Tree } from './tree.tsx';

interface RolloutProps {
  readonly of: string;
  readonly known: Known;
}

/** Everything about one rollout. */
export function Rollout({ of, known }: RolloutProps) {
  const now = useNow(known.aheadMs);
  const { detail, problem } = useDetail(of, known);
  const isGone = known.isTold && !known.rollouts.has(of);
  if (detail === undefined)
    return (
      <>
        <Back />
        <p class="nothing" role="status">
          {isGone ? `There is no rollout of ${of}.` : (problem ?? 'Reading…')}
        </p>
      </>
    );
  const { report, series, templates, routes } = detail;
  return (
    <article class="rollout" data-stale={known.line !== 'open' || !known.cluster.ok || isGone}>
      <Back />
      <Headline report={report} now={now} isGone={isGone} canAct={known.allowActions} problem={problem} />
      <Steps steps={report.steps} />
      <Charts report={report} series={series} />
      <div class="pair">
        <Arms report={report} />
        <Checks report={report} />
      </div>
      <div class="pair">
        <Tree tree={report.tree} />
        <Events events={report.events} />
      </div>
      <Diff templates={templates} />
      <Routes routes={routes} weight={report.weight} />
      <History report={report} canAct={known.allowActions && !isGone} />
    </article>
  );
}

function Back() {
  return (
    <a class="back" href={addressOf(undefined)}>
      ← All rollouts
    </a>
  );
}

/** What is known of a rollout; asked again when the server tells of it, and now and then for what it does not tell. */
function useDetail(of: string, known: Known): { readonly detail?: Detail; readonly problem?: string } {
  const [state, setState] = useState<{ readonly detail?: Detail; readonly problem?: string }>({});
  const told = known.told.get(of) ?? 0;
  const minute = Math.floor(useNow(0) / lookAgainMs);
  const isOpen = known.line === 'open';
  useEffect(() => {
    if (!isOpen) return undefined;
    const stop = new AbortController();
    void askDetail(of, stop.signal).then((answer) => {
      if (stop.signal.aborted) return;
      // What was known stays on the page.
      if (typeof answer === 'string') setState((before) => ({ ...before, problem: answer }));
      else setState({ detail: answer });
    });
    return () => stop.abort();
  }, [of, told, minute, isOpen]);
  return state;
}

/** Lines of Prometheus grow, whatever becomes of the rollout. */
const lookAgainMs = 15_000;
