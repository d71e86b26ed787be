// Both arms side by side: what they run, and how they do.
import type { Report, Version } from '../report/report.ts';
import { cutLine, type Line, type Style } from './lines.ts';
import { type Cell, tableLines } from './table.ts';
import { countText, latencyText, shareText } from './words.ts';

interface Row {
  readonly label: string;
  readonly of: (version: Version) => string | undefined;
  readonly cut?: 'front';
  /** True where the canary's is what people look for when it differs. */
  readonly marks?: boolean;
}

/** The table of stable and, where there is one, canary. */
export function armLines({ stable, candidate }: Report, width: number): readonly Line[] {
  const versions = candidate === undefined ? [stable] : [stable, candidate];
  const rows = rowsOf(versions).flatMap(({ label, of, cut, marks }): readonly (readonly Cell[])[] => {
    const texts = versions.map(of);
    if (texts.every((text) => text === undefined)) return [];
    const [first, second] = texts;
    const style: Style | undefined = marks === true && first !== second ? 'strong' : undefined;
    return [
      [
        { text: label, style: 'faint' },
        ...texts.map((text) => ({
          text: text ?? '-',
          ...(style === undefined ? {} : { style }),
          ...(cut === undefined ? {} : { cut }),
        })),
      ],
    ];
  });
  const arms = candidate === undefined ? ['LIVE'] : ['STABLE', 'CANARY'];
  const columns = [{ title: '        ' }, ...arms.map((title) => ({ title, least: 8 }))];
  return tableLines(columns, rows, width).map((line) => cutLine(line, width));
}

function rowsOf(versions: readonly Version[]): readonly Row[] {
  const containers = [...new Set(versions.flatMap(({ images }) => images.map(({ container }) => container)))];
  const images = containers.map(
    (container): Row => ({
      label: containers.length === 1 ? 'image' : container,
      of: (version) => version.images.find((each) => each.container === container)?.image,
      ...{ cut: 'front', marks: true },
    }),
  );
  return [
    { label: 'revision', of: ({ revision }) => revision },
    ...images,
    { label: 'config', of: ({ config }) => config && `${config.join(', ')} changed` },
    { label: 'pods', of: ({ pods }) => podsText(pods) },
    { label: 'requests', of: ({ served }) => served && countText(served.requests) },
    { label: 'errors', of: ({ served }) => served && errorsText(served) },
    {
      label: 'success',
      of: ({ successPercent: percent }) => (percent === undefined ? undefined : `${percent} %`),
    },
    { label: 'P99', of: ({ p99Ms }) => (p99Ms === undefined ? undefined : latencyText(p99Ms)) },
  ];
}

function errorsText({ requests, errors }: NonNullable<Version['served']>): string {
  return errors === 0 ? '0' : `${countText(errors)} (${shareText(errors, requests)})`;
}

function podsText({ ready, wanted }: Version['pods']): string {
  return wanted === 0 && ready === 0 ? 'none' : `${ready}/${wanted} ready`;
}
