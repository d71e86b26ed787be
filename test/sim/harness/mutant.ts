// What a mutant is: one thing of production code taken away, and where the simulator is to notice.

/** Something to play; it has caught a mutant when anything in it fails. */
export type Run =
  /** The history of that seed. */
  | { readonly seed: number }
  /** A history that once broke: test/sim/regressions/<name>.json. */
  | { readonly regression: string }
  /** A reference of the crash sweep, undisturbed. */
  | { readonly reference: string }
  /** Each of its writes, met by that flaw. */
  | { readonly crash: string; readonly flaw: string }
  /** Tests of test/sim/matrix/<file>.test.ts whose names begin so: `row 3:`, `technique: copies`. */
  | { readonly row: string; readonly in: MatrixFile };

type MatrixFile =
  | 'around'
  | 'calls'
  | 'intermediate'
  | 'owners'
  | 'people'
  | 'quota'
  | 'software'
  | 'stale'
  | 'techniques';

export interface Mutant {
  readonly name: string;
  /** Of src. */
  readonly file: string;
  /** Stands exactly once in it. */
  readonly text: string;
  readonly becomes: string;
  /** What is no more, in a sentence. */
  readonly removes: string;
  /** The runs that notice, cheapest first. */
  readonly caughtBy: readonly Run[];
}

/** A run as people write it. */
export function nameOf(run: Run): string {
  if ('seed' in run) return `seed ${run.seed}`;
  if ('regression' in run) return run.regression;
  if ('reference' in run) return `reference "${run.reference}"`;
  if ('crash' in run) return `"${run.crash}", ${run.flaw} at each write`;
  return `${run.row} (${run.in})`;
}

/** The file with the mutant in it; throws where the text is not there exactly once. */
export function mutated({ name: called, text, becomes }: Mutant, source: string): string {
  const [before, after, ...more] = source.split(text);
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(
      `the text of mutant ${called} is there ${after === undefined ? 'no' : 'more than one'} time`,
    );
  return `${before}${becomes}${after}`;
}
