import { generateKeyPair, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import forge from 'node-forge';
import { type Stored, isCertificate } from './assess.ts';

/** Where serials and keys come from. */
export interface Entropy {
  randomBytes(size: number): Uint8Array;
  /** A new key pair as PEM (SPKI and PKCS #8). */
  keyPair(): Promise<{ readonly publicKey: string; readonly privateKey: string }>;
}

/** A certificate and the key it was issued for, as PEM. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

const hour = 3_600_000;
const day = 24 * hour;
/** Clocks differ: a certificate is valid somewhat before it is issued. */
const skewMs = hour;
const leafLifeMs = 30 * day;
const caLifeMs = 365 * day;

const generate = promisify(generateKeyPair);

/** RSA, since forge signs with nothing else; the key is made off the event loop, where forge itself would block it. */
export const systemEntropy: Entropy = {
  randomBytes,
  keyPair: () =>
    generate('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    }),
};

/** Issues a CA that signs serving certificates and nothing below them. */
export async function issueAuthority(now: number, entropy: Entropy): Promise<Pair> {
  const keys = await entropy.keyPair();
  const certificate = blank(keys.publicKey, entropy);
  certificate.validity.notBefore = new Date(now - skewMs);
  certificate.validity.notAfter = new Date(now + caLifeMs);
  const name = [
    { name: 'organizationName', value: 'serin.dev' },
    { name: 'commonName', value: 'serin-ca' },
  ];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: true, pathLenConstraint: 0 },
    { name: 'keyUsage', critical: true, keyCertSign: true, cRLSign: true },
    { name: 'subjectKeyIdentifier' },
  ]);
  certificate.sign(forge.pki.privateKeyFromPem(keys.privateKey), forge.md.sha256.create());
  return { cert: forge.pki.certificateToPem(certificate), key: keys.privateKey };
}

/** Issues a serving certificate for `dnsNames` (names or addresses) that does not outlive its CA. */
export async function issueLeaf(
  authority: Pair,
  dnsNames: readonly string[],
  now: number,
  entropy: Entropy,
): Promise<Pair> {
  const keys = await entropy.keyPair();
  const ca = forge.pki.certificateFromPem(authority.cert);
  const certificate = blank(keys.publicKey, entropy);
  certificate.validity.notBefore = new Date(now - skewMs);
  certificate.validity.notAfter = new Date(Math.min(now + leafLifeMs, ca.validity.notAfter.getTime()));
  // A common name has at most 64 characters and a Service's name can be longer; the names are in the SANs.
  certificate.setSubject([{ name: 'commonName', value: 'serin-webhook' }]);
  certificate.setIssuer(ca.subject.attributes);
  certificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: false },
    { name: 'keyUsage', critical: true, digitalSignature: true, keyEncipherment: true },
    { name: 'extKeyUsage', serverAuth: true },
    {
      name: 'subjectAltName',
      altNames: dnsNames.map((name) => (isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name })),
    },
    { name: 'subjectKeyIdentifier' },
    // `true` here would make forge put the leaf's own identifier.
    { name: 'authorityKeyIdentifier', keyIdentifier: ca.generateSubjectKeyIdentifier().getBytes() },
  ]);
  certificate.sign(forge.pki.privateKeyFromPem(authority.key), forge.md.sha256.create());
  return { cert: forge.pki.certificateToPem(certificate), key: keys.privateKey };
}

/** Issues what is to be renewed; `trusted` is the CA of the leaf that is being served, kept as the previous one. */
export async function renew(
  stored: Stored | undefined,
  what: 'leaf' | 'ca',
  at: { readonly now: number; readonly dnsNames: readonly string[]; readonly entropy: Entropy },
  trusted: string | undefined,
): Promise<Stored> {
  if (stored !== undefined && what === 'leaf') {
    const authority = { cert: stored.caCert, key: stored.caKey };
    return { ...stored, ...(await issueLeaf(authority, at.dnsNames, at.now, at.entropy)) };
  }
  const authority = await issueAuthority(at.now, at.entropy);
  const leaf = await issueLeaf(authority, at.dnsNames, at.now, at.entropy);
  const previousCa = [trusted, stored?.caCert].find((pem) => pem !== undefined && isCertificate(pem));
  return {
    caCert: authority.cert,
    caKey: authority.key,
    ...leaf,
    ...(previousCa === undefined ? {} : { previousCa }),
  };
}

function blank(publicKey: string, entropy: Entropy): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  // Positive and of full length: the top bit of a DER integer is its sign, and a leading zero byte must not be there.
  const serial = Buffer.from(entropy.randomBytes(16));
  serial.writeUInt8((serial.readUInt8(0) & 0x7f) | 0x40, 0);
  certificate.serialNumber = serial.toString('hex');
  return certificate;
}
