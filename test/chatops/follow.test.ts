import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { describe } from '../../src/chatops/follow.ts';
import { Follows } from '../../src/chatops/follows.ts';

test('a description is why, then the evidence that is not in it, and never longer than a status holds', () => {
  const last = { at: 0, verdict: 'pass', evidence: ['errors 0 %', 'P99 4 ms'] } as const;
  const checks = { passed: 1, failed: 0, threshold: 3, silent: 0, last };
  equal(describe({ checks }, { is: 'done', why: 'abc is live' }), 'abc is live; errors 0 %; P99 4 ms');
  equal(describe({ checks }, { is: 'done', why: 'errors 0 % of all' }), 'errors 0 % of all; P99 4 ms');
  equal(describe({}, { is: 'open', why: '' }), '');
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (why) => {
      const text = describe({ checks }, { is: 'failed', why });
      ok(text.length <= 140 && !/[\r\n]/.test(text));
    }),
  );
});

test('each is followed once, the newest way, and not more of them than there is room for', async () => {
  const follows = new Follows(2);
  const heard: string[] = [];
  const run =
    (name: string) =>
    async (signal: AbortSignal): Promise<void> => {
      heard.push(name);
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      heard.push(`${name} stops`);
    };
  equal(follows.start('web', run('one')), true);
  equal(follows.start('web', run('two')), true);
  equal(follows.start('cart', run('three')), true);
  equal(follows.start('mail', run('four')), false);
  await follows.stop();
  equal(heard.join(), 'one,two,three,one stops,two stops,three stops');
  equal(
    follows.start('mail', async () => undefined),
    true,
  );
});
