// Worlds in which main itself rolls, share by share.
import type { GateType } from '../../src/rollout/gate.ts';
import type { Plan } from '../../src/rollout/types.ts';
import { aPlan, World } from './world.ts';
import { gate } from './worlds.ts';

const mostPods = 10;

/** Ten pods, of which 10, 30 and 50 percent are to run the candidate before all do; one rolls at a time. */
export function inPlace(
  analysis: Partial<Plan['spec']['analysis']> = {},
  spec: Partial<Plan['spec']> = {},
): World {
  const plan = aPlan({ promotion: 'inPlace', analysis: { ...aPlan().spec.analysis, ...analysis }, ...spec });
  const world = new World(plan);
  Object.assign(world, { rollsBy: 1, routed: false });
  Object.assign(world.main, { replicas: mostPods, ready: mostPods });
  return world;
}

export const gated = (...types: readonly GateType[]): World => inPlace({ gates: types.map(gate) });

/** Goes on until so many pods run the candidate and it is held there. */
export function heldAt(world: World, pods: number): World {
  for (let looks = 0; looks < 300; looks++) {
    if (world.main.updated >= pods && world.state.phase === 'Rolling' && world.state.reached) return world;
    if (!world.look()) world.pass();
  }
  throw new Error(`${world.main.updated} pods, ${JSON.stringify(world.state)}`);
}

/** Main as it is in the end: what its pods run, and whether it is held. */
export const main = ({ main: { paused, restorable, updated, replicas } }: World) => ({
  ...{ paused, runs: restorable ? 'new' : 'old', isWhole: updated === replicas },
});
