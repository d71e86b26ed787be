import type { JsonObject, RouteSeen } from '../rollout/types.ts';
import { carries, isEdited, split, unsplit } from './istio.ts';
import { type Memory, recall } from './memory.ts';
import { mayEdit, stageOf } from './stage.ts';
import { lowestPercent } from './twins.ts';
import type { Restriction, Split } from './types.ts';

/** What the VirtualServices say of the split. An edit counts as the weight that was asked for, rounded or not. */
export function seen(
  virtualServices: readonly JsonObject[],
  target: Split,
  restriction?: Restriction,
): RouteSeen {
  const involved = virtualServices.filter(
    (one) => carries(one, target, restriction) || isEdited(one, target),
  );
  const views = involved.map((one) => view(one, target, restriction));
  const weights = views.flatMap(({ weight }) => weight ?? []);
  if (weights.length === 0) return { kind: 'none', why: whyNone(target, involved.length, restriction) };
  const mark = views.flatMap(({ memory }) => memory?.rolledBack ?? [])[0];
  return {
    kind: 'split',
    weight: Math.min(...weights),
    uniform: views.every((one) => one.inPlace && isAlike(one.memory, views[0]?.memory)),
    edited: involved.some((one) => isEdited(one, target)),
    ...(mark === undefined ? {} : { rolledBack: mark }),
  };
}

interface View {
  /** Undefined where the Service gets no traffic here. */
  readonly weight: number | undefined;
  readonly memory: Memory | undefined;
  readonly inPlace: boolean;
}

function view(virtualService: JsonObject, target: Split, restriction?: Restriction): View {
  const memory = recall(virtualService, target);
  const options = {
    ...(restriction === undefined ? {} : { restriction }),
    ...(memory?.rolledBack === undefined ? {} : { rolledBack: memory.rolledBack }),
  };
  const missing = memory
    ? split(virtualService, target, memory.weight, options)
    : unsplit(virtualService, target);
  const inPlace = missing.length === 0;
  const percents = stageOf(virtualService, target)
    .filter(({ list }) => mayEdit(virtualService, target, list, restriction))
    .flatMap(({ list, role }) => lowestPercent(list.destinations, target, role) ?? []);
  if (percents.length === 0) return { weight: inPlace ? undefined : 0, memory, inPlace };
  return { weight: inPlace && memory ? memory.weight : Math.min(...percents), memory, inPlace };
}

function isAlike(a: Memory | undefined, b: Memory | undefined): boolean {
  return a?.weight === b?.weight && a?.rolledBack === b?.rolledBack;
}

function whyNone(target: Split, carrying: number, restriction?: Restriction): string {
  const service = `Service ${target.service.namespace}/${target.service.name}`;
  if (carrying > 0) return `no route gives ${service} any traffic: its weights are 0`;
  if (restriction === undefined) return `no VirtualService routes to ${service}`;
  const routes = restriction.routes === undefined ? '' : ` (routes ${restriction.routes.join(', ')})`;
  return `VirtualService ${restriction.name}${routes} does not route to ${service}`;
}
