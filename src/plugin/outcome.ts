// How a rollout that somebody waits for has come out.
import type { Report, Version } from '../report/report.ts';
import { phraseOf } from '../report/words.ts';

/** Which version is waited for; nothing said: whatever is on trial. */
export interface Target {
  readonly revision?: string;
  readonly image?: string;
}

/** `open`: not yet, and why; `nothing`: it will never be said. */
export interface Outcome {
  readonly is: 'done' | 'failed' | 'open' | 'nothing';
  readonly why: string;
}

/** True where the version is the one that is waited for: its revision, or an image, with or without its registry. */
export function isMeant({ revision, images }: Version, target: Target): boolean {
  if (target.revision !== undefined && revision !== target.revision) return false;
  const { image: wanted } = target;
  return wanted === undefined || images.some(({ image }) => image === wanted || image.endsWith(`/${wanted}`));
}

/** What has come of the version; `wasSeen` where it was on trial before, in the same waiting. */
export function outcomeOf(report: Report, target: Target, wasSeen: boolean): Outcome {
  const { phase, candidate, stable, message } = report;
  if (candidate !== undefined && isMeant(candidate, target)) return ofCandidate(report);
  const isAny = target.revision === undefined && target.image === undefined;
  if (phase === 'Unheld') return { is: 'nothing', why: message };
  if (isAny) return ofAny(report, wasSeen);
  if (isMeant(stable, target)) return { is: 'done', why: `${stable.revision} is live` };
  const past = pastOf(report, target);
  if (past !== undefined) return past;
  if (!wasSeen) return { is: 'open', why: `${targetText(target)} is neither live nor on trial` };
  const other = candidate?.revision ?? stable.revision;
  return { is: 'failed', why: `${targetText(target)} was superseded by revision ${other}` };
}

/** Says of one report after the other what has come of the version, and keeps whether it was on trial before. */
export function watchedFor(target: Target): (report: Report) => Outcome {
  let wasSeen = false;
  return (report) => {
    const outcome = outcomeOf(report, target, wasSeen);
    wasSeen ||= report.candidate !== undefined && isMeant(report.candidate, target);
    return outcome;
  };
}

function ofCandidate({ phase, message, candidate }: Report): Outcome {
  if (phase === 'Failed') return { is: 'failed', why: message };
  const why = message === '' ? '' : `: ${message}`;
  return { is: 'open', why: `${candidate?.revision ?? ''} ${phraseOf(phase)}${why}` };
}

function ofAny({ phase, message, history }: Report, wasSeen: boolean): Outcome {
  const why = message === '' ? phraseOf(phase) : message;
  if (phase === 'Succeeded' || (phase === 'Idle' && !wasSeen)) return { is: 'done', why };
  if (phase === 'Failed' || phase === 'Aborted') return { is: 'failed', why: history.at(-1)?.message ?? why };
  return { is: 'open', why };
}

/** What the history says of a revision that is neither live nor on trial. */
function pastOf({ history }: Report, { revision }: Target): Outcome | undefined {
  const entry = history.findLast((each) => each.revision === revision);
  if (revision === undefined || entry === undefined) return undefined;
  const why = entry.outcome === 'Succeeded' ? `revision ${revision} is not live any more` : entry.message;
  return { is: 'failed', why };
}

function targetText({ revision, image }: Target): string {
  const parts = [
    ...(revision === undefined ? [] : [`revision ${revision}`]),
    ...(image === undefined ? [] : [`image ${image}`]),
  ];
  return parts.join(' with ');
}
