// Bytes as they come from the API server, within limits of size and time.
import type { Clock } from '../clock.ts';

type Bytes = AsyncIterable<Uint8Array>;

// A page of 500 objects at etcd's limit of 1.5 MiB each would be far above; what is real is far below.
const limitBytes = 32 * 1024 * 1024;
const newline = 0x0a;
const late: unique symbol = Symbol('late');

/** What `work` gives, unless `ms` pass first: then throws. Stopping the work that is late is for the caller. */
export async function within<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T> {
  const first = await firstOf(clock, ms, work);
  if (first === late) throw new Error(`no answer within ${ms / 1_000} s`);
  return first;
}

/** The whole text; throws where it is larger than any answer we can hold. */
export async function textOf(body: Bytes): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    size = grown(size, part);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** The lines, each as soon as it is whole. The bytes are cut, not the text, so that no character is torn. */
export async function* linesOf(body: Bytes): AsyncGenerator<string> {
  let begun: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    let rest = chunk;
    for (let end = rest.indexOf(newline); end >= 0; end = rest.indexOf(newline)) {
      const line = Buffer.concat([...begun, rest.subarray(0, end)]).toString('utf8');
      begun = [];
      size = 0;
      rest = rest.subarray(end + 1);
      if (line.trim() !== '') yield line;
    }
    size = grown(size, rest);
    if (rest.length > 0) begun.push(rest);
  }
  if (size > 0) throw new Error('the stream ended within a line');
}

/** The same bytes, ended once `ms` were waited for the next one. Time that the reader takes does not count. */
export async function* untilSilent(clock: Clock, ms: number, body: Bytes): AsyncGenerator<Uint8Array> {
  const parts = body[Symbol.asyncIterator]();
  for (;;) {
    const next = await firstOf(clock, ms, parts.next());
    if (next === late || next.done === true) return;
    yield next.value;
  }
}

/** A reason of our own: without one Node makes an error with a stack each time, and this is done for every chunk. */
const heard: unique symbol = Symbol('heard');

async function firstOf<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T | typeof late> {
  const done = new AbortController();
  try {
    return await Promise.race([work, clock.sleep(ms, done.signal).then((): typeof late => late)]);
  } finally {
    done.abort(heard);
  }
}

function grown(size: number, part: Uint8Array): number {
  const total = size + part.length;
  if (total > limitBytes) throw new Error(`the answer is larger than ${limitBytes / 1024 / 1024} MiB`);
  return total;
}
