// One pod on the rig's node, from its first container to its deletion.
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '../api.ts';
import { Container } from './container.ts';
import type { Host } from './images.ts';
import type { Pod } from './pod.ts';
import { isReady, type PodCondition, statusOf } from './pod-status.ts';

const retryMs = 200;

export class PodRunner {
  readonly pod: Pod;
  readonly podIp: string;
  readonly #host: Host;
  readonly #hostIp: string;
  readonly #startTime = new Date().toISOString();
  #initContainers: Container[] = [];
  #containers: Container[] = [];
  #isInitialised = false;
  #isTerminating = false;
  #isGone = false;
  #isDirty = false;
  #isWriting = false;
  #conditions: readonly PodCondition[] = [];

  constructor(pod: Pod, podIp: string, hostIp: string, host: Host) {
    this.pod = pod;
    this.podIp = podIp;
    this.#hostIp = hostIp;
    this.#host = host;
    void this.#run();
  }

  get containers(): readonly Container[] {
    return this.#containers;
  }

  get isReady(): boolean {
    return this.#isInitialised && isReady(this.#containers);
  }

  /** Ends the pod as a deletion asks: its preStop, then its containers within the grace period, then the object. */
  async terminate(graceSeconds: number): Promise<void> {
    if (this.#isTerminating) return;
    this.#isTerminating = true;
    const deadline = Date.now() + graceSeconds * 1000;
    const all = [...this.#initContainers, ...this.#containers];
    await Promise.all(
      all.map(async (container) => {
        const preStopMs = (container.spec.lifecycle?.preStop?.sleep?.seconds ?? 0) * 1000;
        if (container.condition.state.running !== undefined)
          await sleep(Math.min(preStopMs, deadline - Date.now()));
        await container.stop(Math.max(deadline - Date.now(), 0));
      }),
    );
    await this.#removeObject();
  }

  /** Ends at once what is still running: the object is gone already. */
  async destroy(): Promise<void> {
    this.#isTerminating = true;
    this.#isGone = true;
    await Promise.all([...this.#initContainers, ...this.#containers].map((container) => container.stop(0)));
  }

  async #run(): Promise<void> {
    const { initContainers = [], containers } = this.pod.spec;
    const { pod, podIp } = this;
    const create = (isInit: boolean, spec: (typeof containers)[number]): Container =>
      new Container({
        pod,
        podIp,
        container: spec,
        isInit,
        host: this.#host,
        changed: () => this.#publish(),
      });
    for (const spec of initContainers) {
      const container = create(true, spec);
      this.#initContainers.push(container);
      if ((await container.finished) !== 0 || this.#isTerminating) return;
    }
    this.#isInitialised = true;
    this.#containers = containers.map((spec) => create(false, spec));
    this.#publish();
  }

  #publish(): void {
    this.#isDirty = true;
    if (!this.#isWriting) void this.#write();
  }

  /** Writes until what is written is what is so; states that pass while a write is under way are left out. */
  async #write(): Promise<void> {
    this.#isWriting = true;
    // What changes together is written together.
    await sleep(1);
    while (this.#isDirty && !this.#isGone) {
      this.#isDirty = false;
      const status = this.#status();
      await this.#host.api
        .patch(`${this.#path()}/status`, { metadata: { uid: this.pod.metadata.uid }, status })
        .catch(async (error: unknown) => {
          if (error instanceof ApiError && (error.status === 404 || error.status === 409)) return;
          this.#isDirty = true;
          await sleep(retryMs);
        });
    }
    this.#isWriting = false;
  }

  #status(): object {
    const { pod, podIp } = this;
    const status = statusOf(
      {
        pod,
        podIp,
        hostIp: this.#hostIp,
        startTime: this.#startTime,
        isInitialised: this.#isInitialised,
        initContainers: this.#initContainers,
        containers: this.#containers,
      },
      this.#conditions,
    );
    this.#conditions = (status as { conditions: readonly PodCondition[] }).conditions;
    return status;
  }

  async #removeObject(): Promise<void> {
    const options = { gracePeriodSeconds: 0, preconditions: { uid: this.pod.metadata.uid } };
    while (!this.#isGone) {
      const isDone = await this.#host.api.delete(this.#path(), options).then(
        () => true,
        (error: unknown) => error instanceof ApiError && error.status === 409,
      );
      if (isDone) return;
      await sleep(retryMs);
    }
  }

  #path(): string {
    const { namespace, name } = this.pod.metadata;
    return `/api/v1/namespaces/${namespace}/pods/${name}`;
  }
}
