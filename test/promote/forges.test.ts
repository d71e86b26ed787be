// A promotion by a request, at each kind of forge: git over its HTTP, the API as its documents have it.
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { forgeKinds } from '../../src/promote/remote.ts';
import { golden, noStaleGolden } from '../golden.ts';
import { forgeServer, secret } from './forges/forge-server.ts';
import { home, plain, repository } from './repositories.ts';
import { clusterOf, serin } from './rig.ts';

const file = 'env/requirements.yaml';
const requirements = (version: string): string =>
  `# Of production.\ndependencies:\n- name: web\n  version: ${version}   # by a pipeline\n`;
const words = (...more: readonly string[]): readonly string[] => [
  ...['promote', 'web', '--version', '2', '--environment', 'production', '--timeout', '2m'],
  ...more,
];

for (const kind of forgeKinds)
  test(`at ${kind} a request is opened, merged when it may be, and the canary followed`, async (t) => {
    const own = home(t);
    const repo = repository(own, { [file]: requirements('1') });
    const forge = await forgeServer(t, kind, own, repo);
    const kube = await clusterOf(() => /version: "?(\w+)/.exec(repo.file(file))?.[1] ?? '');
    const around = { env: { GIT_TOKEN: secret }, kube };
    const how = words(
      '--repo',
      forge.repo,
      '--forge',
      kind,
      ...(kind === 'bitbucket' ? ['--api', `${forge.url}/2.0`] : []),
    );
    const asked = await serin(own, [...how, '--no-wait'], around);
    equal(asked.code, 0, asked.err);
    const [request] = forge.requests;
    ok(request !== undefined);
    equal(repo.file(file, request.branch), requirements('2').replace(': 2 ', ': "2" '));
    equal(repo.file(file), requirements('1'));
    const [name, ...log] = repo.git('log', '-1', '--format=%an <%ae>%n%B', request.branch);
    deepEqual(
      [name, ...log],
      [
        'Ann <ann@example.com>',
        'chore: promote web to 2 in production',
        'Application: web',
        'Version: 2',
        'Environment: production',
      ],
    );
    // Somebody starts the same again, while a check runs.
    request.blocked = kind === 'gitlab' ? 'not_approved' : 'blocked';
    forge.failing.push(503);
    const before = forge.calls.length;
    const merging = serin(own, [...how, '--auto-merge'], around);
    // Looked for, looked at, and looked at again.
    const enough = Promise.withResolvers<undefined>();
    forge.onCall = () => {
      if (forge.calls.length >= before + 6) enough.resolve(undefined);
    };
    await Promise.race([enough.promise, merging]);
    delete request.blocked;
    const merged = await merging;
    equal(merged.code, 0, merged.err + merged.out);
    equal(forge.requests.length, 1);
    deepEqual(forge.wrong, []);
    // What somebody starts a third time is there.
    const again = await serin(own, [...how, '--auto-merge'], around);
    equal(again.code, 0, again.err);
    deepEqual([forge.requests.length, repo.git('rev-list', 'main').length], [1, 2]);
    golden(
      `promote/forges/${kind}.txt`,
      plain([asked, merged, again].map(({ out, err }) => `$ serin promote\n${out}${err}`).join(''), own),
    );
    ok(!`${asked.out}${asked.err}${merged.out}${merged.err}`.includes(secret));
    equal(forge.gitUsers.size, 1);
  });

test('no golden file is left over', () => noStaleGolden('promote/forges'));
