import type { Report } from '../report/report.ts';
import { phraseOf } from '../report/words.ts';
import { type Line, span } from './lines.ts';
import { styleOf } from './render-status.ts';
import { clockText } from './words.ts';

/** A rollout in one line, for those who follow it without a screen: what it says changes only as something happens. */
export function changeLine(report: Report, now: number): Line {
  const { namespace, name, phase, pause } = report;
  const details = [
    `${phraseOf(phase)}${pause === undefined ? '' : ', paused'}`,
    ...weightParts(report),
    ...checkParts(report),
  ];
  const why = report.message === '' ? '' : `: ${report.message}`;
  return [
    span(clockText(now), 'faint'),
    { text: ' ' },
    span(`${namespace}/${name}`, 'strong'),
    { text: ' ' },
    span(`${details.join(', ')}${why}`, styleOf(report)),
  ];
}

function weightParts({ weight: { asked, seen }, candidate }: Report): readonly string[] {
  if (candidate === undefined || seen.length === 0) return [];
  const least = Math.min(...seen.map(({ weight }) => weight));
  return [least === asked ? `${asked} %` : `${least} of ${asked} %`];
}

function checkParts({ checks, candidate }: Report): readonly string[] {
  if (checks === undefined || candidate === undefined) return [];
  const { passed, failed, silent } = checks;
  return [
    `${passed} passed`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(silent > 0 ? [`${silent} without an answer`] : []),
  ];
}
