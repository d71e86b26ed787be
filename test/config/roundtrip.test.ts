// Plans that people may write are read as they were meant, and what is read keeps what the types promise.
import { deepEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseCanary } from '../../src/config/canary.ts';
import * as schema from '../../src/config/schema.ts';
import { type Gate, gateTypes } from '../../src/rollout/gate.ts';
import type { Affinity, Strategy } from '../../src/rollout/strategy.ts';
import type { RolloutSpec } from '../../src/rollout/types.ts';

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
const percent = fc.integer({ min: 1, max: 100 });

const weights: fc.Arbitrary<Strategy> = fc.record(
  {
    kind: fc.constant('weights' as const),
    weights: fc
      .uniqueArray(percent, { minLength: 1, maxLength: 8 })
      .map((each) => each.toSorted((a, b) => a - b)),
    promotionStep: percent,
    mirror: percent,
  },
  { requiredKeys: ['kind', 'weights'], noNullPrototype: true },
);
const iterations = {
  kind: fc.constant('iterations' as const),
  iterations: fc.integer({ min: 1, max: 10_000 }),
};
const condition = fc.dictionary(word, fc.constantFrom({ exact: 'a' }, { regex: '^a.*$' }, { prefix: 'b' }), {
  minKeys: 1,
  noNullPrototype: true,
});
const blueGreen: fc.Arbitrary<Strategy> = fc.record(
  { ...iterations, mirror: percent },
  { requiredKeys: ['kind', 'iterations'], noNullPrototype: true },
);
const headers = condition.filter((each) =>
  Object.keys(each).every((key) => !schema.match.known.includes(key)),
);
const abTest: fc.Arbitrary<Strategy> = fc.record(
  {
    ...iterations,
    match: fc.array(
      headers.map((each) => ({ headers: each })),
      { minLength: 1, maxLength: 3 },
    ),
  },
  { noNullPrototype: true },
);

const affinity: fc.Arbitrary<Affinity> = fc.record(
  {
    cookieName: word,
    maxAgeSeconds: fc.integer({ min: 1, max: 86_400 }),
    domain: word,
    path: word.map((each) => `/${each}`),
    sameSite: fc.constantFrom('Strict' as const, 'Lax' as const),
    secure: fc.boolean(),
    httpOnly: fc.boolean(),
    partitioned: fc.boolean(),
  },
  { requiredKeys: ['cookieName', 'maxAgeSeconds'], noNullPrototype: true },
);

const gate: fc.Arbitrary<Gate> = fc.record(
  {
    name: word,
    type: fc.constantFrom(...gateTypes),
    url: fc.tuple(fc.constantFrom('http', 'https'), word).map(([scheme, host]) => `${scheme}://h${host}.x/`),
    timeoutMs: fc.integer({ min: 1, max: 600 }).map((seconds) => seconds * 1000),
    retries: fc.nat({ max: 10 }),
    muteAlert: fc.boolean(),
    disableTls: fc.boolean(),
    metadata: fc.dictionary(
      word,
      fc.string().filter((each) => each === '' || each.trim() !== ''),
      {
        noNullPrototype: true,
      },
    ),
    secret: word,
  },
  {
    requiredKeys: ['name', 'type', 'url', 'timeoutMs', 'retries', 'muteAlert', 'disableTls', 'metadata'],
    noNullPrototype: true,
  },
);
const gates = fc.uniqueArray(gate, { maxLength: 4, selector: ({ name, type }) => `${name} ${type}` });

interface Wanted {
  readonly strategy: Strategy;
  readonly affinity: Affinity | undefined;
  readonly gates: readonly Gate[];
}

/** The analysis as a person writes it. */
function written({ strategy, affinity: cookie, gates: hooks }: Wanted): object {
  const { mirror } = strategy;
  const { maxAgeSeconds, ...attributes } = cookie ?? { maxAgeSeconds: 0 };
  return {
    ...(strategy.kind === 'weights'
      ? { stepWeights: strategy.weights, stepWeightPromotion: strategy.promotionStep }
      : { iterations: strategy.iterations, match: strategy.match }),
    ...(mirror === undefined ? {} : { mirror: true, mirrorWeight: mirror }),
    ...(cookie === undefined ? {} : { sessionAffinity: { ...attributes, maxAge: maxAgeSeconds } }),
    webhooks: hooks.map(({ timeoutMs, disableTls, secret, ...rest }) => ({
      ...{ ...rest, timeout: `${timeoutMs}ms`, disableTLS: disableTls },
      ...(secret === undefined ? {} : { secretRef: { name: secret } }),
    })),
  };
}

test('whatever can be planned is read as it was meant, without a note', () => {
  const wanted = fc
    .tuple(fc.oneof(weights, blueGreen, abTest), fc.option(affinity, { nil: undefined }), gates)
    .map(
      ([strategy, cookie, hooks]): Wanted => ({
        ...{ strategy, gates: hooks },
        affinity: strategy.kind === 'weights' ? cookie : undefined,
      }),
    );
  fc.assert(
    fc.property(wanted, (plan) => {
      const parsed = parseCanary(JSON.stringify({ analysis: written(plan) }));
      ok(parsed.ok === true, JSON.stringify(parsed));
      const { strategy, affinity: cookie, gates: hooks } = parsed.spec.analysis;
      deepEqual({ strategy, affinity: cookie, gates: hooks, notes: parsed.notes }, { ...plan, notes: [] });
    }),
  );
});

/** What src/rollout takes for granted of a plan. */
function checkPromises({ analysis, ...spec }: RolloutSpec): void {
  const { strategy } = analysis;
  ok(analysis.intervalMs >= 1000 && analysis.threshold >= 1 && spec.progressDeadlineMs >= 1000);
  ok(strategy.mirror === undefined || (strategy.mirror >= 1 && strategy.mirror <= 100));
  if (strategy.kind === 'weights') {
    ok(strategy.weights.length > 0);
    for (const [index, weight] of strategy.weights.entries())
      ok(Number.isInteger(weight) && weight <= 100 && weight > (strategy.weights[index - 1] ?? 0));
  } else {
    ok(strategy.iterations >= 1 && analysis.affinity === undefined);
    ok(strategy.match === undefined || (strategy.match.length > 0 && strategy.mirror === undefined));
  }
  if (spec.promotion === 'inPlace' || spec.router === 'none')
    ok(strategy.mirror === undefined && analysis.affinity === undefined);
  for (const { url, timeoutMs } of analysis.gates) ok(/^https?:/.test(url) && timeoutMs >= 1000);
}

test('whatever the fields hold, it is refused or keeps what the types promise', () => {
  const few: fc.Arbitrary<unknown> = fc.constantFrom<unknown[]>(0, 1, 10, 50, 101, true, 'mesh', '30s', null);
  const value: fc.Arbitrary<unknown> = fc.oneof(
    few,
    fc.jsonValue({ maxDepth: 2 }),
    fc.array(few, { maxLength: 3 }),
  );
  const level = ({ known }: schema.Level): fc.Arbitrary<object> =>
    fc.dictionary(fc.constantFrom(...known), value, { maxKeys: 4, noNullPrototype: true });
  const plan = fc
    .tuple(
      fc.constantFrom<object[]>(
        {},
        { promotion: 'inPlace' },
        { provider: 'kubernetes' },
        { provider: 'gatewayapi:v1' },
        { twinScaler: true },
      ),
      fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, level(schema.plan)),
      fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, level(schema.service)),
      fc.oneof(
        level(schema.analysis),
        fc.record({ iterations: few, mirror: few, match: fc.array(level(schema.match)) }),
      ),
      fc.array(fc.oneof(level(schema.webhook), level(schema.sessionAffinity)), { maxLength: 2 }),
    )
    .map(([first, rest, service, analysis, webhooks]) => ({
      ...{ ...rest, ...first, ...(service === undefined ? {} : { service }) },
      analysis: { ...analysis, ...(webhooks.length === 0 ? {} : { webhooks }) },
    }));
  let accepted = 0;
  fc.assert(
    fc.property(plan, (each) => {
      const parsed = parseCanary(JSON.stringify(each));
      if (parsed.ok !== true) return;
      accepted += 1;
      checkPromises(parsed.spec);
    }),
    { numRuns: 2000 },
  );
  // A fuzz that is always refused proves nothing.
  ok(accepted > 10, `${accepted} accepted`);
});
