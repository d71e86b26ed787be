import type { Clock } from '../../clock.ts';
import { beatMs, type News } from '../wire.ts';
import type { LineState } from './live.ts';

interface Listener {
  readonly news: (news: News) => void;
  readonly state: (state: LineState) => void;
}

const silenceMs = 3 * beatMs;
const againMs = 1_000;

/**
 * Keeps a line to the server for as long as the page stands. A browser opens a broken line anew by itself, but not one
 * that was refused, nor one that is silent: a machine that slept, a server that hangs.
 */
export async function keepLine(clock: Clock, { news, state }: Listener): Promise<never> {
  let lastId = '';
  for (;;) {
    const source = new EventSource(
      `/api/stream${lastId === '' ? '' : `?last=${encodeURIComponent(lastId)}`}`,
    );
    const over = Promise.withResolvers<undefined>();
    let heardAt = clock.now();
    const hear = (event: MessageEvent<string>): void => {
      heardAt = clock.now();
      if (event.lastEventId !== '') lastId = event.lastEventId;
      state('open');
      news(JSON.parse(event.data) as News);
    };
    const fail = (): void => {
      state('lost');
      if (source.readyState === EventSource.CLOSED) over.resolve(undefined);
    };
    source.addEventListener('message', hear);
    source.addEventListener('error', fail);
    await Promise.race([over.promise, untilSilent(clock, () => heardAt)]);
    state('lost');
    source.close();
    await clock.sleep(againMs);
  }
}

async function untilSilent(clock: Clock, heardAt: () => number): Promise<void> {
  for (;;) {
    const left = heardAt() + silenceMs - clock.now();
    if (left <= 0) return;
    await clock.sleep(left);
  }
}
