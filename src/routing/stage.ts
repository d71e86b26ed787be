import type { Json, JsonObject } from '../rollout/types.ts';
import { type Role, roleOf, type RouteList, routeLists } from './destinations.ts';
import { objectAt, textAt } from './json.ts';
import { recall } from './memory.ts';
import { withoutTwins } from './twins.ts';
import type { Restriction, Split } from './types.ts';

/** A list of destinations with everything that is needed to edit it. */
export interface Staged {
  readonly list: RouteList;
  /** The destinations without our edit. */
  readonly cleared: readonly Json[];
  readonly role: (destination: Json) => Role;
}

/** Every list of destinations of the VirtualService, ready to be edited. */
export function stageOf(virtualService: JsonObject, target: Split): readonly Staged[] {
  const lists = routeLists(virtualService);
  const namespace = textAt(objectAt(virtualService, 'metadata'), 'namespace') ?? '';
  const role = (destination: Json): Role => roleOf(destination, target, namespace);
  const cleared = withoutTwins(
    lists.map(({ destinations }) => destinations),
    target,
    role,
    recall(virtualService, target)?.was,
  );
  return lists.map((list, n) => ({ list, cleared: cleared[n] ?? [], role }));
}

/**
 * True when the configuration lets this list be edited. `namespace/name` names a VirtualService elsewhere, as gateways
 * are named; a bare name is in the Service's namespace.
 */
export function mayEdit(
  virtualService: JsonObject,
  target: Split,
  list: RouteList,
  only?: Restriction,
): boolean {
  if (only === undefined) return true;
  const metadata = objectAt(virtualService, 'metadata');
  const full = `${textAt(metadata, 'namespace')}/${textAt(metadata, 'name')}`;
  const wanted = only.name.includes('/') ? only.name : `${target.service.namespace}/${only.name}`;
  if (full !== wanted) return false;
  return only.routes === undefined || (list.name !== undefined && only.routes.includes(list.name));
}
