// What people tell a rollout by `serin.dev/command`, on a real control plane with Serin running: who may say what, what the
// terminal says, and what comes of it.
import { deepEqual, equal, match } from 'node:assert/strict';
import { after, test } from 'node:test';
import { readCommand, writeCommand } from '../../src/config/asked-command.ts';
import { readHistory } from '../../src/config/state.ts';
import type { Verb } from '../../src/rollout/command.ts';
import type { HistoryEntry, State } from '../../src/rollout/types.ts';
import { objectAt } from '../../src/routing/json.ts';
import { startGateServer } from '../rig/gate-server.ts';
import { openBareLab, prepareLab } from '../rig/lab.ts';
import { text as manifestText } from '../rig/manifests.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { until } from '../rig/processes.ts';
import type { Outcome } from '../rig/run-program.ts';
import { imageIn, makeShop, type Shop } from '../rig/shop-client.ts';
import { patient, stateOf } from '../rig/shop-lab.ts';

const { stateDir, prepared } = await enterNamespace(prepareLab);
const lab = await openBareLab({
  ...{ stateDir, prepared, settle: '1s', istioApi: true },
  prometheusUrl: 'http://127.0.0.1:9191',
});
after(() => lab.close());
const { plane } = lab;

/** ann may edit Deployments and nothing of Serin's, dev has the role edit, ops is given serin-operator too. */
async function furnish(namespace: string): Promise<void> {
  const give = (user: string, clusterRole: string): Promise<string> =>
    lab.kubectl(
      `-n ${namespace} create rolebinding ${user}-${clusterRole} --clusterrole=${clusterRole} --user=${user}`,
    );
  await lab.kubectl(
    `-n ${namespace} create role deployer --verb=get,patch,update --resource=deployments.apps`,
  );
  await lab.kubectl(`-n ${namespace} create rolebinding ann --role=deployer --user=ann`);
  for (const user of ['dev', 'ops']) await give(user, 'edit');
  await give('ops', 'serin-operator');
}

const heard = await startGateServer({ host: '10.244.255.200' });
after(() => heard.close());

/** Somebody hears of the namespace's rollouts: by the Secret, the Role and the label of the example. */
async function listen(namespace: string): Promise<void> {
  const example = manifestText('manifests/examples/message-secrets.yaml')
    .replaceAll('namespace: shop', `namespace: ${namespace}`)
    .replace('token: change-me', `address: ${heard.url}/messages`);
  await lab.kubectl('apply -f -', example);
  const receivers = [{ name: 'room', type: 'webhook', secretRef: { name: 'slack' } }];
  const data = { 'messages.yaml': JSON.stringify({ receivers }) };
  await lab.kubectl(`-n ${namespace} patch configmap serin --type=merge -p=${JSON.stringify({ data })}`);
}

/** A shop whose shop:2 is on trial, for as long as nobody says anything. */
async function onTrial(namespace: string): Promise<Shop> {
  const shop = await makeShop(lab, namespace);
  await furnish(namespace);
  await listen(namespace);
  await shop.does('set image deployment/web web=shop:2');
  await shop.reaches('Progressing');
  return shop;
}

function say(namespace: string, as: string, text: string, ...more: string[]): Promise<Outcome> {
  const words = ['-n', namespace, 'annotate', 'deployment', 'web', `serin.dev/command=${text}`];
  return plane.kubectl([...words, '--overwrite', ...more], { as });
}

const inTrial = await onTrial('said');
const shop = await onTrial('told');

const may: Readonly<Record<string, readonly Verb[]>> = {
  ann: [],
  dev: ['abort', 'pause'],
  ops: ['promote', 'abort', 'pause'],
};
for (const [who, verbs] of Object.entries(may))
  for (const verb of ['promote', 'abort', 'pause'] as const) {
    const isAllowed = verbs.includes(verb);
    test(`${who} ${isAllowed ? 'may' : 'may not'} say ${verb}`, async () => {
      const { code, stdout, stderr } = await say('said', who, verb, '--dry-run=server', '-o', 'json');
      if (isAllowed) {
        equal(code, 0, stderr);
        const { metadata } = JSON.parse(stdout) as Awaited<ReturnType<Shop['main']>>;
        const { revision } = stateOf(await inTrial.main());
        deepEqual(readCommand(metadata.annotations), { v: 1, do: verb, actor: who, revision });
        return;
      }
      equal(code, 1);
      const why = `${who} may not ${verb} web: the RBAC verb ${verb} on deployments.serin.dev in said is missing; ask somebody who has it`;
      match(stderr, new RegExp(why.replaceAll('.', '\\.')));
    });
  }

test('what makes no sense is refused with what to do in its place', async () => {
  match(
    (await say('said', 'ops', 'retry')).stderr,
    /cannot retry web: .+ is on trial; retry once it has failed/,
  );
  match((await say('said', 'ops', 'ship')).stderr, /do: expected promote or abort or .+, got "ship"/);
  match((await say('said', 'ops', 'abort: a\nb')).stderr, /reason has control characters in it/);
});

/** Comes back when the state is such; what was said is gone by then. */
function heeded(what: string, holds: (state: State) => boolean): Promise<State> {
  const look = async (): Promise<State | false> => {
    const main = await shop.main();
    const state = stateOf(main);
    return holds(state) && main.metadata.annotations?.['serin.dev/command'] === undefined && state;
  };
  return until(what, look, patient);
}
async function says(as: string, text: string): Promise<void> {
  const { code, stderr } = await say('told', as, text);
  equal(code, 0, stderr);
}
async function lastOf(): Promise<HistoryEntry | undefined> {
  const history = readHistory((await shop.main()).metadata.annotations);
  return history === undefined || 'corrupt' in history ? undefined : history.at(-1);
}

test('pause keeps the weight, says who and why, and resume takes it off', async () => {
  const before = stateOf(await shop.main());
  await says('dev', 'pause: lunch');
  const paused = await heeded('the pause', (state) => 'pause' in state);
  const { at, ...pause } = 'pause' in paused && paused.pause !== undefined ? paused.pause : { at: 0 };
  deepEqual(pause, { actor: 'dev', reason: 'lunch' });
  deepEqual(paused, { ...before, pause: { at, ...pause } });
  match(
    (await say('told', 'ops', 'pause')).stderr,
    /cannot pause web: dev has paused it already; resume takes/,
  );
  await says('dev', 'resume');
  await heeded('the end of the pause', (state) => !('pause' in state));
});

test('abort ends the rollout as failed, and kubectl rollout status says why', async () => {
  await says('dev', 'abort: checkout is slow');
  const { phase } = await heeded('the failure', (state) => state.phase === 'Failed');
  equal(phase, 'Failed');
  const { outcome, message } = (await lastOf()) ?? {};
  equal(outcome, 'Failed');
  match(message ?? '', /dev.*checkout is slow/);
  equal((await shop.refused('rollout status deployment/web --timeout=10s')).code, 1);
  const said = JSON.stringify((await shop.main())['status']);
  match(said, /checkout is slow/);
});

test('retry tries it again, and promote ends the trial as passed', async () => {
  await says('ops', 'retry: the other team has mended it');
  await heeded('another trial', (state) => state.phase === 'Progressing');
  await says('ops', 'promote: seen enough');
  await heeded('the promotion', (state) => state.phase === 'Succeeded');
  match((await shop.does('rollout status deployment/web --timeout=30s')).stdout, /successfully rolled out/);
  equal(imageIn(objectAt((await shop.main())['spec'], 'template')), 'shop:2');
  equal((await lastOf())?.outcome, 'Succeeded');
});

test('rollback makes the version before the candidate, and skips what it was proven by', async () => {
  const { revision } = stateOf(await shop.main());
  await says('ops', 'rollback: INC-4711');
  const state = await heeded('the way back', ({ phase, ...of }) => {
    return phase === 'Succeeded' && of.revision !== revision;
  });
  equal(state.stableRevision, revision);
  equal(imageIn(objectAt((await shop.main())['spec'], 'template')), 'shop:1');
  equal((await lastOf())?.actor, 'ops');
});

test('whoever is to hear of it was told each of these, in order', async () => {
  const told = (): readonly string[] =>
    heard.calls
      .map(({ body }) => JSON.parse(body) as { readonly name: string; namespace: string; kind: string })
      .filter(({ namespace, kind }) => namespace === 'told' && kind !== 'progress')
      .map(({ kind }) => kind);
  const ends = ['rolled-back', 'notice', 'started', 'promoted', 'started', 'promoted'];
  const all = ['started', 'paused', 'resumed', ...ends];
  await until('all messages', () => told().length >= all.length, patient);
  deepEqual(told(), all);
});

test('with Serin down no command comes in but one that is stamped as it would have been', async () => {
  await lab.kubectl('-n serin-system scale deployment/serin --replicas=0');
  const ours = (): Promise<{ items: unknown[] }> => plane.api.get('/api/v1/namespaces/serin-system/pods');
  await until('every process of Serin to be gone', async () => (await ours()).items.length === 0, patient);
  const { revision } = stateOf(await inTrial.main());
  const own = writeCommand({ v: 1, do: 'abort', actor: 'dev', revision });
  const unstamped = /serin.dev\/command is stamped by Serin, which is not answering: try again when/;
  const forged = {
    'a word': 'abort',
    'the stamp of another': writeCommand({ v: 1, do: 'abort', actor: 'admin', revision }),
    'a stamp of another rollout': writeCommand({ v: 1, do: 'abort', actor: 'dev', revision: 'a' }),
    'a stamp with two authors': own.replace('}', ',"actor":"admin"}'),
    'a stamp with two verbs': own.replace('}', ',"do":"promote"}'),
    'a stamp with more behind it': `${own}x`,
    'a verb that is none': own.replace('abort', 'ship'),
  };
  for (const [what, text] of Object.entries(forged)) {
    const { code, stderr } = await say('said', 'dev', text);
    equal(code, 1, what);
    match(stderr, unstamped, what);
  }
  match((await say('said', 'dev', own.replace('abort', 'promote'))).stderr, /dev may not promote web/);
  equal((await say('said', 'dev', own)).code, 0);
  // Said is said: nobody takes it away, nor says it anew in the name of another.
  match((await inTrial.refused('annotate deployment web serin.dev/command-')).stderr, unstamped);
  match((await say('said', 'ops', 'pause')).stderr, unstamped);
  match(
    (
      await inTrial.refused(
        'patch deployment web --subresource=status --type=merge -p={"metadata":{"annotations":{"serin.dev/command":null}}}',
      )
    ).stderr,
    /cannot be changed through the status/,
  );
  equal((await inTrial.main()).metadata.annotations?.['serin.dev/command'], own);
});
