// The controller dies in the middle of a release, and a scaler is at work in another: nobody who shops notices.
import { deepEqual, equal, ok } from 'node:assert/strict';
import { after, test } from 'node:test';
import type { KubeObject } from '../../src/kube/objects.ts';
import type { Phase } from '../../src/rollout/types.ts';
import { until } from '../rig/processes.ts';
import { forbiddenWrites, writtenOnMain } from '../rig/shop-audit.ts';
import { podsOf, weightsIn } from '../rig/shop-history.ts';
import { failuresIn, openShop, patient, type Released, stateOf } from '../rig/shop-lab.ts';

let scaler: object | undefined;
const shop = await openShop((object) => {
  if (object.kind !== 'HorizontalPodAutoscaler') return object;
  // Comes later: what a killed controller does is to be seen without it.
  scaler = object;
  return undefined;
});
after(() => shop.close());

const phase = async (): Promise<Phase> => stateOf(await shop.main()).phase;
const revisionOf = ({ metadata }: KubeObject): number =>
  Number(metadata.annotations?.['deployment.kubernetes.io/revision']);

/** The pod that leads, by the Lease. */
async function leader(): Promise<string> {
  const path = '/apis/coordination.k8s.io/v1/namespaces/serin-system/leases/serin';
  const { spec } = await shop.plane.api.get<{ spec: { holderIdentity?: string } } & KubeObject>(path);
  return spec.holderIdentity ?? '';
}

/** How often a controller has been started again, by pod. */
const restarts = (): ReadonlyMap<string, number> =>
  new Map(
    shop.kubelet
      .pods()
      .filter(({ namespace }) => namespace === 'serin-system')
      .map(({ name, containers }) => [
        name,
        containers.find((each) => each.name === 'controller')?.restarts ?? 0,
      ]),
  );

/** Kills the controllers of both replicas outright, in whatever they are doing; the webhooks stay. */
async function killControllers(): Promise<void> {
  const pods = [...restarts().keys()];
  equal(pods.length, 2);
  ok(pods.includes(await leader()), 'one of them leads');
  for (const pod of pods) shop.kubelet.kill(pod, 'controller', 'SIGKILL');
}

/** Up without a step back, then down without one. */
function risesAndFallsOnce(released: Released): void {
  const weights = weightsIn(released.sights).map(({ weight }) => weight);
  const top = weights.indexOf(100);
  ok(top >= 0, weights.join(', '));
  const sorted = [
    ...weights.slice(0, top).sort((a, b) => a - b),
    ...weights.slice(top).sort((a, b) => b - a),
  ];
  deepEqual(weights, sorted);
}

test('a release goes on where it was when its controllers are killed, in every part of it', async () => {
  shop.visitors.mark('crash');
  const { before, ended } = await shop.ask('shop:2');
  const kills: readonly (readonly Phase[])[] = [
    ['Progressing'],
    ['Promoting.Shift', 'Promoting.Roll'],
    ['Promoting.Return', 'Finalising'],
  ];
  for (const phases of kills) {
    await until(`the phase ${phases.join(' or ')}`, async () => phases.includes(await phase()), {
      ...patient,
      everyMs: 20,
    });
    await killControllers();
  }
  const released = await ended;
  const lives = [...restarts().values()];
  ok(lives.reduce((sum, each) => sum + each) >= kills.length, lives.join(', '));
  equal(released.state.phase, 'Succeeded', JSON.stringify(released.state));
  equal(released.rolloutStatus.code, 0, released.rolloutStatus.stderr);
  risesAndFallsOnce(released);
  equal(revisionOf(await shop.main()), revisionOf(before) + 1, 'main has rolled once');
  deepEqual(failuresIn(shop, 'crash'), []);
});

test('with a scaler at work, main shrinks while it has no traffic, and gets no more than it can carry', async () => {
  await shop.kubectl('apply -f -', JSON.stringify(scaler));
  const path = '/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/web';
  await until(
    'the scaler to have figures',
    async () => {
      const { status } = await shop.plane.api.get<{ status?: { currentMetrics?: unknown[] } } & KubeObject>(
        path,
      );
      return status?.currentMetrics?.[0] !== undefined;
    },
    patient,
  );
  shop.visitors.mark('scaled');
  const { state, sights, before } = await shop.release('shop:4');
  shop.visitors.mark('after');
  equal(state.phase, 'Succeeded', JSON.stringify(state));
  const needed = podsOf(before).wanted;
  const weights = weightsIn(sights);
  const full = weights.find(({ weight }) => weight === 100)?.version ?? Infinity;
  const falls = weights.find(({ version, weight }) => version > full && weight < 100);
  ok(falls !== undefined, 'the traffic goes to the twin and comes back');
  const idle = sights.filter(
    ({ kind, name, version }) =>
      kind === 'Deployment' && name === 'web' && version > full && version < falls.version,
  );
  const wanted = idle.map(({ object }) => podsOf(object).wanted);
  ok(Math.min(...wanted) < needed, `main had ${wanted.join(', ')} of ${needed} pods while it had no traffic`);
  // The scaler may have taken pods away since Serin looked.
  const carriers = idle
    .filter(({ object }) => stateOf(object).phase === 'Promoting.Return')
    .map(({ object }) => podsOf(object).available);
  const carried = (100 * Math.max(...carriers)) / needed;
  ok(100 - falls.weight <= carried, `${falls.weight} with ${carriers.join(', ')} of ${needed} pods`);
  deepEqual(failuresIn(shop, 'scaled'), []);
});

test('in all this Serin scaled main through /scale alone, and wrote nothing that is not its own', async () => {
  const events = await shop.audit();
  deepEqual(forbiddenWrites(events), []);
  deepEqual(writtenOnMain(events), [
    'metadata.annotations serin.dev/analysis',
    'metadata.annotations serin.dev/history',
    'metadata.annotations serin.dev/stable',
    'metadata.annotations serin.dev/state',
    'metadata.generation',
    'metadata.resourceVersion',
    'metadata.resourceVersion (/scale)',
    'metadata.uid',
    'metadata.uid (/scale)',
    'spec.paused',
    'spec.replicas (/scale)',
  ]);
});

test('from the first request to the last, none has failed', async () => {
  const { sent, failed } = await shop.visitors.stop();
  deepEqual([sent > 1000, failed], [true, 0]);
});
