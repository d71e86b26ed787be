/** One line of a doctor. */
export interface Check {
  /** What was looked at. */
  readonly about: string;
  readonly is: 'ok' | 'warning' | 'problem';
  readonly text: string;
  /** What to do about it, as somebody would type it where that is a command. */
  readonly todo?: string;
}

/** What was read: found, not there, or not to be read by whoever asks. */
export type Seen<T> = { readonly found: T } | 'absent' | 'forbidden';

export function ok(about: string, text: string): Check {
  return { about, is: 'ok', text };
}

export function warning(about: string, text: string, todo?: string): Check {
  return { about, is: 'warning', text, ...(todo === undefined ? {} : { todo }) };
}

export function problem(about: string, text: string, todo?: string): Check {
  return { about, is: 'problem', text, ...(todo === undefined ? {} : { todo }) };
}

/** A line that cannot be told is no good news. */
export function untold(about: string, what: string): Check {
  return warning(about, `cannot be told: you may not ${what}`);
}
