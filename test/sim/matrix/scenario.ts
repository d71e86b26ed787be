// One scenario of the matrix: a shop, what happens in it, and everything that was written.
import { strict as assert } from 'node:assert';
import { type KubeObject, type Resource, resources } from '../../../src/kube/objects.ts';
import { textAt } from '../../../src/routing/json.ts';
import type { Call, Fault, Write } from '../api/types.ts';
import type { Event, History, PlanText, Shop } from '../history.ts';
import { invariants } from '../invariants/index.ts';
import { imageOf, ledgerOf, replicaSets, stateOf } from '../invariants/reading.ts';
import { notesOf } from '../invariants/routes.ts';
import type { Outcome } from '../mesh/types.ts';
import { run, type Violation } from '../run.ts';
import type { SerinProcess } from '../types.ts';
import type { SimWorld } from '../world.ts';

const plan: PlanText = {
  analysis: { interval: '3s', threshold: 1, stepWeights: [20, 60] },
  progressDeadlineSeconds: 30,
  onFailure: 'hold',
};

const shop: Shop = {
  ...{ replicas: 4, routes: 'two', planIn: 'annotation', plan, scaler: false, load: 50 },
  ...{ streams: { count: 0, seconds: 1 }, readyMs: 1_000, webhooks: 1, controllers: 1, settleMs: 2_000 },
  policies: false,
};

export interface Scenario {
  readonly shop?: Partial<Shop>;
  readonly analysis?: Partial<PlanText['analysis']>;
  readonly events: readonly Event[];
  readonly seed?: number;
  /** Asked about each call of a controller of Serin; `played` is what has happened so far. */
  readonly intercept?: (call: Call, played: Played, process: SerinProcess) => Fault | undefined;
  readonly onOpen?: (world: SimWorld) => void;
  /** Invariants that this scenario breaks on purpose. */
  readonly without?: readonly Violation['id'][];
}

/** The phases of a rollout that nothing happens to. */
export const healthy: readonly string[] = [
  'Pending',
  'Starting',
  'Progressing',
  'Promoting.Shift',
  'Promoting.Roll',
  'Promoting.Return',
  'Finalising',
  'Succeeded',
];

/** Somebody applies an image. */
export const release = (at: number, image: string): Extract<Event, { do: 'release' }> => ({
  at,
  do: 'release',
  image,
  way: 'strategic',
});

/** What happened in a scenario. */
export class Played {
  world: SimWorld | undefined;
  readonly writes: Write[] = [];
  readonly calls: { readonly call: Call; readonly status: number; readonly at: number }[] = [];
  readonly outcomes: Outcome[] = [];

  /** Writes of a kind, of one name where it is given. */
  of({ plural }: Resource, name?: string): readonly Write[] {
    return this.writes.filter(
      ({ resource, object }) =>
        resource.plural === plural && (name === undefined || object.metadata.name === name),
    );
  }

  count(type: Write['type'], resource: Resource, name?: string): number {
    return this.of(resource, name).filter((write) => write.type === type).length;
  }

  /** What Serin's controllers wrote of rollouts. */
  get serins(): readonly Write[] {
    const name = this.world?.serin;
    return this.writes.filter(
      ({ call, resource }) => call.caller.username === name && resource.kind !== 'Lease',
    );
  }

  /** The phases of the shop's rollout, each as it was entered. */
  get phases(): readonly string[] {
    const entered = this.of(resources.deployments, 'web').flatMap(({ type, object }) =>
      type === 'DELETED' ? [] : [stateOf(object)?.phase ?? ''],
    );
    return entered.filter((phase, at) => phase !== '' && phase !== entered[at - 1]);
  }

  /** The weights that were written, each as it was written. */
  get weights(): readonly number[] {
    const written = this.of(resources.virtualServices).map(({ object, type }) =>
      type === 'DELETED' ? 0 : (notesOf(object)[0]?.weight ?? 0),
    );
    return written.filter((weight, at) => weight !== (written[at - 1] ?? 0));
  }

  /** ReplicaSets of main that ever had pods of the image. */
  rolls(image: string): number {
    return this.of(replicaSets).filter(
      ({ type, object }) =>
        type === 'ADDED' && imageOf(object) === image && !object.metadata.name.startsWith('web-canary'),
    ).length;
  }

  get main(): KubeObject | undefined {
    return this.world?.api.get(resources.deployments, 'shop', 'web');
  }

  get phase(): string | undefined {
    return stateOf(this.main)?.phase;
  }

  /** Requests that came to a result since somebody first asked for something. */
  requests(result: Outcome['result']): number {
    const from = this.world?.asks[0]?.at ?? Number.POSITIVE_INFINITY;
    const since = this.outcomes.filter((each) => each.result === result && each.at >= from);
    return since.reduce((sum, { count }) => sum + count, 0);
  }

  /** The reasons of all Events, in order. */
  get events(): readonly string[] {
    return this.of(resources.events).map(({ object }) => textAt(object, 'reason') ?? '');
  }

  /** Ticks that were counted, as the evidence says when it ends. */
  get ticks(): number {
    const ledgers = this.of(resources.deployments, 'web').flatMap(
      ({ object }) => ledgerOf(object)?.ticks ?? [],
    );
    return Math.max(0, ...ledgers);
  }
}

/** Plays a scenario; an invariant that breaks fails the test. */
export async function play({
  shop: change,
  analysis,
  events,
  seed = 5,
  intercept,
  onOpen,
  without = [],
}: Scenario): Promise<Played> {
  const changed = { ...shop, ...change };
  const whole: Shop = {
    ...changed,
    plan: { ...changed.plan, analysis: { ...changed.plan.analysis, ...analysis } },
  };
  const history: History = { seed, shop: whole, events: [...events].sort((a, b) => a.at - b.at) };
  const played = new Played();
  const { violation } = await run(
    history,
    invariants.filter(({ id }) => !without.includes(id)),
    {
      onOpen: (world) => {
        played.world = world;
        world.api.onWrite((write) => {
          if (write.object.metadata.namespace === 'shop') played.writes.push(write);
        });
        world.api.onCall((call, { status }) => played.calls.push({ call, status, at: world.time.now }));
        world.mesh.onOutcome((outcome) => played.outcomes.push(outcome));
        onOpen?.(world);
      },
      ...(intercept === undefined
        ? {}
        : {
            intercept: (process, call) =>
              process.kind === 'controller' ? intercept(call, played, process) : undefined,
          }),
    },
  );
  if (violation !== undefined && !without.includes(violation.id))
    assert.fail(`${violation.id} at ${violation.at}: ${violation.what}`);
  return played;
}

/** Meets the first call that fits, and no other. */
export function once(fits: (call: Call) => boolean, fault: Fault): NonNullable<Scenario['intercept']> {
  let isMet = false;
  return (call) => {
    if (isMet || !fits(call)) return undefined;
    isMet = true;
    return fault;
  };
}

/** Calls as they are called in the matrix. */
export const isCall = {
  /** The twin is made, or its spec is. */
  twin: ({ verb, resource, body }: Call): boolean =>
    resource.kind === 'Deployment' &&
    (verb === 'create' || (verb === 'patch' && JSON.stringify(body).includes('"path":"/spec","value"'))),
  shadow: ({ verb, resource }: Call): boolean => verb === 'create' && resource.kind === 'NetworkPolicy',
  twinService: ({ verb, resource }: Call): boolean =>
    resource.kind === 'Service' && (verb === 'create' || verb === 'patch'),
  evidence: ({ verb, resource, body }: Call): boolean =>
    verb === 'patch' &&
    resource.kind === 'Deployment' &&
    /"serin\.dev\/analysis":"|"add","path":"[^"]*\/serin\.dev~1analysis"/.test(JSON.stringify(body)),
  /** The routes get that weight. */
  weight:
    (weight: number) =>
    ({ verb, resource, body }: Call): boolean =>
      verb === 'patch' &&
      resource.kind === 'VirtualService' &&
      JSON.stringify(body).includes(`\\"weight\\":${weight},`),
  /** The state gets that phase. */
  phase:
    (phase: string) =>
    ({ verb, resource, body }: Call): boolean =>
      verb === 'patch' &&
      resource.kind === 'Deployment' &&
      JSON.stringify(body).includes(`\\"phase\\":\\"${phase}\\"`),
  unhold: ({ verb, resource, body }: Call): boolean =>
    verb === 'patch' && resource.kind === 'Deployment' && JSON.stringify(body).includes('"paused":false'),
  unroute: ({ verb, resource, body }: Call): boolean =>
    verb === 'patch' &&
    resource.kind === 'VirtualService' &&
    /"op":"remove","path":"\/metadata\/annotations/.test(JSON.stringify(body)),
  removal: ({ verb, resource }: Call): boolean => verb === 'delete' && resource.kind === 'Deployment',
  ofRollouts: ({ verb, resource }: Call): boolean =>
    resource.kind !== 'Lease' && ['create', 'patch', 'update', 'delete'].includes(verb),
} as const;

export const crash = {
  before: { do: 'crash', when: 'before' },
  after: { do: 'crash', when: 'after' },
} as const;
