import { hasCode, messageOf } from '../errors.ts';
import type { Kube } from '../kube/kube.ts';
import { resources } from '../kube/objects.ts';
import type { Failed } from '../prometheus/answers.ts';
import type { SecretData } from '../prometheus/credentials.ts';
import { secretData } from '../prometheus/keys.ts';

/** By which label the owner of a Secret allows a use, and the manifest that shows how. */
const uses = {
  metrics: { label: 'serin.dev/metrics', example: 'manifests/examples/metric-secrets.yaml' },
  messages: { label: 'serin.dev/messages', example: 'manifests/examples/message-secrets.yaml' },
} as const;

/** Which Secret, and for whom. */
export interface Wanted {
  readonly namespace: string;
  readonly name: string;
  /** The namespace of the plan, or of the settings, that want it. */
  readonly plan: string;
  readonly use: keyof typeof uses;
}

export type SecretRead = { readonly kind: 'secret'; readonly data: SecretData } | Failed;

/**
 * The Secret of a metric source or of a receiver of messages. Serin reads with its own rights and sends to an address of
 * the plan's, so whoever may write an annotation could have any Secret that Serin can read sent anywhere: only what its
 * owner labelled is taken, `true` for plans of its own namespace, `shared` also for those elsewhere, by a MetricTemplate
 * beside it.
 */
export async function readSecret(kube: Pick<Kube, 'get'>, wanted: Wanted): Promise<SecretRead> {
  const { namespace, name, plan } = wanted;
  const { label, example } = uses[wanted.use];
  const failed = (why: string): Failed => ({ kind: 'error', why: `Secret ${namespace}/${name} ${why}` });
  try {
    const secret = await kube.get(resources.secrets, namespace, name);
    if (secret === undefined) return failed('is not there');
    const allowed = secret.metadata.labels?.[label];
    if (allowed === 'shared' || (allowed === 'true' && namespace === plan))
      return { kind: 'secret', data: secretData(secret) };
    const needed = namespace === plan ? 'true' : 'shared';
    return failed(`is not meant for this: its owner allows it by the label ${label}: "${needed}"`);
  } catch (error: unknown) {
    if (!hasCode(error, 'KUBE_FORBIDDEN')) return failed(`cannot be read: ${messageOf(error)}`);
    const how = `bind it a Role, as ${example} does`;
    return failed(`may not be read by Serin: ${how} in namespace ${namespace}`);
  }
}
