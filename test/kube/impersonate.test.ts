// Asked as somebody else: every request says as whom, each group in a header of its own.
import { deepEqual } from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { KubeConfig } from '@kubernetes/client-node';
import { impersonating } from '../../src/kube/impersonate.ts';
import { createTransport } from '../../src/kube/transport.ts';

test('user and groups go with each request, beside what it says itself', async (t) => {
  const seen: (readonly string[])[] = [];
  const server = createServer((request, response) => {
    // As they came: Node joins headers of one name.
    seen.push(request.rawHeaders);
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const config = new KubeConfig();
  const { port } = server.address() as AddressInfo;
  config.loadFromClusterAndUser(
    { name: 'test', server: `http://127.0.0.1:${port}`, skipTLSVerify: true },
    { name: 'ann', token: 'hers' },
  );
  const transport = impersonating(createTransport(config), { user: 'ben', groups: ['ops', 'dev'] });
  const { signal } = new AbortController();
  const request = { method: 'GET', path: '/api', headers: { accept: 'application/json' }, signal } as const;
  for await (const _ of (await transport.send(request)).body);
  const alone = impersonating(createTransport(config), { user: 'eve', groups: [] });
  for await (const _ of (await alone.send(request)).body);
  const said = seen.map((raw) =>
    raw.flatMap((name, index) =>
      index % 2 === 0 && /^(impersonate-|accept|authorization)/i.test(name)
        ? [`${name}: ${raw[index + 1]}`]
        : [],
    ),
  );
  const before = ['accept: application/json'];
  deepEqual(
    said.map((lines) => lines.toSorted()),
    [
      [
        ...['Authorization: Bearer hers', 'Impersonate-Group: dev', 'Impersonate-Group: ops'],
        ...['Impersonate-User: ben', ...before],
      ],
      ['Authorization: Bearer hers', 'Impersonate-User: eve', ...before],
    ],
  );
});
