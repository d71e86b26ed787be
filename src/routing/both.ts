import type { Json } from '../rollout/types.ts';

/** What is met by both of two conditions (no `value`: either may be left out); or that nothing is, or why it cannot be told. */
export type Both<T = Json> =
  | { readonly kind: 'both'; readonly value?: T }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unsayable'; readonly why: string };
