import type { Report } from '../../report/report.ts';
import type { RouteShown } from '../wire.ts';

interface RoutesProps {
  readonly routes: readonly RouteShown[];
  readonly weight: Report['weight'];
}

/** How the traffic is routed now. */
export function Routes({ routes, weight }: RoutesProps) {
  return (
    <section aria-labelledby="routes">
      <h3 id="routes">Route as it is now</h3>
      {weight.seen.map(({ route, weight: given }) => (
        <p key={route}>
          {route} gives the canary <b>{given} %</b>
          {given === weight.asked ? '' : `; ${weight.asked} % is asked for`}
        </p>
      ))}
      {weight.beside !== undefined && <p>Beside that: {weight.beside}</p>}
      {weight.seen.length === 0 && (
        <p class="nothing">{weight.unsplit ?? 'Nothing is split: all traffic is on stable.'}</p>
      )}
      {routes.map(({ kind, name, yaml }) => (
        <details key={`${kind}/${name}`}>
          <summary>
            {kind} {name}
          </summary>
          <pre class="code" tabIndex={0}>
            {yaml}
          </pre>
        </details>
      ))}
    </section>
  );
}
