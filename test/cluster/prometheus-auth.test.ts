// A real Prometheus that wants TLS, a client certificate and a password, behind a path: what Mimir and others ask for.
import { deepEqual, equal, match } from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { resources } from '../../src/kube/objects.ts';
import { createAsk } from '../../src/prometheus/client.ts';
import { createHttpsFetch } from '../../src/prometheus/https-fetch.ts';
import { secretKeys } from '../../src/prometheus/keys.ts';
import { createAuthority } from '../rig/authority.ts';
import { memoryKube } from '../rig/memory-kube.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { start, until } from '../rig/processes.ts';
import { toolchain } from '../rig/toolchain.ts';

const { stateDir, prepared } = await enterNamespace(async () => ({
  binaries: await toolchain(['prometheus']),
}));
const authority = createAuthority('metrics-ca');
const server = authority.issue({ commonName: 'prometheus', hosts: ['127.0.0.1'] });
const client = authority.issue({ commonName: 'serin' });

const folder = join(stateDir, 'prometheus');
mkdirSync(folder, { recursive: true });
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
// The password is `test`; the hash is the one in Prometheus' own guide to basic authentication.
const web = `tls_server_config:
  cert_file: ${file('server.crt', server.certPem)}
  key_file: ${file('server.key', server.keyPem)}
  client_ca_file: ${file('ca.crt', authority.certPem)}
  client_auth_type: RequireAndVerifyClientCert
basic_auth_users:
  serin: $2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay
`;
const running = start({
  name: 'prometheus',
  file: prepared.binaries.prometheus,
  args: [
    `--config.file=${file('prometheus.yaml', 'global: {}\n')}`,
    `--web.config.file=${file('web.yaml', web)}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    '--web.listen-address=127.0.0.1:9090',
    '--web.external-url=https://127.0.0.1:9090/team/prometheus',
  ],
  logFile: join(stateDir, 'logs/prometheus.log'),
});
after(() => running.stop());

const kube = memoryKube();
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const certificates = {
  'ca.crt': base64(authority.certPem),
  'tls.crt': base64(client.certPem),
  'tls.key': base64(client.keyPem),
};
const data = { ...certificates, username: base64('serin'), password: base64('wrong-password') };
await kube.create(resources.secrets, 'serin-system', { metadata: { name: 'prom' }, data });

let now = systemClock.now();
const clock = { ...systemClock, now: () => now };
const url = 'https://127.0.0.1:9090/team/prometheus';
const fetch = createHttpsFetch();
const keys = secretKeys({ kube, clock, namespace: 'serin-system', name: 'prom' });
const ask = createAsk({ url, clock, fetch, keys });

test('the wrong password is told as Prometheus tells it', async () => {
  const answer = await until(
    'an answer of Prometheus',
    async () => {
      const heard = await ask.now('vector(1)');
      return heard.kind === 'error' && heard.why.includes('answered') ? heard : undefined;
    },
    { needs: [running] },
  );
  deepEqual(answer, { kind: 'error', why: `Prometheus at ${url}/api/v1/query: answered 401: Unauthorized` });
});

test('the right one is used as soon as the old one is refused, and a query too long for an address is answered', async () => {
  const right = { data: { password: base64('test') } };
  await kube.patch(resources.secrets, 'serin-system', 'prom', { type: 'merge', body: right });
  now += 6_000; // not yet the minute after which it is read anyway
  const one = { kind: 'samples', samples: [{ labels: {}, value: 1 }], warnings: [] };
  deepEqual(await ask.now('vector(1)'), one);
  deepEqual(await ask.now(`vector(1) or (${'vector(0) or '.repeat(300)}vector(0))`), one);
});

test('without the CA it is not trusted, and without the certificate we are not', async () => {
  const why = async (given: object): Promise<string> => {
    const read = { headers: {}, secrets: [], ...given };
    const fixed = { current: () => Promise.resolve(read), newerThan: () => Promise.resolve(undefined) };
    const answer = await createAsk({ url, clock, fetch, keys: fixed }).now('vector(1)');
    equal(answer.kind, 'error');
    return answer.kind === 'error' ? answer.why : '';
  };
  match(await why({}), /unable to verify the first certificate/);
  match(
    await why({ tls: { ca: authority.certPem } }),
    /certificate required|ECONNRESET|EPIPE|socket hang up/,
  );
});
