import { writeCommand } from '../../../src/config/asked-command.ts';
import { names, resources } from '../../../src/kube/objects.ts';
import type { Verb } from '../../../src/rollout/command.ts';
import { objectAt } from '../../../src/routing/json.ts';
import { ann, leader, namespace, type SmallShop } from './small-shop.ts';
import { tell } from './stories.ts';
import type { Loud } from './loud.ts';

const plan = {
  analysis: { webhooks: [{ name: 'owner', type: 'confirm-promotion', url: 'http://owner.gates/yes' }] },
};

/** Ann says something to the rollout, and the webhook leaves it in the name of `actor`. */
function say(shop: SmallShop, verb: Verb, actor = 'ann'): void {
  const { main, state } = shop;
  const command = writeCommand({ v: 1, do: verb, actor, revision: state.revision });
  const annotations = { ...main.metadata.annotations, [names.command]: command };
  shop.put(ann, resources.deployments, { ...main, metadata: { ...main.metadata, annotations } });
}

export const said: readonly Loud[] = [
  [
    'I16',
    'copies for a twin without a pod',
    async (shop) => {
      await tell(shop, 'starting');
      await shop.pass(20_000);
      shop.write({ phase: 'Progressing', since: shop.time.now });
      shop.weigh(0, undefined, { mirror: 100 });
    },
    /gives mirror to the twin of shop\/web, which has no ready pod/,
  ],
  [
    'I16',
    'copies that go on after the end of the trial',
    async (shop) => {
      await tell(shop, 'trial');
      shop.write({ phase: 'RollingBack', ending: 'Aborted', message: '' });
      await shop.pass(20_000);
      shop.weigh(0, undefined, { mirror: 100 });
    },
    /gives mirror to the twin of shop\/web, which is RollingBack/,
  ],
  [
    'I16',
    'what goes beside a weight goes on after a rollback',
    async (shop) => {
      await tell(shop, 'trial');
      shop.weigh(0, shop.state.revision, { match: [{ uri: { prefix: '/beta' } }] });
    },
    /gives match to the twin of shop\/web, and says that it was rolled back/,
  ],
  [
    'I17',
    'a pause that nobody said',
    async (shop) => {
      await tell(shop, 'trial');
      shop.write({ pause: { actor: 'ann', at: shop.time.now } });
    },
    /is paused, and the last command is none/,
  ],
  [
    'I17',
    'a command that is obeyed and stands there still',
    async (shop) => {
      await tell(shop, 'trial');
      say(shop, 'pause');
      shop.write({ pause: { actor: 'ann', at: shop.time.now } });
    },
    /stands there still, and the state has gone on to Progressing/,
  ],
  [
    'I17',
    'a command in the name of another',
    async (shop) => {
      await tell(shop, 'trial');
      say(shop, 'pause', 'bob');
    },
    /was said by ann/,
  ],
  [
    'I17',
    'a command that nobody heeds',
    async (shop) => {
      await tell(shop, 'trial');
      say(shop, 'abort');
    },
    /was heeded by nobody/,
  ],
  [
    'I18',
    'one of a group that rolls before another has its traffic on its canary',
    async (shop) => {
      shop.put(ann, resources.deployments, {
        ...shop.main,
        metadata: { ...shop.main.metadata, annotations: { 'serin.dev/group': 'shop' } },
      });
      await tell(shop, 'shifting');
      const state = JSON.stringify({ ...shop.state, phase: 'Progressing', weight: 25 });
      const annotations = { 'serin.dev/group': 'shop', [names.state]: state };
      shop.put(leader, resources.deployments, {
        ...{ apiVersion: 'apps/v1', kind: 'Deployment', spec: objectAt(shop.main, 'spec') },
        metadata: { name: 'web-b', namespace, annotations },
      });
      shop.write({ phase: 'Promoting.Roll', ending: 'Succeeded', weight: 100 });
    },
    /of group shop rolls, and shop\/web-b is Progressing/,
  ],
  [
    'I19',
    'a promotion past a gate that never opened',
    async (shop) => {
      shop.put(ann, resources.deployments, {
        ...shop.main,
        metadata: { ...shop.main.metadata, annotations: { [names.canary]: JSON.stringify(plan) } },
      });
      await tell(shop, 'judged');
      const call = { from: 'serin-a', gate: 'owner', path: '/yes', body: '', status: 403 };
      shop.gates.calls.push({ ...call, at: shop.time.now });
      shop.write({ phase: 'Promoting.Shift', since: shop.time.now });
    },
    /past gate owner, which never opened/,
  ],
];
