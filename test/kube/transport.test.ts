import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { KubeConfig } from '@kubernetes/client-node';
import { hasCode } from '../../src/errors.ts';
import { createTransport, type Request, type Response } from '../../src/kube/transport.ts';
import { createAuthority } from '../rig/authority.ts';
import { answer, eventually, type ScriptedApi, scriptedApi, stream } from '../rig/scripted-api.ts';

async function apiFor(t: TestContext, authority = createAuthority('test')): Promise<ScriptedApi> {
  const { certPem, keyPem } = authority.issue({ commonName: 'api', hosts: ['127.0.0.1'] });
  const api = await scriptedApi({ tls: { key: keyPem, cert: certPem, ca: authority.certPem } });
  t.after(api.close);
  return api;
}

function get(path: string, signal = new AbortController().signal): Request {
  return { method: 'GET', path, headers: {}, signal };
}

async function bodyOf({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

test('speaks TLS with a server of the CA it was given, over one connection', async (t) => {
  const api = await apiFor(t);
  const transport = createTransport(api.config);
  api.script(answer(200, 'one'), answer(503, 'two', { 'Retry-After': '3' }));
  equal(await bodyOf(await transport.send(get('/one?a=b'))), 'one');
  const second = await transport.send(get('/two'));
  deepEqual([second.status, second.headers['retry-after'], await bodyOf(second)], [503, '3', 'two']);
  deepEqual(
    api.seen.map(({ path, query, headers }) => [path, query, headers.authorization]),
    [
      ['/one', { a: 'b' }, 'Bearer secret-token'],
      ['/two', {}, 'Bearer secret-token'],
    ],
  );
  equal(api.connections.size, 1);
});

test('sends nothing to a server of another CA', async (t) => {
  const [api, other] = [await apiFor(t), await apiFor(t)];
  const [cluster, otherCluster] = [api.config.getCurrentCluster(), other.config.getCurrentCluster()];
  ok(cluster !== null && otherCluster !== null);
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { ...cluster, caData: otherCluster.caData ?? '' },
    { name: 'serin', token: 'secret-token' },
  );
  await rejects(createTransport(config).send(get('/')), (error: Error) => {
    equal(error.message.includes('secret-token'), false);
    return /certificate/.test(error.message);
  });
  deepEqual(api.seen, []);
});

test('a token and a CA that were renewed are used from the next request on', async (t) => {
  const api = await apiFor(t);
  const transport = createTransport(api.config);
  api.script(answer(200, ''), answer(200, ''));
  await bodyOf(await transport.send(get('/')));
  const [user, cluster] = [api.config.getCurrentUser(), api.config.getCurrentCluster()];
  ok(user !== null && cluster !== null);
  Object.assign(user, { token: 'renewed' });
  await bodyOf(await transport.send(get('/')));
  equal(api.seen.at(-1)?.headers.authorization, 'Bearer renewed');
  Object.assign(cluster, { caData: Buffer.from(createAuthority('other').certPem).toString('base64') });
  await rejects(transport.send(get('/')), /certificate/);
});

test('a server below a path gets its requests there', async (t) => {
  const api = await scriptedApi();
  t.after(api.close);
  Object.assign(api.config.getCurrentCluster() ?? {}, {
    server: `${api.config.getCurrentCluster()?.server}/k8s/clusters/c1/`,
  });
  api.script(answer(200, ''));
  await bodyOf(await createTransport(api.config).send(get('/api/v1/pods')));
  equal(api.seen[0]?.path, '/k8s/clusters/c1/api/v1/pods');
});

test('aborting ends the exchange wherever it is: before it, during it, between head and body, in the body', async (t) => {
  const api = await scriptedApi();
  t.after(api.close);
  const transport = createTransport(api.config);
  await rejects(transport.send(get('/', AbortSignal.abort())), { name: 'AbortError' });

  const during = new AbortController();
  const hanging = transport.send(get('/', during.signal));
  await eventually(() => api.seen.length === 1, 'the request');
  during.abort();
  await rejects(hanging, { name: 'AbortError' });

  api.script(stream(['begun']), stream(['begun']));
  const between = new AbortController();
  const unread = await transport.send(get('/', between.signal));
  between.abort();
  await eventually(() => api.connections.size === 0, 'the end of the connection');
  await rejects(bodyOf(unread));

  const inside = new AbortController();
  const { body } = await transport.send(get('/', inside.signal));
  const parts = body[Symbol.asyncIterator]();
  await parts.next();
  const next = parts.next();
  inside.abort();
  await rejects(next);
  await eventually(() => api.connections.size === 0, 'the end of the connection');
});

test('a kubeconfig without a cluster, or whose credentials cannot be had, is a mistake of configuration', async (t) => {
  try {
    createTransport(new KubeConfig());
    ok(false, 'no error');
  } catch (error) {
    ok(hasCode(error, 'CONFIG_INVALID'));
  }
  const api = await scriptedApi();
  t.after(api.close);
  const authProvider = { name: 'tokenFile', config: { tokenFile: '/nowhere/token' } };
  Object.assign(api.config.getCurrentUser() ?? {}, { token: undefined, authProvider });
  await rejects(createTransport(api.config).send(get('/')), {
    code: 'CONFIG_INVALID',
    message: /^no credentials for http:.*\/nowhere\/token/,
  });
  deepEqual(api.seen, []);
});
