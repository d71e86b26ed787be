// The Deployment controller of kube-controller-manager.
import { kinds } from '../../api/kinds.ts';
import type { SimApi, Write } from '../../api/types.ts';
import type { Dice } from '../../dice.ts';
import type { SimTime } from '../../time.ts';
import { controllerNamed, Hand } from '../hand.ts';
import {
  controlledBy,
  controllerOf,
  type Deployment,
  isLeaving,
  keyOf,
  neighbours,
  objectOf,
  type ReplicaSet,
} from '../objects.ts';
import { selects } from '../selecting.ts';
import { WorkQueue } from '../work-queue.ts';
import { isRolling } from './arithmetic.ts';
import { cleanUp } from './history.ts';
import { Job } from './job.ts';
import { findNewest } from './newest.ts';
import { roll } from './roll.ts';
import { isScaled, rescale } from './scale.ts';
import {
  conditionIn,
  counted,
  deadlineExceeded,
  hasDeadline,
  isSameStatus,
  patienceMs,
  progressed,
} from './status.ts';

export class DeploymentController {
  readonly #time: SimTime;
  readonly #api: SimApi;
  readonly #hand: Hand;
  readonly #queue: WorkQueue;

  constructor(time: SimTime, dice: Dice, api: SimApi) {
    this.#time = time;
    this.#api = api;
    this.#hand = new Hand(api, controllerNamed('deployment-controller'));
    this.#queue = new WorkQueue(time, dice, (key) => this.#look(key));
  }

  /** Told of every write. */
  see({ resource, object, previous, type }: Write): void {
    if (resource.plural === 'deployments') {
      if (type !== 'DELETED') this.#queue.add(keyOf(object));
    } else if (resource.plural === 'replicasets') {
      this.#seeSet(object);
      if (previous !== undefined && controllerOf(object) === undefined) this.#seeSet(previous);
    } else if (resource.plural === 'pods' && type === 'DELETED') {
      this.#seeGone(object);
    }
  }

  #seeSet(set: Write['object']): void {
    const owner = controllerOf(set);
    const namespace = set.metadata.namespace ?? '';
    if (owner !== undefined) {
      if (owner.kind === 'Deployment') this.#queue.add(`${namespace}/${owner.name}`);
      return;
    }
    for (const deployment of neighbours(this.#api, 'deployments', keyOf(set))) {
      if (selects(deployment, set)) this.#queue.add(keyOf(deployment));
    }
  }

  /** A Recreate waits for the last pod. */
  #seeGone(pod: Write['object']): void {
    const namespace = pod.metadata.namespace ?? '';
    const setName = controllerOf(pod)?.name ?? '';
    const set = objectOf(this.#api, 'replicaSets', `${namespace}/${setName}`);
    const key = `${namespace}/${set === undefined ? '' : (controllerOf(set)?.name ?? '')}`;
    const deployment = objectOf(this.#api, 'deployments', key);
    if (deployment !== undefined && !isRolling(deployment)) this.#queue.add(key);
  }

  async #look(key: string): Promise<number | undefined> {
    const deployment = objectOf(this.#api, 'deployments', key);
    if (deployment === undefined) return undefined;
    const sets = await this.#claim(deployment);
    const job = new Job({ api: this.#api, hand: this.#hand, nowMs: this.#time.now }, deployment, sets);
    if (isLeaving(deployment)) return writeCounts(job, await findNewest(job), false);
    await sayPaused(job);
    const newest = await findNewest(job);
    if (deployment.spec.paused === true || isScaled(job)) {
      await rescale(job, newest);
      if (deployment.spec.paused === true) await cleanUp(job, newest);
      return writeCounts(job, newest, false);
    }
    return writeCounts(job, await roll(job, newest), true);
  }

  /** The sets it controls: takes in orphans that it selects, lets go of those it selects no longer. */
  async #claim(deployment: Deployment): Promise<readonly ReplicaSet[]> {
    const mine: ReplicaSet[] = [];
    for (const set of neighbours(this.#api, 'replicaSets', keyOf(deployment))) {
      const owner = controllerOf(set);
      const isMine = owner?.uid === deployment.metadata.uid;
      if (isMine && selects(deployment, set)) mine.push(set);
      if (isLeaving(deployment) || (owner !== undefined && !isMine)) continue;
      if (isMine && !selects(deployment, set)) await this.#own(set, []);
      if (!isMine && !isLeaving(set) && selects(deployment, set)) {
        mine.push(await this.#own(set, [controlledBy(deployment)]));
      }
    }
    return mine;
  }

  #own(set: ReplicaSet, ownerReferences: readonly ReturnType<typeof controlledBy>[]): Promise<ReplicaSet> {
    return this.#hand.update(kinds.replicaSets, { ...set, metadata: { ...set.metadata, ownerReferences } });
  }
}

/** Says that it is paused, or goes on; a deadline that was exceeded stays said. */
async function sayPaused(job: Job): Promise<void> {
  const { status, spec } = job.deployment;
  const reason = conditionIn(status, 'Progressing')?.reason;
  if (!hasDeadline(job.deployment) || reason === deadlineExceeded) return;
  const isPaused = spec.paused === true;
  if (isPaused === (reason === 'DeploymentPaused')) return;
  const said = isPaused
    ? { reason: 'DeploymentPaused', message: 'Deployment is paused' }
    : { reason: 'DeploymentResumed', message: 'Deployment is resumed' };
  job.say({ type: 'Progressing', status: 'Unknown', ...said });
  await job.writeStatus();
}

/** Writes the status where it is another; answers when a rollout that does not move is to be looked at again. */
async function writeCounts(
  job: Job,
  newest: ReplicaSet | undefined,
  isRollout: boolean,
): Promise<number | undefined> {
  const { deployment, sets, nowMs } = job;
  const counts = counted(deployment, sets, newest, nowMs);
  const status = isRollout ? progressed(deployment, counts, sets, newest, nowMs) : counts;
  if (isSameStatus(deployment.status, status)) return isRollout ? patienceMs(deployment, nowMs) : undefined;
  job.deployment = { ...deployment, status };
  await job.writeStatus();
  return undefined;
}
