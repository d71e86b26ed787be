import { isDeepStrictEqual } from 'node:util';
import { type KubeObject, names, resources } from '../../../src/kube/objects.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import { objectAt, without } from '../../../src/routing/json.ts';
import { labelSelector, labelsIn, selectorMatches, serviceSelector } from '../../../src/routing/selectors.ts';
import type { Write } from '../api/types.ts';
import type { Invariant, Report, World } from '../types.ts';
import { lookMs } from './lately.ts';
import {
  annotation,
  isByPeople,
  isBySerin,
  isMade,
  isOf,
  isTwin,
  keyOf,
  ownerUid,
  revisionIn,
  templateOf,
} from './reading.ts';
import { type View, viewOf } from './view.ts';

/** What Serin knows a candidate by: each revision that ever stood in a main, with its template. */
type Candidates = Map<string, JsonObject>;

/** The twin is one, is marked as whose it is, and is the candidate to the letter. */
export const i4: Invariant = {
  id: 'I4',
  says: "a Deployment has at most one twin, which names it and the revision, runs that candidate, and is in nobody else's selector",
  watch(world, report) {
    const view = viewOf(world);
    const candidates = new Map<string, Candidates>();
    const touched = new Set<string>();
    const servicesSince = new Map<string, number>();
    world.api.onWrite((write) => {
      const { object, type } = write;
      if (isOf(write, resources.services)) servicesSince.set(object.metadata.uid, write.at);
      if (!isOf(write, resources.deployments)) return;
      if (!isTwin(object)) return remember(candidates, object);
      if (isByPeople(world, write)) touched.add(object.metadata.uid);
      if (type === 'DELETED' || !isBySerin(world, write)) return;
      report.checked();
      checkMarks(world, view, report, write);
      if (!touched.has(object.metadata.uid)) checkTemplate(report, object, candidates);
      checkSelectors(world, view, report, { twin: object, servicesSince });
    });
    return () => {};
  },
};

function remember(candidates: Map<string, Candidates>, main: KubeObject): void {
  const of = candidates.get(main.metadata.uid) ?? new Map<string, JsonObject>();
  candidates.set(main.metadata.uid, of.set(revisionIn(main), templateOf(main)));
}

function checkMarks(world: World, view: View, report: Report, { object }: Write): void {
  const uid = annotation(object, names.twinOf) ?? '';
  const name = `twin ${keyOf(object)}`;
  if (ownerUid(object) !== uid)
    report.broken(`${name} is the twin of ${uid} and is owned by ${ownerUid(object)}`);
  if (!isMade(object)) report.broken(`${name} is not marked as made by Serin`);
  const twins = world.api
    .list(resources.deployments, object.metadata.namespace)
    .filter((each) => annotation(each, names.twinOf) === uid);
  if (twins.length > 1) report.broken(`${uid} has ${twins.length} twins: ${twins.map(keyOf).join(', ')}`);
  const revision = annotation(object, names.revision) ?? '';
  // The look that made it may have read a state that is a moment old, but never one that never was.
  const known = view.states.of(uid).flatMap((state) => (state === undefined ? [] : [state.revision]));
  if (view.main(uid) !== undefined && !known.includes(revision))
    report.broken(`${name} is of revision ${revision}; the rollout is of ${known.at(-1) ?? 'none'}`);
}

function checkTemplate(report: Report, twin: KubeObject, candidates: Map<string, Candidates>): void {
  const revision = annotation(twin, names.revision) ?? '';
  const candidate = candidates.get(annotation(twin, names.twinOf) ?? '')?.get(revision);
  if (candidate === undefined) return;
  if (!isDeepStrictEqual(withoutLabels(templateOf(twin)), withoutLabels(candidate)))
    report.broken(`twin ${keyOf(twin)} of revision ${revision} does not run that revision's template`);
}

/** A template but for its labels; whether annotations that all went are absent or empty is all the same. */
function withoutLabels(template: JsonObject): JsonObject {
  const metadata = without(without(objectAt(template, 'metadata'), 'labels'), 'creationTimestamp');
  const isEmpty = Object.keys(objectAt(metadata, 'annotations')).length === 0;
  return { ...template, metadata: isEmpty ? without(metadata, 'annotations') : metadata };
}

interface Seen {
  readonly twin: KubeObject;
  readonly servicesSince: ReadonlyMap<string, number>;
}

/** Neither main nor any Service that selects main's pods may take the twin's for its own. */
function checkSelectors(world: World, view: View, report: Report, { twin, servicesSince }: Seen): void {
  const main = view.main(annotation(twin, names.twinOf));
  if (main === undefined) return;
  const labels = labelsIn(objectAt(objectAt(templateOf(twin), 'metadata'), 'labels'));
  const own = labelsIn(objectAt(objectAt(templateOf(main), 'metadata'), 'labels'));
  if (selectorMatches(labelSelector(objectAt(main['spec'], 'selector')), labels))
    report.broken(`the selector of ${keyOf(main)} selects the pods of its twin ${keyOf(twin)}`);
  for (const service of world.api.list(resources.services, twin.metadata.namespace)) {
    const selector = serviceSelector(service);
    const age = world.time.now - (servicesSince.get(service.metadata.uid) ?? 0);
    if (isMade(service) || selector === undefined || age < lookMs || !selectorMatches(selector, own))
      continue;
    if (selectorMatches(selector, labels))
      report.broken(`Service ${keyOf(service)} selects the pods of the twin ${keyOf(twin)}, not by weight`);
  }
}
