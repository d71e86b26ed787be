import { equal, ok } from 'node:assert/strict';
import { mock, test } from 'node:test';
import { systemClock, wallClock } from '../src/clock.ts';

test('a process that runs keeps its time where the clock of its machine is set; what people look at follows it', () => {
  const [before, hour] = [systemClock.now(), 3_600_000];
  ok(Math.abs(before - Date.now()) < 60_000, 'it began with the time of the machine');
  for (const by of [hour, -hour]) {
    const set = before + by;
    mock.timers.enable({ apis: ['Date'], now: set });
    try {
      equal(wallClock.now(), set);
      const passed = systemClock.now() - before;
      ok(passed >= 0 && passed < 60_000, `${passed} ms`);
    } finally {
      mock.timers.reset();
    }
  }
});

test('times are whole milliseconds', () => {
  ok(Number.isInteger(systemClock.now()));
});
