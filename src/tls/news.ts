import type { Random } from '../clock.ts';
import { type Resource, resources } from '../kube/objects.ts';
import { createReflector, type Reflector } from '../kube/reflector.ts';
import type { Custody } from './secret.ts';

/** Tells when somebody writes the Secret or one of the webhook configurations. */
export interface News {
  /** Follows the three objects until `signal` aborts; never rejects. */
  run(signal: AbortSignal): Promise<unknown>;
  /** Resolves after `ms`, or with the next news, but not sooner than a second after the pause began. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

/** Two hands that undo each other's change must not make a loop of it. */
const leastMs = 1_000;

/** News of what `custody` is about: three watches, of which `onFollow` is told, and no call while nothing is written. */
export function createNews(
  { kube, clock, namespace, secretName, webhookConfiguration }: Custody,
  random: Random,
  onFollow: (resource: string, reflector: Reflector) => void = () => {},
): News {
  let isThere = false;
  let stir: () => void = () => {};
  const onChange = (): void => {
    isThere = true;
    stir();
  };
  const follow = (
    resource: Resource,
    name: string,
    scope: { readonly namespace?: string } = {},
  ): Reflector => {
    const reflector = createReflector({
      ...{ kube, clock, random, resource, onChange },
      scope: { ...scope, fieldSelector: `metadata.name=${name}` },
    });
    onFollow(resource.plural, reflector);
    return reflector;
  };
  const reflectors = [
    follow(resources.secrets, secretName, { namespace }),
    follow(resources.mutatingWebhooks, webhookConfiguration),
    follow(resources.validatingWebhooks, webhookConfiguration),
  ];
  return {
    run: (signal) => Promise.all(reflectors.map((reflector) => reflector.run(signal))),
    pause: async (ms, signal) => {
      await clock.sleep(Math.min(ms, leastMs), signal);
      const asleep = new AbortController();
      stir = () => asleep.abort();
      if (!isThere && !signal.aborted) {
        signal.addEventListener('abort', stir, { once: true });
        await clock.sleep(Math.max(0, ms - leastMs), asleep.signal);
        signal.removeEventListener('abort', stir);
      }
      isThere = false;
    },
  };
}
