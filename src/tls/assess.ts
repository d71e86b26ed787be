import { X509Certificate, createPrivateKey } from 'node:crypto';
import { isIP } from 'node:net';

/** What is served and whom it is trusted by, each as PEM. */
export interface Issued {
  readonly caCert: string;
  readonly cert: string;
  readonly key: string;
}

/** What the Secret holds, each as PEM. */
export interface Stored extends Issued {
  /** Empty where somebody else issues. */
  readonly caKey: string;
  /** The CA before this one; trusted until it expires, since a replica may still serve its leaf. */
  readonly previousCa?: string;
}

export type Assessment =
  | 'fine'
  | {
      readonly renew: 'leaf' | 'ca';
      readonly why: string;
      /** True where only its age asks for the renewal: the pair can be served meanwhile. */
      readonly usable: boolean;
    };

const serverAuth = '1.3.6.1.5.5.7.3.1'; // RFC 5280, 4.2.1.12

/** Says whether what is stored can be served under `dnsNames` (names or addresses) at `now`, else what to renew. */
export function assess(stored: Stored | undefined, dnsNames: readonly string[], now: number): Assessment {
  if (stored === undefined) return { renew: 'ca', why: 'no complete set is stored', usable: false };
  const ca = read(stored.caCert);
  const caFlaw = ca === undefined ? 'the CA certificate cannot be read' : flawOfCa(ca, stored.caKey, now);
  if (ca === undefined || caFlaw !== undefined) return { renew: 'ca', why: caFlaw ?? '', usable: false };
  const leaf = read(stored.cert);
  const leafFlaw =
    leaf === undefined
      ? 'the serving certificate cannot be read'
      : (flawOfPair(leaf, stored.key, 'serving certificate', now) ?? flawOfLeaf(leaf, ca, dnsNames));
  const caAge = dueReason(ca, 'CA', now);
  if (caAge !== undefined) return { renew: 'ca', why: caAge, usable: leafFlaw === undefined };
  if (leaf === undefined || leafFlaw !== undefined)
    return { renew: 'leaf', why: leafFlaw ?? '', usable: false };
  const leafAge = dueReason(leaf, 'serving certificate', now);
  return leafAge === undefined ? 'fine' : { renew: 'leaf', why: leafAge, usable: true };
}

/** Why what another issuer wrote cannot be served at `now`; how it came to be, by which chain, is that issuer's own. */
export function flawOfIssued(
  { caCert, cert, key }: Issued,
  dnsNames: readonly string[],
  now: number,
): string | undefined {
  const leaf = read(cert);
  if (read(caCert) === undefined) return 'the CA certificate cannot be read';
  if (leaf === undefined) return 'the serving certificate cannot be read';
  return flawOfPair(leaf, key, 'serving certificate', now) ?? flawOfNames(leaf, dnsNames);
}

/** The PEM a client must trust to reach every replica, whichever CA's leaf it serves; nothing that has expired. */
export function bundleOf(stored: Stored, now: number): string {
  const previous = stored.previousCa === undefined ? undefined : read(stored.previousCa);
  const current = (read(stored.caCert) ?? new X509Certificate(stored.caCert)).toString();
  if (previous === undefined || previous.validToDate.getTime() <= now) return current;
  return previous.toString() === current ? current : current + previous.toString();
}

/** True where `pem` holds a certificate. */
export function isCertificate(pem: string): boolean {
  return read(pem) !== undefined;
}

/** The few that are stored are looked at every ten seconds for months: each is read once. */
const known = new Map<string, X509Certificate | undefined>();
const mostKnown = 16;

function read(pem: string): X509Certificate | undefined {
  if (known.has(pem)) return known.get(pem);
  if (known.size >= mostKnown) known.clear();
  const certificate = parsed(pem);
  known.set(pem, certificate);
  return certificate;
}

function parsed(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function flawOfCa(ca: X509Certificate, key: string, now: number): string | undefined {
  if (!ca.ca) return 'the CA certificate is not one of a CA';
  return flawOfPair(ca, key, 'CA', now);
}

function flawOfPair(
  certificate: X509Certificate,
  key: string,
  what: string,
  now: number,
): string | undefined {
  if (!belongs(certificate, key)) return `the key of the ${what} is not the one it was issued for`;
  if (now < certificate.validFromDate.getTime())
    return `the ${what} is not valid before ${day(certificate.validFromDate)}`;
  if (now >= certificate.validToDate.getTime())
    return `the ${what} expired on ${day(certificate.validToDate)}`;
  return undefined;
}

function flawOfLeaf(
  leaf: X509Certificate,
  ca: X509Certificate,
  dnsNames: readonly string[],
): string | undefined {
  if (leaf.ca) return 'the serving certificate is one of a CA';
  if (!once(leaf, ca, () => leaf.checkIssued(ca) && leaf.verify(ca.publicKey)))
    return 'the serving certificate was not issued by this CA';
  // Despite its name, `keyUsage` lists the extended usages, and is undefined where there are none.
  if (!leaf.keyUsage?.includes(serverAuth)) return 'the serving certificate is not for a server';
  if (leaf.validToDate > ca.validToDate) return 'the serving certificate outlives its CA';
  return flawOfNames(leaf, dnsNames);
}

function flawOfNames(leaf: X509Certificate, dnsNames: readonly string[]): string | undefined {
  const missing = dnsNames.find((name) => !names(leaf, name));
  return missing === undefined ? undefined : `the serving certificate does not name ${missing}`;
}

/** At two thirds of the life, so that a third is left for everything that can keep a renewal from happening. */
function dueReason(certificate: X509Certificate, what: string, now: number): string | undefined {
  const from = certificate.validFromDate.getTime();
  const due = from + ((certificate.validToDate.getTime() - from) * 2) / 3;
  return now < due ? undefined : `two thirds of the life of the ${what} are over`;
}

function names(leaf: X509Certificate, name: string): boolean {
  // Clients, kube-apiserver among them, look at the SANs only; so does this.
  const found = isIP(name) === 0 ? leaf.checkHost(name, { subject: 'never' }) : leaf.checkIP(name);
  return found !== undefined;
}

function belongs(certificate: X509Certificate, key: string): boolean {
  return once(certificate, key, () => {
    try {
      return certificate.checkPrivateKey(createPrivateKey(key));
    } catch {
      return false;
    }
  });
}

/** What fitted once fits for good: nothing about a certificate or a key changes but the time. */
const fitted = new WeakMap<X509Certificate, Map<X509Certificate | string, boolean>>();

function once(certificate: X509Certificate, other: X509Certificate | string, fits: () => boolean): boolean {
  const answers = fitted.get(certificate) ?? new Map<X509Certificate | string, boolean>();
  fitted.set(certificate, answers);
  const answer = answers.get(other) ?? fits();
  if (answers.size < mostKnown) answers.set(other, answer);
  return answer;
}

function day(date: Date): string {
  return date.toISOString();
}
