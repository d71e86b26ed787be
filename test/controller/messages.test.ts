// What receivers of messages are told by what the controller does, and what is read for it.
import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { Refusals } from '../../src/controller/refusals.ts';
import { act } from '../../src/controller/act.ts';
import { messageTeller, resumeMessages } from '../../src/controller/messages.ts';
import { readScene } from '../../src/controller/scene.ts';
import { type KubeObject, names } from '../../src/kube/objects.ts';
import { Store } from '../../src/kube/store.ts';
import type { Messages } from '../../src/notify/messages.ts';
import type { Action } from '../../src/rollout/decision.ts';
import type { JsonObject, State } from '../../src/rollout/types.ts';
import { noGates } from '../gates/rig.ts';
import { aMain, ended, onTrial } from '../notify/news.ts';
import { memoryKube } from '../rig/memory-kube.ts';
import { virtualClock } from '../rig/virtual-clock.ts';
import { aPlan } from '../rollout/world.ts';

const home = 'serin-system';

function settings(namespace: string, data: JsonObject): KubeObject {
  return { metadata: { name: 'serin', namespace, uid: namespace, resourceVersion: '1' }, data };
}

/** A controller's copies, and what its messages are told: in words, with the settings they came with. */
function stage(main: KubeObject, ...configMaps: readonly KubeObject[]) {
  const stores = { deployments: new Store(), services: new Store(), scalers: new Store() };
  const copies = { ...stores, namespaces: new Store(), settings: new Store(), routeKinds: [] };
  copies.deployments.put(main);
  for (const each of configMaps) copies.settings.put(each);
  const told: string[] = [];
  const messages: Messages = {
    tell: ({ before, state, telling, spec }, { own, home: all }) =>
      void told.push(
        `${before.phase} -> ${state.phase} ${telling.reason}: ${telling.message} (${spec.analysis.threshold})`,
        `${own.namespace}: ${own.text}, ${all.namespace}: ${all.text}`,
      ),
    resume: (newsOf) => {
      const now = newsOf('shop', 'web');
      told.push(`resumes ${now?.news.state.phase}: ${now?.news.telling.message} (${now?.settings.own.text})`);
      told.push(`and ${newsOf('shop', 'gone') === undefined ? 'no' : 'a'} Deployment that is gone`);
      return Promise.resolve();
    },
  };
  return { copies, told, telling: { messages, copies, home } };
}

test('messages are told what the Events tell, with the settings of the namespace and of Serin’s own', async () => {
  const main = aMain();
  const { copies, told, telling } = stage(
    main,
    settings('shop', { 'messages.yaml': 'mine' }),
    settings(home, { 'messages.yaml': 'all' }),
  );
  const [kube, clock] = [memoryKube(), virtualClock()];
  const hands = { kube, clock, settleMs: 0, ...noGates, refusals: new Refusals(), warn: () => undefined };
  const event: Action = {
    do: 'event',
    type: 'Normal',
    reason: 'CanaryAdvanced',
    message: 'canary weight 20',
  };
  const scene = readScene(copies, main, onTrial(10), aPlan().spec);
  await act(
    { ...hands, tellMessages: messageTeller(telling) },
    scene,
    { state: onTrial(20, 'Waiting'), actions: [event] },
    () => Promise.resolve(''),
  );
  deepEqual(told, [
    'Progressing -> Waiting CanaryAdvanced: canary weight 20 (3)',
    'shop: mine, serin-system: all',
  ]);
});

test('after a restart messages look at what there is, but not where nobody hears anything', async () => {
  const bare = aMain();
  const state: State = ended('Failed', 'it broke');
  const annotations = { ...bare.metadata.annotations, [names.state]: JSON.stringify(state) };
  const main = { ...bare, metadata: { ...bare.metadata, annotations } };
  const { told, telling } = stage(main, settings('shop', { 'messages.yaml': 'mine' }));
  await resumeMessages(telling, () => 1);
  deepEqual(told, ['resumes Failed: it broke (mine)', 'and no Deployment that is gone']);
  const silent = stage(main, settings('shop', { 'canary.yaml': '' }));
  await resumeMessages(silent.telling, () => 1);
  deepEqual(silent.told, []);
});
