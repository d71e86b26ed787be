// One look at one Deployment: what was read, and what is written from it.
import { kinds } from '../../api/kinds.ts';
import type { SimApi } from '../../api/types.ts';
import type { Hand } from '../hand.ts';
import { type Deployment, type ReplicaSet } from '../objects.ts';
import { Refused } from '../work-queue.ts';
import { saying, type Saying } from './status.ts';

export class Job {
  readonly api: SimApi;
  readonly hand: Hand;
  readonly nowMs: number;
  /** With what this look has yet to write. */
  deployment: Deployment;
  /** The Deployment's, kept up with this look's own writes. */
  sets: readonly ReplicaSet[];
  #isStale = false;

  constructor(
    { api, hand, nowMs }: Pick<Job, 'api' | 'hand' | 'nowMs'>,
    deployment: Deployment,
    sets: readonly ReplicaSet[],
  ) {
    this.api = api;
    this.hand = hand;
    this.nowMs = nowMs;
    this.deployment = deployment;
    this.sets = sets;
  }

  say(said: Saying): void {
    const status = saying(this.deployment.status ?? {}, said, this.nowMs);
    this.deployment = { ...this.deployment, status };
  }

  /**
   * Writes status and annotations. The controller goes on with the version it read, so that its second write in one look
   * meets a conflict, and comes with the next look.
   */
  async writeStatus(): Promise<void> {
    if (this.#isStale) throw new Refused(409, 'the object has been modified');
    this.#isStale = true;
    await this.hand.update(kinds.deployments, this.deployment, 'status');
  }
}
