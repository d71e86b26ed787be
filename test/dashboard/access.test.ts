// Whether everybody can use the page: axe-core on each view, in a real Chromium.
import { deepEqual } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { narrow, open, visits, wide } from './visits.ts';

const { visit } = visits();

const axe = readFileSync(join(import.meta.dirname, '../../node_modules/axe-core/axe.min.js'), 'utf8');

/** What stands in the way of somebody, by WCAG 2.2 AA and good practice. */
async function obstacles(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe: checker } = globalThis as unknown as {
      axe: {
        run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
      };
    };
    const { violations } = await checker.run();
    return violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`),
    );
  });
}

const looks = [
  { colorScheme: 'light', viewport: wide },
  { colorScheme: 'dark', viewport: narrow },
] as const;
const views: readonly (readonly [name: string, hash: string, then?: (page: Page) => Promise<void>])[] = [
  ['the list', ''],
  ['a trial', open('shop/web')],
  ['a failure', open('shop/cart')],
  ['an end', open('team-0/service-000')],
  ['pods that crash', open('shop/search')],
  ['a pause', open('billing/pay')],
  ['nothing under way', open('team-1/service-001')],
  ['numbers and routes unfolded', open('shop/web'), (page) => page.locator('summary').first().click()],
  ['the help', open('shop/web'), (page) => page.keyboard.press('?')],
  ['a confirmation', open('shop/web'), (page) => page.getByRole('button', { name: 'Abort' }).click()],
];
for (const [name, hash, then] of views)
  for (const { colorScheme, viewport } of looks)
    test(`${name}, ${colorScheme}, ${viewport.width} wide: nothing is in anybody’s way`, async () => {
      const page = await visit({ hash, colorScheme, viewport });
      await then?.(page);
      deepEqual(await obstacles(page), []);
      const overflow = await page.evaluate(() =>
        [document.documentElement, ...document.querySelectorAll('main, nav, dialog')]
          .filter(({ scrollWidth, clientWidth }) => clientWidth > 1 && scrollWidth > clientWidth)
          .map(({ tagName }) => tagName),
      );
      deepEqual(overflow, [], 'nothing is wider than the screen');
    });
