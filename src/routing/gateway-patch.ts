import { isSame } from '../rollout/template.ts';
import type { Json, PatchOp } from '../rollout/types.ts';
import type { Role } from './destinations.ts';
import { isAddedFor } from './gateway-beside.ts';
import { isObject, listAt } from './json.ts';
import { listOps, valueOps } from './patch.ts';
import type { Split } from './types.ts';

/** The operations that turn the rules of a route into others that differ in our edit alone. */
export function ruleOps(
  before: readonly Json[],
  after: readonly Json[],
  target: Split,
  role: (reference: Json) => Role,
): readonly PatchOp[] {
  const ops: PatchOp[] = [];
  let from = 0;
  let to = 0;
  while (from < before.length || to < after.length) {
    const [old, rule, path] = [before[from], after[to], `/spec/rules/${to}`];
    if (old !== undefined && rule !== undefined && isOneRule(old, rule, target)) {
      ops.push(...(isAddedFor(old, target) ? [] : editOps(path, old, rule, role)));
      from += 1;
      to += 1;
    } else if (old !== undefined && (rule === undefined || isAddedFor(old, target))) {
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
function isOneRule(old: Json, rule: Json, target: Split): boolean {
  const [was, is] = [isAddedFor(old, target), isAddedFor(rule, target)];
  return was || is ? was && is && isSame(old, rule) : true;
}

function editOps(path: string, old: Json, rule: Json, role: (reference: Json) => Role): readonly PatchOp[] {
  const [before, after] = [old, rule].map((each) => (isObject(each) ? each : {}));
  return [
    ...listOps(`${path}/backendRefs`, listAt(before, 'backendRefs'), listAt(after, 'backendRefs'), role),
    ...valueOps(`${path}/filters`, before?.['filters'], after?.['filters']),
  ];
}
