import { isSame } from '../rollout/template.ts';
import type { Json, PatchOp } from '../rollout/types.ts';
import type { Role } from './destinations.ts';
import type { Staged } from './gateway-stage.ts';
import { isObject, listAt, without } from './json.ts';
import { listOps, valueOps } from './patch.ts';

/** The operations that turn the rules of a route into others that differ in our edit alone. */
export function ruleOps(
  before: readonly Json[],
  after: readonly Json[],
  { isOurs, role }: Pick<Staged, 'isOurs' | 'role'>,
): readonly PatchOp[] {
  const ops: PatchOp[] = [];
  let from = 0;
  let to = 0;
  while (from < before.length || to < after.length) {
    const [old, rule, path] = [before[from], after[to], `/spec/rules/${to}`];
    if (old !== undefined && rule !== undefined && isOneRule(old, rule, isOurs)) {
      ops.push(...(isOurs(old) ? [] : editOps(path, old, rule, role)));
      from += 1;
      to += 1;
    } else if (old !== undefined && (rule === undefined || isOurs(old))) {
      ops.push({ op: 'remove', path });
      from += 1;
    } else if (rule !== undefined) {
      ops.push({ op: 'add', path, value: rule });
      to += 1;
    }
  }
  return ops;
}

/** Two of ours are one where they are the same, two of the user's wherever they meet: those keep their order. */
function isOneRule(old: Json, rule: Json, isOurs: Staged['isOurs']): boolean {
  if (!isOurs(old) && !isOurs(rule)) return true;
  return isOurs(old) && isOurs(rule) && isSame(old, asStored(rule, old));
}

/** A server that has no names for rules has dropped ours. */
function asStored(rule: Json, old: Json): Json {
  return isObject(rule) && isObject(old) && !('name' in old) ? without(rule, 'name') : rule;
}

function editOps(path: string, old: Json, rule: Json, role: (reference: Json) => Role): readonly PatchOp[] {
  const [before, after] = [old, rule].map((each) => (isObject(each) ? each : {}));
  return [
    ...listOps(`${path}/backendRefs`, listAt(before, 'backendRefs'), listAt(after, 'backendRefs'), role),
    ...valueOps(`${path}/filters`, before?.['filters'], after?.['filters']),
  ];
}
