import { deepEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { createKube } from '../../../src/kube/client.ts';
import type { Kube } from '../../../src/kube/kube.ts';
import { kinds } from './kinds.ts';
import { Dice } from '../dice.ts';
import { Life, SimTime } from '../time.ts';
import { createSimApi } from './server.ts';
import { plainWire } from './wire.ts';

const ann = { username: 'ann', manager: 'kubectl' };
const configMap = (name: string, data = {}) => ({ metadata: { name }, data });

test('what one client writes over its wire, its watch tells it', async () => {
  const time = new SimTime();
  const api = createSimApi(time, new Dice(1));
  const kube = api.kube(ann);
  await kube.create(kinds.namespaces, undefined, { metadata: { name: 'shop' } });
  await kube.create(kinds.configMaps, 'shop', configMap('a', { x: '1' }));
  const life = new Life(time, 'p');
  const wired: Kube = createKube(api.connect(ann, life, plainWire()), life.clock);
  const work = (async () => {
    const a = await wired.get(kinds.configMaps, 'shop', 'a');
    ok(a);
    const b = await wired.patch(kinds.configMaps, 'shop', 'a', { type: 'merge', body: { data: { y: '2' } } });
    deepEqual(b['data'], { x: '1', y: '2' });
    const l = await wired.list(kinds.configMaps, {});
    deepEqual(l?.items, [b]);
    const seen: string[] = [];
    const stop = new AbortController();
    for await (const e of wired.watch(
      kinds.configMaps,
      { resourceVersion: a.metadata.resourceVersion, timeoutSeconds: 300 },
      stop.signal,
    )) {
      seen.push(e.type);
      if (e.type === 'MODIFIED') await wired.delete(kinds.configMaps, 'shop', 'a', a.metadata.uid);
      if (e.type === 'BOOKMARK') break;
    }
    deepEqual(seen, ['MODIFIED', 'DELETED', 'BOOKMARK']);
  })();
  let isOver = false;
  void work.then(
    () => {
      isOver = true;
    },
    () => {
      isOver = true;
    },
  );
  await time.run(time.now + 100_000, () => isOver);
  await work;
});
