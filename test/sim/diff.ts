// What a write changed, in words short enough for a line.
import type { Json, JsonObject } from '../../src/rollout/types.ts';

/** Fields that change with everything and say nothing. */
const dull = new Set([
  'since',
  'startedAt',
  'endedAt',
  'weightAt',
  'at',

  'resourceVersion',
  'managedFields',
  'lastUpdateTime',
  'lastTransitionTime',
  'uid',
  'generation',
]);
/** A write of more changes than that is told in part. */
const most = 8;

/** The changes from one version to the next: `spec.paused: false -> true`. */
export function changesBetween(before: Json | undefined, after: Json | undefined): readonly string[] {
  const changes: string[] = [];
  compare('', before, after, changes);
  return changes.length > most ? [...changes.slice(0, most), `and ${changes.length - most} more`] : changes;
}

function compare(path: string, before: Json | undefined, after: Json | undefined, changes: string[]): void {
  if (before === after) return;
  const [left, right] = [parsed(before), parsed(after)];
  if (isMap(left) && isMap(right)) {
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
      if (!dull.has(key)) compare(path === '' ? key : `${path}.${key}`, left[key], right[key], changes);
    }
  } else if (Array.isArray(left) && Array.isArray(right)) {
    for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
      compare(`${path}[${at}]`, left[at] as Json | undefined, right[at] as Json | undefined, changes);
    }
  } else if (JSON.stringify(left) !== JSON.stringify(right)) {
    changes.push(`${path.replace('metadata.annotations.', '')}: ${short(left)} -> ${short(right)}`);
  }
}

/** What Serin keeps in annotations is JSON itself. */
function parsed(json: Json | undefined): Json | undefined {
  if (typeof json !== 'string' || !/^[{[]/.test(json)) return json;
  try {
    return JSON.parse(json) as Json;
  } catch {
    return json;
  }
}

function short(json: Json | undefined): string {
  const text = json === undefined ? 'none' : JSON.stringify(json);
  return text.length > 90 ? `${text.slice(0, 87)}...` : text;
}

function isMap(json: Json | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
