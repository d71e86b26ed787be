import { equal, match, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { missingPolicy } from '../../src/controller/strength.ts';
import { SerinError } from '../../src/errors.ts';
import type { KubeList } from '../../src/kube/kube.ts';

const answering = (list: () => KubeList | undefined) => ({ list: async () => list() });
const policies = (...names: readonly string[]): KubeList => ({
  resourceVersion: '1',
  items: names.map((name) => ({ metadata: { name, uid: name, resourceVersion: '1' } })),
});

test('a server that could hold by itself and is not told to is told of', async () => {
  for (const list of [policies(), policies('stale-failure.serin.dev')]) {
    const why = await missingPolicy(answering(() => list));
    match(
      why ?? '',
      /MutatingAdmissionPolicy hold.serin.dev is not installed \(kubectl apply -k manifests\/policies\)/,
    );
  }
});

test('one that is told to, or is too old, or does not let us look, is not', async () => {
  const lists = [() => policies('hold.serin.dev', 'other'), () => undefined, forbidden];
  for (const list of lists) equal(await missingPolicy(answering(list)), undefined);
});

test('where there is no answer nothing is told', () => rejects(missingPolicy(answering(busy)), /busy/));

function forbidden(): never {
  throw new SerinError('KUBE_FORBIDDEN', 'forbidden');
}

function busy(): never {
  throw new SerinError('KUBE_BUSY', 'busy');
}
