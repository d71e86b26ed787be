import { deepEqual, equal, match, rejects } from 'node:assert/strict';
import { createServer as createHttp, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createHttps, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import type { Fetch } from '../../src/prometheus/exchange.ts';
import { createHttpsFetch } from '../../src/prometheus/https-fetch.ts';
import { createAuthority } from '../rig/authority.ts';

const authority = createAuthority('metrics-ca');
const server = authority.issue({ commonName: 'metrics', hosts: ['localhost', '127.0.0.1'] });
const client = authority.issue({ commonName: 'serin' });

/** A server on loopback that ends with the test. */
async function serve(t: TestContext, respond: RequestListener, options?: ServerOptions): Promise<string> {
  const listening = options === undefined ? createHttp(respond) : createHttps(options, respond);
  await new Promise<void>((resolve) => {
    listening.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => {
    listening.closeAllConnections();
    listening.close();
  });
  const { port } = listening.address() as AddressInfo;
  return `${options === undefined ? 'http' : 'https'}://127.0.0.1:${port}/`;
}

type Init = Parameters<Fetch>[1];
const asked = (more: Partial<Init> = {}): Init => ({
  ...{ method: 'GET', headers: {}, redirect: 'manual', signal: new AbortController().signal },
  ...more,
});

async function answerOf(fetch: Fetch, url: string, more?: Partial<Init>): Promise<string> {
  const { status, body } = await fetch(new URL(url), asked(more));
  const chunks: Uint8Array[] = [];
  for await (const chunk of body ?? []) chunks.push(chunk);
  return `${status} ${Buffer.concat(chunks).toString('utf8')}`;
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks).toString('utf8');
};

test('a form is posted with its length, and headers are sent as given', async (t) => {
  const url = await serve(t, (request, response) => {
    const { method, headers } = request;
    void bodyOf(request).then((body) =>
      response.end(JSON.stringify([method, headers['content-length'], headers['x-scope-orgid'], body])),
    );
  });
  const answer = await answerOf(createHttpsFetch(), url, {
    method: 'POST',
    headers: { 'x-scope-orgid': 'a' },
    body: 'q=ü',
  });
  equal(answer, '200 ["POST","4","a","q=ü"]');
});

test('a redirect is an answer like any other', async (t) => {
  let asks = 0;
  const url = await serve(t, (_, response) => {
    asks += 1;
    response.writeHead(302, { location: '/elsewhere' }).end('moved');
  });
  equal(await answerOf(createHttpsFetch(), url, { headers: { authorization: 'Bearer x' } }), '302 moved');
  equal(asks, 1);
});

test('a server is trusted by the CA that is given, and by nothing else', async (t) => {
  const url = await serve(t, (_, response) => response.end('ok'), {
    cert: server.certPem,
    key: server.keyPem,
  });
  const fetch = createHttpsFetch();
  const other = createAuthority('other-ca');
  equal(await answerOf(fetch, url, { tls: { ca: authority.certPem } }), '200 ok');
  // Also while a connection to that server is kept.
  await rejects(answerOf(fetch, url), /self-signed certificate|unable to verify/);
  await rejects(answerOf(fetch, url, { tls: { ca: other.certPem } }), /certificate/);
});

test('a client certificate is shown to a server that asks for one', async (t) => {
  const options = { cert: server.certPem, key: server.keyPem, ca: authority.certPem, requestCert: true };
  const url = await serve(t, (_, response) => response.end('known'), options);
  const tls = { ca: authority.certPem, cert: client.certPem, key: client.keyPem };
  equal(await answerOf(createHttpsFetch(), url, { tls }), '200 known');
  await rejects(answerOf(createHttpsFetch(), url, { tls: { ca: authority.certPem } }));
});

test('Serin’s own machine is out of reach of plans, by its address and by any name of it', async (t) => {
  let asks = 0;
  const url = new URL(
    await serve(t, (_, response) => {
      asks += 1;
      response.end('secrets');
    }),
  );
  const fetch = createHttpsFetch();
  url.hostname = 'localhost';
  equal(await answerOf(fetch, url.href), '200 secrets'); // and the connection is kept
  for (const host of ['127.0.0.1', 'localhost', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]']) {
    url.hostname = host;
    await rejects(
      answerOf(fetch, url.href, { onlyOutside: true }),
      /is Serin’s own machine, which a plan may not ask/,
    );
  }
  equal(asks, 1);
});

test('a call that is given up ends', async (t) => {
  const url = await serve(t, () => undefined);
  const stop = new AbortController();
  const call = answerOf(createHttpsFetch(), url, { signal: stop.signal });
  stop.abort();
  await rejects(call);
});

test('a kept connection that the server closed as it was used is no failure', async (t) => {
  let asks = 0;
  const url = await serve(t, (request, response) => {
    asks += 1;
    if (asks === 2) request.socket.resetAndDestroy();
    else response.end(`answer ${asks}`);
  });
  const fetch = createHttpsFetch();
  deepEqual([await answerOf(fetch, url), await answerOf(fetch, url)], ['200 answer 1', '200 answer 3']);
});

test('a connection that is refused is told by its code', async () => {
  const error = await answerOf(createHttpsFetch(), 'http://127.0.0.1:1/').catch((reason: unknown) => reason);
  match(String(error), /ECONNREFUSED/);
});
