// What the tests of sources share: a moment, the question that is asked then, and what is asked and read of it.
import type { Measured } from '../../src/rollout/types.ts';
import type { Request } from '../../src/prometheus/exchange.ts';
import type { Provider, Question } from '../../src/sources/provider.ts';

/** A whole minute, so that buckets are easy to read. */
export const now = Date.parse('2026-11-24T09:10:00Z');

export function question(more: Partial<Question> = {}): Question {
  return {
    ...{ provider: { type: 'datadog' }, query: 'up', secret: {}, now, windowMs: 60_000, lookBackMs: 600_000 },
    ...more,
  };
}

/** What would be asked; where nothing can be, why. */
export function asked(provider: Provider, address: string, more: Partial<Question> = {}): Request | string {
  const request = provider.request(address, question(more));
  return 'kind' in request ? request.why : request;
}

/** A measure in short: the number, or what is said in its place. */
export function short(measured: Measured): number | string {
  return measured.kind === 'value' ? measured.value : `${measured.kind}: ${measured.why}`;
}

export type Reading = readonly [what: string, answer: unknown, expected: number | string];
