import type { Clock } from '../clock.ts';
import { within } from '../kube/stream.ts';
import type { Arms } from '../prometheus/queries.ts';
import type { MetricSource } from '../prometheus/source.ts';
import { countDue, measureDue } from '../rollout/analyse.ts';
import { countedFrom, timedFrom } from '../rollout/compare.ts';
import { skipsAnalysis } from '../rollout/course.ts';
import { foreseen } from '../rollout/foresight.ts';
import { gatesDue } from '../rollout/gating.ts';
import type { Moment } from '../rollout/moves.ts';
import type { Ledger, Observation, Plan } from '../rollout/types.ts';
import { answersOf, type Asking } from './hooks.ts';
import type { Scene } from './scene.ts';
import type { Way } from './way.ts';

/** What measurements are taken with. */
export type Measuring = Pick<MetricSource, 'measure' | 'count' | 'incoming'>;

interface Around extends Asking {
  readonly clock: Clock;
  readonly metricSource: Measuring;
}

/**
 * What is seen, with what the gates of the types that are due say, and with what is due to be measured: the plan's metrics
 * each interval, the comparison at each look.
 */
export async function withMeasurements(
  around: Around,
  plan: Plan,
  scene: Scene,
  seen: Observation,
): Promise<Observation> {
  const moment = { plan, state: scene.state, seen, now: around.clock.now() };
  const due = gatesDue(moment);
  const gates = answersOf(around, scene.main, moment, due);
  // Until the gates have answered there is no check to measure for: one look comes after them, but many before.
  const isAsking = due.length > 0 && gates === undefined;
  const [measures, counting] = await Promise.all([
    isAsking ? {} : measuresOf(around, scene, moment),
    countingOf(around, scene, moment),
  ]);
  return {
    ...seen,
    ...(gates === undefined ? {} : { gates }),
    ...measures,
    ...counting,
  };
}

async function measuresOf(
  around: Around,
  scene: Scene,
  moment: Moment,
): Promise<Pick<Observation, 'measurements'>> {
  const { plan, state, seen, now } = moment;
  if (!measureDue(moment)) return {};
  const since = state.phase === 'Rolling' ? state.since : seen.twin?.ledger?.weightAt;
  if (since === undefined) return {};
  const arms = state.phase === 'Rolling' ? inPlace(scene, now - since) : armsOf(scene, now - since);
  return { measurements: await around.metricSource.measure(measured(plan, scene), arms) };
}

async function countingOf(
  { metricSource }: Around,
  scene: Scene,
  moment: Moment,
): Promise<Pick<Observation, 'counting'>> {
  const { plan, seen, now } = moment;
  const ledger = seen.twin?.ledger;
  if (ledger === undefined || !countDue(moment)) return {};
  const arms = armsOf(scene, now - ledger.weightAt);
  return { counting: await metricSource.count(arms, askedOf(plan, ledger, seen)) };
}

const ofLateMs = 300_000;
/** What is only told is not waited for longer. */
const tellMs = 500;

/** What the comparison can be expected to notice with what comes in; empty where that is not known. */
export async function foresightOf(
  { clock, metricSource }: Pick<Around, 'clock' | 'metricSource'>,
  plan: Plan,
  scene: Scene,
): Promise<string> {
  if (plan.spec.analysis.compare === undefined || scene.routing.kind !== 'split') return '';
  if (skipsAnalysis(plan, scene.state)) return '';
  const asked = metricSource.incoming(armsOf(scene, ofLateMs));
  const came = await within(clock, tellMs, asked).catch(() => undefined);
  if (came === undefined || came.requests === 0) return '';
  const { requests, of, overMs } = came;
  const errorRate = (of.errors + 0.5) / (of.requests + 1);
  return foreseen(plan, { perSecond: (1000 * requests) / overMs, errorRate });
}

/** Without routed traffic the mesh has nothing to say of the twin; the plan's own queries may. */
function measured({ spec }: Plan, { routing }: Scene): Plan['spec']['analysis']['metrics'] {
  return spec.analysis.metrics.filter(
    ({ query, template }) => routing.kind === 'split' || query !== undefined || template !== undefined,
  );
}

function armsOf({ main, twinName, routing }: Scene, sinceMs: number): Arms {
  return {
    namespace: main.metadata.namespace ?? '',
    stable: main.metadata.name,
    canary: twinName,
    windowMs: Math.max(sinceMs, 1_000),
    // By several Services requests are told apart by what they reach alone.
    ...(routing.kind === 'split' && routing.ways.length === 1
      ? { services: servicesOf(routing.ways[0]) }
      : {}),
  };
}

/** Where main itself rolls, what is judged is the whole of it. */
function inPlace({ main }: Scene, sinceMs: number): Arms {
  const { name, namespace = '' } = main.metadata;
  return { namespace, stable: name, canary: name, windowMs: Math.max(sinceMs, 1_000) };
}

function askedOf(plan: Plan, ledger: Ledger, { main, twin }: Observation): Parameters<Measuring['count']>[1] {
  const countedUntil = ledger.comparison?.until;
  return {
    routedSince: countedFrom(plan, ledger),
    timedFrom: timedFrom(plan, ledger),
    ...(countedUntil === undefined ? {} : { countedUntil }),
    ready: { stable: main.ready, canary: twin?.ready ?? 0 },
  };
}

function servicesOf({ split: { service, twinService } }: Way): NonNullable<Arms['services']> {
  return { stable: service.name, canary: twinService };
}
