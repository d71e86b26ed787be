import { SerinError, hasCode } from '../errors.ts';
import type { Kube } from '../kube/kube.ts';
import { resources } from '../kube/objects.ts';
import { objectAt, textAt } from '../routing/json.ts';

const secretName = 'serin-config';
const keyBytes = 32;

/**
 * The key that contents are digested with. Digests stand on Deployments, which more people may read than Secrets: without
 * the key nobody can try passwords on them. Made once; where it is lost all contents are seen for the first time again.
 */
export async function configKey(
  kube: Pick<Kube, 'get' | 'create'>,
  namespace: string,
  randomBytes: (size: number) => Uint8Array,
): Promise<Uint8Array> {
  const known = await stored(kube, namespace);
  if (known !== undefined) return known;
  const key = Buffer.from(randomBytes(keyBytes)).toString('base64');
  try {
    await kube.create(resources.secrets, namespace, {
      ...{ apiVersion: 'v1', kind: 'Secret', type: 'Opaque', data: { key } },
      metadata: { name: secretName, namespace, labels: { 'app.kubernetes.io/name': 'serin' } },
    });
  } catch (error) {
    if (!hasCode(error, 'KUBE_CONFLICT')) throw error;
  }
  // Of several who make it at once one has made it.
  const made = await stored(kube, namespace);
  if (made !== undefined) return made;
  throw new SerinError('KUBE_INVALID', `Secret ${namespace}/${secretName} has no usable key: delete it`);
}

async function stored(kube: Pick<Kube, 'get'>, namespace: string): Promise<Uint8Array | undefined> {
  const secret = await kube.get(resources.secrets, namespace, secretName);
  const key = Buffer.from(textAt(objectAt(secret, 'data'), 'key') ?? '', 'base64');
  return key.length === keyBytes ? key : undefined;
}
