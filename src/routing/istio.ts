import type { JsonObject, PatchOp } from '../rollout/types.ts';
import { generated, isGenerated } from './generated.ts';
import { type Memory, remember } from './memory.ts';
import { guarded, listOps } from './patch.ts';
import type { SplitOptions } from './router.ts';
import { routerOf } from './view.ts';
import { mayEdit, stageOf } from './stage.ts';
import { lowestPercent as lowest, withTwins } from './twins.ts';
import type { Restriction, Split } from './types.ts';

/** True when a route of the VirtualService that may be edited sends traffic to the Service. */
export function carries(virtualService: JsonObject, target: Split, restriction?: Restriction): boolean {
  return stageOf(virtualService, target).some(
    ({ list, cleared, role }) =>
      mayEdit(virtualService, target, list, restriction) && cleared.some((entry) => role(entry) === 'stable'),
  );
}

/** True when there is something of this split to take out: also a generated VirtualService, which is to be deleted. */
export function isEdited(virtualService: JsonObject, target: Split): boolean {
  return isGenerated(virtualService, target) || unsplit(virtualService, target).length > 0;
}

/**
 * The patch that gives the twin `weight` percent of the Service's share in every route, and no more than that: matches,
 * mirrors, other destinations and unknown fields are never touched. Empty where that is so already. At weight 0 the
 * routes are the user's own again, byte for byte, and only the annotation stays: a rollback then leaves no destination
 * whose Service goes away, and no difference for a GitOps tool to fight over. Istio takes either form (it drops a
 * destination of weight 0 from a list of several, pilot/pkg/networking/core/route).
 */
export function split(
  virtualService: JsonObject,
  target: Split,
  weight: number,
  { restriction, beside, rolledBack }: SplitOptions = {},
): readonly PatchOp[] {
  if (!carries(virtualService, target, restriction)) return unsplit(virtualService, target);
  const placed = stageOf(virtualService, target).map(({ list, cleared, role }) => {
    const percent = mayEdit(virtualService, target, list, restriction) ? weight : 0;
    const { destinations, was } = withTwins(cleared, target, role, percent);
    return { ops: listOps(list.path, list.destinations, destinations, role), was };
  });
  const memory: Memory = {
    weight,
    ...(rolledBack === undefined ? {} : { rolledBack }),
    ...(beside === undefined ? {} : { beside }),
    ...(restriction === undefined ? {} : { restriction }),
    was: placed.flatMap(({ was }) => was),
  };
  const ops = placed.flatMap((route) => route.ops);
  return guarded(virtualService, [...ops, ...remember(virtualService, target, memory)]);
}

/** The patch that takes every trace of the split out and leaves the rest as it stands; empty where there is none. */
export function unsplit(virtualService: JsonObject, target: Split): readonly PatchOp[] {
  const ops = stageOf(virtualService, target).flatMap(({ list, cleared, role }) =>
    listOps(list.path, list.destinations, cleared, role),
  );
  return guarded(virtualService, [...ops, ...remember(virtualService, target)]);
}

function lowestPercent(
  virtualService: JsonObject,
  target: Split,
  restriction?: Restriction,
): number | undefined {
  const percents = stageOf(virtualService, target)
    .filter(({ list }) => mayEdit(virtualService, target, list, restriction))
    .flatMap(({ list, role }) => lowest(list.destinations, target, role) ?? []);
  return percents.length === 0 ? undefined : Math.min(...percents);
}

/** Istio's VirtualServices. */
export const istio = routerOf({
  kind: 'VirtualService',
  ...{ carries, isEdited, isGenerated, split, unsplit, lowestPercent, generated },
});
