import { deepEqual, equal, match, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { createBoard, type LiveBoard } from '../../src/dashboard/board.ts';
import { heardKube } from '../../src/dashboard/heard-kube.ts';
import type { News } from '../../src/dashboard/wire.ts';
import { SerinError } from '../../src/errors.ts';
import { names, resources } from '../../src/kube/objects.ts';
import { listReports } from '../../src/report/read.ts';
import type { MemoryKube } from '../rig/memory-kube.ts';
import { virtualClock } from '../rig/virtual-clock.ts';
import { serving } from '../report/serving.ts';
import { ledger, now, revisions, type Shop, states } from '../report/shop.ts';
import { failed, trial } from './fixtures.ts';

const shop: Shop = { state: states.onTrial, ledger, weight: 20 };

interface Watched {
  readonly board: LiveBoard;
  readonly kube: MemoryKube;
  /** What was told, in words. */
  readonly told: string[];
}

async function watched(): Promise<Watched> {
  const kube = await serving(shop);
  const board = createBoard({
    ...{ kube, clock: virtualClock(now), context: 'kind', allowActions: true, boot: 'b' },
    past: { lines: () => Promise.resolve(undefined) },
  });
  const told: string[] = [];
  board.hub.listen(undefined, ({ news }) => told.push(wordsOf(news)));
  return { board, kube, told };
}

function wordsOf(news: News): string {
  switch (news.kind) {
    case 'rollout':
      return `${news.rollout.name} ${news.rollout.phase}`;
    case 'gone':
      return `${news.name} gone`;
    case 'cluster':
      return news.cluster.ok ? 'heard' : `silent: ${news.cluster.why}`;
    default:
      return news.kind;
  }
}

test('what is new, what changed and what is gone is told, and nothing else', async () => {
  const { board, told } = await watched();
  board.look({ seen: [trial(), failed()] });
  board.look({ seen: [{ ...trial(), at: trial().at + 5_000 }, failed()] });
  board.look({ seen: [{ ...trial(), message: 'on it goes' }] });
  deepEqual(told, ['all', 'web Progressing', 'cart Failed', 'web Progressing', 'cart gone']);
});

test('who comes later is told all that there is', async () => {
  const { board } = await watched();
  board.look({ seen: [trial(), failed()] });
  const [first] = await new Promise<readonly News[]>((resolve) =>
    board.hub.listen(undefined, ({ news }) => resolve([news])),
  );
  equal(first?.kind === 'all' && first.rollouts.length, 2);
});

test('a silence is told once, with its reason, and so is its end; what was seen stays', async () => {
  const { board, told } = await watched();
  board.look({ seen: [trial()] });
  board.look({ trouble: 'connection refused' });
  board.look({ trouble: 'connection refused, still' });
  board.look({ seen: [trial()] });
  deepEqual(told, ['all', 'web Progressing', 'silent: connection refused', 'heard']);
});

test('one rollout is read with its pods, both templates, the route as it is, and what was recorded', async () => {
  const { board, kube } = await watched();
  board.look({ seen: await listReports({ kube, clock: virtualClock(now) }) });
  const detail = await board.detail('shop', 'web');
  equal(detail?.report.phase, 'Progressing');
  equal(detail.report.tree.length > 0, true);
  match(detail.templates?.stable ?? '', /image: shop:1/);
  match(detail.templates?.candidate ?? '', /image: shop:2/);
  deepEqual(
    detail.routes.map(({ kind, name }) => `${kind} ${name}`),
    ['VirtualService web'],
  );
  match(detail.routes[0]?.yaml ?? '', /host: web-canary/);
  equal(/managedFields|resourceVersion/.test(detail.routes[0]?.yaml ?? ''), false);
  deepEqual(detail.series.weight.values, [[20], [20]]);
  equal(await board.detail('shop', 'none'), undefined);
});

test('a route that may not be read is left out', async () => {
  const { board, kube } = await watched();
  kube.before = ({ verb, plural }) => {
    if (verb === 'get' && plural === 'virtualservices') throw new SerinError('KUBE_FORBIDDEN', 'no');
  };
  deepEqual((await board.detail('shop', 'web'))?.routes, []);
});

test('a command is written for the candidate that was seen, and for no other', async () => {
  const { board, kube } = await watched();
  const said = { do: 'pause', reason: 'lunch' } as const;
  const asked = { namespace: 'shop', name: 'web', revision: revisions.candidate, said };
  await board.act(asked);
  const main = await kube.get(resources.deployments, 'shop', 'web');
  deepEqual(JSON.parse(main?.metadata.annotations?.[names.command] ?? ''), said);
  await rejects(board.act({ ...asked, revision: 'an-earlier-one' }), /has taken the place of an-earlier-one/);
  await rejects(board.act({ ...asked, name: 'none' }), /no Deployment shop\/none any more/);
});

test('every call tells whether the API server is there; a refusal is an answer', async () => {
  const { kube } = await watched();
  const heard: (string | undefined)[] = [];
  const listening = heardKube(kube, (trouble) => heard.push(trouble));
  await listening.get(resources.deployments, 'shop', 'web');
  kube.before = () => {
    throw new SerinError('KUBE_UNREACHABLE', 'connection refused');
  };
  await rejects(listening.list(resources.pods, {}));
  kube.before = () => {
    throw new SerinError('KUBE_FORBIDDEN', 'no');
  };
  await rejects(listening.get(resources.pods, 'shop', 'web'));
  deepEqual(heard, [undefined, 'connection refused', undefined]);
});

test('a watch that breaks is a silence, at once', async () => {
  const { kube } = await watched();
  const heard: (string | undefined)[] = [];
  kube.watch = async function* () {
    yield { type: 'BOOKMARK', resourceVersion: '1' };
    throw new SerinError('KUBE_UNREACHABLE', 'connection reset');
  };
  const listening = heardKube(kube, (trouble) => heard.push(trouble));
  const scope = { resourceVersion: '1', timeoutSeconds: 1 };
  await rejects(async () => {
    for await (const _ of listening.watch(resources.pods, scope, AbortSignal.abort())) continue;
  });
  deepEqual(heard, [undefined, 'connection reset']);
});
