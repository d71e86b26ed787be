// Draws docs/dashboard.png: node_modules/node/bin/node test/dashboard/picture.ts
import { join } from 'node:path';
import { openBrowser } from './browser.ts';
import { many, noon } from './fixtures.ts';
import { openStage } from './stage.ts';
import { open } from './visits.ts';

const stage = await openStage(many(20), { allowActions: true, at: noon });
const browser = await openBrowser();
const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, timezoneId: 'UTC' });
await page.goto(stage.url);
await page.evaluate((to) => void (location.hash = to), open('shop/web'));
await page.waitForSelector('.rollout canvas');
// The focus ring says nothing on a picture.
await page.evaluate(() => {
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
});
const path = join(import.meta.dirname, '../../docs/dashboard.png');
await page.screenshot({ path, animations: 'disabled' });
await browser.close();
await stage.close();
