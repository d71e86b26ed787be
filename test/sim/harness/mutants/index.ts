// Every mutant there is.
import type { Mutant } from '../mutant.ts';
import { ofAdmission } from './admission.ts';
import { ofCapacity } from './capacity.ts';
import { ofDurability } from './durability.ts';
import { ofEvidence } from './evidence.ts';
import { ofKept } from './kept.ts';
import { ofLeavings } from './leavings.ts';
import { ofOrder } from './order.ts';
import { ofPreconditions } from './preconditions.ts';
import { ofTechniques } from './techniques.ts';
import { ofWatching } from './watching.ts';

export const mutants: readonly Mutant[] = [
  ...ofPreconditions,
  ...ofOrder,
  ...ofDurability,
  ...ofCapacity,
  ...ofEvidence,
  ...ofLeavings,
  ...ofWatching,
  ...ofAdmission,
  ...ofTechniques,
  ...ofKept,
];

/** The mutant of that name; throws where there is none. */
export function mutantCalled(name: string): Mutant {
  const mutant = mutants.find((each) => each.name === name);
  if (mutant === undefined) throw new Error(`there is no mutant ${name}`);
  return mutant;
}
