// Tries many mutants, some at a time.
import { messageOf } from '../../../src/errors.ts';
import type { Mutant, Run } from './mutant.ts';
import { furtherRuns, namedRuns } from './runs.ts';
import { type Tried, tryMutant } from './trial.ts';

export interface Attempt {
  /** Undefined in the control, which has none. */
  readonly mutant: Mutant | undefined;
  /** One after another, until something fails. */
  readonly runs: readonly (readonly Run[])[];
}

export interface Result extends Tried {
  readonly mutant: Mutant | undefined;
}

export interface HarnessOptions {
  readonly workers: number;
  readonly onResult: (result: Result) => void;
}

/** Each mutant with the runs it names, and then with `further` ones where those do not notice. */
export function attemptsAt(
  mutants: readonly Mutant[],
  further: readonly Run[] = furtherRuns,
): readonly Attempt[] {
  return mutants.map((mutant) => ({ mutant, runs: [mutant.caughtBy, further] }));
}

/** The control: what the mutants name, with none of them in place, in `parts` that are played side by side. */
export function controls(mutants: readonly Mutant[], parts: number): readonly Attempt[] {
  const runs = namedRuns(mutants);
  return Array.from({ length: parts }, (_, part) => ({
    mutant: undefined,
    runs: [runs.filter((__, nth) => nth % parts === part)],
  }));
}

/** Makes the attempts, `workers` at a time. */
export async function make(
  attempts: readonly Attempt[],
  { workers, onResult }: HarnessOptions,
): Promise<void> {
  const left = [...attempts];
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const tried = await oneByOne(next);
      onResult({ mutant: next.mutant, ...tried });
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
}

async function oneByOne({ mutant, runs }: Attempt): Promise<Tried> {
  let cpuMs = 0;
  try {
    for (const each of runs) {
      const tried = await tryMutant(mutant, each);
      cpuMs += tried.cpuMs;
      if (tried.found !== undefined) return { found: tried.found, cpuMs };
    }
    return { found: undefined, cpuMs };
  } catch (error) {
    return { found: undefined, cpuMs, broken: messageOf(error) };
  }
}
