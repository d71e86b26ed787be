import type { Report } from '../../report/report.ts';
import { date, duration } from './format.ts';

/** How earlier rollouts ended, newest first. */
export function History({ history }: { readonly history: Report['history'] }) {
  return (
    <section aria-labelledby="history">
      <h3 id="history">History</h3>
      {history.length === 0 ? (
        <p class="nothing">This is the first.</p>
      ) : (
        <div class="scroll" tabIndex={0} role="group" aria-labelledby="history">
          <table class="history">
            <thead>
              <tr>
                {['Ended', 'Outcome', 'Revision', 'By', 'Took', 'Why'].map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {history.toReversed().map(({ revision, outcome, startedAt, endedAt, actor, message }) => (
                <tr key={`${endedAt} ${revision}`}>
                  <td>{date(endedAt)}</td>
                  <td data-outcome={outcome}>{outcome}</td>
                  <td class="mono">{revision}</td>
                  <td>{actor}</td>
                  <td>{duration(endedAt - startedAt)}</td>
                  <td class="long">{message}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
