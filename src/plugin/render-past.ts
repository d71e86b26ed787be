// What was: Events, and the rollouts that have ended.
import type { EventShown, Report } from '../report/report.ts';
import { cutLine, type Line, type Style } from './lines.ts';
import { type Cell, tableLines } from './table.ts';
import { dateText, lengthText, whenText } from './words.ts';

type Entry = Report['history'][number];

const outcomes: Readonly<Record<Entry['outcome'], Style>> = {
  Succeeded: 'good',
  Failed: 'bad',
  Aborted: 'warn',
};

/** The rollouts that have ended, the newest last; with times of day where there is room for them. */
export function historyLines(history: readonly Entry[], width: number, now: number): readonly Line[] {
  if (history.length === 0) return [];
  const isRoomy = width >= 110;
  const rows = history.map(({ revision, outcome, startedAt, endedAt, actor, message }): readonly Cell[] => [
    { text: revision, style: 'strong' },
    { text: outcome, style: outcomes[outcome] },
    { text: isRoomy ? dateText(endedAt) : whenText(endedAt, now) },
    { text: endedAt > startedAt ? lengthText(endedAt - startedAt) : '-' },
    { text: actor },
    { text: message },
  ]);
  const columns = [
    { title: 'REVISION' },
    { title: 'OUTCOME' },
    { title: 'ENDED' },
    { title: 'TOOK' },
    { title: 'ASKED BY', least: 8 },
    { title: 'WHY', least: 12 },
  ];
  return tableLines(columns, rows, width).map((line) => cutLine(line, width));
}

/** What was told of a rollout, the newest last. */
export function eventLines(events: readonly EventShown[], width: number, now: number): readonly Line[] {
  if (events.length === 0) return [];
  const rows = events.map(({ at, type, reason, message, count }): readonly Cell[] => [
    { text: whenText(at, now), style: 'faint' },
    { text: reason, ...(type === 'Warning' ? { style: 'warn' as const } : {}) },
    { text: count > 1 ? `${message} (${count} times)` : message },
  ]);
  const columns = [{ title: 'WHEN' }, { title: 'EVENT' }, { title: 'WHAT', least: 12 }];
  return tableLines(columns, rows, width).map((line) => cutLine(line, width));
}
