// What a policy held and the controller takes up ends as if the webhook had answered: the two are done side by side.
import { deepEqual, equal, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from '../../src/admission/mutate.ts';
import { adopt, adoptionOf } from '../../src/controller/adopt.ts';
import { hasCode } from '../../src/errors.ts';
import { type KubeObject, names, resources } from '../../src/kube/objects.ts';
import type { Json, JsonObject } from '../../src/rollout/types.ts';
import { objectAt, textAt, without } from '../../src/routing/json.ts';
import { annotated, restarted } from '../admission/asking.ts';
import {
  aDeployment,
  aTemplate,
  changed,
  controller,
  patched,
  standing,
  states,
  templates,
  updating,
} from '../admission/deployments.ts';
import { memoryKube } from '../rig/memory-kube.ts';

const number = 'deployment.kubernetes.io/revision';
const [one, two, three] = [templates.one, templates.two, templates.three];
const annotationsOf = (object: JsonObject): JsonObject =>
  objectAt(objectAt(object, 'metadata'), 'annotations');
const pausedIn = (object: JsonObject): boolean => objectAt(object, 'spec')['paused'] === true;

/** What the webhook makes of the change. */
function answered(old: JsonObject, template: Json, user: string): JsonObject {
  const object = changed(old, { template });
  const verdict = decide(updating(old, object, user), { controller });
  if (verdict.kind === 'deny') throw new Error(verdict.message);
  return patched(object, verdict.patch);
}

/** What manifests/policies/hold.yaml makes of it; test/cluster/down.test.ts has the real one. */
function heldByPolicy(old: JsonObject, template: Json, user: string): JsonObject {
  const before = annotationsOf(old);
  const first = `{"paused":${pausedIn(old)},"revision":"${textAt(before, number) ?? ''}",`;
  const kept = before[names.heldBy] === 'policy' ? textAt(before, names.asked)?.split('"actor":')[0] : first;
  const marks = { [names.heldBy]: 'policy', [names.asked]: `${kept}"actor":"${user}"}` };
  return annotated(changed(old, { template, paused: true }), marks);
}

function setOf(template: JsonObject, revision: string, replicas: number): KubeObject {
  const metadata = objectAt(template, 'metadata');
  const labels = { ...objectAt(metadata, 'labels'), 'pod-template-hash': revision };
  const owner = { kind: 'Deployment', name: 'web', uid: '5e7b' };
  return {
    metadata: {
      ...{ name: `web-${revision}`, namespace: 'shop', uid: revision, resourceVersion: '1' },
      ...{ annotations: { [number]: revision }, ownerReferences: [owner] },
    },
    spec: { replicas, template: { ...template, metadata: { ...metadata, labels } } },
  };
}

function adopted(object: JsonObject, sets: readonly KubeObject[]): JsonObject {
  const adoption = adoptionOf(object as KubeObject, sets);
  if ('why' in adoption) throw new Error(adoption.why);
  const { annotations, paused } = adoption.change;
  const left = annotated(object, { ...annotations, [names.heldBy]: undefined, [names.asked]: undefined });
  return paused === undefined ? left : changed(left, { paused });
}

/** What is compared: everything that is decided. */
const outcome = (object: JsonObject): unknown => [annotationsOf(object), pausedIn(object)];

const sets = [setOf(aTemplate('web:0'), '6', 0), setOf(one, '7', 3)];
const free = annotated(aDeployment(), { [number]: '7' });
const ownPause = { ...states.progressing, ownPause: true };
const rolling = { ...states.rolling, mixed: true, brake: { own: 0, seconds: 30 } } as const;
const rollingBack = { ...states.rollingBack, mixed: true, ownPause: true } as const;

/** Where a Deployment stands, and the templates that are asked of it one after another by ann, bob, ann... */
const cases: Readonly<Record<string, readonly [JsonObject, ...Json[]]>> = {
  'a new template': [free, two],
  'a restart with another image': [free, restarted('web:2')],
  'a template where the owner had paused': [changed(free, { paused: true }), two],
  'a template after a rollout that succeeded': [
    changed(standing(states.succeeded, { paused: false, template: one }), {}),
    two,
  ],
  'a second template before anybody took up the first': [free, two, three],
  'a second one where the owner had paused': [changed(free, { paused: true }), two, three],
  'a third template while one waits': [standing(states.pending), three],
  'a third template while one is on trial': [standing(states.progressing), three],
  'a third and a fourth while one is on trial': [standing(states.progressing), three, aTemplate('web:4')],
  'a third template where the owner had paused': [standing(ownPause), three],
  'a template after a failed one': [standing(states.failed), three],
  'a third template while pods roll in place': [standing(rolling, { paused: false }), three],
  'a third template while the roll in place is held': [standing(rolling), three],
  'the stable template while pods roll in place': [standing(rolling, { paused: false }), one],
  'the stable template while the roll in place is held': [standing(rolling), one],
  'a template while stable rolls over the pods of one that failed': [
    annotated(standing(rollingBack, { paused: false, template: one }), { [number]: '7' }),
    three,
  ],
  'the stable template while one is on trial': [standing(states.progressing), one],
  'the stable template where the owner had paused': [standing(ownPause), one],
  'the stable template after a failed one': [standing(states.failed), one],
};

for (const [what, [old, ...asked]] of Object.entries(cases))
  test(`${what} becomes what the webhook would have made of it`, () => {
    const by = (index: number): string => (index % 2 === 0 ? 'ann' : 'bob');
    const webhook = asked.reduce<JsonObject>((now, template, n) => answered(now, template, by(n)), old);
    const policy = asked.reduce<JsonObject>((now, template, n) => heldByPolicy(now, template, by(n)), old);
    deepEqual(outcome(adopted(policy, sets)), outcome(webhook));
  });

test('an earlier version is tried against what runs, though the Deployment controller counts its ReplicaSet the newest', () => {
  const back = [setOf(one, '9', 0), setOf(two, '8', 3)];
  const old = annotated(changed(free, { template: two }), { [number]: '8' });
  deepEqual(
    outcome(adopted(annotated(heldByPolicy(old, one, 'ann'), { [number]: '9' }), back)),
    outcome(annotated(answered(old, one, 'ann'), { [number]: '9' })),
  );
});

test('where nobody noted which ReplicaSet it was, the newest with pods is stable', () => {
  const old = annotated(free, { [number]: undefined });
  deepEqual(outcome(adopted(heldByPolicy(old, two, 'ann'), sets)), outcome(answered(old, two, 'ann')));
});

test('a change that was taken back before anybody took it up leaves nothing', () => {
  for (const old of [free, changed(free, { paused: true })])
    deepEqual(outcome(adopted(heldByPolicy(heldByPolicy(old, two, 'ann'), one, 'bob'), sets)), outcome(old));
});

test('a candidate on trial that was replaced and is there again goes on with its evidence', () => {
  const old = standing(states.progressing);
  deepEqual(outcome(adopted(heldByPolicy(heldByPolicy(old, three, 'ann'), two, 'bob'), sets)), outcome(old));
});

test('a hold that somebody went around is no candidate any more', () => {
  const gone = changed(heldByPolicy(free, two, 'ann'), { paused: false });
  deepEqual(outcome(adopted(gone, sets)), outcome(changed(free, { paused: false })));
});

const unclear: Readonly<Record<string, readonly [JsonObject, readonly KubeObject[], RegExp]>> = {
  'without a ReplicaSet that has pods': [heldByPolicy(free, two, 'ann'), [], /no ReplicaSet of it has pods/],
  'without the ReplicaSet that the rollout calls stable': [
    heldByPolicy(standing(states.progressing), three, 'ann'),
    [setOf(three, '8', 3)],
    /no ReplicaSet of it has the stable revision/,
  ],
  'without a note of who asked': [
    annotated(free, { [names.heldBy]: 'policy' }),
    sets,
    /serin.dev\/asked is missing/,
  ],
  'with a note that cannot be read': [
    annotated(heldByPolicy(free, two, 'ann'), { [names.asked]: '{' }),
    sets,
    /serin.dev\/asked is not JSON/,
  ],
  'with a state that cannot be read': [
    annotated(heldByPolicy(free, two, 'ann'), { [names.state]: '{' }),
    sets,
    /serin.dev\/state is not JSON/,
  ],
};
for (const [what, [object, there, why]] of Object.entries(unclear))
  test(`${what} it is not guessed what is stable`, () => {
    const adoption = adoptionOf(object as KubeObject, there);
    equal('why' in adoption && why.test(adoption.why), true, JSON.stringify(adoption));
  });

test('it is taken up in one write, and not over what somebody wrote meanwhile', async () => {
  const kube = memoryKube();
  await kube.create(resources.replicaSets, 'shop', setOf(one, '7', 3));
  await kube.create(resources.replicaSets, 'shop', { ...setOf(two, '8', 3), metadata: { name: 'other' } });
  const { metadata, ...rest } = heldByPolicy(free, two, 'ann');
  const body = { ...rest, metadata: without(metadata as JsonObject, 'resourceVersion') };
  const made = await kube.create(resources.deployments, 'shop', body);
  const [set] = (await kube.list(resources.replicaSets, { namespace: 'shop' }))?.items ?? [];
  const ownerReferences = [{ kind: 'Deployment', uid: made.metadata.uid }];
  await kube.patch(resources.replicaSets, 'shop', set?.metadata.name ?? '', {
    ...{ type: 'merge', body: { metadata: { ownerReferences } } },
  });
  kube.writes.length = 0;
  equal(await adopt(kube, made), undefined);
  deepEqual(kube.writes, ['patch deployments web']);
  const now = await kube.get(resources.deployments, 'shop', 'web');
  deepEqual(outcome(now ?? {}), outcome(answered(free, two, 'ann')));
  await rejects(adopt(kube, made), (error) => hasCode(error, 'KUBE_CONFLICT'));
});
