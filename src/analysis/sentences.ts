import type { Compared, Comparison } from './comparison.ts';
import type { Interval } from './odds.ts';

/** What a comparison has seen, in one sentence with its numbers. */
export function comparedText(
  comparison: Comparison,
  { verdict, by, wealth, bound, odds, edge }: Compared,
): string {
  const arms = `canary failed ${shareOf(comparison.canary)}, stable ${shareOf(comparison.stable)}`;
  const worse = verdict === 'worse' ? 'canary worse than stable' : 'canary not shown to be worse';
  const what = by === 'latency' && edge !== undefined ? `slower than ${edge} ms` : 'errors';
  const evidence = Number.isFinite(wealth)
    ? `, evidence ${wealth.toFixed(1)} of ${bound.toFixed(1)} by ${what}`
    : '';
  return `${worse}: ${arms}, ${oddsText(odds)}${evidence}`;
}

function shareOf({ requests, errors }: Comparison['canary']): string {
  return `${errors} of ${requests}`;
}

/** Where the odds ratio lies, in words. */
export function oddsText({ least, most }: Interval): string {
  if (least !== undefined && most !== undefined) return `odds ratio ${least} to ${most} at 95 %`;
  if (least !== undefined) return `odds ratio above ${least} at 95 %`;
  if (most !== undefined) return `odds ratio below ${most} at 95 %`;
  return 'odds ratio not known';
}
