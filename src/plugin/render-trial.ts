// The trial: where it is in its plan, what it gets, how it was judged, and what comes next.
import type { Interval } from '../analysis/odds.ts';
import type { EvidenceShown, Report, Step, WeightShown } from '../report/report.ts';
import { flowing, labelled, wrapped } from './block.ts';
import { type Line, type Span, span, type Style, widthOf } from './lines.ts';
import { whenText } from './words.ts';

/** Each part under its label; `room` is what is left beside that. */
export function trialLines(report: Report, room: number, now: number): readonly Line[] {
  return [
    ...labelled('plan', stepLines(report.steps, room)),
    ...labelled('weight', weightLines(report, room)),
    ...labelled('checks', checkLines(report, room, now)),
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
  if (steps.length > mostSteps) return manySteps(steps, room);
  return flowing(
    steps.map(({ label, is }) => span(`${marks[is].mark} ${label}`, marks[is].style)),
    3,
    room,
  );
}

function manySteps(steps: readonly Step[], room: number): readonly Line[] {
  const done = steps.filter(({ is }) => is === 'done').length;
  const now = steps.find(({ is }) => is === 'now');
  const where = now === undefined ? '' : `, now ${now.label}`;
  return wrapped(`${done} of ${steps.length} steps done${where}, at the end ${steps.at(-1)?.label}`, room);
}

function weightLines({ weight, phase, candidate }: Report, room: number): readonly Line[] {
  if (candidate === undefined) return [];
  const { asked, seen, beside, unsplit } = weight;
  if (unsplit !== undefined) {
    const isSaid = ['Pending', 'Starting', 'Rolling'].includes(phase);
    return wrapped(isSaid ? unsplit : `nothing is split: ${unsplit}`, room);
  }
  if (seen.length === 0) return [];
  const isOff = seen.some((each) => each.weight !== asked);
  const more = beside === undefined ? '' : `, and ${beside}`;
  const text = isOff
    ? `${asked} % asked for${more}; ${seenText(seen)}`
    : `${asked} %${more}, as asked for, in ${seen.map(({ route }) => route).join(', ')}`;
  return wrapped(text, room, isOff ? { style: 'warn' } : {});
}

function seenText(seen: WeightShown['seen']): string {
  return seen.map(({ route, weight }) => `${route} gives it ${weight} %`).join(', ');
}

const verdictStyles = { pass: 'good', fail: 'bad', inconclusive: 'warn', error: 'warn' } as const;

function checkLines({ checks, evidence }: Report, room: number, now: number): readonly Line[] {
  if (checks === undefined) return [];
  const { passed, failed, threshold, silent, last } = checks;
  const unknown = silent === 0 ? '' : `, ${silent} in a row without an answer`;
  const sum = wrapped(
    `${passed} passed, ${failed} failed (${threshold} roll back)${unknown}`,
    room,
    failed > 0 || silent > 0 ? { style: 'warn' } : {},
  );
  if (last === undefined) return sum;
  // What the comparison says stands in numbers above and below.
  const isTold = (sentence: string): boolean =>
    evidence !== undefined && sentence.startsWith('canary not shown to be worse');
  const sentences = last.evidence.filter((sentence) => !isTold(sentence));
  const head: Line = [
    { text: 'last ' },
    span(last.verdict, verdictStyles[last.verdict]),
    span(`, ${whenText(last.at, now)}`, 'faint'),
  ];
  return [...sum, head, ...sentences.flatMap((sentence) => wrapped(sentence, room, { lead: '- ' }))];
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
  const text = `${Math.max(0, wealth).toFixed(1)} of the ${bound.toFixed(1)} that roll back${by === undefined ? '' : `, by ${by}`}`;
  const isBeside = barWidth + 1 + widthOf(text) <= room;
  return [
    ...(isBeside ? [[...bar, { text: ` ${text}` }]] : [bar, ...wrapped(text, room)]),
    ...oddsLines(odds, room),
  ];
}

function oddsLines({ least, most }: Interval, room: number): readonly Line[] {
  if (least === undefined && most === undefined) return [];
  const range =
    most === undefined ? `above ${least}` : least === undefined ? `below ${most}` : `${least} to ${most}`;
  return wrapped(`the odds of an error are ${range} times those of stable (95 %)`, room, { style: 'faint' });
}

function nextLines({ next }: Report, room: number, now: number): readonly Line[] {
  if (next === undefined) return [];
  const when = next.at === undefined ? '' : next.at <= now ? 'now: ' : `${whenText(next.at, now)}: `;
  return wrapped(`${when}${next.what}`, room);
}
