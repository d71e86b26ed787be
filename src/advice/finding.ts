/** `error`: it would be refused; `warning`: it is legal and unwise; `note`: it changes nothing. */
export type Level = 'error' | 'warning' | 'note';

/** Where something stands in a text; both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** What there is to say of a place in a file. */
export interface Finding extends Place {
  readonly file: string;
  readonly level: Level;
  /** Where it stands in the plan or the object; empty for the whole. */
  readonly path: string;
  readonly text: string;
}
