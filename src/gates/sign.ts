import { createHmac } from 'node:crypto';
import { hasCode, messageOf } from '../errors.ts';
import type { Kube } from '../kube/kube.ts';
import { resources } from '../kube/objects.ts';
import { objectAt, textAt } from '../routing/json.ts';

/** The one key of the Secret that is read: whoever puts it there says that it may sign. It is never sent. */
const keyName = 'hmac-key';

export type KeyRead =
  | { readonly ok: true; readonly key: Buffer }
  | { readonly ok: false; readonly why: string };

/** Reads the key that calls are signed with; why it cannot be had names what is to be done. */
export async function readKey(kube: Pick<Kube, 'get'>, namespace: string, name: string): Promise<KeyRead> {
  const failed = (why: string): KeyRead => ({ ok: false, why: `Secret ${namespace}/${name} ${why}` });
  try {
    const secret = await kube.get(resources.secrets, namespace, name);
    if (secret === undefined) return failed('is not there');
    const key = Buffer.from(textAt(objectAt(secret, 'data'), keyName) ?? '', 'base64');
    return key.length === 0 ? failed(`has no ${keyName}`) : { ok: true, key };
  } catch (error: unknown) {
    if (!hasCode(error, 'KUBE_FORBIDDEN')) return failed(`cannot be read: ${messageOf(error)}`);
    const how = 'bind it a Role, as manifests/examples/gate-secret.yaml does';
    return failed(`may not be read by Serin: ${how} in namespace ${namespace}`);
  }
}

/** The headers by which a gate knows that Serin calls, and that it is not an old call sent again. */
export function signature(key: Buffer, body: string, nowMs: number): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(nowMs / 1000));
  const signed = createHmac('sha256', key).update(`${timestamp}.${body}`).digest('hex');
  return { 'serin-timestamp': timestamp, 'serin-signature': `v1=${signed}` };
}

/** Every way in which a key may come back. */
export function shapesOf(key: Buffer): readonly string[] {
  return [key.toString('utf8'), key.toString('base64'), key.toString('hex')];
}
