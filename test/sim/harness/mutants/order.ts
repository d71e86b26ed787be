// What comes before what, and what is waited for in between.
import type { Mutant } from '../mutant.ts';

export const ofOrder: readonly Mutant[] = [
  {
    name: 'weight-before-service',
    file: 'rollout/served.ts',
    text: 'return servedSince !== undefined && now >= knownFrom(plan, servedSince);',
    becomes: 'return true;',
    removes: 'the twin gets weight although its Service is not there, or no proxy knows it yet',
    caughtBy: [{ row: 'row 30', in: 'people' }],
  },
  {
    name: 'service-never-made-again',
    file: 'rollout/served.ts',
    text: 'if (twin.servedSince === undefined) return askTwin(moment, twin.replicas, ...off);',
    becomes: 'if (twin.servedSince === undefined) return stay(moment, ...off);',
    removes: "the twin's Service is not made again where somebody deleted it",
    caughtBy: [{ row: 'row 30', in: 'people' }],
  },
  {
    name: 'all-traffic-before-pods',
    file: 'rollout/promote.ts',
    text: 'const all = isRolledOut(twin, state.needed);',
    becomes: 'const all = true;',
    removes: 'the twin gets all traffic before it has grown to carry it',
    caughtBy: [{ reference: 'healthy' }],
  },
  {
    name: 'twin-gone-undrained',
    file: 'rollout/promote.ts',
    text: 'const drained = Math.max(state.since, known) + plan.settleMs;',
    becomes: 'const drained = state.since;',
    removes: 'after a promotion the twin is deleted while proxies still send it requests',
    caughtBy: [{ row: 'row 43', in: 'around' }],
  },
  {
    name: 'rolled-back-twin-gone-undrained',
    file: 'rollout/rollback.ts',
    text: 'const drained = state.since + plan.settleMs;',
    becomes: 'const drained = state.since;',
    removes: 'after a rollback the twin is deleted while proxies still send it requests',
    caughtBy: [{ row: 'technique: the stable template', in: 'techniques' }],
  },
  {
    name: 'routes-never-cleared',
    file: 'rollout/promote.ts',
    text: "actions: [{ do: 'unroute' }, { do: 'remove-twin' }, event, end]",
    becomes: "actions: [{ do: 'remove-twin' }, event, end]",
    removes: 'what was written into the routes of others stays there',
    caughtBy: [{ reference: 'healthy' }],
  },
  {
    name: 'failure-recorded-before-weight',
    file: 'rollout/rollback.ts',
    text: "actions.push({ do: 'route', weight: 0, rolledBack: state.revision });",
    becomes: '',
    removes: 'a candidate that failed keeps its traffic until that is recorded',
    caughtBy: [{ reference: 'tried again' }],
  },
  {
    name: 'superseded-keeps-traffic',
    file: 'rollout/superseded.ts',
    text: 'if (!isOff(route, 0) && !isMarked) return undefined;',
    becomes: 'if (!isMarked) return undefined;',
    removes: 'a candidate takes the place of another with the weight of that one',
    caughtBy: [{ reference: 'superseded' }, { row: 'row 31', in: 'people' }],
  },
];
