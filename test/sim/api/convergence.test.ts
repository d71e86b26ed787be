// Whatever lags, breaks, is cut or forgotten: a reflector of production at the end of a wire comes to know what there is.
import { deepEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createReflector } from '../../../src/kube/reflector.ts';
import { aConfigMap, type Bench, openBench } from './bench.ts';
import { kinds } from './kinds.ts';
import { plainWire } from './wire.ts';

const { configMaps } = kinds;

type Move =
  | { readonly do: 'put' | 'delete'; readonly name: string }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'reset' | 'stall' | 'cut' | 'mend' | 'compact' | 'down' | 'up' };

const name = fc.constantFrom('a', 'b', 'c', 'd');
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('put', 'delete'), name }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 90_000 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('reset', 'stall', 'cut', 'mend', 'compact', 'down', 'up') }),
  },
);

async function play(bench: Bench, wire: ReturnType<typeof plainWire>, step: Move, at: number): Promise<void> {
  const { api, kube } = bench;
  switch (step.do) {
    case 'put': {
      const there = api.get(configMaps, 'shop', step.name);
      const body = { data: { at: String(at) } };
      if (there === undefined)
        await kube.create(configMaps, 'shop', aConfigMap(step.name, { at: String(at) }));
      else await kube.patch(configMaps, 'shop', step.name, { type: 'merge', body });
      return;
    }
    case 'delete': {
      const there = api.get(configMaps, 'shop', step.name);
      if (there !== undefined) await kube.delete(configMaps, 'shop', step.name, there.metadata.uid);
      return;
    }
    case 'wait':
      return bench.pass(step.ms);
    case 'reset':
    case 'stall':
      return wire.breakWatches(step.do);
    case 'cut':
    case 'mend':
      wire.isCut = step.do === 'cut';
      return;
    case 'compact':
      return api.compact();
    default:
      api.outage = step.do === 'down' ? { status: 503 } : undefined;
  }
}

test('a reflector comes to know what there is, whatever was in its way', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(move, { maxLength: 40 }),
      fc.integer({ min: 0, max: 2 ** 31 }),
      async (moves, seed) => {
        const bench = await openBench({}, seed);
        const dice = bench.dice.fork('wire');
        const wire = plainWire(
          () => dice.between(1, 50),
          () => dice.between(0, 4_000),
        );
        const { kube, life } = bench.process('p', wire);
        const stop = new AbortController();
        const seen = new Map<string, string | undefined>();
        const reflector = createReflector({
          ...{
            kube,
            resource: configMaps,
            scope: { namespace: 'shop' },
            clock: life.clock,
            random: dice.random,
          },
          onChange: (key, object) => void seen.set(key, object?.metadata.resourceVersion),
        });
        const running = reflector.run(stop.signal);
        for (const [at, step] of moves.entries()) await play(bench, wire, step, at);
        wire.isCut = false;
        bench.api.outage = undefined;
        // A stalled watch is given up after ninety seconds, failures are tried again within thirty.
        await bench.pass(300_000);
        const truth = bench.api
          .list(configMaps, 'shop')
          .map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`);
        const known = reflector.store
          .list()
          .map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`);
        deepEqual([...known].sort(), truth);
        const told = [...seen].flatMap(([key, version]) =>
          version === undefined ? [] : [`${key.slice('shop/'.length)} ${version}`],
        );
        deepEqual(told.sort(), truth);
        stop.abort();
        await bench.passing(running);
      },
    ),
    { numRuns: 60 },
  );
});

test('the same seed tells the same story, to the letter', async () => {
  const tell = async (): Promise<readonly string[]> => {
    const bench = await openBench({}, 42);
    const dice = bench.dice.fork('wire');
    const wire = plainWire(
      () => dice.between(1, 50),
      () => dice.between(0, 400),
    );
    const { kube } = bench.process('p', wire);
    const story: string[] = [];
    bench.api.onWrite((write) => story.push(JSON.stringify([write.at, write.type, write.object])));
    bench.api.onCall((call, answer) =>
      story.push(JSON.stringify([bench.time.now, call.verb, call.name, answer.body])),
    );
    const made = await bench.passing(
      kube.create(kinds.deployments, 'shop', {
        metadata: { generateName: 'w-' },
        spec: { selector: {}, template: { spec: { containers: [{ name: 'c', image: 'i' }] } } },
      }),
    );
    await bench.passing(
      kube.create(configMaps, 'shop', {
        metadata: {
          name: 'x',
          ownerReferences: [
            { apiVersion: 'apps/v1', kind: 'Deployment', name: made.metadata.name, uid: made.metadata.uid },
          ],
        },
      }),
    );
    await bench.passing(kube.delete(kinds.deployments, 'shop', made.metadata.name, made.metadata.uid));
    await bench.pass(10_000);
    return story;
  };
  const [first, second] = [await tell(), await tell()];
  ok(first.length >= 8);
  deepEqual(first, second);
});
