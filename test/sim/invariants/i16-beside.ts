import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../../src/kube/objects.ts';
import type { JsonObject, RolloutSpec } from '../../../src/rollout/types.ts';
import { isObject, listAt, numberAt, objectAt, textAt } from '../../../src/routing/json.ts';
import type { Write } from '../api/types.ts';
import type { Invariant, Report, World } from '../types.ts';
import { lookMs } from './lately.ts';
import { called, isBySerin, isOfRoute, keyOf, planOf, stateOf } from './reading.ts';
import { type Note, notesOf, servicesAdded, servicesCopied } from './routes.ts';
import { type View, viewOf } from './view.ts';

/** Copies, conditions and cookies are traffic like any other. */
export const i16: Invariant = {
  id: 'I16',
  says: 'nothing is given beside a weight but to a twin on trial that has a ready pod, and no more than its plan says; a rollback leaves none of it',
  watch(world, report) {
    const view = viewOf(world);
    world.api.onWrite((write) => {
      if (!isOfRoute(write) || !isBySerin(world, write) || write.type === 'DELETED') return;
      const { object } = write;
      const notes = notesOf(object);
      checkWritten(view, report, object, notes);
      for (const note of notes) if (note.beside !== undefined) checkGiven(world, view, report, write, note);
    });
    return () => {};
  },
};

/** What is written down is what is there: neither more nor less. */
function checkWritten(view: View, report: Report, route: KubeObject, notes: readonly Note[]): void {
  const name = called(route);
  const copied = servicesCopied(route).filter((each) => view.twinServices.isTwins(each, route));
  const added = servicesAdded(route, view.twinServices);
  for (const each of [...copied, ...added]) {
    report.checked();
    const beside = notes.find(({ twinService }) => twinService === each)?.beside ?? {};
    if (copied.includes(each) && !('mirror' in beside))
      report.broken(`${name} copies requests to ${each}, and nothing of that is written down`);
    if (added.includes(each) && !('match' in beside) && !('affinity' in beside))
      report.broken(`${name} sends some users to ${each}, and nothing of that is written down`);
  }
}

function checkGiven(
  world: World,
  view: View,
  report: Report,
  { object, previous }: Write,
  { service, twinService, rolledBack, beside = {} }: Note,
): void {
  const uid = view.twinServices.ownerOf(twinService);
  const main = view.main(uid);
  if (uid === undefined || main === undefined) return;
  report.checked();
  const what = `${called(object)} gives ${Object.keys(beside).join(' and ')} to the twin of ${keyOf(main)}`;
  if (rolledBack !== undefined) report.broken(`${what}, and says that it was rolled back`);
  const before = previous === undefined ? [] : notesOf(previous);
  const had = before.find((note) => note.service === service)?.beside;
  if (isDeepStrictEqual(had, beside)) return;
  const states = view.states.of(uid);
  if (!states.some((state) => state?.phase === 'Progressing' || state?.phase === 'Waiting'))
    report.broken(`${what}, which is ${stateOf(main)?.phase ?? 'not on trial'}`);
  const twin = view.twin(uid);
  const ready = view.capacity.mostReady(twin?.metadata.uid ?? '');
  if (ready === 0) report.broken(`${what}, which has no ready pod`);
  const plan = planOf(world, main);
  const isSettled = world.time.now - (view.plans.since(uid) ?? 0) > lookMs;
  if (plan !== undefined && isSettled) checkPlan(report, what, beside, plan);
}

function checkPlan(report: Report, what: string, beside: JsonObject, { analysis }: RolloutSpec): void {
  const { strategy, affinity } = analysis;
  const match = 'match' in strategy ? (strategy.match ?? []) : [];
  if ((numberAt(beside, 'mirror') ?? strategy.mirror) !== strategy.mirror)
    report.broken(
      `${what}: copies of ${numberAt(beside, 'mirror')} %, where its plan says ${strategy.mirror}`,
    );
  const given = listAt(beside, 'match').filter((one) => isObject(one));
  if (given.length > 0 && !isDeepStrictEqual(given, match))
    report.broken(`${what}: conditions that are not its plan's`);
  const cookie = textAt(objectAt(beside, 'affinity'), 'cookieName');
  if (cookie !== undefined && cookie !== affinity?.cookieName)
    report.broken(`${what}: cookie ${cookie}, which is not its plan's`);
}
