// Rows 30 and 32 again: what belongs to somebody else, and what is applied while main rolls.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { resources } from '../../../src/kube/objects.ts';
import { imageOf } from '../invariants/reading.ts';
import { play, type Played, release } from './scenario.ts';

const good = [release(2_000, 'shop:good-2')];

test('row 30: a Deployment of somebody else has the name of the twin: it is left alone, and people are told', async () => {
  const played = await play({
    events: [...good, { at: 20_000, do: 'load', perSecond: 50 }],
    onOpen: (world) => world.time.after(3_000, () => void takeName(world)),
    without: ['I4', 'I14'],
  });
  const theirs = played.of(resources.deployments, 'web-canary');
  assert.ok(theirs.length > 0, 'it is there');
  assert.deepEqual(
    theirs.filter(({ call }) => call.caller.username === played.world?.serin),
    [],
  );
  assert.ok(played.events.includes('CanaryHeld'));
  assert.equal(played.rolls('shop:good-2'), 0);
});

/** Somebody has a Deployment of that name, as it were from before. */
async function takeName({ api }: NonNullable<Played['world']>): Promise<void> {
  const labels = { app: 'another' };
  const container = { name: 'app', image: 'shop:good-1' };
  await api.kube({ username: 'alice', manager: 'kubectl' }).create(resources.deployments, 'shop', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web-canary', namespace: 'shop' },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  });
}

for (const [image, status, phase, runs] of [
  ['shop:good-1', 200, 'Aborted', 'shop:good-1'],
  ['shop:good-3', 409, 'Succeeded', 'shop:good-2'],
] as const) {
  test(`row 32: ${image} while main rolls to the candidate: ${status === 200 ? 'stable turns the promotion back' : 'what was not checked is refused'}`, async () => {
    const played = await play({
      events: [...good, release(48_000, image)],
      shop: { readyMs: 4_000 },
    });
    assert.ok(played.phases.includes('Promoting.Roll'));
    assert.equal(played.world?.asks[1]?.status, status);
    assert.equal(played.phase, phase);
    assert.equal(imageOf(played.main), runs);
  });
}
