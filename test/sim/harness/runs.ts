// Runs beyond those that a mutant names.
import type { Mutant, Run } from './mutant.ts';

const seeds: readonly Run[] = [2, 3, 5, 7, 8, 11, 13, 21, 34, 40].map((seed) => ({ seed }));
const crashes: readonly Run[] = ['healthy', 'a bad version'].flatMap((crash) =>
  ['crash before', 'crash after', 'unknown outcome'].map((flaw): Run => ({ crash, flaw })),
);
const rows: readonly Run[] = (['intermediate', 'stale', 'people'] as const).map((file) => ({
  row: 'row',
  in: file,
}));

/** Where the runs that a mutant names do not notice: some seeds, a part of the crash sweep, many rows of the matrix. */
export const furtherRuns: readonly Run[] = [...seeds, ...crashes, ...rows];

/** Everything that some mutant names, once: with no mutant in place, nothing of it may fail. */
export function namedRuns(mutants: readonly Mutant[]): readonly Run[] {
  const texts = new Set(mutants.flatMap(({ caughtBy }) => caughtBy.map((run) => JSON.stringify(run))));
  return [...texts].sort().map((text) => JSON.parse(text) as Run);
}
