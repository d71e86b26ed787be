import { shortPhraseOf } from '../../report/words.ts';
import type { Summary } from '../wire.ts';
import { addressOf } from './address.ts';
import { countdown, duration, imageName } from './format.ts';
import { Icon } from './icon.tsx';
import { isOnTrial, keyOf } from './order.ts';

/** As in style/list.css. */
export const rowHeight = 68;

interface RowProps {
  readonly rollout: Summary;
  readonly now: number;
  /** From the top of the list, and how long that is. */
  readonly place: number;
  readonly count: number;
  readonly isOpen: boolean;
  readonly onFocus: () => void;
}

/** One rollout of the list. */
export function Row({ rollout, now, place, count, isOpen, onFocus }: RowProps) {
  const { namespace, name, weight, attention } = rollout;
  return (
    <li
      class="row"
      style={{ transform: `translateY(${place * rowHeight}px)` }}
      aria-setsize={count}
      aria-posinset={place + 1}
    >
      <a
        href={addressOf(keyOf(rollout))}
        data-key={keyOf(rollout)}
        data-attention={attention}
        aria-current={isOpen ? 'page' : undefined}
        onFocus={onFocus}
      >
        <Icon of={rollout} />
        <span class="name">
          <b>{name}</b> <span class="in">{namespace}</span>
        </span>
        <span class="phase">{phaseText(rollout)}</span>
        <span class="images">{imagesText(rollout)}</span>
        <span class="when">{whenText(rollout, now)}</span>
        {isOnTrial(rollout) && (
          <span class="bar" aria-hidden="true">
            <span style={{ width: `${weight.asked}%` }} />
          </span>
        )}
      </a>
    </li>
  );
}

function phaseText({ phase, pause, weight }: Summary): string {
  const standing = pause === undefined ? shortPhraseOf(phase) : 'paused';
  return isOnTrial({ phase }) ? `${standing} · ${weight.asked} %` : standing;
}

function imagesText({ stable, candidate }: Summary): string {
  const [from, to] = [stable, candidate].map((version) => version?.images[0]?.image);
  if (from === undefined) return '';
  return to === undefined ? imageName(from) : `${imageName(from)} → ${imageName(to)}`;
}

/** Until what comes next, else since when it is so. */
function whenText({ next, startedAt, endedAt }: Summary, now: number): string {
  if (endedAt !== undefined) return `${duration(now - endedAt)} ago`;
  if (next?.at !== undefined && next.at > now) return `next in ${countdown(next.at - now)}`;
  return startedAt === undefined ? '' : `for ${duration(now - startedAt)}`;
}
