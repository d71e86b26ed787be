import type { Beside } from '../rollout/strategy.ts';
import type { Json, JsonObject } from '../rollout/types.ts';
import type { Role } from './destinations.ts';
import {
  type Asked,
  addedRules,
  isAdded,
  oursIn,
  whyNot,
  withCookie,
  withMirror,
  withoutMirror,
} from './gateway-beside.ts';
import type { RouteKind } from './gateway-match.ts';
import { hasTraffic, rolesIn, rulesOf } from './gateway-refs.ts';
import { withoutTwins, withTwins } from './gateway-weights.ts';
import { isObject, listAt, objectAt, textAt, without } from './json.ts';
import { recall } from './memory.ts';
import { roleAmong } from './preview.ts';
import type { Was } from './twins.ts';
import type { Split } from './types.ts';

/** A route with everything that is needed to edit it. */
export interface Staged {
  readonly target: Split;
  readonly kind: RouteKind;
  readonly role: (reference: Json) => Role;
  /** True for a rule that was put in for this split. */
  readonly isOurs: (rule: Json) => boolean;
  /** The rules without our edit; those put in for other Services are among them. */
  readonly cleared: readonly Json[];
}

/** The route without this split's edit, ready to be edited. */
export function stageOf(route: JsonObject, target: Split): Staged {
  const memory = recall(route, target);
  const { was, beside } = memory ?? {};
  const own = rulesOf(route).map((rule) => listAt(rule, 'backendRefs'));
  const anywhere = rolesIn(route, target);
  const spec = objectAt(route, 'spec');
  const toService = listAt(spec, 'parentRefs').some((parent) => textAt(parent, 'kind') === 'Service');
  const hasOwnHosts = listAt(spec, 'hostnames').length > 0 && !toService;
  const role = roleAmong(anywhere, own, { isSplit: memory !== undefined, hasOwnHosts });
  const isOurs = oursIn(target, role, beside?.match !== undefined || beside?.affinity !== undefined);
  const rules = rulesOf(route).filter((rule) => !isOurs(rule));
  const backends = withoutTwins(
    rules.map((rule) => listAt(rule, 'backendRefs')),
    target,
    role,
    was,
  );
  const cleared = rules.map((rule, n) => {
    const filters = listAt(rule, 'filters');
    const kept = withoutMirror(filters, role);
    const plain = kept.length === filters.length ? rule : withList(rule, 'filters', kept);
    return withList(plain, 'backendRefs', backends[n] ?? []);
  });
  const kind = textAt(route, 'kind') === 'GRPCRoute' ? 'GRPCRoute' : 'HTTPRoute';
  return { target, kind, role, isOurs, cleared };
}

/** The rules with the twin at `percent`, and how the user had written the weights that were changed. */
export function withSplit(
  staged: Staged,
  percent: number,
  beside: Beside,
): { readonly rules: readonly Json[]; readonly was: Was } {
  const asked: Asked = { ...staged, beside: now(possible(staged, beside), percent) };
  const rules: Json[] = [];
  const was: (number | null)[] = [];
  let own = 0;
  for (const rule of staged.cleared) {
    const added = isAdded(rule) || !hasTraffic(rule, staged.role) ? [] : addedRules(rule, own, asked);
    if (added.length > 0) {
      const others = rules.splice(rules.findLastIndex((before) => !isAdded(before)) + 1);
      // In an order of their own, whichever Service's came first.
      rules.push(...[...others, ...added].sort(byName));
    }
    if (!isAdded(rule)) own += 1;
    const edited = editedRule(rule, percent, asked);
    rules.push(edited.rule);
    was.push(...edited.was);
  }
  return { rules, was };
}

/** Why the route cannot give the twin that beside its weight; undefined where it can. */
export function refusal(staged: Staged, beside: Beside): string | undefined {
  const rules = staged.cleared.filter((rule) => !isAdded(rule) && hasTraffic(rule, staged.role));
  return whyNot(rules, staged.cleared, { beside, kind: staged.kind });
}

/** Conditions all or none: of some of them nobody has asked. Without the cookie they may still be said. */
function possible(staged: Staged, beside: Beside): Beside {
  const { affinity: _, ...kept } = beside;
  const { match: __, ...least } = kept;
  return [beside, kept].find((each) => refusal(staged, each) === undefined) ?? least;
}

/** Nobody has a cookie before the twin has had traffic, and without weight nobody is to stay with it. */
function now({ affinity, ...beside }: Beside, percent: number): Beside {
  return affinity === undefined || percent === 0 ? beside : { ...beside, affinity };
}

function editedRule(rule: Json, percent: number, asked: Asked): { readonly rule: Json; readonly was: Was } {
  const backends = listAt(rule, 'backendRefs');
  const { references, was } = withTwins(backends, asked.target, asked.role, percent);
  const filters = listAt(rule, 'filters');
  const mirrored = withMirror(filters, backends, asked);
  const whole = mirrored.length === filters.length ? rule : withList(rule, 'filters', mirrored);
  return { rule: withList(whole, 'backendRefs', withCookie(references, asked)), was };
}

/** A list that is empty and was not there stays so. */
function withList(rule: Json, key: string, list: readonly Json[]): Json {
  if (!isObject(rule)) return rule;
  if (list.length > 0) return { ...rule, [key]: list };
  return listAt(rule, key).length > 0 ? without(rule, key) : rule;
}

function byName(a: Json, b: Json): number {
  return (textAt(a, 'name') ?? '') < (textAt(b, 'name') ?? '') ? -1 : 1;
}
