import type { JsonObject } from '../rollout/types.ts';
import { objectAt, textAt } from '../routing/json.ts';

/** Of the ConfigMap `serin` in Serin's own namespace: until when no rollout is wanted. */
const key = 'uninstall';

/** What that ConfigMap says from now on. Whoever wrote it may go away without taking it back, so it ends by itself. */
export function uninstallNote(untilMs: number): JsonObject {
  return { data: { [key]: new Date(untilMs).toISOString() } };
}

/** True while Serin is being uninstalled: every rollout is to end at stable. */
export function isUninstalling(configMap: JsonObject | undefined, nowMs: number): boolean {
  const until = Date.parse(textAt(objectAt(configMap, 'data'), key) ?? '');
  return nowMs < until;
}
