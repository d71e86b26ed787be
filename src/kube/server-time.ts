import type { Clock } from '../clock.ts';
import type { Transport } from './transport.ts';

/** HTTP tells the time in whole seconds, cut. */
const resolutionMs = 1_000;

/**
 * The clock of the API server, as its answers tell it (RFC 9110, Date). Times that stand in the cluster are read by
 * other replicas, and by this one after its own clock was set: by our own clock a wait could be over before it began, or
 * last as long as the clock was set back. `transport` must be used for the calls; `clock` is corrected by each answer,
 * as far as the answer proves it wrong: it was given between the sending and the receiving.
 */
export function serverTime(transport: Transport, own: Clock): { transport: Transport; clock: Clock } {
  let aheadMs = 0;
  const heard = (date: string, sentAt: number, receivedAt: number): void => {
    const told = Date.parse(date);
    if (Number.isNaN(told)) return;
    const [least, most] = [told - receivedAt, told + resolutionMs - sentAt];
    // Where our clock was set during the call, nothing is proved.
    if (least <= most) aheadMs = Math.min(Math.max(aheadMs, least), most);
  };
  return {
    transport: {
      async send(request) {
        const sentAt = own.now();
        const response = await transport.send(request);
        const { date } = response.headers;
        if (typeof date === 'string') heard(date, sentAt, own.now());
        return response;
      },
    },
    clock: { now: () => own.now() + aheadMs, sleep: (ms, signal) => own.sleep(ms, signal) },
  };
}
