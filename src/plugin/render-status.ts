// One rollout on one screen: what is live, what is on trial, why, how it does, and what comes next.
import type { Report } from '../report/report.ts';
import { phraseOf } from '../report/words.ts';
import { besideLabel, labelled, wrapped } from './block.ts';
import { cutLine, type Line, span, type Style } from './lines.ts';
import { armLines } from './render-arms.ts';
import { eventLines, historyLines } from './render-past.ts';
import { treeLines } from './render-tree.ts';
import { trialLines } from './render-trial.ts';
import { lengthText, whenText } from './words.ts';

export interface Look {
  /** Cells; infinite where nothing is to be cut. */
  readonly width: number;
  /** Unix ms by the API server's clock. */
  readonly now: number;
  /** With Events and history. */
  readonly wide: boolean;
}

/** The screen of a rollout, no line of it wider than the look. */
export function statusLines(report: Report, { width, now, wide }: Look): readonly Line[] {
  const room = besideLabel(width);
  const blocks: readonly (readonly Line[])[] = [
    [
      ...headLines(report, width, now),
      ...labelled('why', report.message === '' ? [] : wrapped(report.message, room)),
    ],
    armLines(report, width),
    trialLines(report, room, now),
    treeLines(report.tree, width, wide),
    ...(wide ? [eventLines(report.events, width, now), historyLines(report.history, width, now)] : []),
    report.unread === undefined
      ? []
      : wrapped(`not shown, since you may not read it: ${report.unread.join(', ')}`, width, {
          style: 'warn',
        }),
  ];
  const shown = blocks.filter((block) => block.length > 0);
  return shown
    .flatMap((block, index) => (index === 0 ? block : [[], ...block]))
    .map((line) => cutLine(line, width));
}

function headLines(report: Report, width: number, now: number): readonly Line[] {
  const { namespace, name, phase, steps, pause } = report;
  const at = steps.findIndex(({ is }) => is === 'now');
  const where = at === -1 ? '' : `, step ${at + 1} of ${steps.length}`;
  const held = pause === undefined ? '' : ', paused';
  const who = whoText(report, now);
  return [
    [
      span(`${namespace}/${name}`, 'strong'),
      { text: '  ' },
      span(`${phraseOf(phase)}${where}${held}`, styleOf(report)),
    ],
    ...(who === '' ? [] : wrapped(who, width, { style: 'faint' })),
  ];
}

/** What is wrong is red, what needs somebody yellow; the words say the same without. */
export function styleOf({ phase, attention }: Pick<Report, 'phase' | 'attention'>): Style {
  if (phase === 'Failed' || phase === 'RollingBack') return 'bad';
  if (attention) return 'warn';
  return ['Idle', 'Unheld', 'Aborted'].includes(phase) ? 'faint' : phase === 'Succeeded' ? 'good' : 'canary';
}

function whoText({ actor, startedAt, endedAt }: Report, now: number): string {
  const asked = actor === undefined ? [] : [`asked for by ${actor}`];
  if (endedAt === undefined)
    return [...asked, ...(startedAt === undefined ? [] : [`began ${whenText(startedAt, now)}`])].join(', ');
  const took = startedAt === undefined ? 0 : endedAt - startedAt;
  const after = took > 0 ? ` after ${lengthText(took)}` : '';
  return [...asked, `ended ${whenText(endedAt, now)}${after}`].join(', ');
}
