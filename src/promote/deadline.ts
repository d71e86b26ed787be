import type { Clock } from '../clock.ts';
import { lengthText } from '../plugin/words.ts';
import { exit } from '../plugin/verb.ts';
import { Stop } from './stop.ts';

/** Until when something is waited for. */
export interface Deadline {
  readonly leftMs: () => number;
  /** Sleeps; throws Stop with what is waited for when the time is over, or the user stopped it. */
  pause(ms: number, waitedFor: string): Promise<void>;
}

/** The end of a time that begins now. */
export function deadlineIn(clock: Clock, ms: number, signal: AbortSignal): Deadline {
  const end = clock.now() + ms;
  const leftMs = (): number => Math.max(0, end - clock.now());
  return {
    leftMs,
    pause: async (pauseMs, waitedFor) => {
      if (!signal.aborted && leftMs() > 0) await clock.sleep(Math.min(pauseMs, leftMs()), signal);
      if (signal.aborted) throw new Stop(`stopped: ${waitedFor}`, exit.undecided);
      if (leftMs() === 0) throw new Stop(`not over after ${lengthText(ms)}: ${waitedFor}`, exit.undecided);
    },
  };
}
