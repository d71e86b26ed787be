import { hash } from 'node:crypto';
import { canonicalJson } from '../rollout/template.ts';
import type { Json } from '../rollout/types.ts';

/** The revision of a pod template: the same template has the same, whatever the order of its keys. */
export function revisionOf(template: Json): string {
  return hash('sha256', canonicalJson(template)).slice(0, 10);
}
