// The open end of a watch at a process: events come late, never out of order, and sometimes not at all.
import { aborted } from './abort.ts';
import type { Write } from './types.ts';
import type { Sink } from './watch.ts';
import type { Line } from './wire.ts';

type Item = { readonly bytes: Uint8Array } | { readonly error: Error } | 'end';

const againMs = 1_000;

export class WireStream implements Sink, AsyncIterable<Uint8Array> {
  readonly #line: Pick<Line, 'life' | 'wire' | 'server'>;
  /** What has arrived and was not read yet. */
  readonly #arrived: Item[] = [];
  /** What is on its way, in order. */
  readonly #underway: Item[] = [];
  #lastArrival = 0;
  #wake: (() => void) | undefined;
  #close: (() => void) | undefined;
  #isBroken = false;

  constructor(line: Pick<Line, 'life' | 'wire' | 'server'>, signal: AbortSignal) {
    this.#line = line;
    signal.addEventListener('abort', () => this.#cut(aborted()), { once: true });
  }

  /** Told once nothing more can come through: the server's end is closed. */
  onClose(close: () => void): void {
    if (this.#isBroken) close();
    else this.#close = close;
  }

  line(bytes: Uint8Array, write?: Write): void {
    this.#send({ bytes }, write);
  }

  end(): void {
    this.#send('end');
  }

  /** What is on its way is lost; the reader gets an error, or silence. */
  break(how: 'reset' | 'stall'): void {
    if (how === 'reset') this.#cut(new Error('read ECONNRESET'));
    else this.#lose();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const item = this.#arrived.shift();
        if (item === undefined) await this.#next();
        else if (item === 'end') return;
        else if ('error' in item) throw item.error;
        else yield item.bytes;
      }
    } finally {
      this.#lose();
    }
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #send(item: Item, write?: Write): void {
    if (this.#isBroken) return;
    const { server, wire } = this.#line;
    this.#underway.push(item);
    this.#lastArrival = Math.max(this.#lastArrival, server.time.now + wire.lag(write));
    server.time.after(this.#lastArrival - server.time.now, () => this.#arrive());
  }

  /** One arrival for each item: those that come while the wire is cut stay underway, in order. */
  #arrive(): void {
    if (this.#isBroken) return;
    if (this.#line.wire.isCut) {
      this.#line.server.time.after(againMs, () => this.#arrive());
      return;
    }
    const item = this.#underway.shift();
    if (item === undefined) return;
    if (item === 'end') this.#shut();
    this.#take(item);
  }

  #take(item: Item): void {
    this.#arrived.push(item);
    this.#line.life.resume(() => {
      const wake = this.#wake;
      this.#wake = undefined;
      wake?.();
    });
  }

  #cut(error: Error): void {
    if (this.#isBroken) return;
    this.#lose();
    this.#take({ error });
  }

  #lose(): void {
    this.#isBroken = true;
    this.#underway.length = 0;
    this.#shut();
  }

  #shut(): void {
    const close = this.#close;
    this.#close = undefined;
    close?.();
  }
}
