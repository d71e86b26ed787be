import { useState } from 'preact/hooks';
import type { Report } from '../../report/report.ts';
import type { HistoryEntry } from '../../rollout/types.ts';
import { Act } from './act.tsx';
import { date, duration } from './format.ts';
import { keyOf } from './order.ts';
import { wayBackFor } from './verbs.ts';

interface HistoryProps {
  readonly report: Report;
  readonly canAct: boolean;
}

const columns = ['Ended', 'Outcome', 'Revision', 'By', 'Took', 'Why'];

/** How earlier rollouts ended, newest first, and the way back to one that was promoted. */
export function History({ report, canAct }: HistoryProps) {
  const { history, stable, candidate } = report;
  const [to, setTo] = useState<string>();
  const offer = canAct ? wayBackFor(report) : undefined;
  const isEarlier = ({ outcome, revision }: HistoryEntry): boolean =>
    outcome === 'Succeeded' && revision !== stable.revision;
  return (
    <section aria-labelledby="history">
      <h3 id="history">History</h3>
      {history.length === 0 && <p class="nothing">This is the first.</p>}
      {history.length > 0 && (
        <div class="scroll" tabIndex={0} role="group" aria-labelledby="history">
          <table class="history">
            <thead>
              <tr>
                {columns.map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {history.toReversed().map((entry) => (
                <Entry
                  key={`${entry.endedAt} ${entry.revision}`}
                  entry={entry}
                  onBack={offer !== undefined && isEarlier(entry) ? () => setTo(entry.revision) : undefined}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {to !== undefined && offer !== undefined && (
        <Act
          {...{ of: keyOf(report), revision: candidate?.revision, offer, to }}
          onClose={() => setTo(undefined)}
        />
      )}
    </section>
  );
}

interface EntryProps {
  readonly entry: HistoryEntry;
  /** Absent where there is no going back to it. */
  readonly onBack: (() => void) | undefined;
}

function Entry({ entry: { revision, outcome, startedAt, endedAt, actor, message }, onBack }: EntryProps) {
  return (
    <tr>
      <td>{date(endedAt)}</td>
      <td data-outcome={outcome}>{outcome}</td>
      <td class="mono">{revision}</td>
      <td>{actor}</td>
      <td>{duration(endedAt - startedAt)}</td>
      <td class="long">
        {message}{' '}
        {onBack !== undefined && (
          <button type="button" onClick={onBack}>
            Roll back to {revision}
          </button>
        )}
      </td>
    </tr>
  );
}
