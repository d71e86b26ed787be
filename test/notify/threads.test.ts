// Slack's threads on a server that answers as its API does: what they hold, and what a restart does.
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../gates/rig.ts';
import { settled } from '../rig/virtual-clock.ts';
import {
  advanced,
  aMain,
  ended,
  failed,
  identity,
  news,
  onTrial,
  paused,
  pending,
  started,
  why,
} from './news.ts';
import { addSecret, inShort, kept, rig, serveSlack, settingsOf } from './rig.ts';

const slack = settingsOf(
  'receivers: [{name: room, type: slack, channel: "#room", secretRef: {name: slack}}]',
);

test('with a token each rollout has a thread, whose first message says how it stands', async (t) => {
  const { url, calls } = await serveSlack(t);
  const { kube, messages, told } = rig();
  await addSecret(kube, 'slack', { address: url, token: 'xoxb-1' });
  for (const each of [started(), paused(), failed()]) messages.tell(each, slack);
  await told(3);
  deepEqual(calls.map(inShort), [
    'chat.postMessage #room: *web.shop* New revision detected, analysis starting',
    'chat.postMessage C123 in 1001.000100: *web.shop* Paused by bob',
    'chat.postMessage C123 in 1001.000100 to all: *web.shop* Failed checks threshold reached (5)',
    'chat.update C123 1001.000100: *web.shop* Failed checks threshold reached (5)',
  ]);
  ok(calls.every(({ authorization }) => authorization === 'Bearer xoxb-1'));
  deepEqual(await kept(kube), []);
});

test('a step is shown in the first message of the thread and told nobody, also where the receiver hears of less', async (t) => {
  const { url, calls } = await serveSlack(t);
  const { kube, messages, told } = rig();
  await addSecret(kube, 'slack', { address: url, token: 'xoxb-1' });
  const warn = settingsOf(
    'receivers: [{name: room, type: slack, channel: C1, severity: warn, secretRef: {name: slack}}]',
  );
  messages.tell(started(), warn);
  messages.tell(advanced(10), warn);
  messages.tell(paused(), warn);
  await told(1);
  messages.tell(advanced(20), warn);
  await told(2);
  deepEqual(calls.map(inShort), [
    'chat.postMessage C1: *web.shop* Paused by bob',
    'chat.update C123 1001.000100: *web.shop* canary weight 20',
  ]);
});

test('after a restart the thread goes on, and an end that was not told is told once', async (t) => {
  const { url, calls } = await serveSlack(t);
  const before = rig();
  await addSecret(before.kube, 'slack', { address: url, token: 'xoxb-1' });
  before.messages.tell(started(), slack);
  await before.told(1);
  before.leave();
  before.messages.tell(failed(), slack);
  await settled();
  const after = rig({ kube: before.kube });
  const now = {
    news: { ...failed(), state: ended('Failed', why), telling: { ...failed().telling, reason: '' } },
  };
  await after.messages.resume(() => ({ ...now, settings: slack }));
  // The machine may come to say it, too.
  after.messages.tell(failed(), slack);
  await after.told(1);
  await until(() => calls.length >= 3);
  await settled();
  deepEqual(calls.map(inShort), [
    'chat.postMessage #room: *web.shop* New revision detected, analysis starting',
    'chat.postMessage C123 in 1001.000100 to all: *web.shop* Failed checks threshold reached (5)',
    'chat.update C123 1001.000100: *web.shop* Failed checks threshold reached (5)',
  ]);
  deepEqual(after.outcomes, ['slack told']);
  deepEqual(await kept(after.kube), []);
});

test('what is still on trial after a restart is not told anew, and what is gone is forgotten', async (t) => {
  const { url, calls } = await serveSlack(t);
  const before = rig();
  await addSecret(before.kube, 'slack', { address: url, token: 'xoxb-1' });
  before.messages.tell(started(), slack);
  before.messages.tell(started({ main: aMain('registry/api:2', 'api', 'u2') }), slack);
  await before.told(2);
  const after = rig({ kube: before.kube });
  await after.messages.resume((_, name) =>
    name === 'web' ? { news: started(), settings: slack } : undefined,
  );
  await settled();
  equal(calls.length, 2);
  deepEqual(
    (await kept(after.kube)).map((each) => (each as { name: string }).name),
    ['web'],
  );
});

test('a newer revision ends the thread of the one before, also after a restart', async (t) => {
  const { url, calls } = await serveSlack(t);
  const before = rig();
  await addSecret(before.kube, 'slack', { address: url, token: 'xoxb-1' });
  before.messages.tell(started(), slack);
  await before.told(1);
  const after = rig({ kube: before.kube });
  const state = { ...onTrial(0, 'Starting'), revision: '77aa', actor: 'bob' };
  after.messages.tell(news({ reason: 'CanaryStarted', message: 'on trial' }, state), slack);
  await after.told(2);
  deepEqual(calls.map(inShort).slice(1), [
    'chat.postMessage C123 in 1001.000100: *web.shop* Superseded by a newer revision',
    'chat.update C123 1001.000100: *web.shop* Superseded by a newer revision',
    'chat.postMessage #room: *web.shop* New revision detected, analysis starting',
  ]);
  match(
    JSON.stringify(calls[1]),
    new RegExp(`revision ${identity.revision} makes room for 77aa, asked for by bob`),
  );
});

test('after a restart a newer revision is told once to make room, whoever finds it first', async (t) => {
  const { url, calls } = await serveSlack(t);
  const before = rig();
  await addSecret(before.kube, 'slack', { address: url, token: 'xoxb-1' });
  before.messages.tell(started(), slack);
  await before.told(1);
  const state = { ...onTrial(0, 'Starting'), revision: '77aa' };
  const newer = news({ reason: 'CanaryStarted', message: 'on trial' }, state);
  const after = rig({ kube: before.kube });
  after.messages.tell(newer, slack);
  await after.messages.resume(() => ({ news: newer, settings: slack }));
  await after.messages.resume(() => ({ news: newer, settings: slack }));
  await after.told(2);
  await settled();
  deepEqual(
    calls.map(inShort).filter((line) => line.includes('Superseded') && line.startsWith('chat.post')).length,
    1,
  );
  deepEqual(
    (await kept(after.kube)).map((each) => (each as { revision: string }).revision),
    ['77aa'],
  );
});

test('a candidate that is given up twice before its trial begins is told so twice', async (t) => {
  const { url, calls } = await serveSlack(t);
  const { kube, messages, told } = rig();
  await addSecret(kube, 'slack', { address: url, token: 'xoxb-1' });
  const message = 'aborted by bob';
  const state = { ...identity, phase: 'RollingBack', ending: 'Failed', message } as const;
  const given = news({ type: 'Warning', reason: 'CanaryFailed', message }, state);
  const again = news({ reason: 'CanaryStarted', message: 'revision is tried again by ann' }, pending);
  for (const each of [given, given, again, given]) messages.tell(each, slack);
  await told(3);
  deepEqual(calls.map(inShort), [
    'chat.postMessage #room: *web.shop* Rolled back by bob',
    'chat.postMessage #room: *web.shop* revision is tried again by ann',
    'chat.postMessage C123 in 1002.000100: *web.shop* Rolled back by bob',
    'chat.update C123 1002.000100: *web.shop* Rolled back by bob',
  ]);
});

test('where Slack says no, why is told without the token, and the next message tries again', async (t) => {
  const { url, calls, server } = await serveSlack(t);
  const answers = [
    { ok: false, error: 'channel_not_found' },
    { ok: false, error: 'xoxb-1 <b>' },
  ];
  server.at('/api/chat.postMessage', (_, response) => {
    response.end(JSON.stringify(answers.shift() ?? { ok: true, channel: 'C1', ts: '1.1' }));
  });
  const { kube, messages, told, troubles, outcomes } = rig();
  await addSecret(kube, 'slack', { address: url, token: 'xoxb-1' });
  for (const each of [started(), paused(), paused()]) messages.tell(each, slack);
  await told(3);
  const host = new URL(url).host;
  deepEqual(troubles, [
    `web: not told: slack room (${host}): chat.postMessage says channel_not_found`,
    `web: not told: slack room (${host}): chat.postMessage says no`,
  ]);
  deepEqual([outcomes, calls.length], [['slack failed', 'slack failed', 'slack told'], 0]);
});
