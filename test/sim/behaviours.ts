// What an image does is in its name, so that a history says it all: `shop:bad-2`.
import type { Behaviour } from './mesh/types.ts';

const usual: Behaviour = { errors: 0, durationMs: 40, start: 'ok', readyMs: 3_000 };

const kinds: Readonly<Record<string, Partial<Behaviour>>> = {
  good: {},
  /** A few errors, as every software has; no reason to fail it. */
  fair: { errors: 0.001, durationMs: 60 },
  bad: { errors: 0.3 },
  worse: { errors: 1 },
  /** Answers rightly, and too late. */
  late: { durationMs: 2_000 },
  crash: { start: 'crash' },
  missing: { start: 'missing' },
  never: { start: 'never' },
  slow: { readyMs: 25_000 },
};

/** How the software of `image` behaves; `readyMs` is of the shop. */
export function behaviourOf(image: string, readyMs: number): Behaviour {
  const kind = /^shop:([a-z]+)-\d+$/.exec(image)?.[1] ?? '';
  const own = kinds[kind];
  if (own === undefined) throw new Error(`no such image: ${image}`);
  return { ...usual, readyMs, ...own };
}
