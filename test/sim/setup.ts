// Objects as an administrator brings them into the cluster.
import type { Resource } from '../../src/kube/objects.ts';
import type { JsonObject } from '../../src/rollout/types.ts';
import { listAt, objectAt, textAt } from '../../src/routing/json.ts';
import type { Stored } from '../../src/tls/assess.ts';
import { kinds } from './api/kinds.ts';
import type { Caller, SimApi } from './api/types.ts';

export const admin: Caller = { username: 'kubernetes-admin', manager: 'kubectl' };

/** Creates an object from its manifest; throws where that is refused. */
export async function create(api: SimApi, body: JsonObject): Promise<void> {
  const resource = resourceOf(body);
  const metadata = objectAt(body, 'metadata');
  const answer = await api.call({
    ...{ caller: admin, verb: 'create', resource, name: undefined, subresource: undefined, query: {}, body },
    namespace: resource.namespaced ? (textAt(metadata, 'namespace') ?? 'default') : undefined,
  });
  if (answer.status < 300) return;
  const name = textAt(metadata, 'name') ?? '';
  throw new Error(
    `cannot create ${resource.kind} ${name}: ${textAt(answer.body, 'message') ?? answer.status}`,
  );
}

function resourceOf(body: JsonObject): Resource {
  const { apiVersion, kind } = body;
  const isIt = ({ kind: its, group, version }: Resource): boolean =>
    its === kind && apiVersion === (group === '' ? version : `${group}/${version}`);
  const found = Object.values<Resource>(kinds).find(isIt);
  if (found === undefined) throw new Error(`no such kind: ${JSON.stringify({ apiVersion, kind })}`);
  return found;
}

/** The Secret that Serin's certificates are kept in. */
export function secretOf(stored: Stored): JsonObject & { readonly data: JsonObject } {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'serin-certs',
      namespace: 'serin-system',
      labels: { 'app.kubernetes.io/name': 'serin' },
    },
    type: 'kubernetes.io/tls',
    data: {
      'ca.crt': base64(stored.caCert),
      'ca.key': base64(stored.caKey),
      'tls.crt': base64(stored.cert),
      'tls.key': base64(stored.key),
    },
  };
}

/** The webhook configuration as Serin's first start leaves it. */
export function trusting(manifest: JsonObject, caBundle: string): JsonObject {
  if (manifest['kind'] !== 'MutatingWebhookConfiguration') return manifest;
  const webhooks = listAt(manifest, 'webhooks').map((webhook) => ({
    ...(webhook as JsonObject),
    clientConfig: { ...objectAt(webhook, 'clientConfig'), caBundle },
  }));
  return { ...manifest, webhooks };
}
