// A comment and what comes of it, at both forges.
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { answer } from '../../src/chatops/answer.ts';
import { forgeNames } from '../../src/chatops/settings.ts';
import { writeState } from '../../src/config/state.ts';
import { type KubeObject, resources } from '../../src/kube/objects.ts';
import { golden, noStaleGolden } from '../golden.ts';
import { mainOf, states } from '../report/shop.ts';
import { type Forge, forgeOf, shas, token } from './forge.ts';
import { onTrial, type Rig, type RigOptions, rigOf } from './rig.ts';

interface Stand extends Rig {
  readonly forge: Forge;
}

async function github(t: TestContext, options?: RigOptions): Promise<Stand> {
  const forge = await forgeOf(t, 'github');
  return { forge, ...(await rigOf(t, 'github', forge, options)) };
}

const commandOf = async ({ kube }: Rig): Promise<unknown> => {
  const text = (await kube.get(resources.deployments, 'shop', 'web'))?.metadata.annotations?.[
    'serin.dev/command'
  ];
  return text === undefined ? undefined : JSON.parse(text);
};

for (const kind of forgeNames)
  test(`at ${kind} a rollout is shown, and followed to its end in one comment`, async (t) => {
    const forge = await forgeOf(t, kind);
    const { chatops, kube, clock, tell, said, logged } = await rigOf(t, kind, forge);
    await answer(chatops, said('/canary status'));
    await forge.until(() => forge.marks.length >= (kind === 'github' ? 2 : 1));
    const first = forge.comments.join('\n');
    const failed = mainOf({ ...onTrial, state: states.failed });
    const metadata = { annotations: failed.metadata.annotations ?? {} };
    await kube.patch(resources.deployments, 'shop', 'web', { type: 'merge', body: { metadata } });
    tell({ type: 'MODIFIED', object: failed });
    // It is told at most every quarter of a minute.
    const isOver = (): boolean => forge.marks.length >= (kind === 'github' ? 4 : 2);
    for (let step = 0; step < 200 && !isOver(); step += 1) {
      await clock.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await forge.until(isOver);
    deepEqual(forge.wrong, [], logged.join('\n'));
    equal(forge.comments.length, 1);
    golden(
      `chatops/${kind}.md`,
      [first, ...forge.comments, ...forge.marks].map((each) => `${each}\n`).join('\n---\n\n'),
    );
  });

test('a command is written as the user, with the reason and the comment, and answered with the screen', async (t) => {
  const stand = await github(t);
  const { chatops, forge, said, asked, kube } = stand;
  await answer(chatops, said('/canary abort web checkout is <b>slow</b> @bob'));
  deepEqual(await commandOf(stand), {
    ...{ v: 1, do: 'abort', actor: 'ann@acme.example' },
    revision: states.onTrial.revision,
    reason: 'checkout is <b>slow</b> @bob (https://forge.example/acme/shop/7#1)',
  });
  deepEqual(asked, ['ann@acme.example (shop, system:authenticated) abort deployments shop/web']);
  equal(kube.writes.filter((each) => each.startsWith('patch')).length, 1);
  golden('chatops/abort.md', `${forge.comments[0]}\n`);
  deepEqual(forge.wrong, []);
});

test('who is not known, or may not, is told so, and nothing is written', async (t) => {
  const one = await github(t);
  await answer(one.chatops, one.said('/canary abort', 'mallory'));
  match(one.forge.comments[0] ?? '', /^`mallory` is nobody that Serin knows/);
  deepEqual(one.asked, []);
  const two = await github(t, { may: false });
  await answer(two.chatops, two.said('/canary promote'));
  match(
    two.forge.comments[0] ?? '',
    /^```text\nann@acme.example may not promote shop\/web: the RBAC verb promote/,
  );
  for (const each of [one, two]) {
    equal(await commandOf(each), undefined);
    equal(each.forge.comments.length, 1);
    deepEqual(each.forge.marks, []);
  }
});

test('what the API server has against it is the answer, and nothing is followed', async (t) => {
  const { chatops, forge, said } = await github(t, { shop: { annotations: onTrial.annotations ?? {} } });
  await answer(chatops, said('/canary promote'));
  match(forge.comments.join(''), /^```text\ncannot promote web: nothing of it was ever on trial.*\n```$/);
});

test('a request that has shipped nothing, and words that do not fit, are answered with what would', async (t) => {
  const other = { ...onTrial, annotations: { 'serin.dev/source-revision': 'c'.repeat(40) } };
  const none = await github(t, { shop: other });
  await answer(none.chatops, none.said('/canary'));
  match(none.forge.comments[0] ?? '', /^No rollout is known to be of this request/);
  const repositories = new Map([['acme/shop', [{ namespace: 'shop', name: 'web' }]]]);
  const { chatops, forge, said } = await github(t, { shop: other, repositories });
  await answer(chatops, said('/canary abrt'));
  await answer(chatops, said('/canary abort wep'));
  await answer(chatops, said('/canary plan'));
  await answer(chatops, said('no command at all'));
  match(forge.comments[0] ?? '', /^There is no such word. Did you mean `\/canary abort`\?/);
  equal(forge.comments[1], 'No rollout of this request has that name. There is: `shop/web`.');
  match(forge.comments[2] ?? '', /^What is to be planned\?/);
  equal(forge.comments.length, 3);
});

test('of an unmerged request the trial merge is no commit', async (t) => {
  const forge = await forgeOf(t, 'github', { merged: false });
  const { chatops, said } = await rigOf(t, 'github', forge);
  await answer(chatops, said('/canary'));
  match(forge.comments[0] ?? '', /^No rollout is known/);
});

test('an abbreviated commit in the label of the pods is the one', async (t) => {
  const { chatops, forge, said, kube } = await github(t, { shop: { ...onTrial, annotations: {} } });
  const labels = { 'org.opencontainers.image.revision': shas.head.slice(0, 12) };
  const body = { spec: { template: { metadata: { labels } } } };
  await kube.patch(resources.deployments, 'shop', 'web', { type: 'merge', body });
  await answer(chatops, said('/canary status web'));
  match(forge.comments[0] ?? '', /^```text\nshop\/web {2}/);
});

test('a forge that fails is told about in the log, without the token, and in the thread where it can be', async (t) => {
  const { chatops, forge, said, logged } = await github(t);
  forge.failing.push(422);
  await answer(chatops, said('/canary'));
  match(forge.comments[0] ?? '', /^This could not be done just now/);
  ok(logged.some((each) => each.includes('answered 422')));
  equal(logged.join('').includes(token), false);
});

test('what is said to a rollout that had failed is no end of it until it was heeded', async (t) => {
  const stand = await github(t, { shop: { ...onTrial, state: states.failed } });
  const { chatops, forge, said, kube, clock } = stand;
  await answer(chatops, said('/canary retry'));
  await forge.until(() => forge.marks.length === 2);
  match(forge.marks[0] ?? '', /^bbbb pending: /);
  const main = (await kube.get(resources.deployments, 'shop', 'web')) as KubeObject;
  const annotations = { ...main.metadata.annotations, 'serin.dev/state': writeState(states.promoted) };
  await kube.patch(resources.deployments, 'shop', 'web', {
    type: 'merge',
    body: { metadata: { annotations } },
  });
  for (let step = 0; step < 300 && forge.marks.length < 6; step += 1) {
    await clock.advance(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  match(forge.marks.at(-2) ?? '', /^bbbb success: /);
  equal(forge.marks.at(-1), 'deployment 41 success');
});

test('no golden answer is stale', () => noStaleGolden('chatops'));
