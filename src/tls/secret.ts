import type { Clock } from '../clock.ts';
import { SerinError, hasCode } from '../errors.ts';
import type { Kube } from '../kube/kube.ts';
import { type KubeObject, resources } from '../kube/objects.ts';
import type { JsonObject } from '../rollout/types.ts';
import { type Issued, type Stored, assess, flawOfIssued } from './assess.ts';
import { type Entropy, renew } from './issue.ts';

/** Where the certificates are kept and whom they are for. */
export interface Custody {
  readonly kube: Kube;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly namespace: string;
  readonly secretName: string;
  /** The MutatingWebhookConfiguration whose webhooks must trust the CA. */
  readonly webhookConfiguration: string;
  /** Host names or addresses the webhook is called by. */
  readonly dnsNames: readonly string[];
  /** True where somebody else (cert-manager) writes the Secret: it is read, and nothing is issued. */
  readonly isExternal?: boolean;
}

/** What is stored now, and in words what was done for it. */
export interface Ensured {
  readonly stored: Stored;
  readonly issued?: string;
  /** Why a renewal that is due could not be written; what is stored can be served meanwhile. */
  readonly postponed?: SerinError;
}

/**
 * Reads the one Secret that every replica serves from, and issues what it lacks. Of several replicas that issue at
 * once, one writes; the others read what that one wrote. `trusted` is the CA of the leaf that is being served.
 */
export async function ensureStored(custody: Custody, trusted: string | undefined): Promise<Ensured> {
  const { kube, clock, namespace, secretName, dnsNames, entropy } = custody;
  if (custody.isExternal === true) return { stored: await issuedElsewhere(custody, trusted) };
  for (let attempt = 1; ; attempt += 1) {
    const secret = await kube.get(resources.secrets, namespace, secretName);
    const stored = secret === undefined ? undefined : storedIn(secret);
    const verdict = assess(stored, dnsNames, clock.now());
    if (stored !== undefined && verdict === 'fine') return { stored };
    const { renew: what, why, usable } = verdict === 'fine' ? missing : verdict;
    try {
      const next = await renew(stored, what, { now: clock.now(), dnsNames, entropy }, trusted);
      await write(custody, secret, next);
      const issued = what === 'ca' ? 'a CA and a serving certificate' : 'a serving certificate';
      return { stored: next, issued: `issued ${issued}: ${why}` };
    } catch (error) {
      const lost = hasCode(error, 'KUBE_CONFLICT') || hasCode(error, 'KUBE_NOT_FOUND');
      if (lost && attempt < 3) continue;
      if (stored === undefined || !usable || !(error instanceof SerinError)) throw error;
      return { stored, postponed: error };
    }
  }
}

/** What another issuer wrote; throws where it cannot be served. The CA of what is served meanwhile stays trusted. */
async function issuedElsewhere(
  { kube, clock, namespace, secretName, dnsNames }: Custody,
  trusted: string | undefined,
): Promise<Stored> {
  const secret = await kube.get(resources.secrets, namespace, secretName);
  const issued = secret === undefined ? undefined : issuedIn(secret);
  const where = `Secret ${namespace}/${secretName}`;
  if (issued === undefined)
    throw new SerinError('TLS_INVALID', `${where} has no ${keys.caCert}, ${keys.cert} and ${keys.key} yet`);
  const flaw = flawOfIssued(issued, dnsNames, clock.now());
  if (flaw !== undefined) throw new SerinError('TLS_INVALID', `${where}: ${flaw}`);
  return {
    ...issued,
    caKey: '',
    ...(trusted === undefined || trusted === issued.caCert ? {} : { previousCa: trusted }),
  };
}

const missing = { renew: 'ca', why: 'no complete set is stored', usable: false } as const;

/** The keys of a kubernetes.io/tls Secret, as other tools know them, and ours beside them. */
const keys = {
  caCert: 'ca.crt',
  caKey: 'ca.key',
  cert: 'tls.crt',
  key: 'tls.key',
  previousCa: 'previous-ca.crt',
} as const satisfies Record<keyof Stored, string>;

function storedIn(secret: KubeObject): Stored | undefined {
  const issued = issuedIn(secret);
  const caKey = text(secret, keys.caKey);
  if (issued === undefined || caKey === undefined) return undefined;
  const previousCa = text(secret, keys.previousCa);
  return { ...issued, caKey, ...(previousCa === undefined ? {} : { previousCa }) };
}

function issuedIn(secret: KubeObject): Issued | undefined {
  const caCert = text(secret, keys.caCert);
  const cert = text(secret, keys.cert);
  const key = text(secret, keys.key);
  return caCert === undefined || cert === undefined || key === undefined ? undefined : { caCert, cert, key };
}

function text(secret: KubeObject, key: string): string | undefined {
  const data = secret['data'];
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return undefined;
  const value = (data as JsonObject)[key];
  return typeof value === 'string' && value !== '' ? Buffer.from(value, 'base64').toString() : undefined;
}

async function write(custody: Custody, seen: KubeObject | undefined, next: Stored): Promise<void> {
  const { kube, namespace, secretName } = custody;
  const base64 = (pem: string): string => Buffer.from(pem).toString('base64');
  const data = {
    [keys.caCert]: base64(next.caCert),
    [keys.caKey]: base64(next.caKey),
    [keys.cert]: base64(next.cert),
    [keys.key]: base64(next.key),
  };
  if (seen === undefined) {
    await kube.create(resources.secrets, namespace, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: secretName, namespace, labels: { 'app.kubernetes.io/name': 'serin' } },
      type: 'kubernetes.io/tls',
      data: next.previousCa === undefined ? data : { ...data, [keys.previousCa]: base64(next.previousCa) },
    });
    return;
  }
  const previous = next.previousCa === undefined ? null : base64(next.previousCa);
  await kube.patch(resources.secrets, namespace, secretName, {
    type: 'merge',
    body: {
      // Nothing is written over what another replica wrote since: 409.
      metadata: { resourceVersion: seen.metadata.resourceVersion },
      data: { ...data, [keys.previousCa]: previous },
    },
  });
}
