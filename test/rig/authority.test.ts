import { deepEqual, equal, rejects } from 'node:assert/strict';
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { connect, createServer } from 'node:tls';
import { createAuthority, createSigningKey } from './authority.ts';

const authority = createAuthority('test');
const server = authority.issue({ commonName: 'server', hosts: ['127.0.0.1', 'web.shop.svc'] });
const client = authority.issue({ commonName: 'admin', organization: 'system:masters' });

const listener = createServer(
  { cert: server.certPem, key: server.keyPem, ca: authority.certPem, requestCert: true },
  (socket) => {
    socket.end(`${socket.authorized} ${String(socket.getPeerCertificate().subject.O)}`);
  },
);
await once(listener.listen(0, '127.0.0.1'), 'listening');
after(() => listener.close());

async function greet(servername: string, ca = authority.certPem): Promise<string> {
  const { port } = listener.address() as AddressInfo;
  const socket = connect({
    host: '127.0.0.1',
    port,
    servername,
    ca,
    cert: client.certPem,
    key: client.keyPem,
  });
  const [data] = (await once(socket, 'data')) as [Buffer];
  return data.toString();
}

test('server and client trust each other by the authority, and the server sees who the client is', async () => {
  equal(await greet('web.shop.svc'), 'true system:masters');
});

test('a name that the certificate does not have is refused', async () => {
  await rejects(greet('api.shop.svc'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
});

test('a certificate of another authority is refused', async () => {
  await rejects(greet('web.shop.svc', createAuthority('test').certPem), /signature|self-signed|verify/i);
});

test('certificates say what they are for and are issued by the authority', () => {
  const root = new X509Certificate(authority.certPem);
  const leaf = new X509Certificate(server.certPem);
  deepEqual(
    [root.ca, leaf.ca, leaf.checkIssued(root), leaf.verify(root.publicKey)],
    [true, false, true, true],
  );
  deepEqual(leaf.keyUsage, ['1.3.6.1.5.5.7.3.1']);
  equal(leaf.subjectAltName, 'IP Address:127.0.0.1, DNS:web.shop.svc');
  equal(new X509Certificate(client.certPem).subject, 'O=system:masters\nCN=admin');
});

test('the halves of a signing key belong together', () => {
  const { privatePem, publicPem } = createSigningKey();
  const publicKey = createPublicKey(createPrivateKey(privatePem)).export({ type: 'spki', format: 'pem' });
  equal(publicKey, publicPem);
});
