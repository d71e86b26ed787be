// Reports that keep up with the cluster: read again when a Deployment changes, and now and then, since routes, pods and
// Events change without it.
import type { Clock, Random } from '../clock.ts';
import { hasCode, messageOf } from '../errors.ts';
import { hash } from '../kube/hash.ts';
import { resources } from '../kube/objects.ts';
import { createReflector, type Reflector } from '../kube/reflector.ts';
import { canaryName } from '../routing/twin-labels.ts';
import { listReports, readReport, type Source } from './read.ts';
import type { Report } from './report.ts';

export interface Watched extends Source {
  readonly random: Random;
  /** How often it is read where nothing was heard; usually 5 s. */
  readonly everyMs?: number;
}

/** What was read, or why it could not be just now: it is tried again. */
export type Look<T> = { readonly seen: T } | { readonly trouble: string };

/** Changes that come together are one. */
const togetherMs = 300;
const usualEveryMs = 5_000;

/** One Deployment, now and whenever something of it changes, until aborted. Throws where it may not be read. */
export function watchReport(
  source: Watched,
  namespace: string,
  name: string,
  signal: AbortSignal,
): AsyncGenerator<Look<Report | undefined>> {
  const mine = [name, canaryName(name, hash)].map((each) => `${namespace}/${each}`);
  return looks(
    source,
    {
      scope: { namespace },
      isOurs: (key) => mine.includes(key),
      read: () => readReport(source, namespace, name),
    },
    signal,
  );
}

/** Every Deployment that Serin releases, now and whenever one changes, until aborted. Throws where they may not be read. */
export function watchReports(
  source: Watched,
  namespace: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<Look<readonly Report[]>> {
  return looks(
    source,
    {
      scope: namespace === undefined ? {} : { namespace },
      isOurs: () => true,
      // Once the watch has all of them they are not listed again.
      read: ({ synced, store }) => listReports(source, namespace, synced ? store.list() : undefined),
    },
    signal,
  );
}

interface Looking<T> {
  readonly scope: { readonly namespace?: string };
  readonly isOurs: (key: string) => boolean;
  readonly read: (deployments: Reflector) => Promise<T>;
}

async function* looks<T>(
  { kube, clock, random, everyMs = usualEveryMs }: Watched,
  { scope, isOurs, read }: Looking<T>,
  signal: AbortSignal,
): AsyncGenerator<Look<T>> {
  const bell = new Bell(clock);
  const stop = new AbortController();
  const onAbort = (): void => stop.abort();
  signal.addEventListener('abort', onAbort);
  const reflector = createReflector({
    ...{ kube, clock, random, scope, resource: resources.deployments },
    onChange: (key) => {
      if (isOurs(key)) bell.ring();
    },
  });
  const following = reflector.run(stop.signal);
  try {
    while (!signal.aborted) {
      bell.hush();
      yield await looked(() => read(reflector));
      await bell.wait(everyMs, signal);
      await clock.sleep(togetherMs, signal);
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    stop.abort();
    await following;
  }
}

async function looked<T>(read: () => Promise<T>): Promise<Look<T>> {
  try {
    return { seen: await read() };
  } catch (error) {
    if (hasCode(error, 'KUBE_FORBIDDEN')) throw error;
    return { trouble: messageOf(error) };
  }
}

/** Wakes whoever waits. */
class Bell {
  readonly #clock: Clock;
  #rung = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ring(): void {
    this.#rung.abort();
  }

  hush(): void {
    if (this.#rung.signal.aborted) this.#rung = new AbortController();
  }

  /** Comes back when it rings, has rung since it was hushed, after `ms`, or when `signal` aborts. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    const either = AbortSignal.any([this.#rung.signal, signal]);
    await this.#clock.sleep(ms, either);
  }
}
