// What is said wrongly, and what is found without being said.
import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { parseJx, parseRule } from '../../src/promote/jx.ts';
import { remoteOf } from '../../src/promote/remote.ts';
import { golden, noStaleGolden } from '../golden.ts';
import { memoryKube } from '../rig/memory-kube.ts';
import { home, plain, repository } from './repositories.ts';
import { type Around, serin } from './rig.ts';

const lines: { readonly [name: string]: readonly [line: string, around?: Around] } = {
  nothing: ['promote'],
  'all of it': [
    'promote Web -v a/b -e Prod --repo https://ann:pw@github.com/acme/env --no-wait --rollback-on-failure',
  ],
  'no forge': ['promote web -v 1 -e production --repo https://git.example.com/acme/env'],
  'no token': ['promote web -v 1 -e production --repo git@github.com:acme/env.git'],
  'in the clear': [
    'promote web -v 1 -e production --repo http://gitlab.example.com/acme/env',
    { env: { GIT_TOKEN: 'abcdef' } },
  ],
  'a folder': ['promote web -v 1 -e production --repo /srv/env'],
  'no folder': ['promote web -v 1 -e production --repo ext::sh'],
  direct: ['promote web -v 1+2 -e production --direct --push --path env'],
  'no repository': ['promote web -v 1 -e production'],
  'no settings': ['promote web -v 1 -e production --settings mine.yaml --repo /srv/env --push'],
  'wrong settings': [
    'promote web -v 1 -e prodution',
    {
      files: {
        '.serin.yaml':
          'environments:\n  production:\n    repoo: x\n    kind: helm\n    timeout: soon\n    push: yes\n    apps: {web: {tag: 1}}\n',
      },
    },
  ],
  'another environment': [
    'promote web -v 1 -e prodution',
    { files: { '.serin.yaml': 'environments: {production: {repo: /srv/env, push: true}}\n' } },
  ],
  flags: ['promote web --versoin 1 --kind helm -e'],
};

test('what is said wrongly is told all at once, each with what would be right', async (t) => {
  const own = home(t);
  const told: string[] = [];
  for (const [name, [line, around]] of Object.entries(lines)) {
    const { code, out, err } = await serin(own, line.split(' '), around);
    deepEqual([name, code, out], [name, 3, '']);
    told.push(`# ${name}\n$ serin ${line}\n${err}`);
  }
  golden('promote/asked/mistakes.txt', told.join('\n'));
});

test('help says what there is', async (t) => {
  const { code, out } = await serin(home(t), ['promote', '--help']);
  equal(code, 0);
  golden('promote/asked/help.txt', out);
});

const jx3 = `apiVersion: core.jenkins-x.io/v4beta1
kind: Requirements
spec:
  cluster: {clusterName: c, environmentGitOwner: acme, gitServer: https://gitlab.example.com, gitKind: gitlab}
  environments:
  - {key: dev, repository: cluster}
  - {key: staging}
  - {key: production, owner: ops, repository: environment-production, namespace: shop, remoteCluster: true}
`;
const jx2 = `cluster: {clusterName: c, environmentGitOwner: acme}
environments:
- {key: dev}
- {key: staging, repository: my-staging}
- {key: production}
`;

test('Jenkins X says where its environments are', () => {
  const rows: readonly (readonly [file: string, environment: string, said: unknown])[] = [
    [
      jx3,
      'staging',
      { repo: 'https://gitlab.example.com/acme/cluster.git', namespace: 'jx-staging', forge: 'gitlab' },
    ],
    [
      jx3,
      'production',
      {
        repo: 'https://gitlab.example.com/ops/environment-production.git',
        namespace: 'shop',
        forge: 'gitlab',
      },
    ],
    [jx2, 'staging', { repo: 'https://github.com/acme/my-staging.git', namespace: 'jx-staging' }],
    [
      jx2,
      'production',
      { repo: 'https://github.com/acme/environment-c-production.git', namespace: 'jx-production' },
    ],
    [jx2, 'qa', undefined],
    ['[', 'qa', undefined],
  ];
  for (const [file, environment, said] of rows) deepEqual(parseJx(file, environment).said, said);
});

test('the rule of jx promote in a repository is followed', async (t) => {
  const spec = (text: string) =>
    parseRule(`apiVersion: promote.jenkins-x.io/v1alpha1\nkind: Promote\nspec: ${text}\n`);
  deepEqual(spec('{helmRule: {path: ./charts/env/}}'), { kind: 'chart', path: 'charts/env' });
  deepEqual(spec('{helmRule: {path: .}}'), { kind: 'chart' });
  deepEqual(spec('{helmfileRule: {path: helmfile.yaml}}'), { kind: 'helmfile' });
  deepEqual(spec('{fileRule: {path: Makefile}}'), {});
  deepEqual(parseRule('['), {});
  const own = home(t);
  const repo = repository(own, {
    'charts/env/requirements.yaml': requirements,
    'charts/old/requirements.yaml': requirements,
    '.jx/promote.yaml': 'spec: {helmRule: {path: charts/env}}\n',
  });
  const words = [
    'promote',
    'web',
    '-v',
    '1.1.0',
    '-e',
    'production',
    '--repo',
    repo.path,
    '--push',
    '--no-wait',
  ];
  const said = await serin(own, words);
  equal(said.code, 0, said.err);
  equal(repo.file('charts/env/requirements.yaml'), requirements.replace('1.0.0', '1.1.0'));
});

const requirements = 'dependencies:\n- name: web\n  version: 1.0.0\n';

test('an environment of Jenkins X is promoted to by its name', async (t) => {
  const own = home(t);
  const repo = repository(own, { 'env/requirements.yaml': requirements });
  const kube = memoryKube();
  const environments = {
    group: 'jenkins.io',
    version: 'v1',
    plural: 'environments',
    kind: 'Environment',
    namespaced: true,
  };
  await kube.create(environments, 'jx', {
    metadata: { name: 'production' },
    spec: { namespace: 'jx-production', source: { url: repo.path, ref: 'main' } },
  });
  const words = ['promote', 'web', '-v', '1.1.0', '-e', 'production', '--push', '--no-wait'];
  const said = await serin(own, words, { kube });
  equal(said.code, 0, said.err);
  equal(repo.file('env/requirements.yaml'), requirements.replace('1.0.0', '1.1.0'));
});

test('settings say what flags need not, the version may come from the environment, flags are stronger', async (t) => {
  const own = home(t);
  const repo = repository(own, {
    'prod/app.yaml': 'front:\n  tag: "1"\n',
    'prod/other.yaml': 'front:\n  tag: "1"\n',
  });
  const settings = `environments:
  production:
    repo: ${repo.path}
    path: prod/app.yaml
    push: true
    namespace: shop
    timeout: 5m
    apps:
      web: {deployment: web-server, key: front.tag}
  staging: {repo: /nowhere}
`;
  const around = { files: { '.serin.yaml': settings }, env: { VERSION: '2' } };
  const said = await serin(own, ['promote', 'web', '-e', 'production', '--no-wait'], around);
  deepEqual([said.code, said.err], [0, '']);
  equal(repo.file('prod/app.yaml'), 'front:\n  tag: "2"\n');
  const other = await serin(
    own,
    ['promote', 'web', '-e', 'production', '--no-wait', '--path', 'prod/other.yaml', '-v', '3'],
    around,
  );
  equal(other.code, 0, other.err);
  equal(repo.file('prod/other.yaml'), 'front:\n  tag: "3"\n');
  const waits = await serin(own, ['promote', 'web', '-e', 'production', '--timeout', '1s'], {
    ...around,
    kube: memoryKube(),
  });
  equal(waits.err, 'not over after 1s: Deployment shop/web-server is not there\n');
});

test('a repository that is not there is told, with its address', async (t) => {
  const own = home(t);
  const { code, err } = await serin(own, [
    'promote',
    'web',
    '-v',
    '1',
    '-e',
    'production',
    '--repo',
    `${own.folder}/none`,
    '--push',
  ]);
  equal(code, 1);
  match(plain(err, own), /^cannot clone HOME\/none: .*does not (exist|appear to be a git repository)/);
});

test('addresses of repositories say their forge', () => {
  const rows = {
    'https://github.com/acme/env.git': ['github', 'https://github.com', 'acme/env'],
    'git@github.com:acme/env.git': ['github', 'https://github.com', 'acme/env'],
    'https://gitlab.example.com/a/b/c': ['gitlab', 'https://gitlab.example.com', 'a/b/c'],
    'ssh://git@bitbucket.example.com:7999/KEY/env.git': [
      'bitbucket-server',
      'https://bitbucket.example.com',
      'KEY/env',
    ],
    'https://bitbucket.org/acme/env': ['bitbucket', 'https://bitbucket.org', 'acme/env'],
    'https://codeberg.org/acme/env': ['gitea', 'https://codeberg.org', 'acme/env'],
    'https://git.example.com:8443/acme/env': [undefined, 'https://git.example.com:8443', 'acme/env'],
  };
  for (const [address, wanted] of Object.entries(rows)) {
    const remote = remoteOf(address);
    if (typeof remote === 'string') throw new Error(remote);
    deepEqual([remote.forge?.kind, remote.forge?.host, remote.forge?.path.join('/')], wanted);
  }
});

test('no golden file is left over', () => noStaleGolden('promote/asked'));
