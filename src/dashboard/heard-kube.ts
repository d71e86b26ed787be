import { hasCode, messageOf } from '../errors.ts';
import type { Kube } from '../kube/kube.ts';

/** Told after each call whether the API server answered: undefined where it did, else why not. */
export type Heard = (trouble: string | undefined) => void;

/** The same API server; `heard` learns from every call whether it is there. What it refuses, it has heard. */
export function heardKube(kube: Kube, heard: Heard): Kube {
  const listening = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      const given = await answer;
      heard(undefined);
      return given;
    } catch (error: unknown) {
      heard(silence(error));
      throw error;
    }
  };
  return {
    get: (...args) => listening(kube.get(...args)),
    list: (...args) => listening(kube.list(...args)),
    create: (...args) => listening(kube.create(...args)),
    patch: (...args) => listening(kube.patch(...args)),
    delete: (...args) => listening(kube.delete(...args)),
    ask: (...args) => listening(kube.ask(...args)),
    watch: (...args) => heardEvents(kube.watch(...args), heard),
  };
}

async function* heardEvents<T>(events: AsyncIterable<T>, heard: Heard): AsyncGenerator<T> {
  try {
    for await (const event of events) {
      heard(undefined);
      yield event;
    }
  } catch (error: unknown) {
    heard(silence(error));
    throw error;
  }
}

function silence(error: unknown): string | undefined {
  const isSilent = hasCode(error, 'KUBE_UNREACHABLE') || hasCode(error, 'KUBE_BUSY');
  return isSilent ? messageOf(error) : undefined;
}
