// One container over all its lives: started, probed, started again when it ends, and told to end with its pod.
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../src/errors.ts';
import { environmentOf, expand } from './environment.ts';
import { findImage, type Host, type Instance } from './images.ts';
import { type ContainerSpec, type Pod, refusal } from './pod.ts';
import { keepProbing } from './probe.ts';
import type { Traffic } from './traffic.ts';
import { type Usage, usageOfProcess, usageOfServed } from './usage.ts';

interface ContainerState {
  readonly waiting?: { readonly reason: string; readonly message?: string };
  readonly running?: { readonly startedAt: string };
  readonly terminated?: Terminated;
}

interface Terminated {
  readonly exitCode: number;
  readonly reason: string;
  readonly startedAt: string;
  readonly finishedAt: string;
}

/** What the kubelet knows of a container. */
export interface Condition {
  readonly state: ContainerState;
  readonly lastState: ContainerState;
  readonly restartCount: number;
  readonly isReady: boolean;
  readonly isStarted: boolean;
}

interface Options {
  readonly pod: Pod;
  readonly podIp: string;
  readonly container: ContainerSpec;
  /** Never restarted after success, and never probed. */
  readonly isInit: boolean;
  readonly host: Host;
  readonly changed: () => void;
}

// The real kubelet begins with 10 s and goes up to 5 min.
const backoffMs = { first: 500, most: 8_000 };
const retryPullMs = 1_000;

export class Container {
  readonly spec: ContainerSpec;
  condition: Condition = {
    state: { waiting: { reason: 'ContainerCreating' } },
    lastState: {},
    restartCount: 0,
    isReady: false,
    isStarted: false,
  };
  /** What every life of it served, where the rig serves. */
  readonly traffic: Traffic[] = [];
  /** Resolves with the exit code when it has ended for good. */
  readonly finished: Promise<number>;
  readonly #options: Options;
  readonly #stopping = new AbortController();
  #instance: Instance | undefined;

  constructor(options: Options) {
    this.#options = options;
    this.spec = options.container;
    this.finished = this.#live();
  }

  /** What its present life has used; undefined while it does not run. */
  usage(): Usage | undefined {
    if (this.#instance === undefined) return undefined;
    const { pid, traffic } = this.#instance;
    return pid === undefined ? usageOfServed(traffic) : usageOfProcess(pid);
  }

  kill(signal: NodeJS.Signals): void {
    this.#instance?.kill(signal);
  }

  /** Ends it: asked first, killed after `graceMs`; resolves when it has ended. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    const instance = this.#instance;
    if (instance !== undefined && graceMs > 0) {
      const timer = setTimeout(() => instance.kill('SIGKILL'), graceMs);
      await instance.stop();
      await this.finished;
      clearTimeout(timer);
    }
    this.#instance?.kill('SIGKILL');
    await this.finished;
  }

  async #live(): Promise<number> {
    for (let failures = 0; ; failures += 1) {
      const instance = await this.#start();
      if (instance === undefined) return 0;
      const startedAt = Date.now();
      const exitCode = await this.#run(instance);
      if (this.#stopping.signal.aborted || !this.#isToRestart(exitCode)) return exitCode;
      if (Date.now() - startedAt > 10 * backoffMs.most) failures = 0;
      const lastState = this.condition.state;
      if (failures > 0) {
        const waiting = { reason: 'CrashLoopBackOff', message: 'back-off restarting failed container' };
        this.#set({ state: { waiting }, lastState });
        await this.#wait(Math.min(backoffMs.first * 2 ** failures, backoffMs.most));
      }
      if (this.#stopping.signal.aborted) return exitCode;
      this.#set({ restartCount: this.condition.restartCount + 1, lastState });
    }
  }

  /** The next life, or undefined when it was stopped before one began. */
  async #start(): Promise<Instance | undefined> {
    while (!this.#stopping.signal.aborted) {
      const started = await this.#tryStart();
      if (!('reason' in started)) return started;
      this.#set({ state: { waiting: started } });
      await this.#wait(retryPullMs);
    }
    return undefined;
  }

  async #tryStart(): Promise<Instance | { readonly reason: string; readonly message: string }> {
    const { pod, podIp, container, host } = this.#options;
    const image = findImage(container);
    if (image === undefined) {
      return { reason: 'ImagePullBackOff', message: `the rig has no image ${container.image}` };
    }
    const refused = refusal(pod, container);
    if (refused !== undefined) return { reason: 'CreateContainerConfigError', message: refused };
    try {
      const env = await environmentOf(host.api, pod, container, podIp);
      const args = (container.args ?? []).map((text) => expand(text, env));
      const podName = pod.metadata.name;
      return await image.start({ tag: image.tag, pod, podName, podIp, container, env, args, host });
    } catch (error: unknown) {
      return { reason: 'CreateContainerConfigError', message: messageOf(error) };
    }
  }

  async #run(instance: Instance): Promise<number> {
    this.#instance = instance;
    if (instance.traffic !== undefined) this.traffic.push(instance.traffic);
    if (this.#stopping.signal.aborted) instance.kill('SIGKILL');
    const startedAt = new Date().toISOString();
    this.#set({ state: { running: { startedAt } } });
    const life = new AbortController();
    void this.#probe(life.signal);
    const exitCode = await instance.ended;
    life.abort();
    this.#instance = undefined;
    const reason = exitCode === 0 ? 'Completed' : 'Error';
    const terminated = { exitCode, reason, startedAt, finishedAt: new Date().toISOString() };
    this.#set({ state: { terminated }, isReady: false, isStarted: false });
    return exitCode;
  }

  async #probe(signal: AbortSignal): Promise<void> {
    if (this.#options.isInit) return this.#set({ isStarted: true });
    const { startupProbe, livenessProbe } = this.spec;
    const readinessProbe = this.spec.readinessProbe ?? findImage(this.spec)?.readiness;
    const kill = (succeeds: boolean): void => (succeeds ? undefined : this.#instance?.kill('SIGKILL'));
    if (startupProbe !== undefined) await this.#untilStarted(startupProbe, signal);
    if (signal.aborted) return;
    this.#set({ isStarted: true, isReady: readinessProbe === undefined });
    const address = this.#options.podIp;
    const common = { address, container: this.spec, signal };
    if (livenessProbe !== undefined) void keepProbing({ ...common, probe: livenessProbe, turned: kill });
    const probe = readinessProbe;
    if (probe !== undefined)
      void keepProbing({ ...common, probe, turned: (isReady) => this.#set({ isReady }) });
  }

  async #untilStarted(probe: NonNullable<ContainerSpec['startupProbe']>, signal: AbortSignal): Promise<void> {
    const done = new AbortController();
    const turned = (succeeds: boolean): void => {
      if (!succeeds) this.#instance?.kill('SIGKILL');
      done.abort();
    };
    const until = AbortSignal.any([signal, done.signal]);
    await keepProbing({ probe, address: this.#options.podIp, container: this.spec, turned, signal: until });
  }

  #isToRestart(exitCode: number): boolean {
    const policy = this.#options.pod.spec.restartPolicy ?? 'Always';
    if (policy === 'Never') return false;
    return exitCode !== 0 || (policy === 'Always' && !this.#options.isInit);
  }

  #set(change: Partial<Condition>): void {
    this.condition = { ...this.condition, ...change };
    this.#options.changed();
  }

  #wait(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: this.#stopping.signal, ref: false }).catch(() => undefined);
  }
}
