import type { ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import type { Hub, Numbered } from './hub.ts';
import { beatMs, type News } from './wire.ts';

interface StreamOptions {
  readonly clock: Clock;
  /** Ends the stream. */
  readonly signal: AbortSignal;
  /** The last news that the page has had. */
  readonly lastId: string | undefined;
}

/** A browser that takes so long to read has been put to sleep: it comes back for what it missed. */
const mostWaiting = 8 * 1024 * 1024;

/** Writes news as server-sent events until the page or the server goes. */
export function streamNews(
  response: ServerResponse,
  hub: Hub,
  { clock, signal, lastId }: StreamOptions,
): void {
  const gone = new AbortController();
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  const write = (news: News, id?: string): void => {
    if (response.writableLength > mostWaiting) response.destroy();
    else response.write(`${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(news)}\n\n`);
  };
  const leave = hub.listen(lastId, ({ id, news }: Numbered) => write(news, id));
  const end = (): void => {
    leave();
    gone.abort();
    response.end();
  };
  response.on('close', end);
  signal.addEventListener('abort', end, { once: true });
  gone.signal.addEventListener('abort', () => signal.removeEventListener('abort', end), { once: true });
  void beat(clock, gone.signal, () => write({ kind: 'beat', at: clock.now() }));
}

async function beat(clock: Clock, signal: AbortSignal, write: () => void): Promise<void> {
  while (!signal.aborted) {
    write();
    await clock.sleep(beatMs, signal);
  }
}
