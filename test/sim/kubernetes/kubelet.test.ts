import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { kinds } from '../api/kinds.ts';
import { TestCluster } from './cluster.ts';
import type { Pod } from './objects.ts';

interface Seen {
  readonly at: number;
  readonly state: string;
  readonly restarts: number;
}

/** What the container of a shop of one pod was in, each time it changed. */
async function statesOf(tag: string, seconds: number): Promise<readonly Seen[]> {
  const cluster = new TestCluster();
  const seen: Seen[] = [];
  cluster.api.onWrite(({ resource, object, at }) => {
    const [container] = resource === kinds.pods ? ((object as Pod).status?.containerStatuses ?? []) : [];
    if (container === undefined) return;
    const waiting = container.state['waiting'] as { reason: string } | undefined;
    const state = waiting?.reason ?? Object.keys(container.state).join();
    seen.push({ at, state, restarts: container.restartCount });
  });
  await cluster.open(1, tag);
  await cluster.pass(seconds);
  return seen;
}

/** How long each stay in a state was, in seconds. */
const stays = (seen: readonly Seen[], state: string): readonly number[] =>
  seen.flatMap((each, index) => {
    const next = seen[index + 1];
    return each.state === state && next !== undefined ? [(next.at - each.at) / 1000] : [];
  });

test('a crash loop restarts at once, then waits 10, 20, 40 s and so on up to five minutes', async () => {
  const seen = await statesOf('crash', 1_300);
  deepEqual(
    seen.slice(0, 4).map(({ state, restarts }) => [state, restarts]),
    [
      ['running', 0],
      ['running', 1],
      ['CrashLoopBackOff', 1],
      ['running', 2],
    ],
  );
  deepEqual(stays(seen, 'CrashLoopBackOff'), [10, 20, 40, 80, 160, 300, 300, 300]);
});

test('an image that is missing is asked for again and again, each time later', async () => {
  const seen = await statesOf('missing', 200);
  deepEqual(stays(seen, 'ImagePullBackOff'), [10, 20, 40, 80]);
  deepEqual([...new Set(seen.map(({ state }) => state))], ['ErrImagePull', 'ImagePullBackOff']);
});

test('a pod that never ran is gone soon after it is told to end; one that runs has its grace', async () => {
  const cluster = new TestCluster();
  await cluster.open(1);
  await cluster.patch(kinds.deployments, 'web', { spec: { replicas: 0 } });
  await cluster.pass(0.9);
  equal(cluster.pods.length, 1);
  await cluster.pass(0.4);
  equal(cluster.pods.length, 0);
});
