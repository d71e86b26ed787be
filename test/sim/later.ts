// Answers of servers that are no part of Kubernetes, as a process hears them.
import type { Life, SimTime } from './time.ts';

export interface Call {
  readonly life: Life;
  readonly signal: AbortSignal;
  /** How long the answer takes, in ms. */
  readonly wait: number;
}

/** What `answer` gives or throws after a while. Who is dead hears nothing, who is paused hears it later, who gives up is told why. */
export function later<T>(time: SimTime, { life, signal, wait }: Call, answer: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = time.after(wait, () =>
      life.resume(() => {
        signal.removeEventListener('abort', give);
        if (signal.aborted) return;
        try {
          resolve(answer());
        } catch (error: unknown) {
          reject(error);
        }
      }),
    );
    const give = (): void => {
      cancel();
      reject(signal.reason);
    };
    if (signal.aborted) give();
    else signal.addEventListener('abort', give, { once: true });
  });
}

/** What `fetch` says of a server where nobody listens. */
export function refused(url: URL): TypeError {
  const cause = Object.assign(new Error(`connect ECONNREFUSED ${url.host}`), { code: 'ECONNREFUSED' });
  return new TypeError('fetch failed', { cause });
}
