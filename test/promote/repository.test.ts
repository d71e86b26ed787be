// What stands in the repository already, and what others do to it meanwhile.
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { withCheckout } from '../../src/promote/checkout.ts';
import { createGit } from '../../src/promote/git.ts';
import { file, images, promote, tagIn } from './environment.ts';
import { forgeServer, secret } from './forges/forge-server.ts';
import { home, plain, repository } from './repositories.ts';
import { serin } from './rig.ts';

test('a request with conflicts is made anew, and one that gets them while it is waited for is a failure', async (t) => {
  const own = home(t);
  const repo = repository(own, { [file]: images('1') });
  const forge = await forgeServer(t, 'github', own, repo);
  const around = { env: { GH_TOKEN: secret } };
  const words = promote('--repo', forge.repo, '--forge', 'github');
  equal((await serin(own, [...words, '--no-wait'], around)).code, 0);
  const [request] = forge.requests;
  ok(request !== undefined);
  repo.change(file, `${images('1')}- {name: api, newTag: '7'}\n`);
  request.blocked = 'dirty';
  const { code, out, err } = await serin(own, [...words, '--auto-merge'], around);
  deepEqual(
    [code, plain(err, own)],
    [1, 'http://FORGE/acme/env/pull/7 has conflicts; the same again makes its commit anew\n'],
  );
  match(out, /\ncommit .*\nrequest .* is open already, and had conflicts: its commit is new\n/);
  equal(repo.file(file, request.branch), `${images('2')}- {name: api, newTag: '7'}\n`);
  deepEqual(repo.git('rev-parse', `${request.branch}^`), repo.git('rev-parse', 'main'));
});

test('what was pushed and not asked for any more is asked for, by the commit that is there', async (t) => {
  const own = home(t);
  const repo = repository(own, { [file]: images('1') });
  const forge = await forgeServer(t, 'gitlab', own, repo);
  const words = promote('--repo', forge.repo, '--forge', 'gitlab', '--no-wait');
  const around = { env: { GIT_TOKEN: secret } };
  forge.onCall = (call) => void (call.startsWith('POST') && forge.failing.push(500));
  const stopped = await serin(own, words, around);
  deepEqual([stopped.code, forge.requests.length], [2, 0]);
  match(stopped.err, /^127\.0\.0\.1:\d+ answered 500: come back later, \[hidden\]\n$/);
  forge.onCall = () => undefined;
  const commit = repo.git('rev-parse', 'promote-web-production-2');
  // A second later the same commit would be another.
  const later = {
    ...around.env,
    GIT_AUTHOR_DATE: '2026-11-24T10:00:00Z',
    GIT_COMMITTER_DATE: '2026-11-24T10:00:00Z',
  };
  equal((await serin(own, words, { env: later })).code, 0);
  deepEqual([repo.git('rev-parse', 'promote-web-production-2'), forge.requests.length], [commit, 1]);
});

test('a branch that somebody pushed to meanwhile is read again, and nothing of theirs is lost', async (t) => {
  const own = home(t);
  const repo = repository(own, { [file]: images('1') });
  const git = createGit({ env: own.env, signal: new AbortController().signal });
  await withCheckout(git, `file://${repo.path}`, undefined, async (checkout) => {
    await checkout.commit(file, images('2'), 'ours');
    repo.change('theirs.yaml', 'a: 1\n');
    equal(await checkout.push('main'), 'moved');
  });
  equal(repo.file('theirs.yaml'), 'a: 1\n');
  equal(tagIn(repo.file(file)), '1');
});

test('a link of the repository leads nowhere', async (t) => {
  const own = home(t);
  const repo = repository(own, { [file]: images('1') });
  writeFileSync(join(own.folder, 'secret.yaml'), images('1'));
  repo.link('production/values.yaml', join(own.folder, 'secret.yaml'));
  const words = promote(
    '--repo',
    repo.path,
    '--push',
    '--no-wait',
    '--path',
    'production/values.yaml',
    '--key',
    'images',
  );
  const { code, err } = await serin(own, words);
  equal(code, 1);
  match(err, /^production\/values\.yaml has no version of web/);
});

test('who promotes has to be known to Git', async (t) => {
  const own = home(t, '');
  const repo = repository(own, { [file]: images('1') });
  const { code, err } = await serin(own, promote('--repo', repo.path, '--push'));
  equal(code, 1);
  match(err, /cannot commit: .*; git config --global user\.name and user\.email say who promotes\n$/);
});

test('of a checkout the remote is the environment', async (t) => {
  const own = home(t);
  const repo = repository(own, { [file]: images('1') });
  repo.git('clone', '--quiet', repo.path, join(own.folder, 'checkout'));
  const { code, out } = await serin(
    own,
    promote('--repo', join(own.folder, 'checkout'), '--push', '--no-wait'),
  );
  equal(code, 0);
  match(plain(out, own), /^source {3}HOME\/acme\/env\.git, branch main: /);
  equal(tagIn(repo.file(file)), '2');
});

test('another branch is taken as it is said, and what git is told by a hook around it is not heard', async (t) => {
  const own = home(t);
  const repo = repository(own, { [file]: images('1') });
  repo.git('branch', 'release');
  repo.change(file, images('0'), 'release');
  const elsewhere = join(own.folder, 'elsewhere');
  const { code, err } = await serin(
    own,
    promote('--repo', repo.path, '--push', '--no-wait', '--branch', 'release'),
    { env: { GIT_DIR: elsewhere, GIT_WORK_TREE: elsewhere } },
  );
  equal(code, 0, err);
  deepEqual([tagIn(repo.file(file)), tagIn(repo.file(file, 'release'))], ['1', '2']);
});
