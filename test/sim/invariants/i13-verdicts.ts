import { type KubeObject, names, resources } from '../../../src/kube/objects.ts';
import type { Ledger, State } from '../../../src/rollout/types.ts';
import type { Write } from '../api/types.ts';
import type { Invariant, Report, World } from '../types.ts';
import {
  annotation,
  commandIn,
  imageOf,
  isBySerin,
  isOf,
  isTwin,
  keyOf,
  ledgerOf,
  planOf,
  stateOf,
} from './reading.ts';
import { type View, viewOf } from './view.ts';

/** Longer than any question to Prometheus may take: what is answered now was asked after the trouble began. */
const askedMs = 20_000;
/** Ailments with which Prometheus cannot say anything at all. */
const mute: readonly World['mesh']['ailment'][] = ['down', 'error', 'page', 'truncated'];
/** An error rate and a number of requests that no honest look can miss, and the threshold that is to see it. */
const bad = { errors: 0.2, requests: 200, min: 90 } as const;

/** What is not known decides nothing, and what is known is heeded. */
export const i13: Invariant = {
  id: 'I13',
  says: 'missing metrics neither promote nor roll back, each advance follows a pass and each failure enough fails, and a bad version is never promoted',
  watch(world, report) {
    const view = viewOf(world);
    const ailing = new Ailing(world);
    const served = new Map<string, number>();
    world.mesh.onOutcome(({ workload, count }) => {
      if (workload !== undefined) served.set(workload, (served.get(workload) ?? 0) + count);
    });
    world.api.onWrite((write) => {
      const { object, type } = write;
      if (!isOf(write, resources.deployments) || type === 'DELETED') return;
      if (isTwin(object) && annotation(object, names.revision) !== annotation(write.previous, names.revision))
        served.set(keyOf(object), 0);
      if (!isBySerin(world, write)) return;
      if (isTwin(object)) return;
      onTick(report, write, ailing);
      onState(world, view, report, { write, served, ailing });
    });
    return () => {};
  },
};

/** Since when Prometheus has been mute, and when it last was; seen at each call, of which there is one every few seconds. */
class Ailing {
  readonly #world: World;
  #since: number | undefined;
  #last = Number.NEGATIVE_INFINITY;

  constructor(world: World) {
    this.#world = world;
    world.api.onCall(() => this.#look());
  }

  get muteForMs(): number {
    this.#look();
    return this.#since === undefined ? 0 : this.#world.time.now - this.#since;
  }

  /** When it last did not work as it should. */
  get last(): number {
    return this.#last;
  }

  #look(): void {
    const { mesh, time } = this.#world;
    if (mesh.ailment !== 'none') this.#last = time.now;
    if (!mute.includes(mesh.ailment)) this.#since = undefined;
    else this.#since ??= time.now;
  }
}

function onTick(report: Report, { object, previous }: Write, ailing: Ailing): void {
  const [before, now] = [ledgerOf(previous), ledgerOf(object)];
  if (now?.last === undefined || now.last.at === before?.last?.at) return;
  report.checked();
  const { verdict, evidence } = now.last;
  const isNothingAsked = evidence.join() === 'no metrics in the plan';
  if (ailing.muteForMs > askedMs && (verdict === 'pass' || verdict === 'fail') && !isNothingAsked)
    report.broken(
      `the tick on ${keyOf(object)} is a ${verdict} though Prometheus has said nothing for ${ailing.muteForMs / 1000} s: ${evidence.join('; ')}`,
    );
}

interface StateWrite {
  readonly write: Write;
  readonly served: ReadonlyMap<string, number>;
  readonly ailing: Ailing;
}

function onState(world: World, view: View, report: Report, { write, served, ailing }: StateWrite): void {
  const { object, previous } = write;
  const [before, now] = [stateOf(previous), stateOf(object)];
  if (before === undefined || now === undefined || !isTrial(before)) return;
  const twin = view.twin(object.metadata.uid);
  const ledger = ledgerOf(object) ?? ledgerOf(previous);
  // A person may promote what nobody has checked.
  const isSaid = commandIn(previous)?.do === 'promote';
  if (isAdvance(before, now) && !isSaid) {
    report.checked();
    if (ledger?.revision !== now.revision || ledger.last?.verdict !== 'pass')
      report.broken(
        `${keyOf(object)} went from ${step(before)} to ${step(now)}, and its last verdict is ${ledger?.last?.verdict ?? 'none'}`,
      );
  }
  if (now.phase === 'RollingBack' && now.message.startsWith('failed checks threshold'))
    checkFailed(world, report, { main: object, ledger });
  if ((now.phase === 'Promoting.Shift' || now.phase === 'Promoting.Roll') && !isSaid)
    checkGood(world, report, { main: object, twin, served, isAiling: ailing.last >= now.startedAt });
}

function isTrial({ phase }: State): boolean {
  return phase === 'Progressing' || phase === 'Waiting';
}

function isAdvance(before: State, now: State): boolean {
  if (now.phase === 'Promoting.Shift' || now.phase === 'Promoting.Roll') return true;
  return 'weight' in before && 'weight' in now && now.phase === 'Progressing' && now.weight > before.weight;
}

function step(state: State): string {
  return 'weight' in state ? `${state.phase} ${state.weight}` : state.phase;
}

function checkFailed(
  world: World,
  report: Report,
  { main, ledger }: { readonly main: KubeObject; readonly ledger: Ledger | undefined },
): void {
  report.checked();
  const threshold = planOf(world, main)?.analysis.threshold ?? 0;
  if (ledger === undefined || ledger.failed < threshold)
    report.broken(`${keyOf(main)} failed by its checks with ${ledger?.failed ?? 0} of ${threshold} failed`);
}

interface Promoted {
  readonly main: KubeObject;
  readonly twin: KubeObject | undefined;
  readonly served: ReadonlyMap<string, number>;
  readonly isAiling: boolean;
}

function checkGood(world: World, report: Report, { main, twin, served, isAiling }: Promoted): void {
  const metric = planOf(world, main)?.analysis.metrics.find(({ name }) => name === 'request-success-rate');
  const requests = twin === undefined ? 0 : (served.get(keyOf(twin)) ?? 0);
  if (isAiling || (metric?.min ?? 0) < bad.min || requests < bad.requests) return;
  report.checked();
  const { errors } = world.behaviourOf(imageOf(main));
  if (errors >= bad.errors)
    report.broken(
      `${keyOf(main)} promotes image ${imageOf(main)}, ${errors * 100} % of whose ${requests} requests failed on trial`,
    );
}
