import type { Line, Series } from './wire.ts';

/**
 * What was recorded, with what Prometheus knows: its traffic in place of ours, since a line of two kinds of rate would
 * have a step in it that nobody made; its weight and evidence before ours begin.
 */
export function joined(recorded: Series, past: Omit<Series, 'source'> | undefined): Series {
  if (past === undefined || past.rate.at.length === 0) return recorded;
  return {
    ...{ rate: past.rate, errors: past.errors, latency: past.latency },
    weight: after(past.weight, recorded.weight),
    evidence: after(past.evidence, recorded.evidence),
    source: 'prometheus',
  };
}

function after(before: Line, line: Line): Line {
  const begin = line.at[0] ?? Number.POSITIVE_INFINITY;
  const kept = before.at.filter((at) => at < begin).length;
  return {
    at: [...before.at.slice(0, kept), ...line.at],
    values: [0, 1].map((index) => [
      ...(before.values[index] ?? []).slice(0, kept),
      ...(line.values[index] ?? []),
    ]),
  };
}
