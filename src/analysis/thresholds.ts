import type { Measured, Measurement, MetricSpec, Verdict } from '../rollout/types.ts';
import type { Judgement } from './types.ts';

/** Worst first: what is worst of all metrics is the verdict on the tick. */
const bySeverity: readonly Verdict[] = ['fail', 'error', 'inconclusive', 'pass'];

/**
 * Judges the canary by the range of each metric, as Flagger does, except that what is not known is no failed check:
 * no data is inconclusive, and a source that does not answer is an error.
 */
export function verdictOf(measurements: readonly Measurement[]): Judgement {
  if (measurements.length === 0) return { verdict: 'pass', evidence: ['no metrics in the plan'] };
  const judged = measurements.map((measurement) => judge(measurement));
  const verdict = bySeverity.find((worst) => judged.some((one) => one.verdict === worst)) ?? 'pass';
  return { verdict, evidence: judged.map(({ sentence }) => sentence) };
}

interface Judged {
  readonly verdict: Verdict;
  readonly sentence: string;
}

function judge({ metric, canary, stable }: Measurement): Judged {
  const { name, show } = wordsFor(metric);
  const seen = known(canary);
  if (seen.kind === 'error') return { verdict: 'error', sentence: `${name} not measured: ${seen.why}` };
  if (seen.kind === 'absent') return { verdict: 'inconclusive', sentence: `${name} not known: ${seen.why}` };
  const { value } = seen;
  const { min, max } = metric;
  const low = min !== undefined && value < min;
  const high = max !== undefined && value > max;
  const wording = [
    ...(min === undefined || high ? [] : [`${low ? '<' : '>='} ${show(min)}`]),
    ...(max === undefined || low ? [] : [`${high ? '>' : '<='} ${show(max)}`]),
  ];
  const range = wording.length === 0 ? '(no range)' : wording.join(' and ');
  const beside = known(stable);
  const comparison = beside.kind === 'value' ? ` (stable ${show(beside.value)})` : '';
  const shown = show(value, low ? min : high ? max : undefined);
  return { verdict: low || high ? 'fail' : 'pass', sentence: `${name} ${shown} ${range}${comparison}` };
}

/** Neither NaN nor an infinity says anything of the canary: the first is 0/0, the second a division by nothing. */
function known(measured: Measured): Measured {
  if (measured.kind !== 'value' || Number.isFinite(measured.value)) return measured;
  return { kind: 'absent', why: `the value is ${measured.value}` };
}

interface Words {
  readonly name: string;
  /** The value with its unit, in as many digits as tell it from `bound`. */
  readonly show: (value: number, bound?: number) => string;
}

function wordsFor({ name, query }: MetricSpec): Words {
  const asIs = (value: number, more: number): number => Number(value.toPrecision(4 + more));
  if (query !== undefined) return { name, show: shower('', asIs) };
  switch (name) {
    case 'request-success-rate':
      return { name: 'success rate', show: shower(' %', (value, more) => Number(value.toFixed(2 + more))) };
    case 'request-duration':
      return { name: 'P99', show: shower(' ms', (value, more) => Number(value.toFixed(more))) };
    default:
      return { name, show: shower('', asIs) };
  }
}

/** A failed check never reads like `99 % < 99 %`. */
function shower(unit: string, rounded: (value: number, more: number) => number): Words['show'] {
  return (value, bound = Number.NaN) => {
    const more = [0, 2, 4, 8].find((digits) => rounded(value, digits) !== rounded(bound, digits)) ?? 8;
    return `${rounded(value, more)}${unit}`;
  };
}
