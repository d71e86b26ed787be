import { useEffect, useRef, useState } from 'preact/hooks';
import type uPlot from 'uplot';
import type { Line } from '../wire.ts';
import { heldUntil, lastOf, readable, type Span } from './chart-data.ts';
import { time } from './format.ts';
import { draw } from './plot.ts';

export interface ChartSpec {
  readonly title: string;
  readonly lines: readonly {
    readonly name: string;
    readonly look: 'stable' | 'canary' | 'dashed' | 'bound';
  }[];
  readonly format: (value: number) => string;
  /** Of the scale; absent: as far as the values go. */
  readonly most?: number;
  /** True where a value holds until the next. */
  readonly isStepped?: boolean;
  /** True where the last value still holds. */
  readonly isHeld?: boolean;
}

interface ChartProps {
  readonly spec: ChartSpec;
  readonly line: Line;
  readonly span: Span;
}

/** One chart; beside what is drawn it can be read, and its numbers be had as a table. */
export function Chart({ spec, line, span }: ChartProps) {
  const shown = spec.isHeld === true ? heldUntil(line, span.to) : line;
  const [at, setAt] = useState<number>();
  const host = usePlot(spec, shown, span, setAt);
  const values = at === undefined ? lastOf(shown) : shown.values.map((each) => each[at] ?? null);
  const text = (value: number | null | undefined): string =>
    value === null || value === undefined ? '–' : spec.format(value);
  const read = spec.lines.map(({ name }, index) => `${name} ${text(values[index])}`).join(', ');
  return (
    <figure class="chart">
      <figcaption>
        <h4>{spec.title}</h4>
        <span class="values">
          {spec.lines.map(({ name, look }, index) => (
            <span key={name} data-look={look}>
              {name} <b>{text(values[index])}</b>
            </span>
          ))}
        </span>
      </figcaption>
      <div
        class="plot"
        ref={host}
        role="img"
        aria-label={`${spec.title}: ${shown.at.length === 0 ? 'nothing yet' : read}`}
      />
      <Numbers spec={spec} line={shown} text={text} />
    </figure>
  );
}

interface NumbersProps {
  readonly spec: ChartSpec;
  readonly line: Line;
  readonly text: (value: number | null) => string;
}

/** A dozen of its points, as a table. */
function Numbers({ spec: { title, lines }, line, text }: NumbersProps) {
  return (
    <details class="numbers">
      <summary>
        Numbers <span class="unseen">of {title}</span>
      </summary>
      <table>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {lines.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {readable(line).map(([seconds, each]) => (
            <tr key={seconds}>
              <th scope="row">{time(seconds * 1000)}</th>
              {each.map((value, index) => (
                <td key={index}>{text(value)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

/** Draws into an element for as long as it stands: anew where the colours change, else only what is new. */
function usePlot(spec: ChartSpec, line: Line, span: Span, onPoint: (index: number | undefined) => void) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const now = useRef({ line, span });
  now.current = { line, span };
  useEffect(() => {
    const element = host.current;
    if (element === null) return undefined;
    const begin = (): void => {
      plot.current?.destroy();
      plot.current = draw(element, { spec, span: () => now.current.span, onPoint }, now.current.line);
    };
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const observer = new ResizeObserver(() =>
      plot.current?.setSize({ width: element.clientWidth, height: element.clientHeight }),
    );
    begin();
    observer.observe(element);
    dark.addEventListener('change', begin);
    return () => {
      observer.disconnect();
      dark.removeEventListener('change', begin);
      plot.current?.destroy();
    };
  }, []);
  const { from, to } = span;
  useEffect(
    () => plot.current?.setData([line.at, ...line.values] as uPlot.AlignedData),
    [line.at.at(-1), line.at.length, from, to],
  );
  return host;
}
