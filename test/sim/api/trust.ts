// Whether kube-apiserver would take a serving certificate, in the words of Go's TLS.
import { X509Certificate } from 'node:crypto';
import { timestamp } from './metadata.ts';

interface Checked {
  readonly leaf: X509Certificate | undefined;
  readonly isIssued: boolean;
  readonly isNamed: boolean;
}

/** Verifying a signature is slow, and says the same each time. */
const checked = new Map<string, Checked>();

/** Why the certificate is not trusted at `now`; undefined where it is. */
export function distrust(
  certificate: string,
  caBundle: string,
  host: string,
  now: number,
): string | undefined {
  const key = [host, caBundle, certificate].join(' ');
  const known = checked.get(key) ?? check(certificate, caBundle, host);
  checked.set(key, known);
  const { leaf, isIssued, isNamed } = known;
  const failed = 'tls: failed to verify certificate: x509:';
  if (leaf === undefined) return 'remote error: tls: handshake failure';
  if (now > leaf.validToDate.getTime())
    return `${failed} certificate has expired or is not yet valid: current time ${timestamp(now)} is after ${timestamp(leaf.validToDate.getTime())}`;
  if (now < leaf.validFromDate.getTime())
    return `${failed} certificate has expired or is not yet valid: current time ${timestamp(now)} is before ${timestamp(leaf.validFromDate.getTime())}`;
  if (!isNamed) return `${failed} certificate is not valid for any names, but wanted to match ${host}`;
  return isIssued ? undefined : `${failed} certificate signed by unknown authority`;
}

function check(certificate: string, caBundle: string, host: string): Checked {
  const leaf = certificateOf(certificate);
  if (leaf === undefined) return { leaf, isIssued: false, isNamed: false };
  const bundle = Buffer.from(caBundle, 'base64').toString('utf8');
  const pems = bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const isIssued = pems.some((pem) => {
    const authority = certificateOf(pem);
    return authority !== undefined && leaf.checkIssued(authority) && leaf.verify(authority.publicKey);
  });
  return { leaf, isIssued, isNamed: leaf.checkHost(host, { subject: 'never' }) !== undefined };
}

function certificateOf(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
