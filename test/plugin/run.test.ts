// The command line: what is said wrongly is told all at once, and what an error means is an exit code.
import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { type Code, SerinError } from '../../src/errors.ts';
import { exit } from '../../src/plugin/verb.ts';
import { verbs } from '../../src/plugin/verbs.ts';
import { memoryKube } from '../rig/memory-kube.ts';
import { terminal } from './terminal.ts';

const mistakes: { readonly [line: string]: readonly string[] } = {
  stauts: ['stauts: no such verb; did you mean status?'],
  'help stauts': ['stauts: no such verb; did you mean status?'],
  'status --namspace shop web': ['--namspace: status has no such flag; did you mean --namespace?'],
  'status a b -o xml': [
    '-o: xml given, one of json, yaml, wide wanted',
    'b: not expected, the form is kubectl canary status [NAME]',
  ],
  'wait --timeout soon': [
    '--timeout: soon given, a time as 90s, 10m or 1h30m wanted',
    'wait: NAME is missing, the form is kubectl canary wait NAME',
  ],
  'promote web --wait=yes --reason': ['--wait: takes no value, got yes', '--reason: needs a value (TEXT)'],
  'status web -n a -n b': ['--namespace: said more than once'],
  'abort web --to abc': ['--to: abort has no such flag'],
  'completion tcsh': ['tcsh: one of kubectl, bash, zsh, fish wanted'],
};

for (const [line, expected] of Object.entries(mistakes))
  test(`kubectl canary ${line}: every mistake is told, with what would be right`, async () => {
    const { does, said } = terminal();
    equal(await does(line), exit.usage);
    deepEqual(said.err.trimEnd().split('\n').slice(0, -1), expected);
    match(said.err, /kubectl canary help.* says more\n$/);
    equal(said.out, '');
  });

const codes: { readonly [code in Code]?: readonly [exit: number, hint: RegExp] } = {
  CONFIG_INVALID: [exit.usage, /^it failed\n$/],
  KUBE_FORBIDDEN: [exit.failed, /ask somebody who may give you that right/],
  KUBE_INVALID: [exit.failed, /^it failed\n$/],
  KUBE_UNREACHABLE: [exit.undecided, /is the cluster up/],
  KUBE_BUSY: [exit.undecided, /try again in a moment/],
};

for (const [code, [expected, hint]] of Object.entries(codes))
  test(`${code} of the API server ends in ${expected}, with what to do`, async () => {
    const kube = memoryKube();
    kube.before = () => {
      throw new SerinError(code as Code, 'it failed');
    };
    const { does, said } = terminal({ kube });
    equal(await does('history web'), expected);
    match(said.err, hint);
  });

test('of a refusal by admission only the reason is shown', async () => {
  const kube = memoryKube();
  kube.before = () => {
    const said =
      'cannot patch: admission webhook "x" denied the request: cannot retry web: it is on trial\u001b[2J';
    throw new SerinError('KUBE_INVALID', said);
  };
  const { does, said } = terminal({ kube });
  equal(await does('retry web'), exit.failed);
  equal(said.err, 'cannot retry web: it is on trial\ufffd[2J\n');
});

test('without words, and with --help, it says what there is', async () => {
  for (const line of ['', 'help', '--help', '-h']) {
    const { does, said } = terminal();
    equal(await does(line), exit.done, line);
    for (const { name, summary } of verbs)
      match(said.out, new RegExp(`  ${name}[^]*${summary.slice(0, 20)}`));
  }
});

test('every verb says what it takes, in no more than 120 columns, before anything is asked of a cluster', async () => {
  for (const { name, flags } of verbs) {
    const { does, said } = terminal();
    equal(await does(`${name} --help`), exit.done, name);
    for (const flag of Object.keys(flags)) equal(said.out.includes(`--${flag}`), true, `${name} --${flag}`);
    deepEqual(
      said.out.split('\n').filter((line) => line.length > 120),
      [],
      name,
    );
    const asked = terminal();
    await asked.does(`help ${name}`);
    equal(asked.said.out, said.out);
  }
});

test('flags may stand before the verb, as with kubectl', async () => {
  const { does, said } = terminal({ kube: memoryKube() });
  equal(await does('-n mine history web'), exit.failed);
  equal(said.err, 'no Deployment web in namespace mine\n');
});

test('completion asks for verbs, flags, values and the names there are', async () => {
  const kube = memoryKube();
  const resource = {
    group: 'apps',
    version: 'v1',
    plural: 'deployments',
    kind: 'Deployment',
    namespaced: true,
  };
  for (const name of ['web', 'worker']) await kube.create(resource, 'shop', { metadata: { name } });
  const twin = { name: 'web-canary', annotations: { 'serin.dev/twin-of': 'web' } };
  await kube.create(resource, 'shop', { metadata: twin });
  const asked: { readonly [words: string]: readonly string[] } = {
    sta: ['status'],
    re: ['resume', 'retry'],
    'status w': ['web', 'worker'],
    'status web w': [],
    '-n shop status web': ['web'],
    'status -o ': ['json', 'yaml', 'wide'],
    'status -o j': ['json'],
    'status --na': ['--namespace'],
    'completion z': ['zsh'],
    'nonsense w': ['watch', 'wait'],
  };
  for (const [words, expected] of Object.entries(asked)) {
    const { io, said } = terminal({ kube });
    const { run } = await import('../../src/plugin/run.ts');
    equal(await run(verbs, ['__complete', ...words.split(' ')], io), exit.done);
    const lines = said.out.trimEnd().split('\n');
    deepEqual(
      lines.slice(0, -1).map((line) => line.split('\t')[0]),
      expected,
      words,
    );
    equal(lines.at(-1), ':4');
  }
});

test('where the cluster does not answer nothing is completed, and nothing is said', async () => {
  const { does, said } = terminal();
  equal(await does('__complete status w'), exit.done);
  deepEqual(said, { out: ':4\n', err: '' });
});
