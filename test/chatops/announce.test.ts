// Commits whose rollouts nobody asks about.
import { deepEqual, equal } from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { announce } from '../../src/chatops/announce.ts';
import { Marked } from '../../src/chatops/marked.ts';
import type { Mark } from '../../src/chatops/thread.ts';
import { resources } from '../../src/kube/objects.ts';
import { ago, mainOf, revisions, type Shop, states } from '../report/shop.ts';
import { type Forge, forgeOf, shas } from './forge.ts';
import { onTrial, type Rig, type RigOptions, rigOf } from './rig.ts';

interface Stand extends Rig {
  readonly forge: Forge;
  /** Puts the shop there, and comes back when the forge has heard that many marks. */
  readonly becomes: (shop: Shop, marks: number) => Promise<void>;
}

const repositories = new Map([['acme/shop', [{ namespace: 'shop', name: 'web' }]]]);

async function standOf(t: TestContext, options: RigOptions): Promise<Stand> {
  const forge = await forgeOf(t, 'gitlab');
  const rig = await rigOf(t, 'gitlab', forge, options);
  const { kube, clock, tell, chatops } = rig;
  const stop = new AbortController();
  const announcing = announce(chatops, stop.signal);
  t.after(async () => {
    stop.abort();
    await announcing;
  });
  const becomes: Stand['becomes'] = async (shop, marks) => {
    const main = mainOf(shop);
    const before = (await kube.get(resources.deployments, 'shop', 'web'))?.metadata.annotations ?? {};
    const gone = Object.fromEntries(Object.keys(before).map((key) => [key, null]));
    const metadata = { annotations: { ...gone, ...main.metadata.annotations } };
    const { spec = null } = main;
    await kube.patch(resources.deployments, 'shop', 'web', { type: 'merge', body: { metadata, spec } });
    tell({ type: 'MODIFIED', object: main });
    for (let step = 0; step < 500 && forge.marks.length < marks; step += 1) {
      await clock.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await forge.until(() => forge.marks.length >= marks);
  };
  await clock.advance(1_000);
  return { ...rig, forge, becomes };
}

const states_ = ({ marks }: Forge): readonly string[] =>
  marks.map((each) => each.replace(/^(\w+) serin\/canary: shop\/web (\w+): .*$/, '$1 $2'));

test('a rollout of the settings is told from its beginning to its end, each news once', async (t) => {
  const { forge, becomes } = await standOf(t, { repositories });
  await forge.until(() => forge.marks.length === 1);
  await becomes(onTrial, 1);
  await becomes({ ...onTrial, state: states.failed }, 2);
  await becomes({ ...onTrial, state: states.onTrial }, 3);
  await becomes({ annotations: onTrial.annotations ?? {}, state: states.promoted }, 4);
  deepEqual(states_(forge), ['bbbb running', 'bbbb failed', 'bbbb running', 'bbbb success']);
  deepEqual(forge.wrong, []);
});

test('one that another takes the place of has failed', async (t) => {
  const { forge, becomes } = await standOf(t, { repositories });
  await forge.until(() => forge.marks.length === 1);
  const state = { ...states.onTrial, revision: 'another000' };
  await becomes({ ...onTrial, state, annotations: { 'serin.dev/source-revision': shas.head } }, 3);
  deepEqual(states_(forge), ['bbbb running', 'bbbb failed', 'aaaa running']);
  equal(forge.marks[1]?.includes(`${revisions.candidate} was superseded by revision another000`), true);
});

const untold: { readonly [what: string]: RigOptions } = {
  'of no repository': {},
  'that says no commit': { repositories, shop: { ...onTrial, annotations: {} } },
  'that says a part of one': {
    repositories,
    shop: { ...onTrial, annotations: { 'serin.dev/source-revision': 'bbbbbbb' } },
  },
  'that ended long ago': {
    repositories,
    shop: { ...onTrial, state: { ...states.promoted, endedAt: ago(7200) } },
  },
};

for (const [what, options] of Object.entries(untold))
  test(`a rollout ${what} is not told`, async (t) => {
    const { forge, clock, logged } = await standOf(t, options);
    await clock.advance(120_000);
    deepEqual([forge.marks, forge.wrong, logged], [[], [], []]);
  });

test('what the forge does not take is still news, and the same is told once', async () => {
  const place = { forge: 'github', repository: 'acme/shop' } as const;
  const mark: Mark = { sha: shas.head, state: 'pending', description: 'x', environment: 'shop/web' };
  const [marked, heard]: [Marked, Mark[]] = [new Marked(), []];
  const failing = { mark: () => Promise.reject(new Error('no')) };
  await marked.mark(place, mark, async () => failing).catch(() => undefined);
  const hearing = { mark: async (each: Mark) => void heard.push(each) };
  for (const each of [mark, mark, { ...mark, description: 'y' }])
    await marked.mark({ ...place, repository: 'Acme/Shop' }, each, async () => hearing);
  deepEqual(
    heard.map(({ description }) => description),
    ['x', 'y'],
  );
});
