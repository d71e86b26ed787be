import uPlot from 'uplot';
import type { Line } from '../wire.ts';
import type { Span } from './chart-data.ts';
import type { ChartSpec } from './chart.tsx';

interface Plot {
  readonly spec: ChartSpec;
  readonly span: () => Span;
  /** Which point is pointed at; undefined: none. */
  readonly onPoint: (index: number | undefined) => void;
}

const together = 'rollout';

/** Draws a line into `host`, in the colours of the page. */
export function draw(host: HTMLElement, { spec, span, onPoint }: Plot, { at, values }: Line): uPlot {
  const style = getComputedStyle(host);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const axis: uPlot.Axis = {
    stroke: colour('quiet'),
    grid: { stroke: colour('line'), width: 1 },
    ticks: { show: false },
    font: `11px ${style.fontFamily}`,
  };
  const options: uPlot.Options = {
    ...{ width: Math.max(host.clientWidth, 80), height: host.clientHeight, padding: [8, 18, 0, 0] },
    ...{ legend: { show: false }, cursor: { y: false, points: { size: 6 }, sync: { key: together } } },
    scales: {
      x: { time: true, range: () => [span().from, span().to] },
      y: { range: (_, least, most) => [Math.min(0, least ?? 0), spec.most ?? highest(most)] },
    },
    axes: [
      { ...axis, space: 70, size: 24, values: (_, splits) => splits.map(clockText) },
      { ...axis, space: 32, size: 52, values: (_, splits) => splits.map((value) => spec.format(value)) },
    ],
    series: [{}, ...spec.lines.map(({ name, look }) => seriesOf(name, look, spec, colour))],
    hooks: { setCursor: [({ cursor: { idx } }) => onPoint(idx ?? undefined)] },
  };
  return new uPlot(options, [at, ...values] as uPlot.AlignedData, host);
}

function seriesOf(
  label: string,
  look: ChartSpec['lines'][number]['look'],
  spec: ChartSpec,
  colour: (name: string) => string,
): uPlot.Series {
  const colours = { stable: 'stable', canary: 'canary', dashed: 'text', bound: 'bad' } as const;
  const stepped = uPlot.paths.stepped?.({ align: 1 });
  return {
    label,
    stroke: colour(colours[look]),
    width: look === 'canary' || look === 'stable' ? 2 : 1.5,
    spanGaps: true,
    ...(look === 'dashed' || look === 'bound' ? { dash: [4, 4] } : {}),
    ...(spec.isStepped === true && look === 'canary' ? { fill: colour('canary-soft') } : {}),
    ...(spec.isStepped === true && stepped !== undefined ? { paths: stepped } : {}),
    points: { show: false },
  };
}

/** A little above the highest value; a line that is nothing but zero lies at the bottom. */
function highest(most: number | null): number {
  return most === null || most <= 0 ? 1 : most * 1.1;
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

function clockText(seconds: number): string {
  return clock.format(seconds * 1000);
}
