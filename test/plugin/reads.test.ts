// The verbs that show something, on an API server in memory: what they write where, and as what.
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { writeState } from '../../src/config/state.ts';
import { SerinError } from '../../src/errors.ts';
import { resources } from '../../src/kube/objects.ts';
import { exit } from '../../src/plugin/verb.ts';
import type { Report } from '../../src/report/report.ts';
import type { JsonObject } from '../../src/rollout/types.ts';
import { type MemoryKube, memoryKube } from '../rig/memory-kube.ts';
import { serving, tellingOf } from '../report/serving.ts';
import { ledger, mainOf, type Shop, states } from '../report/shop.ts';
import { terminal } from './terminal.ts';

const onTrial: Shop = { state: states.onTrial, ledger, weight: 20 };

test('status without a name is the only rollout of the namespace, or the list of them', async () => {
  const kube = await serving(onTrial);
  const one = terminal({ kube });
  equal(await one.does('status'), exit.done);
  match(one.said.out, /^shop\/web {2}on trial, step 2 of 4\n/);
  const { metadata, ...rest } = mainOf({});
  await kube.create(resources.deployments, 'shop', { ...rest, metadata: { ...metadata, name: 'cart' } });
  const two = terminal({ kube });
  equal(await two.does('status'), exit.done);
  match(two.said.out, /^NAME +STATE.*\nweb +on trial.*\ncart +idle/);
});

test('where Serin releases nothing it is said what to do, and it is no failure', async () => {
  for (const line of ['status', 'list', 'list -A']) {
    const { does, said } = terminal({ kube: memoryKube() });
    equal(await does(line), exit.done);
    match(said.err, /Serin releases no Deployment .* kubectl label namespace \w+ serin.dev\/mode=canary\n$/);
    equal(said.out, '');
  }
});

test('JSON and YAML are the report, or a list of them, and nothing else', async () => {
  const kube = await serving(onTrial);
  const said = async (line: string): Promise<string> => {
    const { does, said: heard } = terminal({ kube });
    equal(await does(line), exit.done, heard.err);
    equal(heard.err, '');
    return heard.out;
  };
  const report = JSON.parse(await said('status web -o json')) as Report;
  equal(report.phase, 'Progressing');
  deepEqual(parse(await said('status web -o yaml')), report);
  const { items } = JSON.parse(await said('list -o json')) as { readonly items: readonly Report[] };
  deepEqual(
    items.map(({ name, phase, weight }) => ({ name, phase, weight })),
    [{ name: 'web', phase: 'Progressing', weight: report.weight }],
  );
  deepEqual(JSON.parse(await said('history web -o json')), { namespace: 'shop', name: 'web', items: [] });
});

test('a name that is none ends in 1, with the nearest', async () => {
  const kube = await serving(onTrial);
  for (const line of ['status wep', 'history wep', 'watch wep', 'wait wep']) {
    const { does, said } = terminal({ kube });
    equal(await does(line), exit.failed, line);
    match(said.err, /^no Deployment wep in namespace shop; did you mean web\?\n$/m, line);
  }
});

test('a list says what it lacks, and where to look instead', async () => {
  const kube = await serving(onTrial);
  const forbid = (...plurals: string[]): void => {
    kube.before = ({ plural }) => {
      if (plurals.includes(plural)) throw new SerinError('KUBE_FORBIDDEN', `cannot list ${plural}`);
    };
  };
  forbid('virtualservices', 'configmaps');
  const some = terminal({ kube });
  equal(await some.does('list'), exit.done);
  equal(some.said.err, 'not shown, since you may not read it: configmaps, virtualservices\n');
  forbid('deployments');
  const none = terminal({ kube });
  equal(await none.does('list -A'), exit.failed);
  match(none.said.err, /^cannot list deployments; of one namespace: kubectl canary list -n NAMESPACE\nask/);
});

interface Watched {
  readonly kube: MemoryKube;
  /** Makes it so, and tells whoever watches. */
  readonly becomes: (shop: Shop) => Promise<void>;
}

async function watched(): Promise<Watched> {
  const kube = await serving(onTrial);
  const tell = tellingOf(kube);
  const becomes = async (shop: Shop): Promise<void> => {
    const main = await kube.get(resources.deployments, 'shop', 'web');
    const resourceVersion = main?.metadata.resourceVersion ?? '';
    const state = shop.state === undefined ? null : writeState(shop.state);
    const body: JsonObject = { metadata: { resourceVersion, annotations: { 'serin.dev/state': state } } };
    await kube.patch(resources.deployments, 'shop', 'web', { type: 'merge', body });
    const object = await kube.get(resources.deployments, 'shop', 'web');
    if (object !== undefined) tell({ type: 'MODIFIED', object });
  };
  return { kube, becomes };
}

const paused: Shop = { state: { ...states.onTrial, pause: { actor: 'dev', at: 0 } } };

for (const [line, form] of [
  ['watch web', /^\d\d:\d\d:\d\d shop\/web on trial.*\n\d\d:\d\d:\d\d shop\/web on trial, paused.*\n$/],
  ['watch', /^\d\d:\d\d:\d\d shop\/web on trial.*\n\d\d:\d\d:\d\d shop\/web on trial, paused.*\n$/],
  ['watch web -o json', /^\{"namespace":"shop".*\}\n\{"namespace":"shop".*"pause":.*\}\n$/],
  ['watch web -o yaml', /^---\nnamespace: shop\n[^]*\n---\nnamespace: shop\n[^]*\npause:\n/],
] as const)
  test(`${line} writes each change once where there is no terminal`, async () => {
    const { kube, becomes } = await watched();
    const { does, said, clock, stop } = terminal({ kube });
    const watching = does(line);
    await clock.advance(20_000);
    await becomes(paused);
    await clock.advance(20_000);
    stop();
    await clock.advance(1_000);
    equal(await watching, exit.done);
    match(said.out, form);
  });

test('on a terminal it draws, says what is not current, and gives the terminal back', async () => {
  const { kube, becomes } = await watched();
  const { does, said, clock, stop } = terminal({ kube, isTty: true, columns: 81, rows: 60 });
  const watching = does('watch web');
  await clock.advance(1_000);
  match(said.out, /shop\/web {2}on trial, step 2 of 4/);
  kube.before = () => {
    throw new Error('nobody answers');
  };
  await clock.advance(10_000);
  ok(said.out.includes('\u001b[Hnot current: nobody answers\u001b[K\r\n\u001b[K\r\nshop/web  on trial'));
  kube.before = () => undefined;
  await becomes(paused);
  await clock.advance(10_000);
  stop();
  await clock.advance(1_000);
  equal(await watching, exit.done);
  const [, last = ''] = said.out.split('\u001b[?25h\u001b[?1049l');
  match(last, /^shop\/web {2}on trial, step 2 of 4, paused\n/);
  ok(last.includes('└─ Deployment/web-canary canary'));
});
