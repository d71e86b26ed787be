import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { joined } from '../../src/dashboard/joined.ts';
import { lineOf, mostSamples, Recording } from '../../src/dashboard/series.ts';
import type { Report } from '../../src/report/report.ts';
import { noon, trial } from './fixtures.ts';

const second = noon / 1000;

/** The trial so many seconds on, with what both arms had answered by then. */
function at(seconds: number, stable: readonly [number, number], canary: readonly [number, number]): Report {
  const report = trial('web', 'shop', noon + seconds * 1000);
  const served = ([requests, errors]: readonly [number, number]) => ({ requests, errors });
  const { candidate, stable: main } = report;
  if (candidate === undefined) throw new Error('no candidate');
  return {
    ...report,
    startedAt: noon,
    stable: { ...main, served: served(stable) },
    candidate: { ...candidate, served: served(canary) },
  };
}

test('rates and errors are of the time between two looks, and told at the later', () => {
  const recording = new Recording();
  recording.take(at(0, [100, 0], [10, 0]));
  // Told again, without a look in between.
  recording.take(at(5, [100, 0], [10, 0]));
  recording.take(at(10, [300, 2], [60, 5]));
  const { rate, errors, source } = recording.series;
  deepEqual(rate, { at: [second + 10], values: [[20], [5]] });
  deepEqual(errors, { at: [second + 10], values: [[1], [10]] });
  equal(source, 'checks');
});

test('counts that began anew, and an arm without requests, give no rate that was not', () => {
  const recording = new Recording();
  recording.take(at(0, [100, 0], [10, 0]));
  recording.take(at(10, [20, 0], [10, 0]));
  deepEqual(recording.series.rate, { at: [second + 10], values: [[null], [0]] });
  deepEqual(recording.series.errors, { at: [second + 10], values: [[null], [null]] });
});

test('weight, latency and evidence are as they were told', () => {
  const recording = new Recording();
  recording.take(at(0, [1, 0], [1, 0]));
  const { weight, latency, evidence } = recording.series;
  deepEqual(weight, { at: [second], values: [[20], [20]] });
  deepEqual(latency, { at: [second], values: [[86], [91]] });
  deepEqual(evidence, { at: [second], values: [[-0.62], [5.3]] });
});

test('another trial begins anew', () => {
  const recording = new Recording();
  recording.take(at(0, [1, 0], [1, 0]));
  recording.take({ ...at(60, [1, 0], [1, 0]), startedAt: noon + 60_000 });
  deepEqual(recording.series.weight.at, [second + 60]);
});

test('news that come late are of the past', () => {
  const recording = new Recording();
  recording.take(at(10, [1, 0], [1, 0]));
  recording.take(at(5, [1, 0], [1, 0]));
  deepEqual(recording.series.weight.at, [second + 10]);
});

test('however long it lasts, no more is kept than a page can show, first and last among it', () => {
  const recording = new Recording();
  const looks = 10 * mostSamples;
  for (let look = 0; look < looks; look += 1) recording.take(at(look * 10, [look * 9, look], [look, 0]));
  const { at: times } = recording.series.weight;
  ok(times.length <= mostSamples);
  deepEqual([times[0], times.at(-1)], [second, second + (looks - 1) * 10]);
  ok(times.every((time, index) => index === 0 || time > (times[index - 1] ?? 0)));
});

test('what says nothing new takes no room', () => {
  const recording = new Recording();
  for (let look = 0; look < 50; look += 1) recording.take(at(look * 5, [1, 0], [1, 0]));
  deepEqual(recording.series.weight.at, [second, second + 245]);
});

const line = (times: readonly number[]) => lineOf(times.map((time) => [time, [time, null]]));
const none = line([]);

test('what Prometheus knows comes before what was recorded, and nothing comes twice', () => {
  const times = fc.uniqueArray(fc.integer({ min: 0, max: 50 })).map((each) => each.toSorted((a, b) => a - b));
  fc.assert(
    fc.property(times, times, (past, recorded) => {
      const lines = { rate: line([1]), errors: none, latency: none, evidence: none, weight: line(past) };
      const series = { ...lines, weight: line(recorded), source: 'checks' as const };
      const { weight, source } = joined(series, lines);
      equal(source, 'prometheus');
      const begin = recorded[0] ?? Infinity;
      deepEqual(weight.at, [...past.filter((time) => time < begin), ...recorded]);
      deepEqual(weight.values[0], weight.at);
    }),
  );
});

test('without Prometheus the recorded lines are all there is', () => {
  const recording = new Recording();
  recording.take(at(0, [1, 0], [1, 0]));
  const { series } = recording;
  deepEqual(joined(series, undefined), series);
  deepEqual(
    joined(series, { rate: none, errors: none, latency: none, evidence: none, weight: none }),
    series,
  );
});
