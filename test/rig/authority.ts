// A certificate authority for one run of the rig: P-256 throughout, valid for a day, X.509 written as DER by hand, since
// Node signs but does not write certificates and node-forge does not know elliptic curves.
import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';

export interface KeyPair {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface Subject {
  readonly commonName: string;
  /** A Kubernetes group, for a client. */
  readonly organization?: string;
  /** DNS names and IPv4 addresses a server answers for; a certificate without them is a client's. */
  readonly hosts?: readonly string[];
}

export interface Authority {
  readonly certPem: string;
  issue(subject: Subject): KeyPair;
}

/** Makes an authority of its own, whose key never leaves this process. */
export function createAuthority(commonName: string): Authority {
  const { privateKey, publicKey } = newKey();
  const name: Subject = { commonName };
  // keyUsage: keyCertSign and cRLSign
  const extensions = [
    extension('2.5.29.19', sequence(boolean), true),
    extension('2.5.29.15', bits(0x06, 1), true),
  ];
  return {
    certPem: certificate({ issuer: name, signer: privateKey, subject: name, key: publicKey, extensions }),
    issue: (subject) => {
      const own = newKey();
      return {
        certPem: certificate({
          issuer: name,
          signer: privateKey,
          subject,
          key: own.publicKey,
          extensions: extensionsOf(subject),
        }),
        keyPem: pemOf(own.privateKey),
      };
    },
  };
}

/** A fresh P-256 key pair as PEM, for signing tokens. */
export function createSigningKey(): { readonly privatePem: string; readonly publicPem: string } {
  const { privateKey } = newKey();
  return {
    privatePem: pemOf(privateKey),
    publicPem: createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString(),
  };
}

function newKey(): { privateKey: KeyObject; publicKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

// SEC1 is what every Go program of the control plane reads, for token keys as well.
function pemOf(key: KeyObject): string {
  return key.export({ type: 'sec1', format: 'pem' }).toString();
}

interface Contents {
  readonly issuer: Subject;
  readonly signer: KeyObject;
  readonly subject: Subject;
  readonly key: KeyObject;
  readonly extensions: readonly Buffer[];
}

function certificate({ issuer, signer, subject, key, extensions }: Contents): string {
  const hour = 3_600_000;
  const algorithm = sequence(oid('1.2.840.10045.4.3.2')); // ecdsa-with-SHA256
  const signed = sequence(
    der(0xa0, der(0x02, Buffer.of(2))), // version 3
    der(0x02, Buffer.concat([Buffer.of(0x01), randomBytes(15)])),
    algorithm,
    distinguishedName(issuer),
    sequence(time(Date.now() - hour), time(Date.now() + 24 * hour)),
    distinguishedName(subject),
    key.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', signed, signer);
  const body = sequence(signed, algorithm, der(0x03, Buffer.of(0), signature)).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${body.replace(/.{64}/g, '$&\n').trimEnd()}\n-----END CERTIFICATE-----\n`;
}

function extensionsOf({ hosts = [] }: Subject): Buffer[] {
  const purpose = hosts.length > 0 ? '1.3.6.1.5.5.7.3.1' : '1.3.6.1.5.5.7.3.2'; // serverAuth, clientAuth
  const usages = [
    extension('2.5.29.15', bits(0x80, 7), true), // digitalSignature
    extension('2.5.29.37', sequence(oid(purpose))),
  ];
  if (hosts.length === 0) return usages;
  const names = hosts.map((host) =>
    isIPv4(host) ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host)),
  );
  return [...usages, extension('2.5.29.17', sequence(...names))];
}

function extension(id: string, value: Buffer, isCritical = false): Buffer {
  return sequence(oid(id), ...(isCritical ? [boolean] : []), der(0x04, value));
}

function distinguishedName({ commonName, organization }: Subject): Buffer {
  const part = (id: string, value: string): Buffer =>
    der(0x31, sequence(oid(id), der(0x0c, Buffer.from(value))));
  return sequence(
    ...(organization === undefined ? [] : [part('2.5.4.10', organization)]),
    part('2.5.4.3', commonName),
  );
}

function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/\D/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}

const boolean = der(0x01, Buffer.of(0xff));

function bits(byte: number, unused: number): Buffer {
  return der(0x03, Buffer.of(unused, byte));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, ...parts);
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [40 * first + second];
  for (const part of rest) {
    const digits = [part & 0x7f];
    for (let left = part >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80);
    bytes.push(...digits);
  }
  return der(0x06, Buffer.from(bytes));
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const length: number[] = [];
  for (let left = content.length; left > 0; left >>>= 8) length.unshift(left & 0xff);
  const head = content.length < 0x80 ? [content.length] : [0x80 | length.length, ...length];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}
