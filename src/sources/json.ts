import type { Json } from '../rollout/types.ts';

/** The value of a JSON text that a source sent; undefined where it is none. */
export function jsonIn(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined; // a proxy's page, or an answer that was cut
  }
}
