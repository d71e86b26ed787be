import type { Beside } from '../rollout/strategy.ts';
import type { JsonObject, PatchOp } from '../rollout/types.ts';
import { generated } from './gateway-generated.ts';
import { ruleOps } from './gateway-patch.ts';
import { rulesOf } from './gateway-refs.ts';
import { refusal, stageOf, withSplit } from './gateway-stage.ts';
import { lowestPercent as lowest } from './gateway-weights.ts';
import { isGenerated } from './generated.ts';
import { listAt } from './json.ts';
import { type Memory, remember } from './memory.ts';
import { guarded } from './patch.ts';
import type { SplitOptions } from './router.ts';
import type { Split } from './types.ts';
import { routerOf } from './view.ts';

/** True when a rule of the route sends traffic to the Service. A restriction names a VirtualService: it is not for these. */
function carries(route: JsonObject, target: Split): boolean {
  const { cleared, role } = stageOf(route, target);
  return cleared.some((rule) => listAt(rule, 'backendRefs').some((entry) => role(entry) === 'stable'));
}

function isEdited(route: JsonObject, target: Split): boolean {
  return isGenerated(route, target) || unsplit(route, target).length > 0;
}

/**
 * The patch that gives the twin `weight` percent of the Service's share in every rule, and beside it what is asked; the
 * user's own matches, filters and other backends are never touched. At weight 0 with nothing beside, the rules are the
 * user's own again and only the annotation stays, as in a VirtualService.
 */
function split(
  route: JsonObject,
  target: Split,
  weight: number,
  { beside, rolledBack, at }: SplitOptions = {},
): readonly PatchOp[] {
  if (!carries(route, target)) return unsplit(route, target);
  const staged = stageOf(route, target);
  const { rules, was } = withSplit(staged, weight, beside ?? {});
  const memory: Memory = {
    weight,
    ...(rolledBack === undefined ? {} : { rolledBack }),
    ...(beside === undefined ? {} : { beside }),
    ...(at === undefined ? {} : { at }),
    was,
  };
  const ops = ruleOps(rulesOf(route), rules, staged);
  return guarded(route, [...ops, ...remember(route, target, memory)]);
}

function unsplit(route: JsonObject, target: Split): readonly PatchOp[] {
  const staged = stageOf(route, target);
  const ops = ruleOps(rulesOf(route), staged.cleared, staged);
  return guarded(route, [...ops, ...remember(route, target)]);
}

function lowestPercent(route: JsonObject, target: Split): number | undefined {
  const { role, isOurs } = stageOf(route, target);
  const percents = rulesOf(route)
    .filter((rule) => !isOurs(rule))
    .flatMap((rule) => lowest(listAt(rule, 'backendRefs'), target, role) ?? []);
  return percents.length === 0 ? undefined : Math.min(...percents);
}

function refuses(route: JsonObject, target: Split, beside: Beside): string | undefined {
  return refusal(stageOf(route, target), beside);
}

/** HTTPRoutes and GRPCRoutes of Gateway API; which of the two an object is, its kind says. */
export const gateway = routerOf({
  kind: 'HTTPRoute',
  ...{ carries, isEdited, isGenerated, split, unsplit, refuses, lowestPercent, generated },
});
