// Another issuer, such as cert-manager, writes the Secret: it has no ca.key, and Serin only reads it.
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type { Stored } from '../../src/tls/assess.ts';
import { renew } from '../../src/tls/issue.ts';
import { resources } from '../../src/kube/objects.ts';
import {
  cluster,
  day,
  dnsNames,
  pem,
  quickEntropy,
  replica,
  start,
  trustedBundles,
  writeSecret,
} from './replica.ts';

const at = { now: start, dnsNames, entropy: quickEntropy };
const first = await renew(undefined, 'ca', at, undefined);
const second = await renew(undefined, 'ca', at, undefined);
const elsewhere = await renew(undefined, 'ca', { ...at, dnsNames: ['other.svc'] }, undefined);

const dataOf = ({ caCert, cert, key }: Stored): Record<string, string> => ({
  ...{ 'ca.crt': caCert, 'tls.crt': cert, 'tls.key': key },
});

/** A cluster where the Secret is there and empty, as a chart or an issuer may leave it at first. */
async function installed() {
  const kube = await cluster();
  await kube.create(resources.secrets, 'serin-system', { metadata: { name: 'serin-certs' }, data: {} });
  kube.writes.length = 0;
  const time = { now: start };
  return { kube, time, one: replica(kube, time, { isExternal: true }) };
}

test('nothing is issued: what is not there yet is waited for, and said', async () => {
  const { kube, one } = await installed();
  await one.turn();
  deepEqual([one.served, kube.writes], [[], []]);
  match(
    one.logged[0] ?? '',
    /no certificate to serve yet .*serin-certs has no ca.crt, tls.crt and tls.key yet/,
  );
  await writeSecret(kube, dataOf(first));
  await one.turn();
  deepEqual(one.served, [{ cert: first.cert, key: first.key }]);
  ok((await trustedBundles(kube)).every((bundle) => bundle === pem(first.caCert)));
  await one.stop();
});

test('another CA is trusted beside the one before, until its leaf is served', async () => {
  const { kube, one } = await installed();
  await writeSecret(kube, dataOf(first));
  await one.turn();
  await writeSecret(kube, dataOf(second));
  await one.turn();
  equal(one.served.length, 1);
  ok((await trustedBundles(kube)).every((bundle) => bundle === pem(second.caCert + first.caCert)));
  await one.turn();
  deepEqual(one.served.at(-1), { cert: second.cert, key: second.key });
  await one.turn();
  ok((await trustedBundles(kube)).every((bundle) => bundle === pem(second.caCert)));
  await one.stop();
});

const flaws: Record<string, { data: Record<string, string>; now?: number; says: RegExp }> = {
  'for other names': { data: dataOf(elsewhere), says: /does not name serin-webhook.serin-system.svc/ },
  'with the key of another': {
    data: { ...dataOf(second), 'tls.key': first.key },
    says: /the key of the serving certificate is not the one/,
  },
  'that has expired': { data: dataOf(second), now: start + 40 * day, says: /expired on/ },
  'that is none': { data: { ...dataOf(second), 'tls.crt': 'x' }, says: /cannot be read/ },
  'by a CA that is none': {
    data: { ...dataOf(second), 'ca.crt': 'x' },
    says: /CA certificate cannot be read/,
  },
};
for (const [what, { data, now = start, says }] of Object.entries(flaws))
  test(`a certificate ${what} is not served, and the one before goes on`, async () => {
    const { kube, time, one } = await installed();
    await writeSecret(kube, dataOf(first));
    await one.turn();
    await writeSecret(kube, data);
    time.now = now;
    await one.turn();
    await one.turn();
    equal(one.served.length, 1);
    match(one.logged.at(-1) ?? '', says);
    await one.stop();
  });
