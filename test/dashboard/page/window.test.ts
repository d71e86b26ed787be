import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { beyond, rowsIn, scrollFor } from '../../../src/dashboard/page/window.ts';

const rowHeight = 68;

test('the rows in sight are drawn and a few beyond', () => {
  deepEqual(rowsIn({ count: 500, rowHeight, scrollTop: 0, height: 680 }), { from: 0, to: 11 + 2 * beyond });
  deepEqual(rowsIn({ count: 500, rowHeight, scrollTop: 100 * rowHeight, height: 680 }), {
    ...{ from: 100 - beyond, to: 111 + beyond },
  });
  deepEqual(rowsIn({ count: 3, rowHeight, scrollTop: 0, height: 680 }), { from: 0, to: 3 });
  deepEqual(rowsIn({ count: 0, rowHeight, scrollTop: 0, height: 680 }), { from: 0, to: 0 });
});

const views = fc.record({
  ...{ count: fc.nat(2_000), scrollTop: fc.integer({ min: -50, max: 200_000 }), height: fc.nat(3_000) },
});

test('wherever the list stands, all that is seen of it is drawn, and never more than fits', () => {
  fc.assert(
    fc.property(views, ({ count, scrollTop, height }) => {
      const { from, to } = rowsIn({ count, rowHeight, scrollTop, height });
      ok(0 <= from && from <= to && to <= count);
      ok(to - from <= Math.ceil(height / rowHeight) + 1 + 2 * beyond);
      const top = Math.min(Math.max(0, scrollTop), Math.max(0, count * rowHeight - height));
      for (const pixel of [top, top + height - 1]) {
        const row = Math.floor(pixel / rowHeight);
        if (row >= 0 && row < count && height > 0) ok(row >= from && row < to, `row ${row}`);
      }
    }),
  );
});

test('a list moves no further than it has to for a row to be seen whole', () => {
  const view = { rowHeight, scrollTop: 680, height: 680 };
  equal(scrollFor(10, view), undefined);
  equal(scrollFor(19, view), undefined);
  equal(scrollFor(9, view), 9 * rowHeight);
  equal(scrollFor(20, view), 11 * rowHeight);
});
