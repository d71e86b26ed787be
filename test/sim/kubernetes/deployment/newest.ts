// The ReplicaSet of a Deployment's template: found or made, and kept in step with the Deployment's annotations.
import { kinds } from '../../api/kinds.ts';
import { objectAt } from '../../../../src/routing/json.ts';
import type { JsonObject } from '../../../../src/rollout/types.ts';
import { messageIn } from '../hand.ts';
import { controlledBy, type Deployment, type Labels, objectOf, type ReplicaSet } from '../objects.ts';
import { Refused } from '../work-queue.ts';
import { asked, isRolling, leeway, noted, notes } from './arithmetic.ts';
import type { Job } from './job.ts';
import { hasDeadline, conditionIn } from './status.ts';
import { setOfTemplate, templateHash, withHash } from './template-hash.ts';

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
const deprecatedRollback = 'deprecated.deployment.rollback.to';
/** Annotations that a Deployment and its ReplicaSets each have of their own. */
const ownNotes: ReadonlySet<string> = new Set([lastApplied, deprecatedRollback, ...Object.values(notes)]);

/** An annotation's keys as they are copied from Deployment to ReplicaSet and, by an undo, back. */
export function isOwnNote(key: string): boolean {
  return ownNotes.has(key);
}

/** Finds the set of the template; its annotations, and the Deployment's revision, are written where they are behind. */
export async function findNewest(job: Job): Promise<ReplicaSet | undefined> {
  const { deployment, hand } = job;
  const newest = setOfTemplate(deployment, job.sets);
  if (newest === undefined) return undefined;
  const annotations = notesFor(deployment, newest.metadata.annotations ?? {}, nextRevision(job, newest));
  const { minReadySeconds = 0 } = deployment.spec;
  if (annotations !== undefined || (newest.spec.minReadySeconds ?? 0) !== minReadySeconds) {
    const metadata = annotations === undefined ? newest.metadata : { ...newest.metadata, annotations };
    const spec = { ...newest.spec, minReadySeconds };
    const updated = await hand.update(kinds.replicaSets, { ...newest, metadata, spec });
    job.sets = job.sets.map((set) => (set === newest ? updated : set));
    return updated;
  }
  const isMarked = markRevision(job, newest.metadata.annotations?.[notes.revision] ?? '');
  const isFound = hasDeadline(deployment) && conditionIn(deployment.status, 'Progressing') === undefined;
  if (isFound) {
    const message = `Found new replica set "${newest.metadata.name}"`;
    job.say({ type: 'Progressing', status: 'True', reason: 'FoundNewReplicaSet', message });
  }
  if (isMarked || isFound) await job.writeStatus();
  return newest;
}

/** Makes the set of the template, as large as the strategy lets it be at once. */
export async function makeNewest(job: Job): Promise<ReplicaSet> {
  const { deployment, sets, hand } = job;
  const { collisionCount } = deployment.status ?? {};
  const hash = templateHash(deployment.spec.template, collisionCount);
  const { namespace = '', name } = deployment.metadata;
  const revision = nextRevision(job, undefined);
  const body = newSet(deployment, hash, firstSize(deployment, sets), revision);
  const answer = await hand.ask({
    ...{ verb: 'create', resource: kinds.replicaSets, namespace, body },
    ...{ name: undefined, subresource: undefined },
  });
  const setName = `${name}-${hash}`;
  if (answer.status === 409) return adoptOrCollide(job, setName);
  if (answer.status >= 300) {
    const message = `Failed to create new replica set "${setName}": ${messageIn(answer)}`;
    if (hasDeadline(deployment) && !message.includes('being terminated')) {
      job.say({ type: 'Progressing', status: 'False', reason: 'ReplicaSetCreateError', message });
      await job.writeStatus();
    }
    throw new Refused(answer.status, message);
  }
  const made = answer.body as ReplicaSet;
  job.sets = [...sets, made];
  const isMarked = markRevision(job, revision);
  if (hasDeadline(deployment)) {
    const message = `Created new replica set "${setName}"`;
    job.say({ type: 'Progressing', status: 'True', reason: 'NewReplicaSetCreated', message });
  }
  if (isMarked || hasDeadline(deployment)) await job.writeStatus();
  return made;
}

/** A set of that name is there: ours and of this template, or its hash is taken and the next look takes another. */
async function adoptOrCollide(job: Job, setName: string): Promise<ReplicaSet> {
  const { deployment, api } = job;
  const there = objectOf(api, 'replicaSets', `${deployment.metadata.namespace}/${setName}`);
  const mine = there === undefined ? undefined : setOfTemplate(deployment, [there]);
  if (mine !== undefined && job.sets.includes(mine)) return mine;
  const status = deployment.status ?? {};
  job.deployment = {
    ...deployment,
    status: { ...status, collisionCount: (status.collisionCount ?? 0) + 1 },
  };
  await job.writeStatus();
  throw new Refused(409, `${setName} already exists`);
}

function newSet(deployment: Deployment, hash: string, replicas: number, revision: string): JsonObject {
  const { template, selector, minReadySeconds = 0 } = deployment.spec;
  const { namespace = '', name } = deployment.metadata;
  const labels = withHash(template.metadata?.labels, hash);
  const annotations = notesFor(deployment, {}, revision) ?? {};
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels,
      annotations: { ...annotations, ...sizeNotes(deployment) },
      ownerReferences: [controlledBy(deployment)],
    },
    spec: {
      replicas,
      ...(minReadySeconds === 0 ? {} : { minReadySeconds }),
      selector: {
        ...selector,
        matchLabels: { ...objectAt(selector, 'matchLabels'), 'pod-template-hash': hash },
      },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}

/** What a set is told of the scale it was last given its size for. */
export function sizeNotes(deployment: Deployment): Labels {
  const desired = asked(deployment);
  return { [notes.desired]: String(desired), [notes.most]: String(desired + leeway(deployment).surge) };
}

function firstSize(deployment: Deployment, sets: readonly ReplicaSet[]): number {
  return isRolling(deployment) ? roomFor(deployment, sets, 0) : asked(deployment);
}

/** How large the newest set, now of `size`, may be: within the surge, and never beyond what is asked for. */
export function roomFor(deployment: Deployment, sets: readonly ReplicaSet[], size: number): number {
  const room = asked(deployment) + leeway(deployment).surge - sets.reduce((sum, set) => sum + asked(set), 0);
  return room <= 0 ? size : size + Math.min(room, asked(deployment) - size);
}

function nextRevision({ sets }: Job, newest: ReplicaSet | undefined): string {
  const others = sets.filter((set) => set !== newest);
  return String(1 + Math.max(0, ...others.map((set) => noted(set, notes.revision) ?? 0)));
}

/** A set's annotations in step with the Deployment's, never taking one away; undefined where they are. */
function notesFor({ metadata }: Deployment, current: Labels, revision: string): Labels | undefined {
  const copied = Object.entries(metadata.annotations ?? {}).filter(
    ([key, value]) => !isOwnNote(key) && current[key] !== value,
  );
  const had = current[notes.revision];
  const isBehind = Number(had ?? 0) < Number(revision);
  if (copied.length === 0 && !isBehind) return undefined;
  const past = [current[notes.revisionHistory], had].filter((each) => each !== undefined && each !== '');
  return {
    ...current,
    ...Object.fromEntries(copied),
    ...(isBehind ? { [notes.revision]: revision } : {}),
    ...(isBehind && had !== undefined ? { [notes.revisionHistory]: past.join(',') } : {}),
  };
}

function markRevision(job: Job, revision: string): boolean {
  const { deployment } = job;
  const { annotations } = deployment.metadata;
  if (annotations?.[notes.revision] === revision) return false;
  const metadata = { ...deployment.metadata, annotations: { ...annotations, [notes.revision]: revision } };
  job.deployment = { ...deployment, metadata };
  return true;
}
