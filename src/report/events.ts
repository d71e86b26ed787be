import type { KubeObject } from '../kube/objects.ts';
import { numberAt, objectAt, textAt } from '../routing/json.ts';
import type { EventShown } from './report.ts';

const most = 30;

/** What was told of the Deployment, the newest last; the oldest are left out. */
export function eventsOf(events: readonly KubeObject[]): readonly EventShown[] {
  return events
    .map(shown)
    .toSorted((a, b) => a.at - b.at)
    .slice(-most);
}

function shown(event: KubeObject): EventShown {
  const series = objectAt(event, 'series');
  const times = [
    textAt(series, 'lastObservedTime'),
    ...['lastTimestamp', 'eventTime', 'firstTimestamp'].map((name) => textAt(event, name)),
    textAt(event.metadata, 'creationTimestamp'),
  ].map((text) => Date.parse(text ?? ''));
  return {
    at: times.find((time) => !Number.isNaN(time)) ?? 0,
    type: textAt(event, 'type') === 'Warning' ? 'Warning' : 'Normal',
    reason: textAt(event, 'reason') ?? '',
    message: textAt(event, 'message') ?? textAt(event, 'note') ?? '',
    count: numberAt(series, 'count') ?? numberAt(event, 'count') ?? 1,
  };
}
