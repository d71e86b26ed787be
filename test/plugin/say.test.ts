// What a person tells a rollout: written as they are, of the rollout that they saw.
import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { writeCommand } from '../../src/config/asked-command.ts';
import { writeState } from '../../src/config/state.ts';
import { type KubeObject, resources } from '../../src/kube/objects.ts';
import { exit } from '../../src/plugin/verb.ts';
import type { Verb } from '../../src/rollout/command.ts';
import type { JsonObject } from '../../src/rollout/types.ts';
import { type MemoryKube, memoryKube } from '../rig/memory-kube.ts';
import { mainOf, revisions, states } from '../report/shop.ts';
import { terminal } from './terminal.ts';

interface Stand {
  readonly kube: MemoryKube;
  /** Of the patches that were tried, as they came. */
  readonly bodies: JsonObject[];
  /** Merges that into the metadata of the Deployment, whatever its version. */
  readonly somebodyWrites: (metadata: JsonObject) => Promise<void>;
}

/** A shop on trial whose webhook stamps what is said as ann's, unless there is none. */
async function shop(stamps = true): Promise<Stand> {
  const kube = memoryKube();
  await kube.create(resources.deployments, 'shop', mainOf({ state: states.onTrial }));
  const bodies: JsonObject[] = [];
  const store = kube.patch.bind(kube);
  kube.patch = async (resource, namespace, name, patch) => {
    if (patch.type !== 'merge') throw new Error('a merge patch was to be sent');
    bodies.push(patch.body);
    const written = await store(resource, namespace, name, patch);
    return stamps ? stamped(written) : written;
  };
  const somebodyWrites: Stand['somebodyWrites'] = async (metadata) => {
    // Once is enough, and this is no call of ours.
    kube.before = () => undefined;
    const main = await kube.get(resources.deployments, 'shop', 'web');
    const resourceVersion = main?.metadata.resourceVersion ?? '';
    const body = { metadata: { resourceVersion, ...metadata } };
    await store(resources.deployments, 'shop', 'web', { type: 'merge', body });
  };
  return { kube, bodies, somebodyWrites };
}

function stamped(written: KubeObject): KubeObject {
  const said = written.metadata.annotations?.['serin.dev/command'] ?? '';
  const { do: verb, ...more } = JSON.parse(said) as { do: Verb; reason?: string; to?: string };
  const text = writeCommand({ v: 1, do: verb, actor: 'ann', revision: revisions.candidate, ...more });
  return { ...written, metadata: { ...written.metadata, annotations: { 'serin.dev/command': text } } };
}

const says: { readonly [line: string]: readonly [said: JsonObject, told: RegExp] } = {
  'promote web': [
    { do: 'promote' },
    /^web: ann says promote to revision \w{10}: its analysis ends as passed\n$/,
  ],
  'abort deploy/web --reason slow': [{ do: 'abort', reason: 'slow' }, /\(slow\): it is given up as failed/],
  'pause web': [{ do: 'pause' }, /its weight holds; checks go on/],
  'resume web': [{ do: 'resume' }, /it goes on/],
  'retry web': [{ do: 'retry' }, /tried again from the start/],
  'rollback web --to abcdef': [{ do: 'rollback', to: 'abcdef' }, /says rollback to revision abcdef/],
};

for (const [line, [said, told]] of Object.entries(says))
  test(`kubectl canary ${line}`, async () => {
    const { kube, bodies } = await shop();
    const { does, said: heard } = terminal({ kube });
    equal(await does(line), exit.done, heard.err);
    const command = JSON.stringify(said);
    // Bound to the very object and version that was read.
    const metadata = { uid: 'uid-1', resourceVersion: '1', annotations: { 'serin.dev/command': command } };
    deepEqual(bodies, [{ metadata }]);
    match(heard.out, told);
  });

test('a conflict is tried again', async () => {
  const { kube, bodies, somebodyWrites } = await shop();
  kube.before = ({ verb }) => (verb === 'patch' ? somebodyWrites({ labels: { a: 'b' } }) : undefined);
  const { does } = terminal({ kube });
  equal(await does('abort web'), exit.done);
  equal(bodies.length, 2);
});

test('of another rollout than the one that was seen nothing is said', async () => {
  const { kube, bodies, somebodyWrites } = await shop();
  const state = writeState({ ...states.onTrial, revision: 'another' });
  const another = { annotations: { 'serin.dev/state': state } };
  kube.before = ({ verb }) => (verb === 'patch' ? somebodyWrites(another) : undefined);
  const { does, said } = terminal({ kube });
  equal(await does('promote web'), exit.failed);
  match(said.err, /was written meanwhile\n/);
  equal(bodies.length, 1);
});

test('where nothing was ever on trial, or there is no such Deployment, nothing is written', async () => {
  const kube = memoryKube();
  await kube.create(resources.deployments, 'shop', mainOf({}));
  const { does, said } = terminal({ kube });
  equal(await does('promote web'), exit.failed);
  equal(await does('promote wep'), exit.failed);
  deepEqual(said.err.split('\n'), [
    'cannot promote web: nothing of it was ever on trial; kubectl canary status web says more',
    'no Deployment wep in namespace shop; did you mean web?',
    '',
  ]);
  equal(kube.writes.length, 1);
});

test('what nobody stamped is not said to be heard', async () => {
  const { kube } = await shop(false);
  const { does, said } = terminal({ kube });
  equal(await does('abort web'), exit.failed);
  match(said.err, /abort was written, and Serin did not take it/);
});

test('with --wait it comes back once it is so, and in time where it never is', async () => {
  const { kube, somebodyWrites } = await shop();
  kube.watch = async function* () {
    // Nothing is told.
  };
  const { does, said, clock } = terminal({ kube });
  const asked = does('pause web --wait --timeout 30s');
  await clock.advance(5_000);
  const paused = { ...states.onTrial, pause: { actor: 'ann', at: 1 } };
  await somebodyWrites({ annotations: { 'serin.dev/state': writeState(paused) } });
  await clock.advance(10_000);
  equal(await asked, exit.done);
  match(said.out, /on trial, paused/);
  const late = does('resume web --wait --timeout 10s');
  await clock.advance(60_000);
  equal(await late, exit.undecided);
  match(said.err, /web: not heeded after 10s; its Events say why/);
});
