import { deepEqual, equal, match } from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import forge from 'node-forge';
import { issueAuthority, issueLeaf, renew } from '../../src/tls/issue.ts';
import { day, dnsNames, quickEntropy, start } from './replica.ts';

const authority = await issueAuthority(start, quickEntropy);
const leaf = await issueLeaf(authority, [...dnsNames, '127.0.0.1'], start, quickEntropy);

interface Extension {
  readonly name: string;
  readonly critical?: boolean;
  readonly [key: string]: unknown;
}
const extension = (pem: string, name: string): Extension =>
  forge.pki.certificateFromPem(pem).getExtension(name) as Extension;

test('the CA is named, signs itself, may sign leaves only, and lasts a year and the hour before', () => {
  const ca = new X509Certificate(authority.cert);
  equal(ca.subject, 'O=serin.dev\nCN=serin-ca');
  equal(ca.issuer, ca.subject);
  equal(ca.verify(ca.publicKey), true);
  equal(ca.validFromDate.getTime(), start - 3_600_000);
  equal(ca.validToDate.getTime(), start + 365 * day);
  const { critical, cA, pathLenConstraint } = extension(authority.cert, 'basicConstraints');
  deepEqual({ critical, cA, pathLenConstraint }, { critical: true, cA: true, pathLenConstraint: 0 });
  const usage = extension(authority.cert, 'keyUsage');
  deepEqual([usage.critical, usage['keyCertSign'], usage['digitalSignature']], [true, true, false]);
});

test('the leaf is named, issued by the CA, for servers only, and lasts 30 days and the hour before', () => {
  const certificate = new X509Certificate(leaf.cert);
  equal(certificate.subject, 'CN=serin-webhook');
  equal(certificate.issuer, 'O=serin.dev\nCN=serin-ca');
  equal(certificate.validFromDate.getTime(), start - 3_600_000);
  equal(certificate.validToDate.getTime(), start + 30 * day);
  equal(certificate.subjectAltName, `DNS:${dnsNames[0]}, DNS:${dnsNames[1]}, IP Address:127.0.0.1`);
  deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1']);
  const usage = extension(leaf.cert, 'keyUsage');
  deepEqual(
    [usage.critical, usage['digitalSignature'], usage['keyEncipherment'], usage['keyCertSign']],
    [true, true, true, false],
  );
});

test('the leaf says which key of its CA signed it', () => {
  const ski = String(extension(authority.cert, 'subjectKeyIdentifier')['subjectKeyIdentifier']);
  match(ski, /^[0-9a-f]{40}$/);
  const aki = Buffer.from(String(extension(leaf.cert, 'authorityKeyIdentifier')['value']), 'latin1');
  // SEQUENCE of 22 bytes { [0] keyIdentifier of 20 bytes }
  equal(aki.toString('hex'), `30168014${ski}`);
});

test('a leaf ends with its CA where that is sooner', async () => {
  const late = await issueLeaf(authority, dnsNames, start + 360 * day, quickEntropy);
  equal(new X509Certificate(late.cert).validToDate.getTime(), start + 365 * day);
});

for (const byte of [0x00, 0x7f, 0x80, 0xff])
  test(`a serial of random bytes ${byte} is positive and 16 bytes long`, async () => {
    const entropy = { ...quickEntropy, randomBytes: (size: number) => Buffer.alloc(size, byte) };
    const { serialNumber } = new X509Certificate((await issueAuthority(start, entropy)).cert);
    match(serialNumber, /^[4-7][0-9A-F]{31}$/);
  });

test('renewing the leaf keeps the CA and the CA before', async () => {
  const at = { now: start, dnsNames, entropy: quickEntropy };
  const first = await renew(undefined, 'ca', at, undefined);
  const second = await renew(first, 'ca', at, undefined);
  const third = await renew(second, 'leaf', at, undefined);
  deepEqual({ ...third, cert: second.cert, key: second.key }, second);
  equal(third.previousCa, first.caCert);
  equal(third.cert === second.cert || third.key === second.key, false);
});

test('a new CA keeps what is being served trusted, else what was stored, and never what is no certificate', async () => {
  const at = { now: start, dnsNames, entropy: quickEntropy };
  const stored = await renew(undefined, 'ca', at, undefined);
  equal((await renew(stored, 'ca', at, authority.cert)).previousCa, authority.cert);
  equal((await renew(stored, 'ca', at, undefined)).previousCa, stored.caCert);
  equal((await renew({ ...stored, caCert: 'garbage' }, 'ca', at, undefined)).previousCa, undefined);
});
