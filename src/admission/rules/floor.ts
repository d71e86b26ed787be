import { mistakesText } from '../../config/canary.ts';
import { type Floor, parseFloor, usualFloor } from '../../config/floor.ts';
import type { JsonObject } from '../../rollout/types.ts';
import { objectAt } from '../../routing/json.ts';
import type { Rule } from './rule.ts';

/** The floor of a namespace sinks for those alone who may go around the canary anyway. */
export const floor: Rule = {
  id: 'floor',
  effect: 'refuse',
  looksAt: [{ resource: 'configmaps', operations: ['CREATE', 'UPDATE', 'DELETE'] }],
  check({ name, object, oldObject }) {
    if (name !== 'serin') return [];
    const parsed = parseFloor(textOf(object));
    if (!parsed.ok) {
      const seen = `enforce.yaml of ConfigMap serin cannot be followed: ${mistakesText(parsed.mistakes)}`;
      return [{ seen, todo: 'mend it' }];
    }
    const sunk = weaker(floorOf(oldObject), parsed.floor);
    if (sunk.length === 0) return [];
    const todo = 'leave the floor as it is, or have somebody who may bypass lower it';
    return [{ seen: `the floor of the namespace would sink: ${sunk.join(', ')}`, todo }];
  },
};

/** The floor that a ConfigMap asks for; one that cannot be read is as good as none. */
export function floorOf(configMap: JsonObject): Floor {
  const parsed = parseFloor(textOf(configMap));
  return parsed.ok ? parsed.floor : usualFloor;
}

function textOf(configMap: JsonObject): string | undefined {
  const text = objectAt(configMap, 'data')['enforce.yaml'];
  return typeof text === 'string' ? text : undefined;
}

function weaker(before: Floor, after: Floor): readonly string[] {
  const seconds = (ms: number): string => `${ms / 1000}s`;
  return [
    ...(after.intervalMs < before.intervalMs
      ? [`interval ${seconds(before.intervalMs)} to ${seconds(after.intervalMs)}`]
      : []),
    ...(after.threshold > before.threshold ? [`threshold ${before.threshold} to ${after.threshold}`] : []),
    ...(after.step > before.step ? [`step ${before.step} to ${after.step}`] : []),
  ];
}
