import type { Json } from '../rollout/types.ts';
import type { Role } from './destinations.ts';

type RoleOf = (entry: Json) => Role;

/**
 * What the entries of one object's lists are to a split. Who has `hosts` of their own, and sends all that comes there to the
 * twin's Service, means it: a host to look at the canary by. A split leaves stable's entry beside the twin's whatever the
 * weight, and an object that has one remembers it (`isSplit`).
 */
export function roleAmong(
  role: RoleOf,
  lists: readonly (readonly Json[])[],
  { isSplit, hasOwnHosts }: { readonly isSplit: boolean; readonly hasOwnHosts: boolean },
): RoleOf {
  if (isSplit || !hasOwnHosts) return role;
  const twins = lists.filter((list) => list.some((entry) => role(entry) === 'twin'));
  const isPreview =
    twins.every((list) => list.every((entry) => role(entry) === 'twin')) &&
    !lists.flat().some((entry) => role(entry) === 'stable');
  if (!isPreview) return role;
  return (entry) => (role(entry) === 'twin' ? 'foreign' : role(entry));
}
