import { parseJson } from '../config/json.ts';
import type { Json } from '../rollout/types.ts';

/** What a source sent, as JSON; undefined where it is none: a proxy's page, or an answer that was cut. */
export function jsonIn(text: string): Json | undefined {
  return parseJson(text) as Json | undefined;
}
