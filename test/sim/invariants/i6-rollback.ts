import { names, resources } from '../../../src/kube/objects.ts';
import type { State } from '../../../src/rollout/types.ts';
import type { Write } from '../api/types.ts';
import type { Invariant, Report, World } from '../types.ts';
import { lookMs } from './lately.ts';
import {
  called,
  annotation,
  commandIn,
  isBySerin,
  isHeldByPolicy,
  isOf,
  isOfRoute,
  isTwin,
  keyOf,
  revisionIn,
  stateOf,
} from './reading.ts';
import { notesOf } from './routes.ts';
import { type View, viewOf } from './view.ts';

/** A rollback takes the traffic first, says so afterwards, and is never taken back for that trial. */
export const i6: Invariant = {
  id: 'I6',
  says: 'a rollback takes the traffic before it is recorded, no weight rises after it for that candidate, and a failure stays',
  watch(world, report) {
    const view = viewOf(world);
    // Of each main: the candidate (as it was asked for) that was rolled back.
    const rolledBack = new Map<string, Given>();
    const asked = new Map<string, number>();
    world.api.onWrite((write) => {
      const { object, type } = write;
      if (type === 'DELETED') return;
      if (isOf(write, resources.deployments) && !isTwin(object)) {
        const { uid } = object.metadata;
        if (isNewTrial(write)) asked.set(uid, (asked.get(uid) ?? 0) + 1);
        if (isBySerin(world, write)) onState(view, report, write);
        const state = stateOf(object);
        if (isGivenUp(state))
          give(rolledBack, uid, { id: idOf(asked, uid, state.revision), at: heard(world, write) });
      }
      if (!isOfRoute(write) || !isBySerin(world, write)) return;
      onRoute(view, report, write, { rolledBack, asked });
    });
    return () => {};
  },
};

function isGivenUp(state: State | undefined): state is State {
  return state?.phase === 'RollingBack' || state?.phase === 'Failed';
}

/** The webhook held a template: whatever was before, this one has its own chance. */
function isNewTrial({ object, previous }: Write): boolean {
  const isPending = stateOf(object)?.phase === 'Pending';
  return isPending && annotation(object, names.state) !== annotation(previous, names.state);
}

function idOf(asked: ReadonlyMap<string, number>, uid: string, revision: string): string {
  return `${revision} of ask ${asked.get(uid) ?? 0}`;
}

/** A candidate that was given up, and from when on Serin must go by that. */
interface Given {
  readonly id: string;
  readonly at: number;
}

/** What a look had begun when the webhook ended the rollout may still arrive; the next look takes it back. */
function heard(world: World, write: Write): number {
  return isBySerin(world, write) ? write.at : write.at + lookMs;
}

/** The first time counts: being given up is not put off by hearing of it again. */
function give(rolledBack: Map<string, Given>, uid: string, given: Given): void {
  const known = rolledBack.get(uid);
  if (known?.id !== given.id || given.at < known.at) rolledBack.set(uid, given);
}

interface Marks {
  readonly rolledBack: Map<string, Given>;
  readonly asked: ReadonlyMap<string, number>;
}

function onRoute(
  view: View,
  report: Report,
  { object, previous, at }: Write,
  { rolledBack, asked }: Marks,
): void {
  const before = new Map(
    previous === undefined ? [] : notesOf(previous).map((note) => [note.service, note.weight]),
  );
  for (const { service, twinService, weight, rolledBack: mark } of notesOf(object)) {
    const uid = view.twinServices.ownerOf(twinService);
    const state = stateOf(view.main(uid));
    if (uid === undefined || state === undefined) continue;
    report.checked();
    const isRaised = weight > (before.get(service) ?? 0);
    const given = rolledBack.get(uid);
    if (isRaised && given?.id === idOf(asked, uid, state.revision) && at >= given.at)
      report.broken(
        `${called(object)} raised revision ${state.revision} from ${before.get(service) ?? 0} to ${weight} percent after its rollback`,
      );
    if (mark === state.revision) give(rolledBack, uid, { id: idOf(asked, uid, mark), at });
    if (mark !== undefined && weight > 0)
      report.broken(`${called(object)} gives ${weight} percent and says that it was rolled back`);
  }
}

/** What Serin records of a failure. */
function onState(view: View, report: Report, { object, previous }: Write): void {
  const [before, now] = [stateOf(previous), stateOf(object)];
  if (now === undefined || before === undefined) return;
  const isAnother =
    isHeldByPolicy(previous) || before.revision !== revisionIn(object) || commandIn(previous)?.do === 'retry';
  if (before.phase === 'Failed' && now.phase !== 'Failed' && !isAnother)
    report.broken(
      `${keyOf(object)}: the failure of revision ${before.revision} became ${now.phase} by Serin`,
    );
  if (now.phase !== 'RollingBack' || before.phase === 'RollingBack' || now.ending !== 'Failed') return;
  report.checked();
  const weight = view.weights.now(object.metadata.uid) ?? 0;
  if (
    view.served.now(object.metadata.uid) === true &&
    weight === 0 &&
    !view.isMeddled(object.metadata.namespace, lookMs)
  )
    report.broken(
      `${keyOf(object)} is recorded as rolled back while the routes send its twin some users' requests`,
    );
  // Stable without a single pod cannot take the traffic: the twin keeps it until there is one.
  const isBlind = view.capacity.leastReady(object.metadata.uid) === 0;
  if (weight > 0 && !isBlind && !view.isMeddled(object.metadata.namespace, lookMs))
    report.broken(
      `${keyOf(object)} is recorded as rolled back while the routes give its twin ${weight} percent`,
    );
}
