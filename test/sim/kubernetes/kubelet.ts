// The kubelets of all nodes: pods start, become ready or do not, and end, as their image behaves.
import type { JsonObject } from '../../../src/rollout/types.ts';
import { kinds } from '../api/kinds.ts';
import type { SimApi, Write } from '../api/types.ts';
import type { Dice } from '../dice.ts';
import type { Behaviour } from '../mesh/types.ts';
import type { SimTime } from '../time.ts';
import { Hand } from './hand.ts';
import { isLeaving, keyOf, objectOf, type Pod, type PodStatus, stamp } from './objects.ts';
import { Refused } from './work-queue.ts';

/** kubelet's back-off of crashes and pulls: doubled each time. */
const backOffMs = { first: 10_000, most: 300_000 };
const conflictMs = 50;

/** What is said of every container of a pod at one moment. */
interface Moment {
  readonly state: JsonObject;
  readonly restarts?: number;
  readonly hasCrashed?: boolean;
  readonly isReady?: boolean;
}

export class Kubelets {
  readonly #time: SimTime;
  readonly #dice: Dice;
  readonly #api: SimApi;
  readonly #behaviourOf: (image: string) => Behaviour;
  readonly #hands = new Map<string, Hand>();
  /** By uid: takes back what is planned for the pod. */
  readonly #plans = new Map<string, () => void>();
  readonly #leaving = new Set<string>();
  #addresses = 0;

  constructor(time: SimTime, dice: Dice, api: SimApi, behaviourOf: (image: string) => Behaviour) {
    this.#time = time;
    this.#dice = dice;
    this.#api = api;
    this.#behaviourOf = behaviourOf;
  }

  /** Told of every write. */
  see({ resource, object, type }: Write): void {
    if (resource.plural !== 'pods') return;
    const pod = object as Pod;
    const { uid } = pod.metadata;
    if (type === 'DELETED') {
      this.#plans.get(uid)?.();
      this.#plans.delete(uid);
      this.#leaving.delete(uid);
    } else if (isLeaving(pod)) {
      if (!this.#leaving.has(uid)) this.#leave(pod);
    } else if (type === 'ADDED' && pod.spec.nodeName !== undefined) {
      this.#start(pod);
    }
  }

  /** One pod does one thing at a time: what was planned before is no more. */
  #plan({ metadata }: Pod, ms: number, run: () => void): void {
    this.#plans.get(metadata.uid)?.();
    this.#plans.set(metadata.uid, this.#time.after(ms, run));
  }

  /** Ends with its grace period; at once where it never ran. */
  #leave(pod: Pod): void {
    this.#leaving.add(pod.metadata.uid);
    const grace = pod.metadata['deletionGracePeriodSeconds'];
    const hasRun = pod.status?.phase === 'Running';
    const ms = hasRun && typeof grace === 'number' ? grace * 1000 : this.#dice.between(10, 100);
    this.#plan(pod, ms, () => void this.remove(pod));
  }

  /** The pod is no more, without any grace. */
  async remove(pod: Pod): Promise<void> {
    await this.#handOf(pod)
      .delete(kinds.pods, pod, 0)
      .catch((error: unknown) => {
        // Another object has its name by now.
        if (!(error instanceof Refused)) throw error;
      });
  }

  #handOf({ spec }: Pod): Hand {
    const node = spec.nodeName ?? '';
    const known = this.#hands.get(node);
    if (known !== undefined) return known;
    const hand = new Hand(this.#api, { username: `system:node:${node}`, manager: 'kubelet' });
    this.#hands.set(node, hand);
    return hand;
  }

  #start(pod: Pod): void {
    const { start, readyMs } = this.#behaviourOf(pod.spec.containers[0]?.image ?? '');
    const startMs = Math.min(readyMs, this.#dice.between(100, 900));
    this.#addresses += 1;
    const ip = `10.244.${this.#addresses >> 8}.${this.#addresses & 255}`;
    const startedAt = stamp(this.#time.now + startMs);
    const running = { state: { running: { startedAt } } };
    const run: Record<Behaviour['start'], () => void> = {
      ok: () =>
        this.#say(pod, ip, running, readyMs - startMs, () =>
          this.#say(pod, ip, { ...running, isReady: true }),
        ),
      never: () => this.#say(pod, ip, running),
      crash: () => this.#crash(pod, ip, 0),
      missing: () => this.#pull(pod, ip, 0),
    };
    this.#plan(pod, startMs, run[start]);
  }

  /** Starts for the `restarts`-th time, and ends soon; the first restart is at once, each later one waits longer. */
  #crash(pod: Pod, ip: string, restarts: number): void {
    const startedAt = stamp(this.#time.now);
    const again = { restarts, hasCrashed: restarts > 0 };
    this.#say(pod, ip, { state: { running: { startedAt } }, ...again }, this.#dice.between(300, 1500), () => {
      if (restarts === 0) return this.#crash(pod, ip, 1);
      const waitMs = backOff(restarts - 1);
      const message = `back-off ${waitMs / 1000}s restarting failed container`;
      const waiting = { waiting: { reason: 'CrashLoopBackOff', message } };
      this.#say(pod, ip, { state: waiting, restarts, hasCrashed: true }, waitMs, () =>
        this.#crash(pod, ip, restarts + 1),
      );
    });
  }

  /** Asks for an image that is not there, again and again, each time later. */
  #pull(pod: Pod, ip: string, tries: number): void {
    const state = { waiting: { reason: 'ErrImagePull', message: 'not found' } };
    this.#say(pod, ip, { state }, this.#dice.between(500, 1500), () => {
      const waiting = { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image' } };
      this.#say(pod, ip, { state: waiting }, backOff(tries), () => this.#pull(pod, ip, tries + 1));
    });
  }

  /** Writes how the pod does, and plans what comes next. */
  #say(pod: Pod, ip: string, moment: Moment, nextMs = 0, next?: () => void): void {
    const now = objectOf(this.#api, 'pods', keyOf(pod));
    if (now === undefined || now.metadata.uid !== pod.metadata.uid || isLeaving(now)) return;
    const status = statusOf(now, ip, moment, stamp(this.#time.now));
    if (next !== undefined) this.#plan(pod, nextMs, next);
    this.#handOf(pod)
      .update(kinds.pods, { ...now, status }, 'status')
      .catch((error: unknown) => {
        if (!(error instanceof Refused)) throw error;
        if (error.status === 409) this.#time.after(conflictMs, () => this.#sayAgain(pod, status));
      });
  }

  #sayAgain(pod: Pod, status: PodStatus): void {
    const now = objectOf(this.#api, 'pods', keyOf(pod));
    if (now === undefined || now.metadata.uid !== pod.metadata.uid) return;
    void this.#handOf(pod)
      .update(kinds.pods, { ...now, status }, 'status')
      .catch(() => undefined);
  }
}

function backOff(times: number): number {
  return Math.min(backOffMs.first * 2 ** times, backOffMs.most);
}

function statusOf({ spec, status }: Pod, ip: string, moment: Moment, at: string): PodStatus {
  const { state, restarts = 0, hasCrashed = false, isReady = false } = moment;
  const hasRun = status?.phase === 'Running' || state['running'] !== undefined;
  const readiness = isReady ? 'True' : 'False';
  const condition = (type: string, value: string) => {
    const before = status?.conditions?.find((each) => each.type === type);
    if (before?.status === value) return before;
    return { type, status: value, lastTransitionTime: at };
  };
  const lastState = hasCrashed
    ? { lastState: { terminated: { exitCode: 1, reason: 'Error', finishedAt: at } } }
    : {};
  return {
    ...status,
    phase: hasRun ? 'Running' : 'Pending',
    conditions: [
      condition('Initialized', 'True'),
      condition('Ready', readiness),
      condition('ContainersReady', readiness),
      condition('PodScheduled', 'True'),
    ],
    podIP: ip,
    containerStatuses: spec.containers.map(({ name, image }) => ({
      ...{
        name,
        image,
        ready: isReady,
        started: state['running'] !== undefined,
        restartCount: restarts,
        state,
      },
      ...lastState,
    })),
  };
}
