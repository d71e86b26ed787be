// Releases of the example shop under load, on real parts: what became of every object, in the order in which it became so.
import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict';
import { after, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { readHistory } from '../../src/config/state.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import { listAt, numberAt, objectAt, textAt } from '../../src/routing/json.ts';
import type { ApiObject } from '../rig/api.ts';
import { until } from '../rig/processes.ts';
import {
  deploymentBefore,
  first,
  firstLoss,
  firstWeight,
  isHeld,
  podsOf,
  weightsIn,
} from '../rig/shop-history.ts';
import { failuresIn, openShop, patient, type Released, shopRoutes } from '../rig/shop-lab.ts';
import { golden } from '../golden.ts';
import { forbiddenWrites, writtenBySerin, writtenOnMain } from '../rig/shop-audit.ts';

/** What an owner may have in a VirtualService that is none of Serin's business: it must be there afterwards. */
const extras = {
  headers: { request: { set: { 'x-shop': 'yes' } }, response: { remove: ['server'] } },
  corsPolicy: { allowOrigins: [{ exact: 'https://shop.example.com' }], maxAge: '24h' },
  fault: { abort: { httpStatus: 418, percentage: { value: 0 } } },
};
const helpRoute = {
  name: 'help',
  match: [{ uri: { prefix: '/help' }, headers: { 'x-help': { exact: 'yes' } } }],
  route: [{ destination: { host: 'help.example.com' }, headers: { request: { add: { 'x-help': 'on' } } } }],
  rewrite: { uri: '/' },
};

const shop = await openShop((object) => {
  if (object.kind === 'HorizontalPodAutoscaler') return undefined;
  if (object.kind !== 'VirtualService') return object;
  const { http } = object.spec as { http: object[] };
  const routes = http.map((route) => ({ ...route, ...extras }));
  return { ...object, spec: { ...object.spec, http: [helpRoute, ...routes] } };
});
after(() => shop.close());

const routes = (): Promise<KubeObject & ApiObject> => shop.plane.api.get(shopRoutes);
const namesOf = async (path: string): Promise<string[]> => {
  const { items } = await shop.plane.api.get<{ items: ApiObject[] }>(path);
  return items.map(({ metadata }) => metadata.name).sort();
};
const untouched = await routes();

/** The trial is over and nothing of it is left. */
async function leftNoTrace(): Promise<void> {
  const { metadata, ...now } = await routes();
  equal(JSON.stringify(now['spec']), JSON.stringify(untouched['spec']));
  deepEqual(metadata.annotations, untouched.metadata.annotations);
  deepEqual(await namesOf('/apis/apps/v1/namespaces/shop/deployments'), ['web']);
  deepEqual(await namesOf('/api/v1/namespaces/shop/services'), ['web']);
  await until(
    'the last pod of the twin to go',
    async () => (await namesOf('/api/v1/namespaces/shop/pods')).length === 4,
    patient,
  );
}

function historyOf({ metadata }: KubeObject): readonly string[] {
  const entries = readHistory(metadata.annotations);
  if (entries === undefined || 'corrupt' in entries) return [];
  return entries.map(({ outcome, revision, message }) => `${outcome} ${revision} ${message}`);
}

const allOf = (count: number) => ({
  wanted: count,
  total: count,
  updated: count,
  ready: count,
  available: count,
});

test('a healthy version is promoted, in an order that costs nobody a request', async () => {
  shop.visitors.mark('healthy');
  const { state, rolloutStatus, sights } = await shop.release('shop:2');
  shop.visitors.mark('after');
  equal(state.phase, 'Succeeded', JSON.stringify(state));
  equal(rolloutStatus.code, 0, rolloutStatus.stderr);
  match(rolloutStatus.stdout, /successfully rolled out/);

  const begins = firstWeight(sights, 'a weight', (weight) => weight > 0);
  const { isCurrent, ...twinAtFirst } = podsOf(deploymentBefore(sights, begins, 'web-canary'));
  deepEqual([twinAtFirst, isCurrent], [allOf(1), true], 'the twin is ready before its first weight');
  deepEqual(
    podsOf(deploymentBefore(sights, begins, 'web')).updated,
    0,
    'and no pod of main has the new version',
  );

  const full = firstWeight(sights, 'weight 100', (weight) => weight === 100);
  deepEqual(podsOf(deploymentBefore(sights, full, 'web-canary')).ready, 4, 'the twin can carry everything');
  const held = sights.filter(({ kind, name }) => kind === 'Deployment' && name === 'web');
  const freed = first(
    held.slice(held.findIndex(({ object }) => isHeld(object))),
    'main without hold',
    ({ object }) => !isHeld(object),
  );
  ok(full < freed, 'all traffic is on the twin before main is let go');

  const later = sights.filter(({ version }) => version > full);
  const falls = firstWeight(later, 'the weight to fall', (weight) => weight < 100);
  ok(freed < falls);
  const rolled = first(held, 'main rolled', ({ version, object }) => {
    const { isCurrent: known, ...pods } = podsOf(object);
    return version > freed && known && isDeepStrictEqual(pods, allOf(4));
  });
  ok(rolled < falls, 'main has rolled before traffic comes back to it');
  deepEqual(podsOf(deploymentBefore(sights, falls, 'web')).available, 4, 'and still has its pods then');

  deepEqual(failuresIn(shop, 'healthy'), []);
  await leftNoTrace();
  deepEqual(historyOf(await shop.main()), [
    `Succeeded ${state.revision} revision ${state.revision} was promoted`,
  ]);
});

interface Pods {
  readonly items: readonly KubeObject[];
}
/** The pods of main by name, with the restarts of their containers. */
async function stablePods(): Promise<Record<string, number>> {
  const { items } = await shop.plane.api.get<Pods>('/api/v1/namespaces/shop/pods?labelSelector=app=web');
  return Object.fromEntries(
    items.map(({ metadata, status }) => [
      metadata.name,
      listAt(status, 'containerStatuses').reduce<number>(
        (sum, each) => sum + (numberAt(each, 'restartCount') ?? 0),
        0,
      ),
    ]),
  );
}

/** Every ledger that was seen, as it was written: why a release ended as nobody expected. */
function evidenceIn(sights: Released['sights']): readonly string[] {
  return sights.flatMap(({ object }) => object.metadata.annotations?.['serin.dev/analysis'] ?? []);
}

/** What everybody's tools are told of a failed release; answers the sentence. */
async function saidOfFailure({ state, rolloutStatus, sights }: Released): Promise<string> {
  ok(state.phase === 'Failed', JSON.stringify([state, evidenceIn(sights)]));
  notEqual(rolloutStatus.code, 0);
  match(rolloutStatus.stderr, /exceeded its progress deadline/);
  const main = await shop.main();
  const condition = listAt(main['status'], 'conditions').find(
    (each) => textAt(each, 'type') === 'Progressing',
  );
  deepEqual(
    ['status', 'reason', 'message'].map((field) => textAt(condition, field)),
    ['False', 'ProgressDeadlineExceeded', `canary failed: ${state.message}`],
  );
  equal(historyOf(main).at(-1), `Failed ${state.revision} ${state.message}`);
  const { items } = await shop.plane.api.get<Pods>('/api/v1/namespaces/shop/events');
  const told = items.filter(
    (event) =>
      textAt(event, 'reason') === 'CanaryFailed' &&
      textAt(event, 'message') === state.message &&
      textAt(objectAt(event, 'involvedObject'), 'name') === 'web',
  );
  deepEqual(
    told.map((event) => textAt(event, 'type')),
    ['Warning'],
  );
  return state.message;
}

test('a version that fails 5 % of its requests loses its traffic before it loses anything else', async () => {
  const before = await stablePods();
  equal(Object.keys(before).length, 4);
  const released = await shop.release('shop:3');
  // Whichever of the two judges was first.
  match(
    await saidOfFailure(released),
    /^failed checks threshold reached \(1\): success rate \S+ % < 99 %|^canary worse than stable: canary failed \d+ of \d+/,
  );
  const begins = firstWeight(released.sights, 'a weight', (weight) => weight > 0);
  const later = released.sights.filter(({ version }) => version > begins);
  ok(firstWeight(later, 'weight 0', (weight) => weight === 0) < firstLoss(released.sights));
  deepEqual(await stablePods(), before, 'the same pods, and none has restarted');
  await leftNoTrace();
});

const hopeless = {
  'shop:crash':
    /^the canary cannot start: pod web-canary-\S+: container web crash-loops: ended \d+ times, last with exit code 1/,
  'shop:missing':
    /^the canary cannot start: pod web-canary-\S+: container web cannot get its image shop:missing \(ImagePullBackOff\)/,
};
for (const [image, why] of Object.entries(hopeless))
  test(`${image} fails before it gets any traffic`, async () => {
    const before = await stablePods();
    const released = await shop.release(image);
    match(await saidOfFailure(released), why);
    deepEqual(
      weightsIn(released.sights).filter(({ weight }) => weight > 0),
      [],
    );
    deepEqual(evidenceIn(released.sights), [], 'nothing was measured');
    deepEqual(await stablePods(), before);
    await leftNoTrace();
  });

test('Serin wrote nothing but its own objects, the split, and its own fields of the Deployment', async () => {
  const events = await shop.audit();
  deepEqual(forbiddenWrites(events), []);
  deepEqual(writtenOnMain(events), [
    'metadata.annotations serin.dev/analysis',
    'metadata.annotations serin.dev/history',
    'metadata.annotations serin.dev/stable',
    'metadata.annotations serin.dev/state',
    'metadata.generation',
    'metadata.generation (/status)',
    'metadata.resourceVersion',
    'metadata.uid',
    'metadata.uid (/status)',
    'spec.paused',
    'status.conditions (/status)',
  ]);
  golden('cluster/written-by-serin.txt', `${writtenBySerin(events).join('\n')}\n`);
});

test('in all this, no request failed but those that the failing version itself answered', async () => {
  const { byVersion, errors } = await shop.visitors.stop();
  const failing = [...byVersion].filter(([, { failed }]) => failed > 0).map(([version]) => version);
  deepEqual([failing, errors.transport], [['3'], new Map()]);
});
