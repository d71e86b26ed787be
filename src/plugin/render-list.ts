import type { Report } from '../report/report.ts';
import { shortPhraseOf } from '../report/words.ts';
import { cutLine, type Line } from './lines.ts';
import { styleOf, type Look } from './render-status.ts';
import { type Cell, type Column, tableLines } from './table.ts';
import { whenText } from './words.ts';

/** A row for each rollout, in the order given; with the namespace where they are of several. */
export function listLines(
  reports: readonly Report[],
  { width, now, wide }: Look,
  everywhere: boolean,
): readonly Line[] {
  const columns = columnsOf(everywhere, wide, width >= roomy);
  const rows = reports.map((report) => columns.map(({ cell }) => cell(report, now)));
  return tableLines(columns, rows, width).map((line) => cutLine(line, width));
}

type Shown = Column & { readonly cell: (report: Report, now: number) => Cell };

/** Below so many columns it is not said who asked: why it stands where it stands matters more. */
const roomy = 100;

function columnsOf(everywhere: boolean, wide: boolean, isRoomy: boolean): readonly Shown[] {
  const space: Shown = { title: 'NAMESPACE', least: 6, cell: ({ namespace }) => ({ text: namespace }) };
  return [
    ...(everywhere ? [space] : []),
    { title: 'NAME', least: 8, cell: ({ name }) => ({ text: name, style: 'strong' }) },
    { title: 'STATE', cell: (report) => ({ text: stateText(report), style: styleOf(report) }) },
    { title: 'WEIGHT', cell: (report) => ({ text: weightText(report) }) },
    { title: 'STEP', cell: (report) => ({ text: stepText(report) }) },
    { title: 'SINCE', cell: (report, now) => ({ text: sinceText(report, now) }) },
    ...(isRoomy ? [askedBy] : []),
    ...(wide ? versions : []),
    { title: 'WHAT', least: 10, cell: (report, now) => ({ text: whatText(report, now) }) },
  ];
}

const askedBy: Shown = { title: 'ASKED BY', least: 8, cell: ({ actor }) => ({ text: actor ?? '-' }) };

const versions: readonly Shown[] = [
  {
    title: 'LIVE',
    cell: ({ stable }) => ({ text: stable.images.map(({ image }) => image).join(', ') || '-' }),
  },
  {
    title: 'CANARY',
    cell: ({ candidate }) => ({ text: candidate?.images.map(({ image }) => image).join(', ') || '-' }),
  },
];

function stateText({ phase, pause, attention }: Report): string {
  return `${attention ? '! ' : ''}${pause === undefined ? shortPhraseOf(phase) : 'paused'}`;
}

function weightText({ weight: { asked, seen, unsplit }, candidate, endedAt }: Report): string {
  if (candidate === undefined || unsplit !== undefined || endedAt !== undefined) return '-';
  const least = Math.min(asked, ...seen.map(({ weight }) => weight));
  return least === asked ? `${asked} %` : `${least} of ${asked} %`;
}

function stepText({ steps }: Report): string {
  const at = steps.findIndex(({ is }) => is === 'now');
  return at === -1 ? '-' : `${at + 1}/${steps.length}`;
}

function sinceText({ startedAt, endedAt }: Report, now: number): string {
  const at = endedAt ?? startedAt;
  return at === undefined ? '-' : whenText(at, now).replace(/ ago$/, '');
}

/** Why it stands where it stands, or else what comes next. */
function whatText({ message, next }: Report, now: number): string {
  if (message !== '' || next === undefined) return message;
  return next.at === undefined || next.at <= now ? next.what : `${whenText(next.at, now)}: ${next.what}`;
}
