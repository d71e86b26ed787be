/**
 * What a person tells a rollout by the annotation `serin.dev/command`:
 * promote: the analysis ends as passed; abort: the candidate is given up as failed; pause: the weight holds, checks go on
 * and may still roll back; resume: takes a pause off; retry: a failed candidate is tried again from the start, with no
 * evidence; rollback: the template of an earlier revision becomes the candidate, and its trial skips the analysis.
 */
export const verbs = ['promote', 'abort', 'pause', 'resume', 'retry', 'rollback'] as const;

export type Verb = (typeof verbs)[number];

/** A command as the webhook left it: the actor is the authenticated user, whatever was written. */
export interface Command {
  readonly v: 1;
  readonly do: Verb;
  readonly actor: string;
  /** The revision that stood in the state when it was said: a command is for no other. */
  readonly revision: string;
  readonly reason?: string;
  /** Of `rollback`: the revision of the history to go back to; absent: the one that ran before. */
  readonly to?: string;
}
