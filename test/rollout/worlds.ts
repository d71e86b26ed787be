// Worlds with a plan of some kind, and what people do in them.
import { equal } from 'node:assert/strict';
import type { Command, Verb } from '../../src/rollout/command.ts';
import type { Gate, GateType } from '../../src/rollout/gate.ts';
import type { Strategy } from '../../src/rollout/strategy.ts';
import type { Plan } from '../../src/rollout/types.ts';
import { aPlan, World } from './world.ts';

export function planned(
  analysis: Partial<Plan['spec']['analysis']>,
  spec: Partial<Plan['spec']> = {},
): World {
  return new World(aPlan({ ...spec, analysis: { ...aPlan().spec.analysis, ...analysis } }));
}

export const by = (strategy: Strategy): World => planned({ strategy });

/** A gate that is called like its type. */
export function gate(type: GateType): Gate {
  const how = { timeoutMs: 1, retries: 0, muteAlert: false, disableTls: false, metadata: {} };
  return { ...how, name: type, type, url: 'http://gate' };
}

export function gated(...types: readonly GateType[]): World {
  return planned({ gates: types.map(gate) });
}

export function goOn(world: World, looks: number): World {
  for (let each = 0; each < looks; each++) if (!world.look()) world.pass();
  return world;
}

export function says(world: World, verb: Verb, change: Partial<Command> = {}): World {
  world.command = { v: 1, do: verb, actor: 'bob', revision: world.state.revision, ...change };
  world.look();
  equal(world.command, undefined, 'a command is obeyed or ignored at once');
  return world;
}

export const messageOf = ({ state }: World): string => ('message' in state ? (state.message ?? '') : '');
