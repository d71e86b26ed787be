import type { Report } from '../../report/report.ts';
import type { Series } from '../wire.ts';
import { Chart, type ChartSpec } from './chart.tsx';
import { hasValues, spanOf } from './chart-data.ts';
import { milliseconds, percent, perSecond } from './format.ts';
import { isOnTrial } from './order.ts';

interface ChartsProps {
  readonly report: Report;
  readonly series: Series;
}

type Named = ChartSpec & { readonly of: Exclude<keyof Series, 'source'> };

const arms = [
  { name: 'stable', look: 'stable' },
  { name: 'canary', look: 'canary' },
] as const;

const specs: readonly Named[] = [
  {
    ...{
      of: 'weight',
      title: 'Weight of the canary',
      format: (value) => `${Math.round(value)} %`,
      most: 100,
    },
    ...{ isStepped: true, isHeld: true },
    lines: [
      { name: 'asked', look: 'canary' },
      { name: 'seen', look: 'dashed' },
    ],
  },
  { of: 'rate', title: 'Requests per second', format: perSecond, lines: arms },
  { of: 'errors', title: 'Error rate', format: percent, lines: arms },
  { of: 'latency', title: 'Latency, P99', format: milliseconds, lines: arms },
  {
    ...{ of: 'evidence', title: 'Evidence against the canary', format: (value) => value.toFixed(2) },
    ...{ isStepped: true, isHeld: true },
    lines: [
      { name: 'ln M', look: 'canary' },
      { name: 'rolled back at', look: 'bound' },
    ],
  },
];

/** How the trial went, each figure over the same time. */
export function Charts({ report, series }: ChartsProps) {
  // While it goes on what is empty may yet be filled, and nothing is to move then.
  const shown = specs.filter(({ of }) => isOnTrial(report) || hasValues(series[of]));
  if (shown.length === 0) return null;
  const span = spanOf(
    specs.map(({ of }) => series[of]),
    Math.round((report.endedAt ?? report.at) / 1000),
  );
  return (
    <section aria-labelledby="charts">
      <h3 id="charts">
        Over time{' '}
        <span class="in">
          {series.source === 'prometheus'
            ? 'traffic from Prometheus'
            : 'since this dashboard was started, look by look'}
        </span>
      </h3>
      <div class="charts">
        {shown.map(({ of, ...spec }) => (
          <Chart key={of} spec={spec} line={series[of]} span={span} />
        ))}
      </div>
    </section>
  );
}
