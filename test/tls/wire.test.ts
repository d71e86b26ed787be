import { deepEqual, equal } from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { bundleOf } from '../../src/tls/assess.ts';
import { renew, systemEntropy } from '../../src/tls/issue.ts';
import { writeLocal } from '../../src/tls/local.ts';
import { dnsNames } from './replica.ts';

// Real handshakes go by the real time of the day.
const now = Date.now();
const at = { now, dnsNames, entropy: systemEntropy };

/** The serial that a client which trusts `ca` meets under `servername`, or the code of why it does not trust it. */
async function meets(port: number, ca: string, servername: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', ca, servername });
  try {
    await once(socket, 'secureConnect');
    return socket.getPeerX509Certificate()?.serialNumber ?? 'none';
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  } finally {
    socket.destroy();
  }
}

test('across a change of the CA, the bundle of both is met by the old leaf and by the new one', async () => {
  const before = await renew(undefined, 'ca', at, undefined);
  const after = await renew(before, 'ca', at, before.caCert);
  const server = createServer({ cert: before.cert, key: before.key }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const name = dnsNames[0] ?? '';
  const old = await meets(port, bundleOf(before, now), name);
  equal(await meets(port, bundleOf(after, now), name), old);
  equal(await meets(port, bundleOf(after, now), 'another.serin-system.svc'), 'ERR_TLS_CERT_ALTNAME_INVALID');
  server.setSecureContext({ cert: after.cert, key: after.key });
  const young = await meets(port, bundleOf(after, now), name);
  equal(young === old || !/^[0-9A-F]{32}$/.test(young), false);
  equal(/^[0-9A-F]{32}$/.test(await meets(port, bundleOf(before, now), name)), false);
  server.close();
  await once(server, 'close');
});

test('local certificates are for the names asked, and only their owner reads the key', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'serin-certs-'));
  const out = join(folder, 'certs');
  const local = ['localhost', '127.0.0.1'];
  for (let run = 0; run < 2; run += 1)
    equal(
      await writeLocal(out, local, now, systemEntropy),
      `Wrote ca.crt, tls.crt and tls.key for localhost, 127.0.0.1 to ${out}.`,
    );
  const cert = await readFile(join(out, 'tls.crt'), 'utf8');
  const key = await readFile(join(out, 'tls.key'), 'utf8');
  const server = createServer({ cert, key }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const met = await meets(port, await readFile(join(out, 'ca.crt'), 'utf8'), 'localhost');
  equal(/^[0-9A-F]{32}$/.test(met), true);
  deepEqual(
    await Promise.all(
      ['tls.key', 'ca.crt'].map(async (file) => ((await stat(join(out, file))).mode & 0o077).toString(8)),
    ),
    ['0', '44'],
  );
  server.close();
  await once(server, 'close');
  await rm(folder, { recursive: true });
});
