// Every verb of `kubectl canary` on a real control plane with Serin running, called as people call it: by kubectl, with the
// plugin on the PATH.
import { deepEqual, equal, match } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parse } from 'yaml';
import { widthOf } from '../../src/plugin/lines.ts';
import type { Report } from '../../src/report/report.ts';
import { objectAt } from '../../src/routing/json.ts';
import { bundleProgram } from '../package/executable.ts';
import { openBareLab, prepareLab } from '../rig/lab.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { until } from '../rig/processes.ts';
import { attempt, type Outcome } from '../rig/run-program.ts';
import { imageIn, makeShop } from '../rig/shop-client.ts';
import { patient, stateOf } from '../rig/shop-lab.ts';

const { stateDir, prepared } = await enterNamespace(prepareLab);
const lab = await openBareLab({
  ...{ stateDir, prepared, settle: '1s', istioApi: true },
  prometheusUrl: 'http://127.0.0.1:9191',
});
after(() => lab.close());

const root = join(import.meta.dirname, '../..');
const plugins = join(stateDir, 'plugins');
// As it is shipped; each of its many starts is quicker, too.
const program = await bundleProgram(plugins);
for (const [name, words] of [
  ['kubectl-canary', ''],
  ['kubectl_complete-canary', ' __complete'],
] as const)
  writeFileSync(join(plugins, name), `#!/bin/sh\nexec ${process.execPath} ${program}${words} "$@"\n`, {
    mode: 0o755,
  });
const env = {
  PATH: `${plugins}:${process.env['PATH']}`,
  KUBECONFIG: lab.plane.kubeconfigPath,
  COLUMNS: '80',
};

/** Runs kubectl with the words of `line`, and more that may have blanks in them. */
const kubectl = (line: string, ...more: string[]): Promise<Outcome> =>
  attempt(prepared.binaries.kubectl, [...line.split(' '), ...more], { env });
/** Runs the plugin in namespace `told`. */
const canary = (line: string, ...more: string[]): Promise<Outcome> =>
  kubectl(`canary ${line} -n told`, ...more);
const reportIn = async (): Promise<Report> =>
  JSON.parse((await canary('status web -o json')).stdout) as Report;

const [shop, quick] = await Promise.all([
  makeShop(lab, 'told'),
  makeShop(lab, 'quick', 'skipAnalysis: true'),
]);
for (const user of ['dev', 'ops'])
  await lab.kubectl(`-n told create rolebinding ${user} --clusterrole=edit --user=${user}`);
await lab.kubectl('-n told create rolebinding operators --clusterrole=serin-operator --user=ops');

test('before anything was released, status says what is live', async () => {
  const { code, stdout } = await canary('status');
  equal(code, 0);
  match(
    stdout,
    /^told\/web {2}nothing on trial\n\n {10}LIVE\nrevision {2}\w{10}\nimage {5}shop:1\npods {6}\d\/\d ready\n/,
  );
});

test('a release is waited for to its end, by image and by revision', async () => {
  await quick.does('set image deployment/web web=shop:2');
  const waited = await kubectl('canary wait deployment/web -n quick --image shop:2 --timeout 2m');
  equal(waited.code, 0, waited.stderr);
  match(waited.stdout, /web: \w{10} is live\n$/);
  const { revision } = stateOf(await quick.main());
  equal((await kubectl(`canary wait web -n quick --revision ${revision}`)).code, 0);
  const { code, stderr } = await kubectl('canary wait web -n quick --image shop:9 --timeout 1s');
  deepEqual([code, stderr], [2, 'web: not over after 1s: image shop:9 is neither live nor on trial\n']);
});

test('on trial, status shows both versions, the plan, the weight as routed, and what comes next', async () => {
  await shop.does('set image deployment/web web=shop:2');
  await shop.onTrial();
  const { code, stdout } = await canary('status web');
  equal(code, 0);
  match(stdout, /^told\/web {2}on trial, step 1 of 2\nasked for by admin, began \w+ ago\n/);
  match(stdout, /\nimage {5}shop:1 +shop:2\n/);
  match(stdout, /\nplan {6}▸ 20 % {3}· promotion\nweight {4}20 %, as asked for, in VirtualService shop\n/);
  match(stdout, /\nnext {6}in \w+: a check; a pass promotes it\n/);
  match(stdout, /\n└─ Deployment\/web-canary canary +\d\/\d ready\n {3}└─ ReplicaSet/);
  deepEqual(
    stdout.split('\n').filter((line) => widthOf(line) > 80),
    [],
  );
});

test('the same as JSON and YAML, and as one line of the list', async () => {
  const report = await reportIn();
  equal(report.phase, 'Progressing');
  deepEqual(report.weight, { asked: 20, seen: [{ route: 'VirtualService shop', weight: 20 }] });
  const yaml = parse((await canary('status web -o yaml')).stdout) as Report;
  deepEqual([yaml.phase, yaml.weight, yaml.steps], [report.phase, report.weight, report.steps]);
  const { stdout } = await kubectl('canary list -A');
  match(stdout, /^NAMESPACE +NAME +STATE .*\ntold +web +on trial +20 % +1\/2 .*\nquick +web +promoted /);
  const called = await attempt(process.execPath, [join(root, 'src/main.ts'), 'canary', 'list', '-A'], {
    env,
  });
  equal(called.stdout.split('\n')[0], stdout.split('\n')[0]);
});

test('what is not over in time is not known', async () => {
  const { code, stderr } = await canary('wait web --timeout 1s');
  equal(code, 2);
  match(stderr, /^web: not over after 1s: \w{10} on trial/);
});

test('what somebody may not say is refused with who may, and what they may is said in their name', async () => {
  const refused = await canary('promote web --as dev');
  equal(refused.code, 1);
  equal(
    refused.stderr,
    'dev may not promote web: the RBAC verb promote on deployments.serin.dev in told is missing; ask somebody who has it\n',
  );
  const said = await canary('pause web --as dev --wait --timeout 3m', '--reason', 'lunch; "back at 1"');
  equal(said.code, 0, said.stderr);
  match(said.stdout, /^web: dev says pause to revision \w{10} \(lunch; "back at 1"\): its weight holds/);
  match(
    (await canary('status web')).stdout,
    /on trial, step 1 of 2, paused\n.*\nwhy {7}paused by dev: lunch; "back at 1"\n/,
  );
  equal((await canary('resume web --as dev --wait --timeout 3m')).code, 0);
});

test('who may look at Deployments alone is told what they cannot see', async () => {
  await lab.kubectl('-n told create role looker --verb=get,list,watch --resource=deployments.apps');
  await lab.kubectl('-n told create rolebinding looker --role=looker --user=eve');
  const { code, stdout } = await canary('status web --as eve');
  equal(code, 0);
  match(stdout, /\nnot shown, since you may not read it: .*pods/s);
  const { code: none, stderr } = await canary('status web --as nobody');
  equal(none, 1);
  match(
    stderr,
    /User "nobody" cannot get resource "deployments".*\nask somebody who may give you that right/,
  );
});

interface Watched {
  /** What it has written so far. */
  readonly said: () => string;
  /** Stops it as Ctrl-C does; answers its exit code. */
  readonly stop: () => Promise<number | null>;
}

function watching(): Watched {
  const words = [program, 'watch', 'web', '-n', 'told'];
  const child = spawn(process.execPath, words, { env: { ...process.env, ...env } });
  const ended = Promise.withResolvers<number | null>();
  child.on('close', (code) => ended.resolve(code));
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    said += more;
  });
  return {
    said: () => said,
    stop: () => {
      child.kill('SIGINT');
      return ended.promise;
    },
  };
}

test('abort gives it up, wait says that it failed, and watch has told it', async () => {
  const watched = watching();
  const aborted = await canary('abort web --as ops --wait --timeout 3m', '--reason', 'checkout is slow');
  equal(aborted.code, 0, aborted.stderr);
  const waited = await canary('wait web');
  equal(waited.code, 1);
  match(waited.stderr, /^web: .*ops.*checkout is slow/);
  await until('watch to tell the failure', async () => watched.said().includes('told/web failed: '), patient);
  equal(await watched.stop(), 0);
  match(watched.said(), /^\d\d:\d\d:\d\d told\/web .*\n/);
  match(watched.said(), /told\/web failed: .*checkout is slow\n$/);
});

test('retry tries it again, and promote ends that, followed to its end', async () => {
  equal((await canary('retry web --as ops')).code, 0);
  await shop.reaches('Progressing');
  const promoted = await canary('promote web --as ops --wait --timeout 2m');
  equal(promoted.code, 0, promoted.stderr);
  match(promoted.stdout, /\nweb: \w{10} is live\n$/);
  equal((await reportIn()).stable.images[0]?.image, 'shop:2');
});

test('rollback makes what ran before, and the history has it all', async () => {
  const back = await canary('rollback web --as ops --reason INC-4711 --wait --timeout 2m');
  equal(back.code, 0, back.stderr);
  equal(imageIn(objectAt((await shop.main())['spec'], 'template')), 'shop:1');
  const { stdout } = await canary('history web');
  deepEqual(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ +/)[1]),
    ['OUTCOME', 'Failed', 'Succeeded', 'Succeeded'],
  );
});

test('what is said wrongly is told, and kubectl completes verbs and names', async () => {
  const { code, stderr } = await kubectl('canary stauts web');
  deepEqual([code, stderr.split('\n')[0]], [3, 'stauts: no such verb; did you mean status?']);
  const { code: gone, stderr: near } = await canary('status wep');
  deepEqual([gone, near], [1, 'no Deployment wep in namespace told; did you mean web?\n']);
  const names = await kubectl('__complete canary status -n told', '');
  deepEqual(names.stdout.trimEnd().split('\n'), ['web', ':4']);
  const verbs = await kubectl('__complete canary sta');
  match(verbs.stdout, /^status\twhat is live/);
});
