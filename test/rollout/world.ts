// A world just large enough for the rollout machine.
import { strict as assert } from 'node:assert';
import { inherited } from '../../src/config/hold.ts';
import { step } from '../../src/rollout/step.ts';
import type { Counting } from '../../src/analysis/comparison.ts';
import { countDue, measureDue } from '../../src/rollout/analyse.ts';
import { countedFrom } from '../../src/rollout/compare.ts';
import type { Command } from '../../src/rollout/command.ts';
import type { AskedType, GateAnswer } from '../../src/rollout/gate.ts';
import { gatesDue } from '../../src/rollout/gating.ts';
import type { Beside } from '../../src/rollout/strategy.ts';
import type {
  Ledger,
  Measurement,
  MetricSpec,
  Observation,
  Pace,
  Plan,
  State,
} from '../../src/rollout/types.ts';
import { aMain, type Main, passOfMain, young } from './main-pods.ts';
import { perform } from './performing.ts';

const successRate: MetricSpec = { name: 'request-success-rate', intervalMs: 60_000, min: 99 };

export function aPlan(change: Partial<Plan['spec']> = {}, weights: readonly number[] = [10, 30, 50]): Plan {
  return {
    settleMs: 5_000,
    spec: {
      service: {},
      analysis: {
        ...{ intervalMs: 60_000, threshold: 3, strategy: { kind: 'weights', weights } },
        metrics: [successRate],
        gates: [],
      },
      skipAnalysis: false,
      suspended: false,
      promotion: 'shift',
      progressDeadlineMs: 600_000,
      onFailure: 'hold',
      ...change,
    },
  };
}

const held: State = {
  v: 1,
  phase: 'Pending',
  revision: 'new',
  stableRevision: 'old',
  actor: 'ann',
  ownPause: false,
};

/** Of a Deployment that rolls two pods at a time. */
export const aPace: Pace = { minReadySeconds: 0, progressDeadlineSeconds: 600, batch: 2 };

/** What Prometheus would say of the canary at the next tick. */
export type Health = 'good' | 'bad' | 'unknown' | 'broken';

export class World {
  now = 1_000_000;
  state: State = held;
  readonly log: string[] = [];
  /** The messages of the events, in order. */
  readonly events: string[] = [];
  health: Health = 'good';
  /** Pods come up within a pass of time unless this is false. */
  twinComesUp = true;
  mainComesUp = true;
  trouble: string | undefined;
  main: Main = aMain();
  /** Pods of main that roll at a time: the next do when these are available. */
  rollsBy = Number.POSITIVE_INFINITY;
  twin: { replicas: number; ready: number; revision: string; ledger?: Ledger } | undefined;
  /** Since when the twin's Service is there. */
  servedSince: number | undefined = 0;
  weight = 0;
  edited = false;
  beside: Beside | undefined;
  /** What gates of a type say; those that are not here are open, but `rollback`, which is closed. */
  gates: { [type in AskedType]?: 'open' | 'closed' | 'error' } = {};
  /** The types that were asked, in order. */
  readonly asked: AskedType[] = [];
  command: Command | undefined;
  group: Observation['group'];
  rolledBack: string | undefined;
  routed = true;
  passedSinceRise = true;
  /** What a source counts of both arms between two moments; nothing where there is no source. */
  count: ((from: number, until: number) => Counting) | undefined;
  plan: Plan;

  constructor(plan: Plan = aPlan()) {
    this.plan = plan;
  }

  observe(): Observation {
    const { main, twin, rolledBack, trouble } = this;
    const seen: Observation = {
      main: {
        ...main,
        available: main.ready - young(this),
        total: main.replicas,
        current: true,
        pace: { ...aPace, minReadySeconds: main.minReadySeconds, batch: this.rollsBy },
        progressing: { status: 'Unknown', reason: 'DeploymentPaused', message: '' },
      },
      ...(twin === undefined
        ? {}
        : {
            twin: {
              ...twin,
              updated: twin.replicas,
              available: twin.ready,
              total: twin.replicas,
              current: true,
              ...(this.servedSince === undefined ? {} : { servedSince: this.servedSince }),
              ...(trouble === undefined ? {} : { trouble }),
            },
          }),
      route: this.routed
        ? {
            kind: 'split',
            weight: this.weight,
            uniform: true,
            edited: this.edited,
            ...(this.beside === undefined ? {} : { beside: this.beside }),
            ...(rolledBack === undefined ? {} : { rolledBack }),
          }
        : { kind: 'none', why: 'no Service selects the pods' },
    };
    const due = measureDue({ plan: this.plan, state: this.state, seen, now: this.now });
    const counting = this.counting(seen);
    return {
      ...seen,
      ...(due ? { measurements: [this.measurement()] } : {}),
      ...this.answers(seen),
      ...(this.command === undefined ? {} : { command: this.command }),
      ...(this.group === undefined ? {} : { group: this.group }),
      ...(counting === undefined ? {} : { counting }),
    };
  }

  private answers(seen: Observation): Pick<Observation, 'gates'> {
    const { plan, state, now } = this;
    const types = gatesDue({ plan, state, seen, now });
    this.asked.push(...types);
    const due = plan.spec.analysis.gates.flatMap(({ name, type }): GateAnswer[] => {
      const asked = types.find((each) => each === type);
      if (asked === undefined) return [];
      return [
        {
          name,
          type: asked,
          says: this.gates[asked] ?? (asked === 'rollback' ? 'closed' : 'open'),
          why: 'so',
        },
      ];
    });
    return due.length === 0 ? {} : { gates: due };
  }

  private counting(seen: Observation): Counting | undefined {
    const { plan, state, now } = this;
    const ledger = seen.twin?.ledger;
    if (ledger === undefined || !countDue({ plan, state, seen, now })) return undefined;
    return this.count?.(Math.max(countedFrom(plan, ledger), ledger.comparison?.until ?? 0), now);
  }

  measurement(): Measurement {
    const stable = { kind: 'value', value: 100 } as const;
    switch (this.health) {
      case 'good':
        this.passedSinceRise = true;
        return { metric: successRate, canary: { kind: 'value', value: 99.9 }, stable };
      case 'bad':
        return { metric: successRate, canary: { kind: 'value', value: 95 }, stable };
      case 'unknown':
        return { metric: successRate, canary: { kind: 'absent', why: 'no traffic' }, stable };
      case 'broken':
        return { metric: successRate, canary: { kind: 'error', why: 'connection refused' }, stable };
    }
  }

  /** One look of the controller at what is `seen`; it dies after `survives` actions. True when it did something. */
  look(survives = Number.POSITIVE_INFINITY, seen = this.observe()): boolean {
    const decision = step(this.plan, this.state, seen, this.now);
    decision.actions.slice(0, survives).forEach((action) => perform(this, action, decision.state));
    if (decision.actions.length === 0) this.state = decision.state;
    if (decision.wakeAt !== undefined && decision.wakeAt > this.now) this.wakeAt = decision.wakeAt;
    return decision.actions.length > 0;
  }

  wakeAt = 0;

  /** Lets time pass to the next wake-up, and pods come up or not. */
  pass(): void {
    this.now = Math.max(this.now + 1_000, Math.min(this.wakeAt, this.now + 60_000));
    if (this.twin !== undefined) this.twin.ready = this.twinComesUp ? this.twin.replicas : 0;
    passOfMain(this);
  }

  /** Runs until the phase is one of `phases`. */
  until(...phases: readonly State['phase'][]): this {
    for (let looks = 0; looks < 2_000; looks++) {
      if (phases.includes(this.state.phase)) return this;
      if (!this.look()) this.pass();
    }
    return assert.fail(`stays ${this.state.phase}, log: ${this.log.slice(-12).join(' | ')}`);
  }

  /** Another candidate is applied. */
  supersede(revision: string): void {
    this.state = { ...held, ...inherited(this.state), revision, actor: 'bob' };
    Object.assign(this.main, { paused: true, restorable: true, updated: 0 });
  }
}

/** The route writes so far, in order. */
export function routes(world: World): readonly string[] {
  return world.log.filter((line) => line.startsWith('route'));
}
