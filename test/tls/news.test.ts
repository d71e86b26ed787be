import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import type { Kube, WatchEvent } from '../../src/kube/kube.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import { createNews } from '../../src/tls/news.ts';
import { virtualClock } from '../rig/virtual-clock.ts';
import { custodyOf } from './replica.ts';

const written = (resourceVersion: string): WatchEvent => {
  const object: KubeObject = { metadata: { name: 'serin-certs', uid: 'a', resourceVersion } };
  return { type: 'MODIFIED', object };
};

/** An API server that is asked to list and watch, and says what the test lets it say. */
function watched() {
  const asked: string[] = [];
  let say: (event: WatchEvent) => void = () => {};
  const kube = {
    list: (resource, { namespace, fieldSelector }) => {
      asked.push([resource.plural, namespace ?? '', fieldSelector ?? ''].join(' '));
      return Promise.resolve({ items: [], resourceVersion: '1' });
    },
    async *watch(resource, _scope, signal) {
      while (!signal.aborted)
        yield await new Promise<WatchEvent>((resolve) => {
          if (resource.plural === 'secrets') say = resolve;
        });
    },
  } as Partial<Kube> as Kube;
  return { kube, asked, say: (event: WatchEvent) => say(event) };
}

test('three objects are followed by their names, and a pause ends with what is written, but never before a second', async () => {
  const { kube, asked, say } = watched();
  const clock = virtualClock();
  const news = createNews(custodyOf(kube, clock), () => 0);
  const stop = new AbortController();
  void news.run(stop.signal);
  const ends: number[] = [];
  const from = clock.now();
  const pause = (ms: number): Promise<void> =>
    news.pause(ms, stop.signal).then(() => void ends.push(clock.now() - from));

  const first = pause(600_000);
  await clock.advance(5_000);
  say(written('2'));
  await first;
  const second = pause(600_000);
  await clock.advance(100);
  say(written('3'));
  await clock.advance(900);
  await second;
  const third = pause(10_000);
  await clock.advance(10_000);
  await third;
  deepEqual(ends, [5_000, 6_000, 16_000]);
  deepEqual(asked.sort(), [
    'mutatingwebhookconfigurations  metadata.name=serin',
    'secrets serin-system metadata.name=serin-certs',
    'validatingwebhookconfigurations  metadata.name=serin',
  ]);
  stop.abort();
});
