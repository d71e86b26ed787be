import { alternatives } from '../analysis/sequential.ts';
import type { Comparison, ComparisonSpec } from '../analysis/comparison.ts';
import { edgeAlternatives } from '../analysis/latency.ts';
import { noBounds } from '../analysis/odds.ts';
import type { Field } from './field.ts';
import { checkNames } from './known.ts';
import * as schema from './schema.ts';

/** Chances and tolerance where the plan names none: one healthy release in a hundred, and half as many errors again. */
const usual: ComparisonSpec = { errorRate: true, latency: true, falseRollback: 0.01, tolerance: 1.5 };

/**
 * The comparison a plan asks for; on where nothing is said, off with `compare: false` and, since a plan without metrics
 * asks for no analysis, off with `metrics: []` unless it is asked for.
 */
export function compareOf(field: Field, hasMetrics: boolean): { readonly compare?: ComparisonSpec } {
  if (field.value === false || (!field.isGiven && !hasMetrics)) return {};
  if (!field.isGiven || field.value === true) return { compare: usual };
  checkNames(field, schema.compare);
  const errorRate = field.at('errorRate').flag() ?? usual.errorRate;
  const latency = field.at('latency').flag() ?? usual.latency;
  if (!errorRate && !latency) field.report('compares nothing: write compare: false to switch it off');
  const falseRollback = field.at('falseRollback').number(0.000_001, 0.5) ?? usual.falseRollback;
  const tolerance = field.at('tolerance').number(1, 100) ?? usual.tolerance;
  const objective = field.at('objective').number(0, 99);
  return {
    compare: {
      ...{ errorRate, latency, falseRollback, tolerance },
      ...(objective === undefined ? {} : { objective }),
    },
  };
}

/** What a twin's ledger keeps of a comparison. */
export function readComparison(field: Field): Comparison {
  const latency = field.at('latency');
  const edges = numbers(latency.at('edges'));
  const grid = (latency.at('grid').items() ?? []).map((logs) => numbers(logs, edgeAlternatives));
  if (grid.length !== edges.length) latency.at('grid').expected(`${edges.length} lists`);
  return {
    until: numberOf(field.at('until')),
    canary: totals(field.at('canary')),
    stable: totals(field.at('stable')),
    errors: numbers(field.at('errors'), alternatives.length),
    latency: { edges, grid },
    bounds: {
      above: numbers(field.at('bounds').at('above'), noBounds.above.length),
      below: numbers(field.at('bounds').at('below'), noBounds.below.length),
    },
    recent: (field.at('recent').items() ?? []).map((pair) => {
      const [requests = 0, errors = 0] = numbers(pair, 2);
      return [requests, errors];
    }),
  };
}

function totals(field: Field): Comparison['canary'] {
  return { requests: numberOf(field.at('requests')), errors: numberOf(field.at('errors')) };
}

function numbers(field: Field, length?: number): readonly number[] {
  const items = field.items() ?? field.required('a list of numbers');
  if (length !== undefined && items.length !== length) field.expected(`${length} numbers`);
  return items.map(numberOf);
}

function numberOf(field: Field): number {
  field.required('a number');
  return field.number() ?? 0;
}
