// One view of the world for all invariants, kept up to date by what is written.
import { type KubeObject, resources } from '../../../src/kube/objects.ts';
import type { State } from '../../../src/rollout/types.ts';
import type { Write } from '../api/types.ts';
import type { World } from '../types.ts';
import { Capacity } from './capacity.ts';
import { Lately, lookMs } from './lately.ts';
import { annotation, isBySerin, isOf, isOfRoute, isTwin, keyOf, stateOf } from './reading.ts';
import { notesOf, servicesAdded, TwinServices } from './routes.ts';

/** Deployments with their twins and weights, by the uid of the Deployment. Listeners made after it see each write in it. */
export class View {
  readonly twinServices: TwinServices;
  readonly capacity: Capacity;
  /** The state of each main, as it was of late. */
  readonly states: Lately<State | undefined>;
  /** What each main says of its plan. */
  readonly plans: Lately<string>;
  /** The weight that the routes of each main have asked for of late: the highest of them. */
  readonly weights: Lately<number>;
  /** Whether they send it requests at all: by a weight, or those of some users whatever the weight. */
  readonly served: Lately<boolean>;
  readonly #mains = new Map<string, KubeObject>();
  readonly #twins = new Map<string, KubeObject>();
  readonly #routes = new Map<string, KubeObject>();
  /** When somebody other than Serin last wrote a route, by namespace. */
  readonly #meddled = new Map<string, number>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
    this.states = new Lately(world.time);
    this.plans = new Lately(world.time);
    this.weights = new Lately(world.time, Math.max(lookMs, 2 * world.settleMs));
    this.served = new Lately(world.time, Math.max(lookMs, 2 * world.settleMs));
    this.twinServices = new TwinServices(world.api);
    this.capacity = new Capacity(world);
    world.api.onWrite((write) => this.#take(write));
  }

  /** Every Deployment that is no twin. */
  get mains(): readonly KubeObject[] {
    return [...this.#mains.values()];
  }

  main(uid: string | undefined): KubeObject | undefined {
    return this.#mains.get(uid ?? '');
  }

  /** The twin of the Deployment with that uid. */
  twin(uid: string): KubeObject | undefined {
    return this.#twins.get(uid);
  }

  /** Objects that route as they are now. */
  get routes(): readonly KubeObject[] {
    return [...this.#routes.values()];
  }

  /** True where a person's hand was in the routes of a namespace of late: what is found there need not be Serin's doing. */
  isMeddled(namespace: string | undefined, windowMs: number): boolean {
    const at = this.#meddled.get(namespace ?? '');
    return at !== undefined && this.#world.time.now - at <= windowMs;
  }

  #take(write: Write): void {
    if (isOf(write, resources.deployments)) this.#takeDeployment(write.object, write.type === 'DELETED');
    if (isOfRoute(write)) this.#takeRoutes(write);
  }

  #takeDeployment(object: KubeObject, isGone: boolean): void {
    const of = isTwin(object) ? this.#twins : this.#mains;
    const uid = annotation(object, 'serin.dev/twin-of') ?? object.metadata.uid;
    if (isGone) of.delete(uid);
    else of.set(uid, object);
    if (!isTwin(object)) this.plans.set(uid, annotation(object, 'serin.dev/canary') ?? '');
    if (!isTwin(object)) this.states.set(uid, isGone ? undefined : stateOf(object));
  }

  #takeRoutes(write: Write): void {
    const { object, type } = write;
    const before = this.#routes.get(keyOf(object));
    if (type === 'DELETED') this.#routes.delete(keyOf(object));
    else this.#routes.set(keyOf(object), object);
    if (!isBySerin(this.#world, write)) this.#meddled.set(object.metadata.namespace ?? '', write.at);
    const services = [before, object].flatMap((each) => (each === undefined ? [] : notesOf(each)));
    const uids = services.flatMap(({ twinService }) => this.twinServices.ownerOf(twinService) ?? []);
    for (const uid of new Set(uids)) {
      const weight = this.#highest(uid);
      this.weights.set(uid, weight);
      this.served.set(uid, weight > 0 || this.routes.some((each) => this.#sendsSome(each, uid)));
    }
  }

  /** Of all Services that its twin has. */
  #highest(uid: string): number {
    const notes = this.routes
      .flatMap((each) => notesOf(each))
      .filter(({ twinService }) => this.twinServices.ownerOf(twinService) === uid);
    return Math.max(0, ...notes.map(({ weight }) => weight));
  }

  /** True where the route sends some users to the twin, whatever the weight. */
  #sendsSome(route: KubeObject, uid: string): boolean {
    return servicesAdded(route, this.twinServices).some((each) => this.twinServices.ownerOf(each) === uid);
  }
}

const views = new WeakMap<World, View>();

/** The one view of `world`. */
export function viewOf(world: World): View {
  const known = views.get(world);
  if (known !== undefined) return known;
  const view = new View(world);
  views.set(world, view);
  return view;
}
