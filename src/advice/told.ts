import type { EventShown } from '../report/report.ts';
import type { Traffic } from '../rollout/foresight.ts';

/** The traffic that Serin itself told of when the last rollout began (src/rollout/foresight.ts); undefined where it did not. */
export function trafficTold(events: readonly EventShown[]): Traffic | undefined {
  const started = events.findLast(({ reason }) => reason === 'CanaryStarted');
  const [, rate, percent] = told.exec(started?.message ?? '') ?? [];
  const [perSecond, errorRate] = [Number(rate), Number(percent) / 100];
  return perSecond > 0 && errorRate > 0 ? { perSecond, errorRate } : undefined;
}

const told = /\((\S+) requests\/s\), stable has (\S+) %/;
