import type { JsonObject, RouteSeen } from '../rollout/types.ts';
import { isSameBeside } from './beside.ts';
import { type Memory, recall } from './memory.ts';
import type { Edits, Router, SplitOptions } from './router.ts';
import type { Restriction, Split } from './types.ts';

/** A way to edit routes, with what is seen of its edits. */
export function routerOf(edits: Edits): Router {
  return { ...edits, seen: (objects, target, only) => seenBy(edits, objects, target, only) };
}

/** What the route objects say of the split. An edit counts as the weight that was asked for, rounded or not. */
function seenBy(
  edits: Edits,
  objects: readonly JsonObject[],
  target: Split,
  restriction?: Restriction,
): RouteSeen {
  const involved = objects.filter(
    (one) => edits.carries(one, target, restriction) || edits.isEdited(one, target),
  );
  const views = involved.map((one) => view(edits, one, target, restriction));
  const weights = views.flatMap(({ weight }) => weight ?? []);
  if (weights.length === 0) {
    return { kind: 'none', why: whyNone(edits.kind, target, involved.length, restriction) };
  }
  const mark = views.flatMap(({ memory }) => memory?.rolledBack ?? [])[0];
  const beside = views.flatMap(({ memory }) => memory?.beside ?? [])[0];
  return {
    kind: 'split',
    weight: Math.min(...weights),
    uniform: views.every((one) => one.inPlace && isAlike(one.memory, views[0]?.memory)),
    edited: involved.some((one) => edits.isEdited(one, target)),
    ...(beside === undefined ? {} : { beside }),
    ...(mark === undefined ? {} : { rolledBack: mark }),
    ...sinceOf(views),
  };
}

/** All of it is given since the last of them gives it. */
function sinceOf(views: readonly View[]): { readonly since?: number } {
  const times = views.map(({ memory }) => memory?.at ?? Number.NaN);
  const since = Math.max(...times);
  return Number.isNaN(since) ? {} : { since };
}

interface View {
  /** Undefined where the Service gets no traffic here. */
  readonly weight: number | undefined;
  readonly memory: Memory | undefined;
  readonly inPlace: boolean;
}

function view(edits: Edits, object: JsonObject, target: Split, restriction?: Restriction): View {
  const memory = recall(object, target);
  const missing = memory
    ? edits.split(object, target, memory.weight, optionsOf(memory, restriction))
    : edits.unsplit(object, target);
  const inPlace = missing.length === 0;
  const lowest = edits.lowestPercent(object, target, restriction);
  if (lowest === undefined) return { weight: inPlace ? undefined : 0, memory, inPlace };
  return { weight: inPlace && memory ? memory.weight : lowest, memory, inPlace };
}

/** What was asked for, under the restriction that holds now. */
function optionsOf({ rolledBack, beside }: Memory, restriction?: Restriction): SplitOptions {
  return {
    ...(restriction === undefined ? {} : { restriction }),
    ...(rolledBack === undefined ? {} : { rolledBack }),
    ...(beside === undefined ? {} : { beside }),
  };
}

function isAlike(a: Memory | undefined, b: Memory | undefined): boolean {
  return a?.weight === b?.weight && a?.rolledBack === b?.rolledBack && isSameBeside(a?.beside, b?.beside);
}

function whyNone(kind: string, target: Split, carrying: number, restriction?: Restriction): string {
  const service = `Service ${target.service.namespace}/${target.service.name}`;
  if (carrying > 0) return `no route gives ${service} any traffic: its weights are 0`;
  if (restriction === undefined) return `no ${kind} routes to ${service}`;
  const routes = restriction.routes === undefined ? '' : ` (routes ${restriction.routes.join(', ')})`;
  return `${kind} ${restriction.name}${routes} does not route to ${service}`;
}
