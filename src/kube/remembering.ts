import type { Clock } from '../clock.ts';
import { hasCode, messageOf, SerinError } from '../errors.ts';
import type { Copy } from './copy.ts';
import type { Kube, Patch } from './kube.ts';
import type { JsonObject } from '../rollout/types.ts';
import { objectAt, textAt } from '../routing/json.ts';
import type { KubeObject, Resource } from './objects.ts';
import type { Reflector } from './reflector.ts';

/** What is kept of a kind; undefined where it is not followed. */
export type KeptOf = (
  resource: Resource,
) => { readonly copy: Copy; readonly reflector: Pick<Reflector, 'isInstalled'> } | undefined;

/**
 * The same Kube, which takes the answers to its writes into the copies, and lists from them. Where a write fails for what
 * the copy did not know, the object is read: who looks again sees what there is.
 */
export function remembering(kube: Kube, clock: Clock, keptOf: KeptOf): Kube {
  const copyOf = (resource: Resource): Copy | undefined => keptOf(resource)?.copy;
  return {
    ...kube,
    async list(resource, scope) {
      const kept = keptOf(resource);
      if (kept === undefined || scope.fieldSelector !== undefined) return kube.list(resource, scope);
      if (!kept.reflector.isInstalled) return undefined;
      const { namespace, labelSelector } = scope;
      const all = namespace === undefined ? kept.copy.list() : kept.copy.inNamespace(namespace);
      return { items: all.filter((each) => hasLabels(each, labelSelector)), resourceVersion: '' };
    },
    create: (resource, namespace, object) =>
      answered(copyOf(resource), [namespace, nameIn(object), clock.now()], () =>
        kube.create(resource, namespace, object),
      ),
    async patch(resource, namespace, name, patch, subresource) {
      // What `scale` answers with is a Scale.
      const copy = subresource === 'scale' ? undefined : copyOf(resource);
      try {
        return await answered(copy, [namespace, name, clock.now()], () =>
          kube.patch(resource, namespace, name, patch, subresource),
        );
      } catch (error) {
        const stale = copyOf(resource);
        if (stale === undefined || !mayBeStale(error, patch)) throw error;
        const at = { namespace, name };
        if (await refresh({ kube, clock }, stale, resource, at).catch(() => true)) throw error;
        const message = `${messageOf(error)}: it was modified since`;
        throw new SerinError('KUBE_CONFLICT', message, { cause: error });
      }
    },
    async delete(resource, namespace, name, uid) {
      const copy = copyOf(resource);
      const flight = copy?.begin(namespace, name, clock.now());
      try {
        await kube.delete(resource, namespace, name, uid);
        if (flight !== undefined) copy?.answerGone(flight, uid);
      } finally {
        if (flight !== undefined) copy?.fail(flight);
      }
    },
  };
}

/** As far as this process asks: `key=value`, each of which must be there. */
function hasLabels({ metadata: { labels } }: KubeObject, selector = ''): boolean {
  const wanted = selector.split(',').filter((each) => each !== '');
  return wanted.every((each) => {
    const [key = '', value = ''] = each.split('=');
    return labels?.[key] === value;
  });
}

async function answered(
  copy: Copy | undefined,
  [namespace, name, sentAt]: readonly [string | undefined, string, number],
  call: () => Promise<KubeObject>,
): Promise<KubeObject> {
  const flight = copy?.begin(namespace, name, sentAt);
  try {
    const object = await call();
    if (flight !== undefined) copy?.answer(flight, object);
    return object;
  } finally {
    if (flight !== undefined) copy?.fail(flight);
  }
}

/** A JSON patch whose test fails is as invalid as one that makes no sense (422). */
function mayBeStale(error: unknown, { type }: Patch): boolean {
  if (hasCode(error, 'KUBE_CONFLICT') || hasCode(error, 'KUBE_NOT_FOUND')) return true;
  return type === 'json' && hasCode(error, 'KUBE_INVALID');
}

/** Reads one object into the copy; answers whether the copy showed that very version before. */
export async function refresh(
  { kube, clock }: { readonly kube: Pick<Kube, 'get'>; readonly clock: Clock },
  copy: Copy,
  resource: Resource,
  { namespace, name }: { readonly namespace: string | undefined; readonly name: string },
): Promise<boolean> {
  const shown = copy.get(namespace, name);
  const flight = copy.begin(namespace, name, clock.now());
  try {
    const object = await kube.get(resource, namespace, name);
    if (object !== undefined) copy.answer(flight, object);
    else if (shown !== undefined) copy.answerGone(flight, shown.metadata.uid);
    return object?.metadata.resourceVersion === shown?.metadata.resourceVersion;
  } finally {
    copy.fail(flight);
  }
}

function nameIn(object: JsonObject): string {
  return textAt(objectAt(object, 'metadata'), 'name') ?? '';
}
