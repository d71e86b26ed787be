import type { Report } from '../../report/report.ts';
import { time } from './format.ts';

/** What the checks said, and what the comparison has shown. */
export function Checks({ report: { checks, evidence } }: { readonly report: Report }) {
  if (checks === undefined && evidence === undefined) return null;
  return (
    <section aria-labelledby="checks">
      <h3 id="checks">Checks</h3>
      {checks !== undefined && (
        <p>
          <b>{checks.passed}</b> passed, <b>{checks.failed}</b> of {checks.threshold} failed
          {checks.silent > 0 && (
            <>
              , <b>{checks.silent}</b> in a row without an answer
            </>
          )}
          {checks.last !== undefined && `; the last at ${time(checks.last.at)}: ${checks.last.verdict}`}
        </p>
      )}
      {checks?.last !== undefined && (
        <ul class="sentences">
          {checks.last.evidence.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
      {evidence !== undefined && <p>{oddsText(evidence)}</p>}
    </section>
  );
}

function oddsText({ wealth, bound, by, odds: { least, most } }: NonNullable<Report['evidence']>): string {
  const against = `Evidence against the canary: ${wealth.toFixed(2)} of ${bound.toFixed(2)}${by === undefined ? '' : `, by ${by}`}.`;
  if (least === undefined && most === undefined)
    return `${against} How much likelier an error is on it is not known yet.`;
  const from = least === undefined ? 'at most' : `${least}`;
  const to = most === undefined ? 'or more' : `${least === undefined ? '' : 'to '}${most}`;
  return `${against} An error is ${from} ${to} times as likely there as on stable (95 %).`;
}
