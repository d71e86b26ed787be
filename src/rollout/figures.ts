import type { BothArms, Figures, Measured, Measurement } from './types.ts';

/** The numbers of the built-in metrics, in as many digits as people read: they are kept in an annotation. */
export function figuresOf(measurements: readonly Measurement[]): { readonly measured?: Figures } {
  const [success, p99] = ['request-success-rate', 'request-duration'].map((name) =>
    measurements.find(({ metric }) => metric.name === name && metric.query === undefined),
  );
  if (success === undefined && p99 === undefined) return {};
  return {
    measured: {
      ...(success === undefined ? {} : { successPercent: both(success, 3) }),
      ...(p99 === undefined ? {} : { p99Ms: both(p99, 1) }),
    },
  };
}

function both({ canary, stable }: Measurement, digits: number): BothArms {
  const shown = (measured: Measured): number | null =>
    measured.kind === 'value' && Number.isFinite(measured.value)
      ? Number(measured.value.toFixed(digits))
      : null;
  return [shown(canary), shown(stable)];
}
