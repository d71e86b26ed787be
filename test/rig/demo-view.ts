// What the demo shows of a release, as text: pure, so that it can be read in a test.
import { readLedger, readState } from '../../src/config/state.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import type { ArmFigures, Figures } from '../../src/prometheus/source.ts';
import { listAt, numberAt, objectAt, textAt } from '../../src/routing/json.ts';

/** Everything a line of the demo is made of. */
export interface Glance {
  readonly main: KubeObject;
  readonly twin: KubeObject | undefined;
  /** Percent of the traffic that the VirtualService gives the twin. */
  readonly weight: number;
  readonly figures: Figures;
}

/** Seconds since the release began, as `  4.2 s`. */
export function clockTime(ms: number): string {
  return `${(ms / 1000).toFixed(1).padStart(6)} s`;
}

/** One line: phase, weight, and both versions side by side. */
export function glanceLine({ main, twin, weight, figures }: Glance): string {
  const state = readState(main.metadata.annotations);
  const phase = state === undefined || 'corrupt' in state ? '' : state.phase;
  const stable = figures.kind === 'figures' ? figures.stable : undefined;
  // Before its first weight, what is counted under the twin's name is an earlier twin's.
  const isFresh = phase === 'Pending' || phase === 'Starting';
  const canary = figures.kind === 'figures' && !isFresh ? figures.canary : undefined;
  return [
    phase.padEnd(16),
    `weight ${String(weight).padStart(3)} %`,
    '| stable',
    arm(main, stable),
    '| canary',
    twin === undefined ? '-' : `${arm(twin, canary)}${checks(main)}`,
  ].join(' ');
}

/** What makes a line worth printing again: everything but the figures, which always move. */
export function glanceKey({ main, twin, weight }: Glance): string {
  const state = main.metadata.annotations?.['serin.dev/state'] ?? '';
  return [state, weight, pods(main), twin === undefined ? '' : pods(twin) + checks(main)].join();
}

function arm(workload: KubeObject, figures: ArmFigures | undefined): string {
  const share =
    figures === undefined || figures.requests === 0
      ? '   -    '
      : `${((100 * (figures.requests - figures.errors)) / figures.requests).toFixed(2)} %`.padStart(8);
  const p99 =
    figures?.p99.kind === 'value' ? `P99 ${figures.p99.value.toFixed(0)} ms`.padEnd(9) : 'P99 -    ';
  return `${pods(workload)} ${share} ${p99}`;
}

function pods(workload: KubeObject): string {
  const wanted = numberAt(workload['spec'], 'replicas') ?? 1;
  const ready = numberAt(workload['status'], 'readyReplicas') ?? 0;
  return `${ready}/${wanted}`;
}

function checks(main: KubeObject): string {
  const ledger = readLedger(main.metadata.annotations);
  if (ledger === undefined || 'corrupt' in ledger || ledger.last === undefined) return '';
  return ` | check ${ledger.ticks}: ${ledger.last.verdict}`;
}

/** The image of a workload's first container. */
export function imageOf(workload: KubeObject): string {
  const template = objectAt(objectAt(workload, 'spec'), 'template');
  return textAt(listAt(objectAt(template, 'spec'), 'containers')[0], 'image') ?? '';
}
