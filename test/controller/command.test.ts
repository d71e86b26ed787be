// What the controller does to the Deployment because of a command; what it decides is in test/rollout.
import { deepEqual, equal, match, rejects } from 'node:assert/strict';
import { describe, test } from 'node:test';
import { writeCommand } from '../../src/config/asked-command.ts';
import { readStable } from '../../src/config/stable.ts';
import { readState, writeState } from '../../src/config/state.ts';
import { recordHeld, restoreStable } from '../../src/controller/act-main.ts';
import { goBack, ignoreCommand } from '../../src/controller/command.ts';
import { SerinError } from '../../src/errors.ts';
import { isPaused, templateOf } from '../../src/kube/deployment.ts';
import { type KubeObject, names, resources } from '../../src/kube/objects.ts';
import { revisionOf } from '../../src/kube/revision.ts';
import { reversePatch } from '../../src/rollout/reverse.ts';
import type { HistoryEntry, JsonObject, State } from '../../src/rollout/types.ts';
import { objectAt, without } from '../../src/routing/json.ts';
import { annotated } from '../admission/asking.ts';
import { aTemplate, standing, states, templates } from '../admission/deployments.ts';
import { type MemoryKube, memoryKube } from '../rig/memory-kube.ts';

const { one, two } = templates;
const zero = aTemplate('web:0');
const ran = (template: JsonObject): HistoryEntry => {
  return {
    ...{ revision: revisionOf(template), outcome: 'Succeeded', startedAt: 1, endedAt: 2 },
    ...{ actor: 'ann', message: '' },
  };
};

/** web after its rollout of web:2, with web:0 and web:1 before it, and a command that bob has said. */
function told(state: State, to?: string): JsonObject {
  const command = writeCommand({
    ...{ v: 1, do: 'rollback', actor: 'bob', revision: state.revision },
    ...(to === undefined ? {} : { to }),
  });
  return annotated(standing(state, { template: two, paused: false }), {
    [names.history]: JSON.stringify([ran(zero), ran(one)]),
    [names.stable]: undefined,
    [names.command]: command,
  });
}

/** The same with a failed web:2 in its template, which is held. */
const failed = annotated(standing(states.failed), {
  [names.history]: JSON.stringify([ran(zero), ran(one)]),
  [names.stable]: JSON.stringify(reversePatch(two, one)),
  [names.command]: writeCommand({
    ...{ v: 1, do: 'rollback', actor: 'bob', revision: states.failed.revision, to: revisionOf(zero) },
  }),
});

async function stored(deployment: JsonObject, kept: readonly JsonObject[] = [zero, one, two]) {
  const kube = memoryKube();
  const metadata = without(objectAt(deployment, 'metadata'), 'resourceVersion');
  const main = await kube.create(resources.deployments, 'shop', { ...deployment, metadata });
  for (const template of kept) {
    const meta = objectAt(template, 'metadata');
    const labels = { ...objectAt(meta, 'labels'), 'pod-template-hash': revisionOf(template) };
    await kube.create(resources.replicaSets, 'shop', {
      metadata: {
        ...{ name: `web-${revisionOf(template)}`, namespace: 'shop', labels },
        ownerReferences: [{ kind: 'Deployment', name: 'web', uid: main.metadata.uid }],
      },
      spec: { replicas: 0, template: { ...template, metadata: { ...meta, labels } } },
    });
  }
  return { kube, main };
}

async function now(kube: MemoryKube): Promise<KubeObject> {
  const found = await kube.get(resources.deployments, 'shop', 'web');
  if (found === undefined) throw new Error('web is gone');
  return found;
}

const back: {
  readonly [what: string]: readonly [JsonObject, State, string | undefined, JsonObject, JsonObject];
} = {
  'the one before': [told(states.succeeded), states.succeeded, undefined, one, two],
  'the one that is named': [told(states.succeeded), states.succeeded, revisionOf(zero), zero, two],
  'another than what failed': [failed, states.failed, revisionOf(zero), zero, one],
};
describe('the template of an earlier revision becomes the candidate in one write', () => {
  for (const [what, [deployment, state, to, candidate, stable]] of Object.entries(back))
    test(what, async () => {
      const { kube, main } = await stored(deployment);
      const before = kube.writes.length;
      const { telling } = await goBack(kube, main, state, to);
      const after = await now(kube);
      deepEqual(kube.writes.slice(before), ['patch deployments web']);
      deepEqual(readState(after.metadata.annotations), {
        ...{ v: 1, phase: 'Pending', revision: revisionOf(candidate), stableRevision: revisionOf(stable) },
        ...{ actor: 'bob', ownPause: false, known: true },
      });
      deepEqual(templateOf(after), candidate);
      deepEqual(readStable(after.metadata.annotations, candidate), stable);
      equal(isPaused(after), true);
      equal(names.command in (after.metadata.annotations ?? {}), false);
      equal(telling.message, `bob goes back to revision ${revisionOf(candidate)}, which ran before`);
    });
});

test('the pause of its owner is remembered', async () => {
  const deployment = told(states.succeeded);
  const { kube, main } = await stored({
    ...deployment,
    spec: { ...objectAt(deployment, 'spec'), paused: true },
  });
  const state = readState((await goBack(kube, main, states.succeeded)).main.metadata.annotations);
  equal(state !== undefined && 'ownPause' in state && state.ownPause, true);
});

const gone: { readonly [what: string]: readonly [JsonObject, State, string | undefined, RegExp] } = {
  'whose ReplicaSet is gone': [
    told(states.succeeded),
    states.succeeded,
    revisionOf(one),
    /no ReplicaSet keeps revision \w+ \(spec.revisionHistoryLimit\); apply its template/,
  ],
  'that never ran': [told(states.succeeded), states.succeeded, 'unheard', /revision unheard never ran/],
  'before the first': [
    annotated(told(states.aborted), { [names.history]: undefined }),
    states.aborted,
    undefined,
    /no revision is known that ran before/,
  ],
  'where the way back does not lead to what runs': [
    annotated(failed, { [names.stable]: '[]' }),
    states.failed,
    revisionOf(zero),
    /serin.dev\/stable does not lead back/,
  ],
  'that nobody asks for': [
    annotated(told(states.succeeded), { [names.command]: 'rollback' }),
    states.succeeded,
    undefined,
    /nobody asks for it/,
  ],
};
describe('a command goes, why is told, and nothing else changes, to go back to a revision', () => {
  for (const [what, [deployment, state, to, why]] of Object.entries(gone))
    test(what, async () => {
      const { kube, main } = await stored(deployment, [zero, two]);
      const { telling } = await goBack(kube, main, state, to);
      match(telling.message, why);
      equal(telling.type, 'Warning');
      const after = await now(kube);
      deepEqual(after['spec'], main['spec']);
      deepEqual(after.metadata.annotations, without(main.metadata.annotations ?? {}, names.command));
    });
});

const writes: {
  readonly [what: string]: (kube: MemoryKube, main: KubeObject, state: State) => Promise<unknown>;
} = {
  'a command that is ignored': (kube, main) => ignoreCommand(kube, main, 'why'),
  'a way back': (kube, main, state) => goBack(kube, main, state, revisionOf(zero)),
  'a state': (kube, main, state) => recordHeld(kube, main, state, 'as it is'),
  'a hold': (kube, main, state) => recordHeld(kube, main, state, 'on'),
  'the end of a hold': (kube, main, state) => recordHeld(kube, main, state, 'off'),
  'the stable template': (kube, main, state) => restoreStable(kube, main, state),
};
describe('a command goes with what comes of it, and one that was said since is not lost', () => {
  for (const [what, write] of Object.entries(writes))
    test(what, async () => {
      const { kube, main } = await stored(failed);
      await write(kube, main, states.failed);
      equal(names.command in ((await now(kube)).metadata.annotations ?? {}), false);
      const again = await stored(failed);
      const annotations = { [names.command]: 'another' };
      const body = { metadata: { annotations } };
      await again.kube.patch(resources.deployments, 'shop', 'web', { type: 'merge', body });
      await rejects(write(again.kube, again.main, states.failed), SerinError);
      equal((await now(again.kube)).metadata.annotations?.[names.command], 'another');
    });
});

test('where nobody has said anything, nothing is written of a command', async () => {
  const { kube, main } = await stored(standing(states.progressing));
  const { metadata } = await recordHeld(kube, main, states.waiting, 'as it is');
  deepEqual(metadata.annotations, {
    ...main.metadata.annotations,
    [names.state]: writeState(states.waiting),
  });
});
