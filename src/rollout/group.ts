// Deployments that are promoted together or not at all (`serin.dev/group`). Each decides from what it sees of the others,
// and no two look at the same time:
//   all that are under way have passed -> all shift their traffic -> all have shifted -> all roll
// Until the first rolls, one that fails takes the others with it; from then on none of them turns back by itself.
import type { Moment } from './moves.ts';
import type { Member, Phase } from './types.ts';

const rolling: ReadonlySet<Phase> = new Set([
  'Promoting.Roll',
  'Promoting.Return',
  'Finalising',
  'Succeeded',
]);
const over: ReadonlySet<Phase> = new Set(['Succeeded', 'Failed', 'Aborted']);

/** Why this candidate falls with another of its group; undefined while none has failed, or where the promotion has begun. */
export function failedMember({ seen: { group } }: Moment): string | undefined {
  if (group === undefined || hasBegun(group.members)) return undefined;
  const failed = group.members.find(({ phase }) => phase === 'Failed' || phase === 'RollingBack');
  return failed && `${failed.name}, of group ${group.name} too, is rolled back`;
}

/** Which others have yet to pass before any is promoted, as a sentence; undefined where none. */
export function othersAwaited({ seen: { group } }: Moment): string | undefined {
  const awaited = group?.members.filter(({ passed, phase }) => !passed && isBefore(phase));
  if (group === undefined || awaited === undefined || awaited.length === 0) return undefined;
  return `passed, and waits for ${namesOf(awaited)} of group ${group.name}`;
}

/** Which others have yet to move their traffic before any rolls. */
export function othersShifting({ seen: { group } }: Moment): string | undefined {
  if (group === undefined || hasBegun(group.members)) return undefined;
  const awaited = group.members.filter(({ shifted, phase }) => !shifted && !over.has(phase));
  if (awaited.length === 0) return undefined;
  return `all traffic is on the canary, and it waits for ${namesOf(awaited)} of group ${group.name}`;
}

/** True once a member rolls: then the rest goes on as well. */
function hasBegun(members: readonly Member[]): boolean {
  return members.some(({ phase }) => rolling.has(phase));
}

/** The phases in which the analysis has not passed, and its candidate may still come to that. */
function isBefore(phase: Phase): boolean {
  return ['Pending', 'Starting', 'Progressing', 'Waiting', 'Rolling'].includes(phase);
}

function namesOf(members: readonly Member[]): string {
  return members.map(({ name }) => name).join(', ');
}
