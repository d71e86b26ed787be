// What a registry publishes, line by line.
import type { Metrics } from '../../src/telemetry/metrics.ts';
import type { RolloutSeen } from '../../src/telemetry/rollouts.ts';

/** The published lines that are about `name`, without help. */
export async function published({ registry }: Metrics, name: string): Promise<string[]> {
  const text = await registry.metrics();
  return text.split('\n').filter((line) => line.startsWith(name));
}

/** What is published of each Deployment. */
export async function gauges(metrics: Metrics): Promise<string[]> {
  const lines = await published(metrics, 'serin_rollout_');
  return lines.filter((line) => line.includes('deployment="'));
}

/** A rollout at its first weight. */
export const seen: RolloutSeen = {
  revision: 'r2',
  phase: 'Progressing',
  since: 1_000_000,
  seenAt: 1_004_000,
  weight: 20,
  isApplied: true,
  twin: 'web-canary',
  isPaused: false,
};
