import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import forge from 'node-forge';
import { type Assessment, type Stored, assess, bundleOf } from '../../src/tls/assess.ts';
import { renew } from '../../src/tls/issue.ts';
import { day, dnsNames, quickEntropy, start } from './replica.ts';

const at = { now: start, dnsNames, entropy: quickEntropy };
const stored = await renew(undefined, 'ca', at, undefined);
const other = await renew(undefined, 'ca', at, undefined);
const hour = 3_600_000;
const leafDue = start - hour + ((30 * day + hour) * 2) / 3;
const caDue = start - hour + ((365 * day + hour) * 2) / 3;

const unusable = (renewed: 'leaf' | 'ca', why: string): Assessment => ({
  renew: renewed,
  why,
  usable: false,
});
const due = (renewed: 'leaf' | 'ca', what: string, usable: boolean): Assessment => ({
  renew: renewed,
  why: `two thirds of the life of the ${what} are over`,
  usable,
});
const freshLeaf = async (now: number): Promise<Stored> => renew(stored, 'leaf', { ...at, now }, undefined);

/** A leaf for the right names that Serin would not issue: without key identifiers, else as asked. */
async function oddLeaf(
  by: Stored,
  lifeMs: number,
  extensions: object[],
): Promise<Pick<Stored, 'cert' | 'key'>> {
  const keys = await quickEntropy.keyPair();
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(keys.publicKey);
  certificate.validity.notBefore = new Date(start - hour);
  certificate.validity.notAfter = new Date(start + lifeMs);
  certificate.setSubject([{ name: 'commonName', value: 'odd' }]);
  certificate.setIssuer(forge.pki.certificateFromPem(by.caCert).subject.attributes);
  const altNames = dnsNames.map((value) => ({ type: 2, value }));
  certificate.setExtensions([{ name: 'subjectAltName', altNames }, ...extensions]);
  certificate.sign(forge.pki.privateKeyFromPem(by.caKey), forge.md.sha256.create());
  return { cert: forge.pki.certificateToPem(certificate), key: keys.privateKey };
}
const forServers = { name: 'extKeyUsage', serverAuth: true };

const cases: Record<
  string,
  { stored: Stored | undefined; now?: number; dnsNames?: string[]; is: Assessment }
> = {
  'a fresh set is fine': { stored, is: 'fine' },
  'nothing stored asks for everything': {
    stored: undefined,
    is: unusable('ca', 'no complete set is stored'),
  },
  'a CA that is no certificate is replaced': {
    stored: { ...stored, caCert: 'garbage' },
    is: unusable('ca', 'the CA certificate cannot be read'),
  },
  'a leaf in the place of the CA is replaced': {
    stored: { ...stored, caCert: stored.cert, caKey: stored.key },
    is: unusable('ca', 'the CA certificate is not one of a CA'),
  },
  'a CA without its key is replaced': {
    stored: { ...stored, caKey: other.caKey },
    is: unusable('ca', 'the key of the CA is not the one it was issued for'),
  },
  'a CA whose key is garbage is replaced': {
    stored: { ...stored, caKey: 'garbage' },
    is: unusable('ca', 'the key of the CA is not the one it was issued for'),
  },
  'a leaf that is no certificate is replaced': {
    stored: { ...stored, cert: 'garbage' },
    is: unusable('leaf', 'the serving certificate cannot be read'),
  },
  'a leaf with the key of another is replaced': {
    stored: { ...stored, key: other.key },
    is: unusable('leaf', 'the key of the serving certificate is not the one it was issued for'),
  },
  'a leaf of another CA is replaced': {
    stored: { ...stored, cert: other.cert, key: other.key },
    is: unusable('leaf', 'the serving certificate was not issued by this CA'),
  },
  'a leaf that another CA of the same name signed is replaced': {
    stored: { ...stored, ...(await oddLeaf(other, day, [forServers])) },
    is: unusable('leaf', 'the serving certificate was not issued by this CA'),
  },
  'a leaf without key identifiers is fine': {
    stored: { ...stored, ...(await oddLeaf(stored, day, [forServers])) },
    is: 'fine',
  },
  'a leaf for clients is replaced': {
    stored: { ...stored, ...(await oddLeaf(stored, day, [{ name: 'extKeyUsage', clientAuth: true }])) },
    is: unusable('leaf', 'the serving certificate is not for a server'),
  },
  'a leaf for nothing in particular is replaced': {
    stored: { ...stored, ...(await oddLeaf(stored, day, [])) },
    is: unusable('leaf', 'the serving certificate is not for a server'),
  },
  'a leaf that outlives its CA is replaced': {
    stored: { ...stored, ...(await oddLeaf(stored, 366 * day, [forServers])) },
    is: unusable('leaf', 'the serving certificate outlives its CA'),
  },
  'the CA in the place of the leaf is replaced': {
    stored: { ...stored, cert: stored.caCert, key: stored.caKey },
    is: unusable('leaf', 'the serving certificate is one of a CA'),
  },
  'a leaf that lacks a name is replaced': {
    stored,
    dnsNames: [...dnsNames, 'serin.example.com'],
    is: unusable('leaf', 'the serving certificate does not name serin.example.com'),
  },
  'an address is looked for among the addresses': {
    stored,
    dnsNames: ['127.0.0.1'],
    is: unusable('leaf', 'the serving certificate does not name 127.0.0.1'),
  },
  'a set from the future is replaced': {
    stored,
    now: start - hour - 1,
    is: unusable('ca', 'the CA is not valid before 2026-11-24T07:00:00.000Z'),
  },
  'a leaf just short of two thirds of its life is fine': { stored, now: leafDue - 1, is: 'fine' },
  'a leaf at two thirds of its life is renewed, and can be served meanwhile': {
    stored,
    now: leafDue,
    is: due('leaf', 'serving certificate', true),
  },
  'an expired leaf cannot be served': {
    stored,
    now: start + 30 * day,
    is: unusable('leaf', 'the serving certificate expired on 2026-12-24T08:00:00.000Z'),
  },
  'a CA at two thirds of its life is renewed while its leaf serves': {
    stored: await freshLeaf(caDue),
    now: caDue,
    is: due('ca', 'CA', true),
  },
  'a CA at two thirds of its life with an expired leaf serves nothing': {
    stored,
    now: caDue,
    is: due('ca', 'CA', false),
  },
  'an expired CA is replaced': {
    stored: await freshLeaf(start + 364 * day),
    now: start + 365 * day,
    is: unusable('ca', 'the CA expired on 2027-11-24T08:00:00.000Z'),
  },
};

for (const [sentence, row] of Object.entries(cases))
  test(sentence, () => deepEqual(assess(row.stored, row.dnsNames ?? dnsNames, row.now ?? start), row.is));

test('whatever the time, a renewed set is fine at once, and the bundle trusts the old and the new CA', async () => {
  const moments = fc.integer({ min: start, max: start + 20 * 365 * day });
  await fc.assert(
    fc.asyncProperty(moments, fc.integer({ min: 0, max: 400 * day }), async (first, later) => {
      const begun = await renew(undefined, 'ca', { ...at, now: first }, undefined);
      const now = first + later;
      const verdict = assess(begun, dnsNames, now);
      const next = verdict === 'fine' ? begun : await renew(begun, verdict.renew, { ...at, now }, undefined);
      equal(assess(next, dnsNames, now), 'fine');
      const caOver = later >= 365 * day;
      equal(bundleOf(next, now).includes(begun.caCert.replaceAll('\r', '')), !caOver);
      equal(bundleOf(next, now).startsWith(next.caCert.replaceAll('\r', '')), true);
    }),
    { numRuns: 30 },
  );
});
