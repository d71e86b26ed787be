// The trial: where it is in its plan, what it gets, how it was judged, and what comes next.
import { oddsText } from '../analysis/sentences.ts';
import type { ChecksShown, EvidenceShown, Report, Step, WeightShown } from '../report/report.ts';
import { flowing, labelled, wrapped } from './block.ts';
import { type Line, type Span, span, type Style } from './lines.ts';
import { whenText } from './words.ts';

/** Each part under its label; `room` is what is left beside that. */
export function trialLines(report: Report, room: number, now: number): readonly Line[] {
  return [
    ...labelled('plan', stepLines(report.steps, room)),
    ...labelled('weight', weightLines(report, room)),
    ...labelled('checks', checkLines(report.checks, room, now)),
    ...labelled('evidence', evidenceLines(report.evidence, room)),
    ...labelled('next', nextLines(report, room, now)),
  ];
}

const marks: Readonly<Record<Step['is'], { readonly mark: string; readonly style: Style }>> = {
  done: { mark: '✓', style: 'good' },
  now: { mark: '▸', style: 'strong' },
  ahead: { mark: '·', style: 'faint' },
};
/** More steps than these are told as a number. */
const mostSteps = 16;

function stepLines(steps: readonly Step[], room: number): readonly Line[] {
  if (steps.length === 0) return [];
  const at = steps.findIndex(({ is }) => is === 'now');
  const near =
    steps.length <= mostSteps ? steps : steps.slice(Math.max(0, at - 2), Math.max(0, at - 2) + mostSteps - 4);
  const spans = near.map(({ label, is }) => span(`${marks[is].mark} ${label}`, marks[is].style));
  const left = steps.length - near.length;
  return flowing([...spans, ...(left === 0 ? [] : [span(`${left} more`, 'faint')])], 3, room);
}

function weightLines({ weight, phase, candidate }: Report, room: number): readonly Line[] {
  if (candidate === undefined) return [];
  const { asked, seen, unsplit } = weight;
  if (unsplit !== undefined) {
    const isSaid = ['Pending', 'Starting', 'Rolling'].includes(phase);
    return wrapped(isSaid ? unsplit : `nothing is split: ${unsplit}`, room);
  }
  if (seen.length === 0) return [];
  const isOff = seen.some((each) => each.weight !== asked);
  const text = isOff
    ? `${asked} % asked for; ${seenText(seen)}`
    : `${asked} %, as asked for, in ${seen.map(({ route }) => route).join(', ')}`;
  return wrapped(text, room, isOff ? 'warn' : undefined);
}

function seenText(seen: WeightShown['seen']): string {
  return seen.map(({ route, weight }) => `${route} gives it ${weight} %`).join(', ');
}

const verdictStyles = { pass: 'good', fail: 'bad', inconclusive: 'warn', error: 'warn' } as const;

function checkLines(checks: ChecksShown | undefined, room: number, now: number): readonly Line[] {
  if (checks === undefined) return [];
  const { passed, failed, threshold, silent, last } = checks;
  const unknown = silent === 0 ? '' : `, ${silent} in a row without an answer`;
  const sum = wrapped(
    `${passed} passed, ${failed} failed (${threshold} roll back)${unknown}`,
    room,
    failed > 0 || silent > 0 ? 'warn' : undefined,
  );
  if (last === undefined) return sum;
  const head: Line = [
    { text: 'last ' },
    span(last.verdict, verdictStyles[last.verdict]),
    span(`, ${whenText(last.at, now)}`, 'faint'),
  ];
  return [...sum, head, ...last.evidence.flatMap((sentence) => wrapped(`  ${sentence}`, room, undefined, 4))];
}

const barWidth = 20;

function evidenceLines(evidence: EvidenceShown | undefined, room: number): readonly Line[] {
  if (evidence === undefined) return [];
  const { wealth, bound, by, odds } = evidence;
  const share = Math.min(1, Math.max(0, wealth / bound));
  const full = Math.round(share * barWidth);
  const style: Style = share >= 1 ? 'bad' : share >= 0.5 ? 'warn' : 'good';
  const bar: readonly Span[] = [
    { text: '█'.repeat(full), style },
    { text: '░'.repeat(barWidth - full), style: 'faint' },
  ];
  const what = by === undefined ? '' : `, by ${by}`;
  const text = `${Math.max(0, wealth).toFixed(1)} of the ${bound.toFixed(1)} that roll back${what}`;
  const beside = room - barWidth - 1;
  const [first = [], ...others] = wrapped(text, Math.max(1, beside));
  const isWide = beside >= barWidth;
  return [
    ...(isWide ? [[...bar, { text: ' ' }, ...first], ...others] : [bar, ...wrapped(text, room)]),
    ...wrapped(oddsText(odds), room, 'faint'),
  ];
}

function nextLines({ next }: Report, room: number, now: number): readonly Line[] {
  if (next === undefined) return [];
  const when = next.at === undefined ? '' : next.at <= now ? 'now: ' : `${whenText(next.at, now)}: `;
  return wrapped(`${when}${next.what}`, room);
}
