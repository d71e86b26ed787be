// `serin promote` in all that may come of it, on real repositories.
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { SerinError } from '../../src/errors.ts';
import { resources } from '../../src/kube/objects.ts';
import type { Told } from '../../src/promote/telling.ts';
import type { JsonObject } from '../../src/rollout/types.ts';
import { golden, noStaleGolden } from '../golden.ts';
import { mainOf, states } from '../report/shop.ts';
import { memoryKube } from '../rig/memory-kube.ts';
import { file, images, promote, tagIn } from './environment.ts';
import { forgeServer, secret } from './forges/forge-server.ts';
import { home, plain, repository } from './repositories.ts';
import { clusterOf, quiet, replaced, serin } from './rig.ts';

test('pushed to the branch itself, and followed to the promotion', async (t) => {
  const own = home(t);
  const repo = repository(own, { [file]: images('1') });
  const kube = await clusterOf(() => tagIn(repo.file(file)));
  const { code, out, err } = await serin(own, promote('--repo', repo.path, '--push'), { kube });
  equal(code, 0, err);
  golden('promote/steps/push.txt', plain(out + err, own));
  equal(repo.file(file), images('2'));
  const again = await serin(own, promote('--repo', repo.path, '--push'), { kube });
  equal(again.code, 0, again.err);
  equal(repo.git('rev-list', 'main').length, 2);
});

test('for programs it is one object, and the lines go to standard error', async (t) => {
  const own = home(t);
  const repo = repository(own, { [file]: images('1') });
  const kube = await clusterOf(() => tagIn(repo.file(file)));
  const { code, out, err } = await serin(own, promote('--repo', repo.path, '--push', '-o', 'json'), { kube });
  equal(code, 0, err);
  golden('promote/steps/push.json', plain(out, own));
  match(err, /^source {3}file:.*\npushed .*\nsynced .*\n(.*\n)*verdict {2}promoted: /);
});

test('a canary that fails is a failure, and Git says the earlier version again', async (t) => {
  const own = home(t);
  const repo = repository(own, { [file]: images('1') });
  const kube = await clusterOf(() => tagIn(repo.file(file)), 'failed');
  const words = promote('--repo', repo.path, '--push', '--rollback-on-failure', '-o', 'json');
  const { code, out, err } = await serin(own, words, { kube });
  equal(code, 1);
  golden('promote/steps/failed.txt', plain(err, own));
  const told = JSON.parse(out) as Told;
  deepEqual([told.outcome, told.from, told.reverted], ['failed', '1', repo.git('rev-parse', 'main')[0]]);
  equal(repo.file(file), images('1'));
  deepEqual(repo.git('log', '-2', '--format=%s', 'main'), [
    'revert: web to 1 in production, since 2 failed',
    'chore: promote web to 2 in production',
  ]);
});

test('what somebody has promoted meanwhile is not taken back', async (t) => {
  const own = home(t);
  const repo = repository(own, { [file]: images('1') });
  const kube = await clusterOf(() => tagIn(repo.file(file)), 'failed');
  const before = kube.before;
  let isNewer = false;
  kube.before = async (call) => {
    await before(call);
    const main =
      call.name === 'web-canary' ? await kube.get(resources.deployments, 'shop', 'web') : undefined;
    if (isNewer || !JSON.stringify(main?.metadata.annotations ?? '').includes('"Failed')) return;
    isNewer = true;
    repo.change(file, images('3'));
  };
  const { code, out } = await serin(own, promote('--repo', repo.path, '--push', '--rollback-on-failure'), {
    kube,
  });
  equal(code, 1);
  match(out, /\nchange {3}3 stands there by now, which is left alone\n$/);
  equal(tagIn(repo.file(file)), '3');
});

test('a rollback of a request is a request, merged where the first was', async (t) => {
  const own = home(t);
  const repo = repository(own, { [file]: images('1') });
  const forge = await forgeServer(t, 'gitlab', own, repo);
  const kube = await clusterOf(() => tagIn(repo.file(file)), 'failed');
  const words = promote('--repo', forge.repo, '--forge', 'gitlab', '--auto-merge', '--rollback-on-failure');
  const { code, out } = await serin(own, words, { env: { GITLAB_TOKEN: secret }, kube });
  equal(code, 1);
  deepEqual(
    forge.requests.map(({ title, state }) => `${title}: ${state}`),
    [
      'chore: promote web to 2 in production: merged',
      'revert: web to 1 in production, since 2 failed: merged',
    ],
  );
  equal(repo.file(file), images('1'));
  match(
    out,
    /verdict {2}failed: .*\nsource .*\ncommit .* on branch revert-web-production-2\nrequest .*\/8 is opened\n/,
  );
  deepEqual(forge.wrong, []);
});

test('a request that is closed is a failure; one that nobody merges is not known', async (t) => {
  const own = home(t);
  const repo = repository(own, { [file]: images('1') });
  const forge = await forgeServer(t, 'github', own, repo);
  const words = (time: string): readonly string[] => [
    ...['promote', 'web', '-v', '2', '-e', 'production', '--timeout', time],
    ...['--repo', forge.repo, '--forge', 'github'],
  ];
  const late = await serin(own, words('1s'), { env: { GH_TOKEN: secret } });
  deepEqual(
    [late.code, plain(late.err, own)],
    [2, 'not over after 1s: http://FORGE/acme/env/pull/7 is not merged\n'],
  );
  match(late.out, /\nwaiting {2}somebody has to merge it\n$/);
  const [request] = forge.requests;
  ok(request !== undefined);
  let looks = 0;
  forge.onCall = (call) => {
    if (call.endsWith('/pulls/7')) looks += 1;
    if (looks === 2) request.state = 'closed';
  };
  const closed = await serin(own, words('60s'), { env: { GH_TOKEN: secret } });
  deepEqual(
    [closed.code, plain(closed.err, own)],
    [1, 'http://FORGE/acme/env/pull/7 was closed without a merge\n'],
  );
});

test('a version that the cluster does not come to have is not known', async (t) => {
  const own = home(t);
  const repo = repository(own, { [file]: images('1') });
  const kube = await clusterOf(() => '1');
  const { code, err } = await serin(
    own,
    ['promote', 'web', '-v', '2', '-e', 'production', '--repo', repo.path, '--push', '--timeout', '1s'],
    { kube },
  );
  deepEqual([code, err], [2, 'not over after 1s: Deployment shop/web does not have version 2 yet\n']);
});

test('what a forge refuses is told, and never the token', async (t) => {
  const own = home(t);
  const repo = repository(own, { [file]: images('1') });
  const forge = await forgeServer(t, 'gitea', own, repo);
  forge.failing.push(403);
  const words = promote('--repo', forge.repo, '--forge', 'gitea', '-o', 'json');
  const { code, out, err } = await serin(own, words, { env: { GITEA_TOKEN: secret } });
  equal(code, 1);
  match(err, /answered 403: come back later, \[hidden\]; the token may not do that\n$/);
  ok(!`${out}${err}`.includes(secret));
  equal((JSON.parse(out) as Told).outcome, 'failed');
  const refused = await serin(own, words, { env: { GITEA_TOKEN: 'another-token' } });
  equal(refused.code, 1);
  match(refused.err, /^cannot clone .*; a token that may read and push there belongs into GIT_TOKEN\n$/);
  ok(!refused.err.includes('another-token'));
});

test('where nobody could follow it nothing is promoted', async (t) => {
  const own = home(t);
  const repo = repository(own, { [file]: images('1') });
  const kube = await clusterOf(() => '1');
  kube.before = () => {
    throw new SerinError('KUBE_FORBIDDEN', 'cannot get deployments shop/web: ann may not');
  };
  const { code, out, err } = await serin(own, promote('--repo', repo.path, '--push', '-o', 'json'), { kube });
  deepEqual([code, tagIn(repo.file(file))], [1, '1']);
  match(err, /^cannot get deployments shop\/web: ann may not\nask somebody who may give you that right/);
  equal((JSON.parse(out) as Told).outcome, 'failed');
});

test('a Deployment that Serin does not hold is followed by its own rollout', async (t) => {
  const own = home(t);
  const repo = repository(own, { [file]: images('1') });
  const kube = memoryKube();
  const main = mainOf({ state: states.promoted });
  const isDone = { replicas: 4, updatedReplicas: 4, availableReplicas: 4, observedGeneration: 1 };
  await kube.create(resources.namespaces, undefined, { metadata: { name: 'shop' } });
  await kube.create(resources.deployments, 'shop', main);
  await replaced(kube, { ...main, metadata: { ...main.metadata, annotations: {} }, status: isDone });
  kube.watch = quiet;
  const words = promote('--repo', repo.path, '--push');
  const { code, out, err } = await serin(own, words, { kube });
  equal(code, 0, err);
  match(
    out,
    /\nverdict {2}promoted: \w{10} is live, without a canary: namespace shop has no label serin\.dev\/mode: canary\n$/,
  );
});

test('--direct sets the image as the user, and with --rollback-on-failure the earlier one again', async (t) => {
  const own = home(t);
  let version = '1';
  const kube = await clusterOf(() => version, 'failed');
  const bodies: JsonObject[] = [];
  kube.patch = async (_resource, namespace, name, patch) => {
    if (patch.type !== 'strategic') throw new Error('a strategic merge patch was to be sent');
    const { metadata: _, ...rest } = patch.body as { metadata: unknown; spec: JsonObject };
    bodies.push({ [`${namespace}/${name}`]: rest.spec });
    version = '2';
    return mainOf({});
  };
  const words = promote('--direct', '--rollback-on-failure');
  const { code, out } = await serin(own, words, { kube });
  equal(code, 1);
  const image = (tag: string): JsonObject => ({
    'shop/web': { template: { spec: { containers: [{ name: 'web', image: `shop:${tag}` }] } } },
  });
  deepEqual(bodies, [image('2'), image('1')]);
  golden('promote/steps/direct.txt', out);
});

test('no golden file is left over', () => noStaleGolden('promote/steps'));
