import type { Random } from '../clock.ts';
import { bundleOf } from './assess.ts';
import type { Stored } from './assess.ts';
import type { News } from './news.ts';
import type { Pair } from './issue.ts';
import { type Custody, ensureStored } from './secret.ts';
import { ensureTrust } from './trust.ts';

/** The part of a logger that is used here. */
interface CertificateLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface Keeping extends Custody {
  readonly random: Random;
  /** What ends a pause before its time. */
  readonly news: Pick<News, 'pause'>;
  /** Starts to serve that pair; where it throws, the pair before goes on. */
  readonly onPair: (pair: Pair) => void;
  readonly log: CertificateLog;
}

/** How often all is looked at though nobody wrote anything: dates pass, and a watch may stand still. */
const pollMs = 600_000;
/** While something is under way: a pair that is not served yet, a look that failed. */
const pendingMs = 10_000;
/** While there is nothing to serve. */
const retryMs = 1_000;

interface Kept {
  readonly served?: Stored;
  /** The certificate that the last pass found trusted. */
  readonly trusted?: string;
}

/**
 * Keeps one CA and one serving certificate for all replicas, until `signal` aborts: issues and renews them in the
 * Secret, keeps the caBundle in step, and hands over each new pair once kube-apiserver trusts it. Never rejects.
 */
export async function keepCertificates(keeping: Keeping, signal: AbortSignal): Promise<void> {
  let kept: Kept = {};
  let isPending = true;
  while (!signal.aborted) {
    try {
      kept = await pass(keeping, kept);
      isPending = kept.trusted !== kept.served?.cert;
    } catch (error) {
      isPending = true;
      const message = kept.served === undefined ? 'no certificate to serve yet' : 'certificates not checked';
      keeping.log.warn({ err: error }, message);
    }
    const ms = kept.served === undefined ? retryMs : isPending ? pendingMs : pollMs;
    await keeping.news.pause(ms * (0.9 + 0.1 * keeping.random()), signal);
  }
}

/**
 * Trust first, serve later. The CA before stays in the bundle until it expires, so a replica that is behind, and
 * goes on with its old leaf, is reached as well.
 */
async function pass(keeping: Keeping, kept: Kept): Promise<Kept> {
  const { kube, clock, log, webhookConfiguration, secretName } = keeping;
  const { stored, issued, postponed } = await ensureStored(keeping, kept.served?.caCert);
  if (issued !== undefined) log.info({ secret: secretName }, issued);
  if (postponed !== undefined) log.warn({ err: postponed, secret: secretName }, 'renewal postponed');
  const trust = await ensureTrust(kube, webhookConfiguration, bundleOf(stored, clock.now()));
  if (trust === 'repaired') log.info({ webhookConfiguration }, 'caBundle brought up to date');
  if (stored.cert === kept.served?.cert) return kept;
  // Each kube-apiserver learns of a new caBundle by a watch of its own. What is served now can wait one more look
  // for all of them; at the start there is nothing to go on with.
  const settled = trust !== 'repaired' && kept.trusted === stored.cert;
  if (kept.served !== undefined && !settled) return { ...kept, trusted: stored.cert };
  keeping.onPair({ cert: stored.cert, key: stored.key });
  log.info({ secret: secretName }, 'serving the certificate of the Secret');
  return { served: stored, trusted: stored.cert };
}

/** Puts Secret and caBundle in order once, and says in a sentence what that took. */
export async function certsOnce(custody: Custody): Promise<string> {
  const { kube, clock, namespace, secretName, webhookConfiguration } = custody;
  const { stored, issued, postponed } = await ensureStored(custody, undefined);
  if (postponed !== undefined) throw postponed;
  const trust = await ensureTrust(kube, webhookConfiguration, bundleOf(stored, clock.now()));
  const did = issued ?? 'the certificates are in order';
  const trusts = {
    trusted: 'trusts them',
    repaired: 'was made to trust them',
    absent: 'does not exist yet',
  }[trust];
  return `Secret ${namespace}/${secretName}: ${did}; MutatingWebhookConfiguration ${webhookConfiguration} ${trusts}.`;
}
