import type { Field } from './field.ts';

// Values of what Serin has written itself: whatever is missing or wrong makes the whole record corrupt.

/** `fallback` only keeps the types whole: a state with anything reported is not handed out. */
export function needed<T>(field: Field, fallback: T): T {
  field.required('a value');
  return fallback;
}

/** The version of the record's format. */
export function format(root: Field): 1 {
  if (root.at('v').value !== 1) root.at('v').expected('1, the one format that is known');
  return 1;
}

export const text = (field: Field): string => field.text() ?? needed(field, '');
export const count = (field: Field): number => field.whole(0, Number.MAX_SAFE_INTEGER) ?? needed(field, 0);
export const weight = (field: Field): number => field.whole(0, 100) ?? needed(field, 0);

/** One of the words; the first stands in for one that is wrong. */
export function choice<T extends string>(field: Field, choices: readonly [T, ...T[]]): T {
  return field.choice(choices) ?? needed(field, choices[0]);
}

/** A text that may be empty. */
export function message(field: Field): string {
  if (typeof field.value !== 'string') field.expected('a text');
  return typeof field.value === 'string' ? field.value : '';
}

/** How and when a rollout ended. */
export function endOf(root: Field): { startedAt: number; endedAt: number; message: string } {
  return {
    startedAt: count(root.at('startedAt')),
    endedAt: count(root.at('endedAt')),
    message: message(root.at('message')),
  };
}
