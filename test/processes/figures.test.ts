// The figures of whole rollouts, from the machine's decisions to the page that Prometheus reads.
import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { figuresOf } from '../../src/processes/figures.ts';
import { step } from '../../src/rollout/step.ts';
import type { Observation, Plan } from '../../src/rollout/types.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { aPlan, World } from '../rollout/world.ts';

/** A world whose decisions are published. */
class Shown extends World {
  readonly metrics = createMetrics();
  readonly #tell = figuresOf(this.metrics, { now: () => this.now, sleep: () => Promise.resolve() });

  override look(survives?: number, seen: Observation = this.observe()): boolean {
    const decision = step(this.plan, this.state, seen, this.now);
    const plan: Plan = this.plan;
    this.#tell('shop/web', this.state, decision, seen, { uid: 'u1', plan });
    return super.look(survives, seen);
  }

  /** Lines whose value is not 0, without the buckets of histograms. */
  async published(...names: readonly string[]): Promise<string[]> {
    const page = await this.metrics.registry.metrics();
    const lines = page.split('\n').filter((line) => names.some((name) => line.startsWith(`serin_${name}`)));
    return lines.filter((line) => !/_bucket\{| 0$/.test(line)).map((line) => line.replace('serin_', ''));
  }
}

const ofWeb = '{namespace="shop",deployment="web"';

test('a rollout that succeeds is counted, has taken its time in each phase, and leaves no gauge', async () => {
  const world = new Shown();
  world.until('Succeeded');
  deepEqual(await world.published('rollouts_total', 'ticks_total', 'rollout_phase{', 'rollout_failed'), [
    'rollouts_total{outcome="Succeeded"} 1',
    'ticks_total{verdict="pass"} 3',
  ]);
  const counts = await world.published(
    'rollout_phase_duration_seconds_count',
    'rollout_weight_delay_seconds_count',
  );
  deepEqual(counts, [
    'rollout_phase_duration_seconds_count{phase="Starting"} 1',
    'rollout_phase_duration_seconds_count{phase="Progressing"} 1',
    'rollout_phase_duration_seconds_count{phase="Promoting.Shift"} 1',
    'rollout_phase_duration_seconds_count{phase="Promoting.Roll"} 1',
    'rollout_phase_duration_seconds_count{phase="Promoting.Return"} 1',
    'rollout_phase_duration_seconds_count{phase="Finalising"} 1',
    'rollout_weight_delay_seconds_count 3',
  ]);
});

test('while it goes on, its checks, weight and twin are shown', async () => {
  const world = new Shown();
  world.until('Progressing');
  while (world.weight < 30) if (!world.look()) world.pass();
  world.look();
  deepEqual(
    await world.published(
      'rollout_phase{',
      'rollout_twin_info',
      'rollout_weight{',
      'rollout_checks',
      'rollout_verdict',
    ),
    [
      `rollout_phase${ofWeb},phase="Progressing"} 1`,
      `rollout_twin_info${ofWeb},twin="web-canary"} 1`,
      `rollout_weight${ofWeb},arm="stable"} 70`,
      `rollout_weight${ofWeb},arm="canary"} 30`,
      `rollout_checks${ofWeb},result="passed"} 1`,
      `rollout_verdict${ofWeb},verdict="pass"} 1`,
    ],
  );
});

test('a rollout that fails is counted once and shown as failed, however often it is looked at', async () => {
  const world = new Shown(aPlan());
  world.health = 'bad';
  world.until('Failed');
  const { state } = world;
  for (let looks = 0; looks < 3; looks += 1) world.look();
  const endedAt = 'endedAt' in state ? state.endedAt : 0;
  deepEqual(
    await world.published(
      'rollouts_total',
      'rollout_failed',
      'rollout_phase{',
      'rollout_duration_seconds_count',
    ),
    [
      `rollout_failed_timestamp_seconds${ofWeb}} ${endedAt / 1000}`,
      'rollout_duration_seconds_count{outcome="Failed"} 1',
      'rollouts_total{outcome="Failed"} 1',
    ],
  );
});

test('in place, the checks of main are shown', async () => {
  const world = new Shown(aPlan({ promotion: 'inPlace' }));
  world.until('Rolling');
  world.health = 'bad';
  while (world.state.phase === 'Rolling' && world.state.checks.failed === 0) if (!world.look()) world.pass();
  world.look();
  deepEqual(await world.published('rollout_phase{', 'rollout_checks'), [
    `rollout_phase${ofWeb},phase="Rolling"} 1`,
    `rollout_checks${ofWeb},result="failed"} 1`,
  ]);
});
