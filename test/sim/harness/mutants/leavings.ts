// What goes with its owner, and what people do around a rollout.
import type { Mutant } from '../mutant.ts';

export const ofLeavings: readonly Mutant[] = [
  {
    name: 'nothing-swept',
    file: 'controller/sweep.ts',
    text: 'const hadTraffic = await sweepRoutes(around, namespace);',
    becomes: 'if (namespace !== "") return {};\n  const hadTraffic = await sweepRoutes(around, namespace);',
    removes: 'what a deleted Deployment leaves in the routes of others stays there',
    caughtBy: [{ reference: 'deleted on trial' }],
  },
  {
    name: 'swept-before-drained',
    file: 'controller/sweep.ts',
    text: 'if (now < drainedAt)',
    becomes: 'if (now < drainedAt && false)',
    removes: 'where another look took the split out, what it sent to goes without a wait',
    caughtBy: [{ regression: 'a-twin-waits-for-its-last-requests-though-its-deployment-went-first' }],
  },
  {
    name: 'refused-for-ever',
    file: 'rollout/ask-twin.ts',
    text: 'isHeld || !isLate',
    becomes: 'isHeld || isLate || !isLate',
    removes: 'a twin that cannot be made is tried for ever',
    caughtBy: [{ row: 'row 21', in: 'quota' }],
  },
  {
    name: 'split-forgotten',
    file: 'controller/ways.ts',
    text: 'const ways = [...found.ways, ...held, ...lost];',
    becomes: 'const ways = [...found.ways, ...held, ...lost.slice(lost.length)];',
    removes: 'a Service that goes takes with it what is known of its split',
    caughtBy: [{ regression: 'a-twin-with-traffic-stays-though-the-owners-service-goes' }],
  },
  {
    name: 'twin-service-left',
    file: 'controller/act-twin.ts',
    text: 'for (const service of made) await removeOwn(kube, resources.services, service, main);',
    becomes: '',
    removes: "the twin's Service stays after the twin",
    caughtBy: [{ reference: 'healthy' }],
  },
  {
    name: 'opt-out-unheard',
    file: 'rollout/step.ts',
    text: "if ((isHeldPhase(state) || state.phase === 'Rolling') && plan.withdrawn !== undefined)",
    becomes: "if ((isHeldPhase(state) || state.phase === 'Rolling') && plan.withdrawn === '')",
    removes: 'a namespace that has lost its label, or a plan that says disabled, goes on with its rollout',
    caughtBy: [{ row: 'row 16', in: 'stale' }],
  },
  {
    name: 'own-pause-lost-in-the-end',
    file: 'rollout/promote.ts',
    text: "ownPause ? 'hold' : 'record'",
    becomes: "ownPause ? 'record' : 'record'",
    removes: "an owner's own pause does not come back after a promotion",
    caughtBy: [{ row: 'row 33', in: 'people' }],
  },
];
