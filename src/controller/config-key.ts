import { SerinError, hasCode } from '../errors.ts';
import type { Kube } from '../kube/kube.ts';
import { type KubeObject, resources } from '../kube/objects.ts';
import type { JsonObject } from '../rollout/types.ts';
import { objectAt, textAt } from '../routing/json.ts';

const secretName = 'serin-config';
const keyBytes = 32;

/**
 * The key that contents are digested with. Digests stand on Deployments, which more people may read than Secrets: without
 * the key nobody can try passwords on them. Made once; where it is lost all contents are seen for the first time again.
 */
export async function configKey(
  kube: Pick<Kube, 'get' | 'create' | 'patch'>,
  namespace: string,
  randomBytes: (size: number) => Uint8Array,
): Promise<Uint8Array> {
  const secret = await kube.get(resources.secrets, namespace, secretName);
  const known = keyIn(secret);
  if (known !== undefined) return known;
  const data = { key: Buffer.from(randomBytes(keyBytes)).toString('base64') };
  try {
    await write(kube, namespace, secret, data);
  } catch (error) {
    if (!hasCode(error, 'KUBE_CONFLICT')) throw error;
  }
  // Of several who make it at once one has made it.
  const made = keyIn(await kube.get(resources.secrets, namespace, secretName));
  if (made !== undefined) return made;
  throw new SerinError('KUBE_INVALID', `Secret ${namespace}/${secretName} has no usable key: delete it`);
}

async function write(
  kube: Pick<Kube, 'create' | 'patch'>,
  namespace: string,
  seen: KubeObject | undefined,
  data: JsonObject,
): Promise<void> {
  if (seen === undefined) {
    await kube.create(resources.secrets, namespace, {
      ...{ apiVersion: 'v1', kind: 'Secret', type: 'Opaque', data },
      metadata: { name: secretName, namespace, labels: { 'app.kubernetes.io/name': 'serin' } },
    });
    return;
  }
  // Helm made it, so that Helm takes it away; a key that is there and is none is for people to look at.
  if (textAt(objectAt(seen, 'data'), 'key') !== undefined) return;
  const { resourceVersion } = seen.metadata;
  const body = { metadata: { resourceVersion }, data };
  await kube.patch(resources.secrets, namespace, secretName, { type: 'merge', body });
}

function keyIn(secret: KubeObject | undefined): Uint8Array | undefined {
  const key = Buffer.from(textAt(objectAt(secret, 'data'), 'key') ?? '', 'base64');
  return key.length === keyBytes ? key : undefined;
}
