import { type KubeObject, resources } from '../../../src/kube/objects.ts';
import { listAt, objectAt } from '../../../src/routing/json.ts';
import { labelsIn, selectorMatches, serviceSelector } from '../../../src/routing/selectors.ts';
import type { Outcome } from '../mesh/types.ts';
import type { Invariant, World } from '../types.ts';
import {
  isByPeople,
  isInPlace,
  isOf,
  isOfRoute,
  isTroubled,
  isTwin,
  keepsBack,
  keyOf,
  replicasOf,
  revisionIn,
  stateOf,
  templateOf,
} from './reading.ts';
import { servicesIn } from './routes.ts';
import { type View, viewOf } from './view.ts';

/** What a client notices of a person's own doing (a direct rollout, a scaling to zero) is over after this long. */
const aftermathMs = 20_000;
/** What a machine that is lost costs takes longer: a controller may be hindered just then, too. */
const costlyMs = 60_000;
/** A proxy may know the routes a moment longer than it is told to, and a step of the traffic's time is counted at its end. */
const slackMs = 2_000;

/** A client notices nothing but what the candidate itself does with its share. */
export const i15: Invariant = {
  id: 'I15',
  says: 'no request goes to a Service without pods or to none, no open one is cut, and none reaches a candidate that was given up',
  watch(world, report) {
    const view = viewOf(world);
    const doings = new Doings(world, view);
    world.mesh.onOutcome((outcome) => {
      if (outcome.count <= 0) return;
      report.checked();
      checkGivenUp(world, view, outcome, (what) => report.broken(what));
      if (outcome.result === 'ok' || outcome.result === 'app') return;
      if (isTroubled(world, world.time.now, { afterMs: costlyMs, only: 'costly' })) return;
      if (doings.explain(outcome.host)) return;
      report.broken(
        `${outcome.count} requests to ${outcome.host} came to ${outcome.result}${outcome.workload === undefined ? '' : ` at ${outcome.workload}`}`,
      );
    });
    return () => {};
  },
};

/** Once the routes have given a twin nothing for as long as proxies may take to hear of it, no request comes to it. */
function checkGivenUp(world: World, view: View, outcome: Outcome, broken: (what: string) => void): void {
  const { workload, count } = outcome;
  if (workload === undefined || isTroubled(world, world.time.now, { afterMs: aftermathMs })) return;
  const main = view.mains.find((each) => {
    const twin = view.twin(each.metadata.uid);
    return twin !== undefined && keyOf(twin) === workload;
  });
  if (main === undefined) return;
  const { uid } = main.metadata;
  // What was open before, a stream above all, may end when it likes.
  const since = (outcome.begunAt ?? outcome.at) - (view.served.since(uid) ?? world.time.now);
  if (view.served.now(uid) !== true && since > world.settleMs + slackMs)
    broken(`${count} requests came to ${workload}, whose weight has been 0 for ${since} ms`);
}

/** In place, or where nothing splits its traffic. */
function rollsServing(main: KubeObject | undefined): boolean {
  const state = stateOf(main);
  return isInPlace(state) || (state?.phase === 'Promoting.Roll' && state.weight === 0);
}

/** What people did themselves that costs requests, whoever is asked to do it. */
class Doings {
  readonly #world: World;
  readonly #view: View;
  /** By namespace: when somebody last did something that Serin has no part in. */
  readonly #done = new Map<string, number>();
  /** Of each host that a VirtualService routes: the Services. */
  readonly #hosts = new Map<string, ReadonlySet<string>>();

  constructor(world: World, view: View) {
    this.#world = world;
    this.#view = view;
    world.api.onWrite((write) => {
      const { object, previous } = write;
      if (isOf(write, resources.virtualServices))
        for (const host of listAt(object['spec'], 'hosts'))
          if (typeof host === 'string') this.#hosts.set(host, servicesIn(object));
      // Where main rolls under traffic, what that costs is Kubernetes' and its probes'.
      if (isOf(write, resources.deployments) && (rollsServing(object) || rollsServing(previous)))
        this.#done.set(object.metadata.namespace ?? '', write.at);
      if (!isByPeople(world, write) || isOfRoute(write)) return;
      const isRouting = isOf(write, resources.services);
      const isDirect =
        isOf(write, resources.deployments) &&
        !isTwin(object) &&
        (previous === undefined ||
          write.type === 'DELETED' ||
          'deletionTimestamp' in object.metadata ||
          replicasOf(object) < replicasOf(previous) ||
          (revisionIn(object) !== revisionIn(previous) && !keepsBack(stateOf(object))));
      if (isRouting || isDirect) this.#done.set(object.metadata.namespace ?? '', write.at);
    });
  }

  /** True where requests to the host may fail by what people did, or because no pod behind it is ready. */
  explain(host: string): boolean {
    const [name = '', namespace = ''] = host.split('.');
    const services = [...(this.#hosts.get(host) ?? [`${namespace}/${name}`])];
    const done = services.map((each) => this.#done.get(each.split('/')[0] ?? '') ?? Number.NEGATIVE_INFINITY);
    if (done.some((at) => this.#world.time.now - this.#heardBy(at) < aftermathMs)) return true;
    const mains = this.#view.mains.filter((main) => services.some((each) => this.#isBehind(main, each)));
    return mains.every(({ metadata }) => this.#isWithoutPods(metadata.uid));
  }

  /** When Serin can have heard of what was done: a trouble that went on then may have kept it from that. */
  #heardBy(at: number): number {
    const { troubles, time } = this.#world;
    const until = troubles
      .filter(({ from }) => from <= at)
      .map((trouble) => Math.min(trouble.until, time.now));
    return Math.max(at, ...until);
  }

  #isBehind(main: KubeObject, service: string): boolean {
    const [namespace = '', name = ''] = service.split('/');
    const there = this.#world.api.get(resources.services, namespace, name);
    const selector = there === undefined ? undefined : serviceSelector(there);
    const labels = labelsIn(objectAt(objectAt(templateOf(main), 'metadata'), 'labels'));
    return (
      main.metadata.namespace === namespace && selector !== undefined && selectorMatches(selector, labels)
    );
  }

  #isWithoutPods(uid: string): boolean {
    const twin = this.#view.twin(uid);
    const { capacity } = this.#view;
    return capacity.readyNow(uid) + (twin === undefined ? 0 : capacity.readyNow(twin.metadata.uid)) === 0;
  }
}
