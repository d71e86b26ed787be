import { type KubeObject, names, resources } from '../../../src/kube/objects.ts';
import { ledgerTwin, readHistory, readLedger, readState } from '../../../src/config/state.ts';
import type { Ledger } from '../../../src/rollout/types.ts';
import type { Invariant, Report, World } from '../types.ts';
import { annotation, isBySerin, isOf, isTwin, keyOf, ledgerOf, planOf, stateOf } from './reading.ts';

/** The counts of a trial as they stood, and of which twin. */
interface Trial {
  readonly id: string;
  readonly twin: string;
  readonly ledger: Ledger;
}

/** Evidence is counted once, in whole ticks, for one trial of one revision; and all that is written can be read back. */
export const i5: Invariant = {
  id: 'I5',
  says: 'each tick is counted once, the counts replay from the verdicts, a trial begins at zero, and every annotation can be read back',
  watch(world, report) {
    const trials = new Map<string, Trial>();
    world.api.onWrite((write) => {
      const { object, previous, type } = write;
      if (!isOf(write, resources.deployments) || type === 'DELETED') return;
      if (isTwin(object)) return;
      checkReadable(report, object);
      const isNoted = names.analysis in (object.metadata.annotations ?? {});
      if (
        !isNoted ||
        !isBySerin(world, write) ||
        annotation(object, names.analysis) === annotation(previous, names.analysis)
      )
        return;
      report.checked();
      const ledger = ledgerOf(object);
      if (ledger === undefined) return unreadable(report, object);
      // Somebody took the evidence away: there is nothing to go on from.
      if (ledgerOf(previous) === undefined) trials.delete(object.metadata.uid);
      onLedger(world, report, { main: object, before: previous, ledger, trials });
    });
    return () => {};
  },
};

function checkReadable(report: Report, main: KubeObject): void {
  const { annotations } = main.metadata;
  if (annotations === undefined || !(names.state in annotations)) return;
  report.checked();
  for (const read of [readState(annotations), readHistory(annotations)]) {
    if (read !== undefined && 'corrupt' in read) report.broken(`Deployment ${keyOf(main)}: ${read.corrupt}`);
  }
}

function unreadable(report: Report, main: KubeObject): void {
  const read = readLedger(main.metadata.annotations);
  report.broken(`Deployment ${keyOf(main)}: ${read !== undefined && 'corrupt' in read ? read.corrupt : ''}`);
}

/** What a trial begins with: nothing is written of it before the first tick. */
const nothing = { v: 1, ticks: 0, passed: 0, failed: 0, silent: 0 } as const;

interface Counted {
  readonly main: KubeObject;
  readonly before: KubeObject | undefined;
  readonly ledger: Ledger;
  readonly trials: Map<string, Trial>;
}

function onLedger(world: World, report: Report, { main, before: previous, ledger, trials }: Counted): void {
  // The state may be the next one already: evidence is written with what follows from it.
  const state = [stateOf(previous), stateOf(main)].find(
    (each) => each !== undefined && 'needed' in each && each.revision === ledger.revision,
  );
  const { uid } = main.metadata;
  const name = `the evidence on ${keyOf(main)}`;
  // What is written while the state is another revision's by now belongs to no trial any more.
  if (state === undefined || !('needed' in state)) return;
  const id = `${state.revision} ${state.startedAt}`;
  const twin = ledgerTwin(main.metadata.annotations) ?? '';
  const known = trials.get(uid);
  trials.set(uid, { id, twin, ledger });
  const isNew = known?.id !== id || known.twin !== twin;
  const before: Ledger = isNew ? { ...ledger, ...nothing } : known.ledger;
  const { last: _, ...empty } = before;
  if (isNew && ledger.ticks > 1)
    return report.broken(
      `${name} begins a trial with ${ledger.ticks} ticks, ${ledger.failed} of them failed`,
    );
  const wrong = unlike(isNew ? empty : before, ledger);
  if (wrong !== undefined) report.broken(`${name} ${wrong}`);
  const intervalMs = planOf(world, main)?.analysis.intervalMs ?? 0;
  const due = Math.max(ledger.weightAt, isNew ? 0 : (before.last?.at ?? 0)) + intervalMs;
  // Before a trial has traffic its gates are asked at once.
  const isTrial = stateOf(previous)?.phase !== 'Starting';
  if (isTrial && ledger.ticks > before.ticks && (ledger.last?.at ?? 0) < due)
    report.broken(`${name} has a tick at ${ledger.last?.at}, due at ${due}`);
}

/** What keeps `next` from being `before` with one more tick, or with a new weight in force. */
function unlike(before: Ledger, next: Ledger): string | undefined {
  const more = next.ticks - before.ticks;
  if (more !== 0 && more !== 1) return `went from ${before.ticks} to ${next.ticks} ticks`;
  const verdict = more === 1 ? next.last?.verdict : undefined;
  const known = verdict === 'pass' || verdict === 'fail';
  const replayed = {
    passed: before.passed + (verdict === 'pass' ? 1 : 0),
    failed: before.failed + (verdict === 'fail' ? 1 : 0),
    silent: verdict === undefined ? before.silent : known ? 0 : before.silent + 1,
  };
  for (const count of ['passed', 'failed', 'silent'] as const) {
    if (next[count] !== replayed[count])
      return `has ${next[count]} ${count}, ${replayed[count]} by its verdicts (${verdict ?? 'no tick'})`;
  }
  if (more === 0 && next.last?.at !== before.last?.at) return 'has another last tick and no more ticks';
  if (more === 1 && next.last?.at === before.last?.at) return `counts its tick at ${next.last?.at} again`;
  return undefined;
}
