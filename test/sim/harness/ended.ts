// What a process that tries a mutant says as it ends.

export interface Ended {
  readonly cpuMs: number;
  /** The mutant's file was loaded, as the mutant has it. */
  readonly isApplied: boolean;
}

/** Begins the line that says so. */
export const endedMark = 'harness: ';
