import type { Report, Version } from '../../report/report.ts';
import { count, imageName, milliseconds, percent } from './format.ts';

type Figure = readonly [name: string, of: (version: Version) => string | undefined];

const figures: readonly Figure[] = [
  ['Image', ({ images }) => images.map(({ image }) => imageName(image)).join(', ')],
  ['Revision', ({ revision }) => revision],
  ['Pods ready', ({ pods: { ready, wanted } }) => `${ready} of ${wanted}`],
  ['Requests', ({ served }) => served && count(served.requests)],
  ['Errors', ({ served }) => served && `${count(served.errors)} (${percent(shareOf(served))})`],
  [
    'Success, last check',
    ({ successPercent }) => (successPercent === undefined ? undefined : percent(successPercent)),
  ],
  ['P99, last check', ({ p99Ms }) => (p99Ms === undefined ? undefined : milliseconds(p99Ms))],
];

/** Both versions side by side. */
export function Arms({ report: { stable, candidate } }: { readonly report: Report }) {
  return (
    <section aria-labelledby="arms">
      <h3 id="arms">{candidate === undefined ? 'Live' : 'Stable and canary'}</h3>
      <table class="arms">
        <thead>
          <tr>
            <td />
            <th scope="col" data-arm="stable">
              Stable
            </th>
            {candidate !== undefined && (
              <th scope="col" data-arm="canary">
                Canary
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {figures.map(([name, of]) => {
            const [ours, theirs] = [of(stable), candidate === undefined ? undefined : of(candidate)];
            if (ours === undefined && theirs === undefined) return null;
            return (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{ours ?? '–'}</td>
                {candidate !== undefined && <td>{theirs ?? '–'}</td>}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function shareOf({ requests, errors }: NonNullable<Version['served']>): number {
  return requests === 0 ? 0 : (100 * errors) / requests;
}
