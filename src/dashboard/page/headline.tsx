import { useState } from 'preact/hooks';
import type { Next, Report } from '../../report/report.ts';
import { phraseOf } from '../../report/words.ts';
import { Act } from './act.tsx';
import { countdown, date, duration, imageName } from './format.ts';
import { Icon } from './icon.tsx';
import { isOnTrial, keyOf } from './order.ts';
import { type Offer, offersFor } from './verbs.ts';

interface HeadlineProps {
  readonly report: Report;
  readonly now: number;
  /** The Deployment is there no more. */
  readonly isGone: boolean;
  readonly canAct: boolean;
  /** Why what is shown may be old. */
  readonly problem: string | undefined;
}

/** What is live, what is on trial, why it stands where it stands, and what comes next. */
export function Headline({ report, now, isGone, canAct, problem }: HeadlineProps) {
  const { namespace, name, phase, message, next, pause } = report;
  const [asked, setAsked] = useState<Offer>();
  return (
    <header class="headline">
      <div class="title">
        <h2>
          {name} <span class="in">{namespace}</span>
        </h2>
        <span class="chip" data-attention={report.attention}>
          <Icon of={report} />
          {phraseOf(phase)}
          {pause === undefined ? '' : ', paused'}
        </span>
        {canAct && !isGone && (
          <span class="offers">
            {offersFor(report).map((offer) => (
              <button key={offer.verb} type="button" data-verb={offer.verb} onClick={() => setAsked(offer)}>
                {offer.label}
              </button>
            ))}
          </span>
        )}
      </div>
      {isGone && <p class="problem">The Deployment is gone: this is what was seen of it last.</p>}
      {problem !== undefined && <p class="problem">{problem}</p>}
      <p class="what">{whatText(report)}</p>
      {message !== '' && <p class="why">{message}</p>}
      {pause !== undefined && <p class="why">{pauseText(pause)}</p>}
      {isOnTrial(report) && <p class="next">{next !== undefined && <NextText next={next} now={now} />}</p>}
      <p class="who">{whoText(report, now)}</p>
      {report.unread !== undefined && (
        <p class="who">Not shown, since you may not read it: {report.unread.join(', ')}</p>
      )}
      {asked !== undefined && (
        <Act
          of={keyOf(report)}
          revision={report.candidate?.revision}
          offer={asked}
          onClose={() => setAsked(undefined)}
        />
      )}
    </header>
  );
}

function NextText({ next: { what, at }, now }: { readonly next: Next; readonly now: number }) {
  if (at === undefined) return <>Next: {what}</>;
  return (
    <>
      Next: {what} <b class="countdown">{at > now ? `in ${countdown(at - now)}` : 'now'}</b>
    </>
  );
}

function pauseText({ actor, at, reason }: NonNullable<Report['pause']>): string {
  return `Paused by ${actor} since ${date(at)}${reason === undefined ? '' : `: ${reason}`}`;
}

function whatText({ phase, stable, candidate, weight }: Report): string {
  const images = (version: Report['stable'] | undefined): string =>
    (version?.images ?? []).map(({ image }) => imageName(image)).join(', ') || 'nothing known';
  if (candidate === undefined) return `${images(stable)} is live.`;
  if (isOnTrial({ phase })) {
    const share = weight.unsplit === undefined ? ` at ${weight.asked} % of the traffic` : '';
    return `${images(stable)} is live, ${images(candidate)} is on trial${share}.`;
  }
  const became = phase === 'Failed' ? 'failed, and is held back' : 'is what the Deployment asks for';
  return `${images(stable)} is live; ${images(candidate)} ${became}.`;
}

function whoText({ actor, startedAt, endedAt }: Report, now: number): string {
  const asked = actor === undefined ? '' : `Asked for by ${actor}`;
  if (startedAt === undefined) return asked;
  const begun = `began ${date(startedAt)}`;
  const span =
    endedAt === undefined ? `${duration(now - startedAt)} ago` : `took ${duration(endedAt - startedAt)}`;
  return [asked, begun, span].filter((part) => part !== '').join(' · ');
}
