// I14: once nothing goes wrong any more and nobody asks for anything, everything comes to rest, and rests.
import { type KubeObject, names, resources } from '../../src/kube/objects.ts';
import type { JsonObject } from '../../src/rollout/types.ts';
import type { Write } from './api/types.ts';
import { isExcused } from './invariants/i14-liveness.ts';
import { called, routeKinds } from './invariants/reading.ts';
import { deploymentName, namespace } from './manifests.ts';
import type { Report } from './types.ts';
import type { SimWorld } from './world.ts';

/** So long without a write of Serin, and with nothing underway, is rest. */
const stillMs = 20_000;
/** Rest must be found within it: a few times what the longest plan of any history takes. */
const longestMs = 900_000;
/** A watch that fell silent is taken up again within it. */
const heardMs = 120_000;
/** Somewhat longer than the controller's own full look at everything. */
const resyncMs = 310_000;
/** A rollout that waits for what is not there, and has done nothing for so long, is not waited for: longer than any deadline of a plan. */
const stuckMs = 180_000;
/** What that is asked costs; so often is enough. */
const askAgainMs = 10_000;

/** A rollout that is not over. */
interface Underway {
  /** Where it is: its phase and weight. */
  readonly stage: string;
  readonly since: number;
}

export class Rest {
  readonly #world: SimWorld;
  readonly #report: Report;
  /** By the uid of their Deployment. */
  readonly #underway = new Map<string, Underway>();
  readonly #ended: Record<string, number> = {};
  #lastWrite: Write | undefined;
  #calmSince = 0;
  #askAt = 0;
  /** When each Deployment was held by a policy that Serin has not heard of yet, by uid. */
  readonly #held = new Map<string, number>();

  constructor(world: SimWorld, report: Report) {
    this.#world = world;
    this.#report = report;
    world.api.onWrite((write) => this.#take(write));
  }

  /** How many rollouts came to which end. */
  get ended(): Readonly<Record<string, number>> {
    return this.#ended;
  }

  /**
   * Lets time pass until all is still, and then for a while; reports what is not. Whether a rollout that is still open may
   * be so is not for here to say.
   */
  async await(isOver: () => boolean, throughResync: boolean): Promise<void> {
    const { time } = this.#world;
    this.#calmSince = time.now;
    const found = await time.run(time.now + longestMs, () => isOver() || this.#isStill() || this.#isStuck());
    if (isOver() || this.#underway.size > 0) return;
    this.#report.checked();
    if (!found)
      return this.#report.broken(
        `at rest for ${longestMs / 1_000} s, and Serin still writes ${saidOf(this.#lastWrite)}`,
      );
    const left = leftovers(this.#world);
    if (left !== undefined) return this.#report.broken(`at rest, and ${left}`);
    if (!throughResync) return;
    await time.run(time.now + heardMs, isOver);
    const before = this.#lastWrite;
    await time.run(time.now + resyncMs, isOver);
    this.#report.checked();
    const after = this.#lastWrite;
    if (after !== before && after !== undefined)
      this.#report.broken(`at rest, and Serin wrote ${saidOf(after)}`);
  }

  #isStill(): boolean {
    const at = Math.max(this.#calmSince, this.#lastWrite?.at ?? 0);
    const { now } = this.#world.time;
    const isHeld = [...this.#held.values()].some((since) => now - Math.max(since, this.#calmSince) < heardMs);
    return this.#underway.size === 0 && !isHeld && now - at >= stillMs;
  }

  /** Nothing more will come of what is not over, and that is as it should be. */
  #isStuck(): boolean {
    const { now } = this.#world.time;
    if (this.#underway.size === 0 || now < this.#askAt) return false;
    this.#askAt = now + askAgainMs;
    const stood = [...this.#underway.values()].every(
      ({ since }) => now - Math.max(since, this.#calmSince) >= stuckMs,
    );
    return stood && [...this.#underway.keys()].every((uid) => isExcused(this.#world, uid));
  }

  #take(write: Write): void {
    const { call, resource } = write;
    if (call.caller.username === this.#world.serin && resource.kind !== 'Lease') this.#lastWrite = write;
    if (resource.kind === 'Deployment') this.#takeDeployment(write);
  }

  #takeDeployment({ type, object, previous }: Write): void {
    const { uid } = object.metadata;
    const [now, before] = [object, previous].map((each) => each?.metadata.annotations?.[names.state]);
    if (type === 'DELETED' || object.metadata.annotations?.[names.heldBy] === undefined)
      this.#held.delete(uid);
    else if (!this.#held.has(uid)) this.#held.set(uid, this.#world.time.now);
    if (type === 'DELETED') this.#underway.delete(uid);
    else if (now !== before) this.#entered(uid, now, before);
  }

  #entered(uid: string, state: string | undefined, stateBefore: string | undefined): void {
    const [phase, before] = [phaseOf(state), phaseOf(stateBefore)];
    if (phase !== undefined && !isEnd(phase)) {
      const stage = `${phase} ${weightOf(state)}`;
      if (this.#underway.get(uid)?.stage !== stage)
        this.#underway.set(uid, { stage, since: this.#world.time.now });
      return;
    }
    this.#underway.delete(uid);
    if (phase !== undefined && phase !== before) this.#ended[phase] = (this.#ended[phase] ?? 0) + 1;
  }
}

function isEnd(phase: string): boolean {
  return phase === 'Succeeded' || phase === 'Failed' || phase === 'Aborted';
}

function phaseOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : /"phase":"([^"]+)"/.exec(text)?.[1];
}

function weightOf(text: string | undefined): string {
  return /"weight":(\d+)/.exec(text ?? '')?.[1] ?? '';
}

/** What a rollout that is over has left behind, in words. */
function leftovers({ api }: SimWorld): string | undefined {
  // What waits for its last pods to go is as good as gone.
  const canary = ({ metadata }: KubeObject): boolean =>
    metadata.name === `${deploymentName}-canary` && !('deletionTimestamp' in metadata);
  const twin = api.list(resources.deployments, namespace).find(canary);
  if (twin !== undefined) return `the twin is still there (${JSON.stringify(twin['status'] ?? {})})`;
  if (api.list(resources.services, namespace).some(canary)) return "the twin's Service is still there";
  const route = routeKinds.flatMap((kind) => api.list(kind, namespace)).find((each) => isSplit(each));
  return route === undefined ? undefined : `${called(route)} still holds a trace of the canary`;
}

function isSplit(route: JsonObject): boolean {
  const text = JSON.stringify({
    ...route,
    metadata: { ...(route['metadata'] as JsonObject), managedFields: null },
  });
  return text.includes(`${deploymentName}-canary`) || text.includes('"name":"web-serin"');
}

function saidOf(write: Write | undefined): string {
  if (write === undefined) return 'nothing';
  const { type, resource, object } = write;
  return `${type} ${resource.kind} ${object.metadata.name}`;
}
