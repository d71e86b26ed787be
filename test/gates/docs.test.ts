import { deepEqual, equal, match } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { signature } from '../../src/gates/sign.ts';
import type { Json } from '../../src/rollout/types.ts';
import { listAt, objectAt, textAt } from '../../src/routing/json.ts';

const root = join(import.meta.dirname, '../..');

test('what docs/gates.md checks a signature by takes Serin’s, and no other body, key or time', async () => {
  const [, code = ''] = /^```js\n(.*?)^```$/ms.exec(readFileSync(join(root, 'docs/gates.md'), 'utf8')) ?? [];
  const { isSerin } = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as {
    isSerin: (key: string, headers: Readonly<Record<string, string>>, body: string) => boolean;
  };
  const signed = (at: number): Readonly<Record<string, string>> => signature(Buffer.from('key'), 'body', at);
  const now = Date.now();
  equal(isSerin('key', signed(now), 'body'), true);
  deepEqual(
    [
      isSerin('key', signed(now), 'other'),
      isSerin('other', signed(now), 'body'),
      isSerin('key', signed(now - 600_000), 'body'),
      isSerin('key', { ...signed(now), 'serin-timestamp': '1' }, 'body'),
      isSerin('key', {}, 'body'),
    ],
    [false, false, false, false, false],
  );
});

test('the example lets Serin read the one Secret that signs, and no other', () => {
  const text = readFileSync(join(root, 'manifests/examples/gate-secret.yaml'), 'utf8');
  const [secret, role, binding] = parseAllDocuments(text).map((each) => each.toJS() as Json);
  const name = textAt(objectAt(secret, 'metadata'), 'name') ?? '';
  match(name, /./);
  deepEqual(Object.keys(objectAt(secret, 'stringData')), ['hmac-key']);
  deepEqual(listAt(role, 'rules'), [
    { apiGroups: [''], resources: ['secrets'], resourceNames: [name], verbs: ['get'] },
  ]);
  deepEqual(listAt(binding, 'subjects'), [
    { kind: 'ServiceAccount', name: 'serin', namespace: 'serin-system' },
  ]);
  const namespaces = [secret, role, binding].map((each) => textAt(objectAt(each, 'metadata'), 'namespace'));
  deepEqual(new Set(namespaces), new Set(['shop']));
});
