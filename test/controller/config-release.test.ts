import { deepEqual, equal, match } from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { configOf, readSeen, withConfig } from '../../src/config/config-seen.ts';
import { holding } from '../../src/config/hold.ts';
import { stableOf } from '../../src/config/stable.ts';
import { readState } from '../../src/config/state.ts';
import { configKey } from '../../src/controller/config-key.ts';
import { isPaused, templateOf } from '../../src/kube/deployment.ts';
import { type KubeObject, names, resources } from '../../src/kube/objects.ts';
import type { JsonObject, State } from '../../src/rollout/types.ts';
import { memoryKube } from '../rig/memory-kube.ts';
import { type ConfigRig, configRig } from './config-rig.ts';

const container = {
  name: 'web',
  image: 'shop:1',
  envFrom: [{ configMapRef: { name: 'web-config' } }, { secretRef: { name: 'web-secret' } }],
};
const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [container] } };
const deployment: JsonObject = {
  metadata: { name: 'web', namespace: 'shop' },
  spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, template },
  status: { availableReplicas: 2 },
};

async function rigOf(t: TestContext, ...options: Parameters<typeof configRig> | []): Promise<ConfigRig> {
  const [of = deployment, more] = options;
  const rig = await configRig(of, more);
  t.after(() => rig.stop());
  await rig.put('configMaps', 'web-config', { data: { colour: 'red' } });
  await rig.look();
  return rig;
}

function stateIn(main: KubeObject): State | undefined {
  const state = readState(main.metadata.annotations);
  return state !== undefined && 'corrupt' in state ? undefined : state;
}

/** Another colour, and a look once it has settled. */
async function recoloured(rig: ConfigRig, colour: string): Promise<KubeObject> {
  await rig.put('configMaps', 'web-config', { data: { colour } });
  await rig.clock.advance(3_000);
  await rig.look();
  return rig.main();
}

test('what is seen first is noted and nothing else; a label changes nothing', async (t) => {
  const rig = await rigOf(t);
  const main = await rig.main();
  deepEqual(Object.keys(readSeen(main.metadata.annotations)?.digests ?? {}), ['ConfigMap/web-config']);
  deepEqual(templateOf(main), template);
  await rig.put('configMaps', 'web-config', { metadata: { labels: { team: 'shop' } } });
  await rig.clock.advance(3_000);
  equal(await rig.look(), undefined);
  deepEqual(await rig.main(), main);
});

test('a change is held once it has settled, in the name of what changed, with the way back', async (t) => {
  const rig = await rigOf(t);
  await rig.put('configMaps', 'web-config', { data: { colour: 'blue' } });
  deepEqual(await rig.look(), { wakeAt: rig.clock.now() + 3_000 });
  equal(stateIn(await rig.main()), undefined);
  const main = await recoloured(rig, 'blue');
  const state = stateIn(main);
  equal(state?.phase, 'Pending');
  equal(state?.actor, 'a change of ConfigMap web-config');
  equal(isPaused(main), true);
  deepEqual(state && stableOf(main.metadata.annotations, templateOf(main), state), template);
  equal(await rig.look(), undefined, 'and not twice');
});

test('with the content of before the candidate is withdrawn and the template is as it was', async (t) => {
  const rig = await rigOf(t);
  await recoloured(rig, 'blue');
  const main = await recoloured(rig, 'red');
  deepEqual([templateOf(main), isPaused(main), stateIn(main)?.phase], [template, false, 'RollingBack']);
});

test('a candidate that is held already gets the change, and stays that of who asked for it', async (t) => {
  const rig = await rigOf(t);
  const image = { ...template, spec: { containers: [{ ...container, image: 'shop:2' }] } };
  const { annotations, paused = true } = holding(image, template, { actor: 'ann', ownPause: false });
  const written = Object.fromEntries(Object.entries(annotations).map(([name, text]) => [name, text ?? null]));
  await rig.change({ metadata: { annotations: written }, spec: { paused, template: image } });
  const main = await recoloured(rig, 'blue');
  const state = stateIn(main);
  deepEqual(withConfig(templateOf(main), undefined), image);
  equal(configOf(templateOf(main)) === undefined, false);
  deepEqual([state?.phase, state?.actor], ['Pending', 'ann']);
  deepEqual(state && stableOf(main.metadata.annotations, templateOf(main), state), template);
  // Without the change it is the candidate that ann asked for again.
  const back = await recoloured(rig, 'red');
  deepEqual([templateOf(back), stateIn(back)?.actor], [image, 'ann']);
});

test('a change during its trial is tried in its place', async (t) => {
  const rig = await rigOf(t);
  const first = configOf(templateOf(await recoloured(rig, 'blue')));
  const main = await recoloured(rig, 'green');
  equal([undefined, first].includes(configOf(templateOf(main))), false);
  equal(stateIn(main)?.phase, 'Pending');
});

test('what failed and was put back is not tried again by itself (flagger#780); another content is', async (t) => {
  const rig = await rigOf(t);
  const held = await recoloured(rig, 'blue');
  const pending = stateIn(held);
  const failed = { ...pending, phase: 'Failed', startedAt: 1, endedAt: 2, message: 'broken' };
  const annotations = { [names.state]: JSON.stringify(failed), [names.stable]: null };
  await rig.kube.patch(resources.deployments, 'shop', 'web', {
    type: 'json',
    ops: [{ op: 'replace', path: '/spec/template', value: template }],
  });
  await rig.change({ metadata: { annotations }, spec: { paused: null } });
  equal(await rig.look(), undefined);
  equal(stateIn(await rig.main())?.phase, 'Failed');
  equal(stateIn(await recoloured(rig, 'green'))?.phase, 'Pending');
});

test('where Serin may not list Secrets they are left out, told of once, and ConfigMaps are followed', async (t) => {
  const rig = await rigOf(t, deployment, { forbidden: ['secrets'] });
  await rig.put('secrets', 'web-secret', { data: { password: 'YQ==' } });
  equal(stateIn(await recoloured(rig, 'blue'))?.phase, 'Pending');
  deepEqual(rig.warned, ['changes of secrets are no releases: Serin may not list them']);
});

test('a changed Secret is a release, and nothing of it is written anywhere but its digest', async (t) => {
  const rig = await rigOf(t);
  const password = Buffer.from('hunter2').toString('base64');
  await rig.put('secrets', 'web-secret', { data: { password: 'YQ==' } });
  await rig.look();
  await rig.put('secrets', 'web-secret', { data: { password } });
  await rig.clock.advance(3_000);
  await rig.look();
  const main = await rig.main();
  equal(stateIn(main)?.actor, 'a change of Secret web-secret');
  equal(/hunter2|YQ==/.test(JSON.stringify(main)) || JSON.stringify(main).includes(password), false);
});

test('while no pod is available the content is only noted', async (t) => {
  const rig = await rigOf(t, { ...deployment, status: {} });
  const before = readSeen((await rig.main()).metadata.annotations);
  const main = await recoloured(rig, 'blue');
  deepEqual([templateOf(main), stateIn(main)], [template, undefined]);
  equal(JSON.stringify(readSeen(main.metadata.annotations)) === JSON.stringify(before), false);
});

const left: readonly (readonly [string, (rig: ConfigRig) => Promise<unknown>])[] = [
  [
    'ConfigMap that opts out',
    (rig) =>
      rig.put('configMaps', 'web-config', { metadata: { annotations: { [names.config]: 'disabled' } } }),
  ],
  [
    'ConfigMap that opts out in the words of Flagger',
    (rig) => {
      const annotations = { 'flagger.app/config-tracking': 'disabled' };
      return rig.put('configMaps', 'web-config', { metadata: { annotations } });
    },
  ],
  [
    'Deployment whose plan says so',
    (rig) => rig.change({ metadata: { annotations: { [names.canary]: 'configTracking: false' } } }),
  ],
  [
    'Deployment without a canary',
    (rig) => rig.change({ metadata: { annotations: { [names.canary]: 'disabled' } } }),
  ],
  [
    'namespace without the label',
    (rig) =>
      rig.kube.patch(resources.namespaces, undefined, 'shop', {
        type: 'merge',
        body: { metadata: { labels: { 'serin.dev/mode': null } } },
      }),
  ],
];
for (const [what, optOut] of left)
  test(`a ${what}: a change is no release, and nothing that is old is left behind`, async (t) => {
    const rig = await rigOf(t);
    await optOut(rig);
    const main = await recoloured(rig, 'blue');
    await rig.look();
    deepEqual([templateOf(main), stateIn(main)], [template, undefined]);
    deepEqual(readSeen((await rig.main()).metadata.annotations)?.digests ?? {}, {});
  });

test('the key is made once, is read from then on, and one that is none is not used', async () => {
  const kube = memoryKube();
  const make = (byte: number): Promise<Uint8Array> =>
    configKey(kube, 'serin-system', (size) => new Uint8Array(size).fill(byte));
  deepEqual(
    [...(await make(1))],
    Array.from({ length: 32 }, () => 1),
  );
  deepEqual(
    [...(await make(2))],
    Array.from({ length: 32 }, () => 1),
  );
  const emptied = { type: 'merge', body: { data: null } } as const;
  await kube.patch(resources.secrets, 'serin-system', 'serin-config', emptied);
  deepEqual(new Set(await make(4)), new Set([4]), 'a Secret of that name without a key is given one');
  const spoilt = { type: 'merge', body: { data: { key: 'YQ==' } } } as const;
  await kube.patch(resources.secrets, 'serin-system', 'serin-config', spoilt);
  match(await make(3).then(String, String), /has no usable key: delete it/);
});
