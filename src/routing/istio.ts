import type { Beside } from '../rollout/strategy.ts';
import type { Json, JsonObject, PatchOp } from '../rollout/types.ts';
import { givingCookie } from './cookie.ts';
import { twinInsteadOf } from './destinations.ts';
import { generated, isGenerated } from './generated.ts';
import { isObject, listAt, objectAt, textAt } from './json.ts';
import { madeFrom, whyNotMade } from './made.ts';
import { type Memory, remember } from './memory.ts';
import { withMirror } from './mirror.ts';
import { guarded, type Placed, routesOps } from './patch.ts';
import type { SplitOptions } from './router.ts';
import { mayEdit, protocols, type Stage, type Staged, stageOf } from './stage.ts';
import { hasTraffic, lowestPercent as lowest, type Was, withTwins } from './twins.ts';
import type { Restriction, Split } from './types.ts';
import { routerOf } from './view.ts';

/** True when a route of the VirtualService that may be edited sends traffic to the Service. */
export function carries(virtualService: JsonObject, target: Split, restriction?: Restriction): boolean {
  const { routes, role } = stageOf(virtualService, target);
  return routes.some(
    ({ name, destinations, cleared }) =>
      destinations.length > 0 &&
      mayEdit(virtualService, target, name, restriction) &&
      listAt(cleared, 'route').some((entry) => role(entry) === 'stable'),
  );
}

/** True when there is something of this split to take out: also a generated VirtualService, which is to be deleted. */
export function isEdited(virtualService: JsonObject, target: Split): boolean {
  return isGenerated(virtualService, target) || unsplit(virtualService, target).length > 0;
}

/**
 * The patch that gives the twin `weight` percent of the Service's share in every route, and what goes beside it, and no
 * more than that: matches, the user's mirrors, other destinations and unknown fields are never touched. Empty where that
 * is so already. At weight 0 with nothing beside it the routes are the user's own again, byte for byte, and only the
 * annotation stays: a rollback then leaves no destination whose Service goes away, and no difference for a GitOps tool to
 * fight over. Istio takes either form (it drops a destination of weight 0 from a list of several,
 * pilot/pkg/networking/core/route).
 */
export function split(
  virtualService: JsonObject,
  target: Split,
  weight: number,
  options: SplitOptions = {},
): readonly PatchOp[] {
  if (!carries(virtualService, target, options.restriction)) return unsplit(virtualService, target);
  const stage = stageOf(virtualService, target);
  const taken = new Set(
    stage.routes.flatMap(({ name, cleared }) => (cleared === undefined ? [] : (name ?? []))),
  );
  const edits = stage.routes.map((staged) => {
    if (!mayEdit(virtualService, target, staged.name, options.restriction)) return untouched(staged);
    const edit = edited(staged, { target, role: stage.role, weight, beside: options.beside ?? {}, taken });
    for (const { route, made } of edit.after) if (made) taken.add(textAt(route, 'name') ?? '');
    return edit;
  });
  const made = edits.flatMap(({ after }) => after.filter((each) => each.made));
  const memory: Memory = {
    weight,
    ...options,
    was: edits.flatMap(({ was }) => was),
    made: made.flatMap(({ route }) => textAt(route, 'name') ?? []),
  };
  const ops = opsOf(stage, (_, n) => edits[n]?.after ?? []);
  return guarded(virtualService, [...ops, ...remember(virtualService, target, memory)]);
}

/** The patch that takes every trace of the split out and leaves the rest as it stands; empty where there is none. */
export function unsplit(virtualService: JsonObject, target: Split): readonly PatchOp[] {
  const ops = opsOf(stageOf(virtualService, target), (staged) => untouched(staged).after);
  return guarded(virtualService, [...ops, ...remember(virtualService, target)]);
}

/** What becomes of one route: itself, with one that we made in front of it. */
interface Edited {
  readonly after: readonly Placed[];
  readonly was: Was;
}

interface Wanted extends Pick<Stage, 'role'> {
  readonly target: Split;
  readonly weight: number;
  readonly beside: Beside;
  /** Names of routes that are in use. */
  readonly taken: ReadonlySet<string>;
}

function untouched({ cleared }: Staged): Edited {
  return { after: cleared === undefined ? [] : [{ route: cleared, made: false }], was: [] };
}

function edited(staged: Staged, { target, role, weight, beside, taken }: Wanted): Edited {
  const { cleared, protocol } = staged;
  const list = listAt(cleared, 'route');
  const isOurs = staged.destinations.length > 0 && hasTraffic(list, role);
  if (!isOurs || !isObject(cleared)) return untouched(staged);
  const isHttp = protocol === 'http';
  const { affinity, mirror } = isHttp ? beside : {};
  const finish = (twin: JsonObject): JsonObject =>
    affinity === undefined ? twin : givingCookie(twin, affinity);
  const { destinations, was } = withTwins(list, target, role, { percent: weight, finish });
  const route = { ...cleared, route: destinations };
  const stable = list.find((entry) => isObject(entry) && role(entry) === 'stable');
  const twin = isObject(stable) ? objectAt(twinInsteadOf(stable, target), 'destination') : {};
  const mirrored = mirror === undefined ? route : withMirror(route, twin, mirror);
  const made = isHttp ? madeFrom(cleared, target, role, whoseNow(beside, weight), taken) : undefined;
  const own: Placed = { route: mirrored, made: false };
  return { after: made === undefined ? [own] : [{ route: made, made: true }, own], was };
}

/** Nobody has a cookie before the twin has had traffic, and without weight nobody is to stay with it. */
function whoseNow({ match, affinity }: Beside, weight: number): Beside {
  return {
    ...(match === undefined ? {} : { match }),
    ...(affinity === undefined || weight === 0 ? {} : { affinity }),
  };
}

function opsOf(
  { routes, role }: Stage,
  after: (staged: Staged, index: number) => readonly Placed[],
): readonly PatchOp[] {
  const numbered = routes.map((staged, n) => ({ staged, after: after(staged, n) }));
  return protocols.flatMap((protocol) => {
    const some = numbered.filter(({ staged }) => staged.protocol === protocol);
    const before = some.map(({ staged: { raw, cleared } }): { route: Json; made: boolean } => ({
      route: raw,
      made: cleared === undefined,
    }));
    const wanted = some.flatMap((each) => each.after);
    return routesOps(`/spec/${protocol}`, before, wanted, role);
  });
}

function lowestPercent(
  virtualService: JsonObject,
  target: Split,
  restriction?: Restriction,
): number | undefined {
  const { routes, role } = stageOf(virtualService, target);
  const percents = routes
    .filter(({ name }) => mayEdit(virtualService, target, name, restriction))
    .flatMap(({ destinations }) => lowest(destinations, target, role) ?? []);
  return percents.length === 0 ? undefined : Math.min(...percents);
}

/** Streams have no requests that could be told from each other. */
function refuses(
  virtualService: JsonObject,
  target: Split,
  { match, affinity }: Beside,
  restriction?: Restriction,
): string | undefined {
  if (match === undefined && affinity === undefined) return undefined;
  const { routes, role } = stageOf(virtualService, target);
  const ours = routes.filter(
    ({ name, destinations, cleared }) =>
      destinations.length > 0 &&
      hasTraffic(listAt(cleared, 'route'), role) &&
      mayEdit(virtualService, target, name, restriction),
  );
  const http = ours.filter(({ protocol }) => protocol === 'http');
  if (http.length < ours.length && http.length === 0) return 'a route of streams tells no requests apart';
  const beside = {
    ...(match === undefined ? {} : { match }),
    ...(affinity === undefined ? {} : { affinity }),
  };
  return http.map(({ cleared }) => whyNotMade(cleared, beside)).find((why) => why !== undefined);
}

/** Istio's VirtualServices. */
export const istio = routerOf({
  kind: 'VirtualService',
  ...{ carries, isEdited, isGenerated, split, unsplit, refuses, lowestPercent, generated },
});
