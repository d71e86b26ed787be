// What many seeds came to, in numbers.
import type { Outcome } from './seeds.ts';

export class Summary {
  seeds = 0;
  failed = 0;
  calls = 0;
  virtualMs = 0;
  costMs = 0;
  readonly rollouts: Record<string, number> = {};
  readonly checks: Record<string, number> = {};

  add({ violation, calls, virtualMs, costMs, rollouts, checks }: Outcome): void {
    this.seeds += 1;
    this.failed += violation === undefined ? 0 : 1;
    this.calls += calls;
    this.virtualMs += virtualMs;
    this.costMs += costMs;
    addTo(this.rollouts, rollouts);
    addTo(this.checks, checks);
  }

  /** Rollouts that came to an end. */
  get ended(): number {
    return Object.values(this.rollouts).reduce((sum, count) => sum + count, 0);
  }

  /** On one core. */
  get rolloutsPerMinute(): number {
    return this.costMs === 0 ? 0 : Math.round((this.ended * 60_000) / this.costMs);
  }

  get text(): string {
    const checked = Object.entries(this.checks).map(([id, count]) => `${id} ${count}`);
    return [
      `${this.seeds} seeds, ${this.failed} with a violation`,
      `${this.ended} rollouts: ${listed(this.rollouts)}`,
      `${this.calls} calls to the API server, ${(this.virtualMs / 3_600_000).toFixed(1)} hours of virtual time`,
      `checks: ${checked.join(', ')}`,
      `${this.rolloutsPerMinute} rollouts a minute on one core`,
    ].join('\n');
  }
}

function addTo(sums: Record<string, number>, more: Readonly<Record<string, number>>): void {
  for (const [key, count] of Object.entries(more)) sums[key] = (sums[key] ?? 0) + count;
}

function listed(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  return parts.join(', ');
}
