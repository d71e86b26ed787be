// Rows 17 to 25: what the API server and the network do to calls.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { messageOf } from '../../../src/errors.ts';
import { resources } from '../../../src/kube/objects.ts';
import { textAt } from '../../../src/routing/json.ts';
import type { Call } from '../api/types.ts';
import type { Event } from '../history.ts';
import { imageOf } from '../invariants/reading.ts';
import { healthy, isCall, once, play, type Played, release } from './scenario.ts';

const good = [release(2_000, 'shop:good-2')];

const brokenWatches: readonly (readonly [what: string, events: readonly Event[], withinMs: number])[] = [
  [
    '410 Gone',
    [
      { at: 1_000, do: 'compact' },
      { at: 1_001, do: 'break-watches', slot: 'controller-0', how: 'reset' },
    ],
    10_000,
  ],
  [
    'a connection that is cut',
    [{ at: 1_001, do: 'break-watches', slot: 'controller-0', how: 'reset' }],
    10_000,
  ],
  // The client gives a silent stream up after 90 s: bookmarks of kube-apiserver may be two minutes apart (client.ts).
  [
    'a stream that stays silent',
    [{ at: 1_001, do: 'break-watches', slot: 'controller-0', how: 'stall' }],
    95_000,
  ],
];
for (const [what, events, withinMs] of brokenWatches) {
  test(`row 17: ${what}: lists again and goes on, within ${withinMs / 1_000} s`, async () => {
    const played = await play({ events: [...events, ...good, { at: 120_000, do: 'load', perSecond: 50 }] });
    const held = played.of(resources.deployments, 'web').find(({ call }) => call.caller.username === 'alice');
    const begun = played.serins[0];
    assert.ok((begun?.at ?? Number.MAX_VALUE) - (held?.at ?? 0) <= withinMs);
    assert.equal(played.phase, 'Succeeded');
  });
}

test('row 18: 409 on each kind of write: read anew, computed anew, tried again, and not for ever', async () => {
  const met = new Set<string>();
  const undisturbed = await play({ events: good });
  const played = await play({
    events: good,
    intercept: (call) => {
      const kind = `${call.verb} ${call.patchType} ${call.resource.kind} ${/phase\\":\\"([A-Za-z.]+)/.exec(JSON.stringify(call.body))?.[1]}`;
      if (call.verb !== 'patch' || call.resource.kind === 'Lease' || met.has(kind)) return undefined;
      met.add(kind);
      return { do: 'refuse', status: 409, reason: 'Conflict' };
    },
  });
  assert.ok(met.size >= 8, [...met].join(', '));
  assert.deepEqual(played.phases, healthy);
  const tries = (of: typeof played): number =>
    of.calls.filter(({ call }) => call.caller.username === of.world?.serin && isCall.ofRollouts(call)).length;
  // What was refused on the wire never came to the server: each is seen once more at most, beside repeated Events.
  assert.ok(
    tries(played) <= tries(undisturbed) + 2 * met.size,
    `${tries(played)} calls, ${tries(undisturbed)} undisturbed`,
  );
});

test('row 19: 429 with Retry-After: nothing is written of the rollout before it is over', async () => {
  let refusedAt = 0;
  const played = await play({
    events: good,
    intercept: (call, { world }) => {
      if (refusedAt > 0 || !isCall.weight(20)(call)) return undefined;
      refusedAt = world?.time.now ?? 0;
      return { do: 'refuse', status: 429, reason: 'TooManyRequests', retryAfterSeconds: 3 };
    },
  });
  const next = played.serins.find(({ at }) => at > refusedAt);
  assert.ok((next?.at ?? 0) - refusedAt >= 3_000, `${(next?.at ?? 0) - refusedAt} ms`);
  assert.deepEqual(played.phases, healthy);
});

test('row 20: writes whose outcome is not known: read back, and nothing is made twice', async () => {
  for (const fits of [isCall.twin, isCall.twinService, isCall.weight(20), isCall.unhold, isCall.removal]) {
    const played = await play({ events: good, intercept: once(fits, { do: 'lost' }) });
    assert.deepEqual(played.phases, healthy);
    for (const { plural } of [resources.deployments, resources.services]) {
      const made = played.writes.filter(
        (write) =>
          write.type === 'ADDED' &&
          write.resource.plural === plural &&
          write.object.metadata.name === 'web-canary',
      );
      assert.equal(made.length, 1, plural);
    }
  }
});

test('row 21: the twin is forbidden for a while: it is told where people look, without a storm of tries, and goes on when it may', async () => {
  let refused = 0;
  const until = 20_000;
  const played = await play({
    events: [...good, { at: until, do: 'load', perSecond: 50 }],
    intercept: (call, { world }) => {
      const isEarly = (world?.time.now ?? 0) < Date.parse('2026-11-24T09:00:00Z') + until;
      if (!isEarly || !isCall.twin(call)) return undefined;
      refused += 1;
      return { do: 'refuse', status: 403, reason: 'Forbidden' };
    },
  });
  assert.ok(refused >= 1 && refused <= 4, `${refused} tries in twenty seconds`);
  assert.ok(played.events.includes('CanaryHeld'), played.events.join(', '));
  assert.equal(played.phase, 'Succeeded');
});
test('row 22: a leader that is paused longer than its Lease, at each of its writes: it overrules nothing of the next one', async () => {
  const first = await play({ events: good, shop: { controllers: 2 } });
  const writes = first.serins.length;
  assert.ok(writes > 15);
  const wrong: string[] = [];
  for (let nth = 0; nth < writes; nth += 1) {
    let seen = 0;
    const paused = play({
      events: good,
      shop: { controllers: 2 },
      intercept: (call, _, { life }) => {
        if (isCall.ofRollouts(call) && seen++ === nth) life.pause(30_000);
        return undefined;
      },
    });
    const found = await paused.then(
      ({ phase }) => (phase === 'Succeeded' ? undefined : `ends ${phase}`),
      messageOf,
    );
    if (found !== undefined) wrong.push(`paused at write ${nth}: ${found}`);
  }
  assert.deepEqual(wrong, []);
});

const lateCalls: readonly (readonly [what: string, isIt: (call: Call) => boolean, atLeast: number])[] = [
  ['a twin that a paused leader had asked for', isCall.twin, 3],
  ['evidence that a paused leader had written', isCall.evidence, 4],
];
for (const [what, isIt, atLeast] of lateCalls) {
  test(`row 22: ${what}: its call arrives when the next one leads, and changes nothing of its`, async () => {
    let calls = 0;
    const isIts = (call: Call): boolean => isCall.ofRollouts(call) && isIt(call);
    const shop = { controllers: 2 };
    const count = (call: Call): undefined => {
      if (isIts(call)) calls += 1;
    };
    await play({ events: good, shop, intercept: count });
    assert.ok(calls >= atLeast, `${calls} calls`);
    for (let nth = 0; nth < calls; nth += 1) {
      let seen = 0;
      const played = await play({
        ...{ events: good, shop },
        intercept: (call, _, { life }) => {
          if (!isIts(call) || seen++ !== nth) return undefined;
          life.pause(50_000);
          return { do: 'delay', ms: 28_000 };
        },
      });
      assert.equal(played.phase, 'Succeeded', `call ${nth}`);
    }
  });
}

for (const ms of [3_600_000, -3_600_000]) {
  test(`row 23: the clock of the controller's machine is set ${ms > 0 ? 'forward' : 'back'} an hour, and it begins anew by it, in every phase: nothing ends early for it, and nothing is later than the minute after which the queue looks anew`, async () => {
    const analysis = { interval: '8s' }; // a scrape in each
    for (const at of [3_000, 5_000, 9_000, 11_000, 14_000, 18_000]) {
      const kill = {
        ...({ at: at + 1, do: 'kill', slot: 'controller-0' } as const),
        ...{ backAfterMs: 500, newPod: false },
      };
      const undisturbed = await play({ events: [...good, kill], analysis });
      const played = await play({
        events: [...good, { at, do: 'skew', slot: 'controller-0', ms }, kill],
        analysis,
      });
      assert.deepEqual(played.phases, healthy, `at ${at}`);
      const later = endOf(played) - endOf(undisturbed);
      assert.ok(later >= -1_500 && later <= 65_000, `${later} ms later, set at ${at}`);
    }
  });
}

test('row 23: a clock that is set while the controller runs changes nothing', async () => {
  const undisturbed = await play({ events: good });
  for (const ms of [3_600_000, -3_600_000]) {
    const played = await play({ events: [...good, { at: 9_000, do: 'skew', slot: 'controller-0', ms }] });
    assert.equal(endOf(played), endOf(undisturbed));
  }
});

/** When the last write of a rollout was made. */
function endOf({ serins }: Played): number {
  return serins.at(-1)?.at ?? 0;
}

test('row 24: the webhook is down during an apply, on a server without the policies: refused with a sentence, nothing rolls, and taken when tried again', async () => {
  const played = await play({
    events: [
      { at: 1_000, do: 'kill', slot: 'webhook-0', backAfterMs: 10_000, newPod: false },
      release(5_000, 'shop:good-2'),
      release(20_000, 'shop:good-2'),
    ],
  });
  const [refused, taken] = played.world?.asks ?? [];
  assert.equal(refused?.status, 403);
  assert.match(refused?.message ?? '', /Serin is not answering, .* try again/);
  assert.equal(taken?.status, 200);
  assert.deepEqual(played.phases, healthy);
});

test('row 24: the webhook is down during an apply: held in the API server by a policy, and taken up as if it had answered', async () => {
  const played = await play({
    events: [
      { at: 1_000, do: 'kill', slot: 'webhook-0', backAfterMs: 10_000, newPod: false },
      release(5_000, 'shop:good-2'),
    ],
    shop: { policies: true },
  });
  assert.equal(played.world?.asks[0]?.status, 200);
  assert.deepEqual(played.phases, healthy);
  assert.deepEqual(played.weights, [20, 60, 100, 0]);
});

for (const policies of [false, true]) {
  const what = policies ? 'held in the API server by a policy' : 'refused with a sentence';
  test(`row 25: the webhook is slower than its time: within that the apply is ${what}, and nothing rolls`, async () => {
    const played = await play({
      events: [
        { at: 1_000, do: 'slow-webhook', slot: 'webhook-0', byMs: 20_000, forMs: 10_000 },
        release(5_000, 'shop:good-2'),
        release(60_000, 'shop:good-2'),
      ],
      shop: { policies },
    });
    const [first] = played.world?.asks ?? [];
    assert.ok((first?.at ?? 0) <= Date.parse('2026-11-24T09:00:30Z'));
    assert.equal(first?.status, policies ? 200 : 403);
    assert.equal(played.rolls('shop:good-2'), 1);
    assert.equal(imageOf(played.main), 'shop:good-2');
    assert.equal(textAt(played.of(resources.events)[0]?.object, 'reason'), 'CanaryStarted');
  });
}
