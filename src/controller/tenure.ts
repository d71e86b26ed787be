import type { Clock, Random } from '../clock.ts';
import { hasCode } from '../errors.ts';
import { retryingConflicts } from '../kube/conflict.ts';
import type { Kube } from '../kube/kube.ts';
import { type KubeObject, resources } from '../kube/objects.ts';
import { within } from '../kube/stream.ts';
import type { JsonObject } from '../rollout/types.ts';
import { claimOf, type LeaseSeen, microTime, readLease } from './lease-record.ts';

/** A Lease, and who we are to it. */
export interface LeaseOptions {
  readonly kube: Pick<Kube, 'get' | 'create' | 'patch'>;
  readonly clock: Clock;
  readonly random: Random;
  /** Where the Lease is, and what it is called. */
  readonly namespace: string;
  readonly name: string;
  /** Of this process: no other that runs may have the same. */
  readonly identity: string;
  /** Told of each failure to read or write the Lease; nothing is given up for it. */
  readonly onFailure?: (error: unknown) => void;
}

// Shorter than the lease (15 s), so that a leader has stopped a while before the next may begin.
const renewDeadlineMs = 10_000;
const renewEachMs = 2_000;
// An API server that swallows a request must not cost more than one of the tries.
const renewalLimitMs = 4_000;

/** What the Lease says now; undefined where there is none. */
export async function readOwnLease({ kube, namespace, name }: LeaseOptions): Promise<LeaseSeen | undefined> {
  const lease = await kube.get(resources.leases, namespace, name);
  return lease === undefined ? undefined : readLease(lease);
}

/**
 * One time of holding the Lease. It is lost when no renewal that was begun in the last ten seconds got through; these
 * are slept, not read off a clock that may step.
 */
export class Tenure {
  readonly #lease: LeaseOptions;
  readonly #fence: number;
  /** When the last renewal that got through was begun, by our own clock. */
  #renewedAt: number;
  /** Aborts when the Lease is no longer ours to renew, or need not be. */
  readonly #over = new AbortController();
  #countdown: AbortController;
  #version = '';
  #isLost = false;

  private constructor(lease: LeaseOptions, fence: number) {
    this.#lease = lease;
    this.#fence = fence;
    this.#countdown = this.#startCountdown();
    this.#renewedAt = lease.clock.now();
  }

  /** Takes the Lease that was seen so, or makes it; KUBE_CONFLICT where another was quicker. */
  static async take(lease: LeaseOptions, seen: LeaseSeen | undefined): Promise<Tenure> {
    const { kube, clock, namespace, name, identity } = lease;
    const fence = (seen?.transitions ?? 0) + 1;
    const spec = claimOf(identity, fence, clock.now());
    // Begun before the write: others count from when it arrives, so we must not count from later.
    const tenure = new Tenure(lease, fence);
    try {
      if (seen === undefined) {
        const body = {
          apiVersion: 'coordination.k8s.io/v1',
          kind: 'Lease',
          metadata: { namespace, name },
          spec,
        };
        tenure.#wrote(await kube.create(resources.leases, namespace, body));
      } else {
        tenure.#wrote(await tenure.#write(seen.resourceVersion, spec));
      }
      return tenure;
    } catch (error) {
      tenure.#end();
      throw error;
    }
  }

  /**
   * Does `work` while the Lease is kept; its signal aborts when the Lease is lost or `signal` aborts. The Lease is kept
   * until `work` has returned, then given free. Answers whether it was lost.
   */
  async spend(
    work: (signal: AbortSignal, fence: number, holds: () => boolean) => Promise<void>,
    signal: AbortSignal,
  ): Promise<'lost' | 'done'> {
    const stop = new AbortController();
    const onStop = (): void => stop.abort();
    signal.addEventListener('abort', onStop);
    this.#over.signal.addEventListener('abort', onStop);
    const keeping = this.#keep();
    try {
      if (!signal.aborted && !this.#isLost) await work(stop.signal, this.#fence, () => this.#holds());
    } finally {
      signal.removeEventListener('abort', onStop);
      this.#end();
      await keeping;
      await this.#release();
    }
    return this.#isLost ? 'lost' : 'done';
  }

  async #keep(): Promise<void> {
    const { clock } = this.#lease;
    for (;;) {
      await clock.sleep(renewEachMs, this.#over.signal);
      if (this.#over.signal.aborted) return;
      await this.#renew();
    }
  }

  async #renew(): Promise<void> {
    const { clock } = this.#lease;
    const countdown = this.#startCountdown();
    const begunAt = clock.now();
    try {
      const renewal = this.#write(this.#version, { renewTime: microTime(clock.now()) });
      this.#wrote(await within(clock, renewalLimitMs, renewal));
      this.#countdown.abort();
      this.#countdown = countdown;
      this.#renewedAt = begunAt;
      if (this.#over.signal.aborted) countdown.abort();
    } catch (error) {
      countdown.abort();
      if (hasCode(error, 'KUBE_CONFLICT') || hasCode(error, 'KUBE_NOT_FOUND')) await this.#look();
      else this.#lease.onFailure?.(error);
    }
  }

  /** Somebody wrote the Lease: it may be another's now, or have got a label, or a renewal of ours arrived unanswered. */
  async #look(): Promise<void> {
    try {
      const seen = await within(this.#lease.clock, renewalLimitMs, readOwnLease(this.#lease));
      if (this.#isOurs(seen)) {
        this.#version = seen.resourceVersion;
      } else {
        this.#lose();
      }
    } catch (error) {
      this.#lease.onFailure?.(error);
    }
  }

  async #release(): Promise<void> {
    const { clock, random, onFailure } = this.#lease;
    try {
      await retryingConflicts(clock, random, async () => {
        const seen = await readOwnLease(this.#lease);
        if (this.#isOurs(seen)) await this.#write(seen.resourceVersion, { holderIdentity: null });
      });
    } catch (error) {
      onFailure?.(error);
    }
  }

  /** A process that stood still may go on before its countdown is heard: then the clock alone knows. */
  #holds(): boolean {
    return !this.#over.signal.aborted && this.#lease.clock.now() < this.#renewedAt + renewDeadlineMs;
  }

  #isOurs(seen: LeaseSeen | undefined): seen is LeaseSeen {
    return seen?.holder === this.#lease.identity && seen.transitions === this.#fence;
  }

  #write(resourceVersion: string, spec: JsonObject): Promise<KubeObject> {
    const { kube, namespace, name } = this.#lease;
    const body = { metadata: { resourceVersion }, spec };
    return kube.patch(resources.leases, namespace, name, { type: 'merge', body });
  }

  #wrote({ metadata }: KubeObject): void {
    this.#version = metadata.resourceVersion;
  }

  #startCountdown(): AbortController {
    const called = new AbortController();
    void this.#lease.clock.sleep(renewDeadlineMs, called.signal).then(() => {
      if (!called.signal.aborted) this.#lose();
    });
    return called;
  }

  #lose(): void {
    this.#isLost = true;
    this.#end();
  }

  #end(): void {
    this.#over.abort();
    this.#countdown.abort();
  }
}
