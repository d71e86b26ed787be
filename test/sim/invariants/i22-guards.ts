import { isDeepStrictEqual } from 'node:util';
import { type KubeObject, type Resource, resources } from '../../../src/kube/objects.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import { objectAt, without } from '../../../src/routing/json.ts';
import { labelSelector, labelsIn, selectorMatches } from '../../../src/routing/selectors.ts';
import type { Write } from '../api/types.ts';
import type { Invariant, Report, World } from '../types.ts';
import { lookMs } from './lately.ts';
import { called, isBySerin, isMade, isOf, isOfRoute, isTwin, keyOf, stateOf, templateOf } from './reading.ts';
import { type Note, notesOf } from './routes.ts';
import { type View, viewOf } from './view.ts';

/** Policies, and where each kind says whose pods it is for. */
export const guards: readonly { readonly resource: Resource; readonly selector: string }[] = [
  { resource: resources.networkPolicies, selector: 'podSelector' },
  { resource: resources.podDisruptionBudgets, selector: 'selector' },
  { resource: resources.authorizationPolicies, selector: 'selector' },
  { resource: resources.peerAuthentications, selector: 'selector' },
  { resource: resources.requestAuthentications, selector: 'selector' },
];

/** The canary is guarded as stable is. They are looked for where a trial begins, and again where it is promoted. */
export const i22: Invariant = {
  id: 'I22',
  says: "a twin gets its first traffic, and all of it, only with a shadow of each policy that selects main's pods, and no shadow goes while it has any",
  watch(world, report) {
    const view = viewOf(world);
    const times: Times = { written: new Map(), begun: new Map() };
    world.api.onWrite((write) => {
      note(times, write);
      if (!isBySerin(world, write)) return;
      if (isOfRoute(write)) {
        for (const uid of firstServed(view, write))
          check({ world, view, report, times }, uid, times.begun.get(uid));
      }
      if (isOf(write, resources.deployments) && isCarryingAll(write)) {
        const { uid } = write.object.metadata;
        const state = stateOf(write.previous);
        check({ world, view, report, times }, uid, state !== undefined && 'since' in state ? state.since : 0);
      }
      if (write.type === 'DELETED') checkGone({ world, view, report }, write);
    });
    return () => {};
  },
};

interface Times {
  /** When each policy was last written, by uid. */
  readonly written: Map<string, number>;
  /** When each twin was last made or given another revision, by the uid of its main. */
  readonly begun: Map<string, number>;
}

interface Watching {
  readonly world: World;
  readonly view: View;
  readonly report: Report;
  readonly times: Times;
}

function note({ written, begun }: Times, write: Write): void {
  const { object, previous, at } = write;
  if (guards.some(({ resource }) => isOf(write, resource))) written.set(object.metadata.uid, at);
  if (!isOf(write, resources.deployments) || !isTwin(object)) return;
  const { annotations = {} } = object.metadata;
  const before = previous?.metadata.annotations?.['serin.dev/revision'];
  if (before !== annotations['serin.dev/revision']) begun.set(annotations['serin.dev/twin-of'] ?? '', at);
}

/** The mains whose twins get requests by that write, and had none. */
function firstServed(view: View, { object, previous }: Write): readonly string[] {
  const isServed = ({ weight, beside }: Note): boolean => weight > 0 || beside !== undefined;
  const before = previous === undefined ? [] : notesOf(previous);
  const fresh = notesOf(object).filter(
    (each) => isServed(each) && !before.some((was) => was.twinService === each.twinService && isServed(was)),
  );
  return fresh.flatMap(({ twinService }) => view.twinServices.ownerOf(twinService) ?? []);
}

/** True where main begins to roll and its twin has all traffic meanwhile. */
function isCarryingAll({ object, previous }: Write): boolean {
  return stateOf(object)?.phase === 'Promoting.Roll' && stateOf(previous)?.phase === 'Promoting.Shift';
}

/** Each policy that stood a while before `since` has its shadow. */
function check({ world, view, report, times }: Watching, uid: string, since: number | undefined): void {
  const [main, twin] = [view.main(uid), view.twin(uid)];
  if (main === undefined || twin === undefined || since === undefined) return;
  const [own, its] = [main, twin].map((each) => labelsOf(each));
  for (const { resource, selector } of guards) {
    for (const policy of world.api.list(resource, main.metadata.namespace)) {
      const isOld = (times.written.get(policy.metadata.uid) ?? 0) < since - lookMs;
      if (isMade(policy) || !isOld) continue;
      const selects = labelSelector(objectAt(policy['spec'], selector));
      if (!selectorMatches(selects, own ?? {}) || selectorMatches(selects, its ?? {})) continue;
      report.checked();
      const { namespace, name } = policy.metadata;
      const shadow = world.api.get(resource, namespace, `${name}-canary`);
      const lacks = whatLacks(policy, shadow, selector, its ?? {});
      if (lacks !== undefined)
        report.broken(`the twin of ${keyOf(main)} gets requests, and ${called(policy)} ${lacks}`);
    }
  }
}

function labelsOf(deployment: KubeObject): Readonly<Record<string, string>> {
  return labelsIn(objectAt(objectAt(templateOf(deployment), 'metadata'), 'labels'));
}

function whatLacks(
  policy: KubeObject,
  shadow: KubeObject | undefined,
  selector: string,
  labels: Readonly<Record<string, string>>,
): string | undefined {
  if (shadow === undefined || !isMade(shadow)) return 'has no shadow';
  if (!selectorMatches(labelSelector(objectAt(shadow['spec'], selector)), labels))
    return 'has a shadow that does not select its pods';
  const [said, says] = [policy, shadow].map((each) => rulesOf(each, selector));
  return isDeepStrictEqual(said, says) ? undefined : 'has a shadow that says something else';
}

/** All that a policy says but for whom; a budget of a twin may be wider where it is of unhealthy pods. */
function rulesOf({ spec }: KubeObject, selector: string): JsonObject {
  return without(without(objectAt({ spec: spec ?? {} }, 'spec'), selector), 'unhealthyPodEvictionPolicy');
}

/** Where its original has gone a shadow goes too. */
function checkGone({ world, view, report }: Omit<Watching, 'times'>, write: Write): void {
  const { object } = write;
  if (!guards.some(({ resource }) => isOf(write, resource)) || !isMade(object)) return;
  const uid = object.metadata.annotations?.['serin.dev/twin-of'] ?? '';
  report.checked();
  const weight = view.weights.now(uid) ?? 0;
  if (weight === 0 || view.twin(uid) === undefined) return;
  const original = world.api.get(
    write.resource,
    object.metadata.namespace,
    object.metadata.name.replace(/-canary$/, ''),
  );
  if (original !== undefined)
    report.broken(`${called(object)} was deleted while the twin has ${weight} percent of the traffic`);
}
