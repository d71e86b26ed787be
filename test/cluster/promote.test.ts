// `serin promote` on a real control plane with Serin running: the version is set, held and tried, and the exit code is the
// verdict. A promotion through Git is applied here by kubectl, as a GitOps tool does.
import { deepEqual, equal, match } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Told } from '../../src/promote/telling.ts';
import { objectAt } from '../../src/routing/json.ts';
import { home, repository } from '../promote/repositories.ts';
import { openBareLab, prepareLab } from '../rig/lab.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { until } from '../rig/processes.ts';
import { attempt, type Outcome } from '../rig/run-program.ts';
import { imageIn, makeShop } from '../rig/shop-client.ts';
import { patient } from '../rig/shop-lab.ts';

const { stateDir, prepared } = await enterNamespace(prepareLab);
const lab = await openBareLab({
  ...{ stateDir, prepared, settle: '1s', istioApi: true },
  prometheusUrl: 'http://127.0.0.1:9191',
});
after(() => lab.close());
const [quick, tried] = await Promise.all([
  makeShop(lab, 'quick', 'skipAnalysis: true'),
  makeShop(lab, 'tried'),
]);

const root = join(import.meta.dirname, '../..');
const promote = (line: string, env: Readonly<Record<string, string>> = {}): Promise<Outcome> =>
  attempt(process.execPath, [join(root, 'src/main.ts'), 'promote', 'web', ...line.split(' ')], {
    env: { PATH: process.env['PATH'] ?? '', KUBECONFIG: lab.plane.kubeconfigPath, ...env },
  });

test('what Serin promotes is promoted, and the same again is so at once', async () => {
  const line = '-v 2 -e production -n quick --direct --timeout 2m';
  const { code, stdout, stderr } = await promote(line);
  equal(code, 0, stderr);
  match(
    stdout,
    /^change {3}Deployment quick\/web: the tag of its image was 1 and is 2\nsynced {3}Deployment quick\/web, revision \w{10}\n/,
  );
  match(stdout, /\nverdict {2}promoted: \w{10} is live\n$/);
  equal(imageIn(objectAt((await quick.main())['spec'], 'template')), 'shop:2');
  const again = await promote(line);
  equal(again.code, 0, again.stderr);
  match(again.stdout, /^change {3}Deployment quick\/web has 2 already\n/);
});

test('what is given up is a failure, and Git says the earlier version again', async (t) => {
  const own = home(t);
  const file = 'production/web.yaml';
  const repo = repository(own, { [file]: `# The shop.\n${tried.manifest('shop:1')}\n` });
  const applied = join(own.folder, 'applied.yaml');
  const running = promote(
    `-v 2 -e production -n tried --repo ${repo.path} --push --rollback-on-failure -o json --timeout 2m`,
    own.env,
  );
  await until('the version to be pushed', async () => repo.file(file).includes('shop:2'), patient);
  writeFileSync(applied, repo.file(file));
  await tried.does(`apply -f ${applied}`);
  await tried.onTrial();
  const abort = ['canary', 'abort', 'web', '-n', 'tried', '--reason', 'slow'];
  const aborted = await attempt(process.execPath, [join(root, 'src/main.ts'), ...abort], {
    env: { PATH: process.env['PATH'] ?? '', KUBECONFIG: lab.plane.kubeconfigPath },
  });
  equal(aborted.code, 0, aborted.stderr);
  const { code, stdout, stderr } = await running;
  equal(code, 1, stderr);
  const told = JSON.parse(stdout) as Told;
  deepEqual([told.outcome, told.from, told.deployment], ['failed', '1', 'tried/web']);
  match(told.message ?? '', /slow/);
  equal(repo.file(file), `# The shop.\n${tried.manifest('shop:1')}\n`);
});
