import { SerinError } from '../errors.ts';
import type { Kube } from '../kube/kube.ts';
import { type KubeObject, type Resource, resources } from '../kube/objects.ts';
import type { Json, JsonObject, PatchOp } from '../rollout/types.ts';

/** `absent`: there is no such configuration, so nobody calls. */
export type Trust = 'trusted' | 'repaired' | 'absent';

const kinds = [resources.mutatingWebhooks, resources.validatingWebhooks];

/**
 * Makes every webhook of the configurations of that name, mutating and validating, trust `bundle` (PEM) and nothing
 * else, and reads back that they do. Puts right what a re-applied manifest or another hand changed.
 */
export async function ensureTrust(kube: Kube, name: string, bundle: string): Promise<Trust> {
  const caBundle = Buffer.from(bundle).toString('base64');
  const found: Trust[] = [];
  for (const resource of kinds) found.push(await ensureIn(kube, resource, name, caBundle));
  return found.find((each) => each === 'repaired') ?? found.find((each) => each === 'trusted') ?? 'absent';
}

async function ensureIn(kube: Kube, resource: Resource, name: string, caBundle: string): Promise<Trust> {
  const seen = await kube.get(resource, undefined, name);
  if (seen === undefined) return 'absent';
  const ops = repairs(seen, caBundle);
  if (ops.length === 0) return 'trusted';
  await kube.patch(resource, undefined, name, { type: 'json', ops });
  const after = await kube.get(resource, undefined, name);
  if (after !== undefined && repairs(after, caBundle).length === 0) return 'repaired';
  throw new SerinError(
    'KUBE_CONFLICT',
    `cannot make ${resource.kind} ${name} trust the CA: its caBundle was changed again at once`,
  );
}

function repairs(configuration: KubeObject, caBundle: string): PatchOp[] {
  const webhooks = configuration['webhooks'];
  if (!Array.isArray(webhooks)) return [];
  return webhooks.flatMap((webhook: Json, index) => {
    if (!isObject(webhook) || !isObject(webhook['clientConfig'])) return [];
    if (webhook['clientConfig']['caBundle'] === caBundle) return [];
    return [
      // The place in the list means nothing where the list was changed meanwhile.
      { op: 'test', path: `/webhooks/${index}/name`, value: webhook['name'] ?? null },
      { op: 'add', path: `/webhooks/${index}/clientConfig/caBundle`, value: caBundle },
    ] satisfies PatchOp[];
  });
}

function isObject(json: Json | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
