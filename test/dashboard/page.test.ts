// The page in a real Chromium, with rollouts that are made up. Nothing here is measured by how long it takes.
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { beyond } from '../../src/dashboard/page/window.ts';
import type { Report } from '../../src/report/report.ts';
import { noon, trial } from './fixtures.ts';
import { openStage } from './stage.ts';
import { open, visits } from './visits.ts';

const { stage, visit } = visits();

const focused = (page: Page): Promise<string | null> =>
  page.evaluate(() => document.activeElement?.getAttribute('data-key') ?? null);
const text = async (page: Page, selector: string): Promise<string> =>
  (await page.locator(selector).first().innerText()).replaceAll(/\s+/g, ' ');

test('the token does not stay in the address, and the page is there by the cookie', async () => {
  const page = await visit();
  equal(page.url(), `http://127.0.0.1:${stage().port}/#`.replace(/#$/, ''));
  const cookies = await page.context().cookies();
  deepEqual(
    cookies.map(({ httpOnly, sameSite }) => ({ httpOnly, sameSite })),
    [{ httpOnly: true, sameSite: 'Strict' }],
  );
  equal(await page.evaluate(() => document.cookie), '');
});

test('of 500 rollouts only those in sight are drawn, wherever the list stands, and all are counted', async () => {
  const page = await visit();
  const rows = page.locator('.rows');
  const { height, whole } = await rows.evaluate((list) => ({
    height: list.clientHeight,
    whole: list.scrollHeight,
  }));
  equal(whole, 500 * 68);
  for (let top = 0; top < whole; top += 2_345) {
    await rows.evaluate((list, to) => (list.scrollTop = to), top);
    await page.waitForFunction(() => {
      const list = document.querySelector('.rows');
      if (list === null) return false;
      const { left, top: edge, bottom } = list.getBoundingClientRect();
      return [edge + 10, (edge + bottom) / 2, bottom - 10].every(
        (y) => document.elementFromPoint(left + 60, y)?.closest('.row') !== null,
      );
    });
    ok((await page.locator('.row').count()) <= Math.ceil(height / 68) + 1 + 2 * beyond);
  }
  const last = page.locator('.row').last();
  equal(await last.getAttribute('aria-posinset'), '500');
  equal(await last.getAttribute('aria-setsize'), '500');
});

test('the keyboard goes through the list, opens, filters and comes back', async () => {
  const page = await visit();
  await page.keyboard.press('j');
  await page.waitForFunction(() => document.activeElement?.getAttribute('data-key') === 'shop/cart');
  for (let step = 0; step < 3; step += 1) await page.keyboard.press('j');
  await page.waitForFunction(() => document.activeElement?.getAttribute('data-key') === 'shop/web');
  await page.keyboard.press('k');
  await page.waitForFunction(() => document.activeElement?.getAttribute('data-key') === 'billing/pay');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.rollout');
  match(await text(page, 'h2'), /^pay billing$/);
  await page.waitForFunction(() => document.activeElement?.tagName === 'MAIN');
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => document.activeElement?.getAttribute('data-key') === 'billing/pay');
  equal(await page.locator('.rollout').count(), 0);
  await page.keyboard.press('/');
  await page.waitForFunction(() => document.activeElement?.tagName === 'INPUT');
  await page.keyboard.type('jjk search');
  await page.waitForSelector('text=Nothing is listed by this filter.');
  await page.keyboard.press('Escape');
  await page.keyboard.type('search');
  await page.waitForFunction(() => document.querySelectorAll('.row').length === 1);
  await page.keyboard.press('Tab');
  await page.keyboard.press('?');
  await page.waitForSelector('dialog[open]');
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog', { state: 'detached' });
});

test('far down the list the keyboard brings rows into sight', async () => {
  const page = await visit();
  for (let step = 0; step < 60; step += 1) await page.keyboard.press('j');
  await page.waitForFunction(() => {
    const row = document.activeElement?.closest('.row');
    const list = document.querySelector('.rows');
    if (row?.getAttribute('aria-posinset') !== '60' || !list) return false;
    const [inner, outer] = [row.getBoundingClientRect(), list.getBoundingClientRect()];
    return inner.top >= outer.top && inner.bottom <= outer.bottom;
  });
  ok((await focused(page)) !== null);
});

test('an action wants a yes, takes a reason, and shows why it was refused', async () => {
  const page = await visit({ hash: open('shop/web') });
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.waitForSelector('dialog[open]');
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog', { state: 'detached' });
  deepEqual(stage().asked, []);
  stage().refuseNext('ann may not abort web: the RBAC verb abort is missing');
  await page.getByRole('button', { name: 'Abort' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Abort' }).click();
  await page.waitForSelector('[role=alert]:has-text("ann may not abort web")');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByLabel('Reason').fill('until the sale is over');
  await page.keyboard.press('Enter');
  await page.waitForSelector('dialog', { state: 'detached' });
  deepEqual(stage().asked, [
    {
      ...{ namespace: 'shop', name: 'web', revision: 'b04d77e1' },
      said: { do: 'pause', reason: 'until the sale is over' },
    },
  ]);
});

test('from the history people go back to what was promoted, and to nothing else', async () => {
  const page = await visit({ hash: open('team-0/service-000') });
  equal(await page.locator('.history button').count(), 1);
  await page.getByRole('button', { name: 'Roll back to 6f1c09aa' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).click();
  await page.waitForSelector('dialog', { state: 'detached' });
  deepEqual(stage().asked.at(-1), {
    ...{ namespace: 'team-0', name: 'service-000' },
    said: { do: 'rollback', to: '6f1c09aa' },
  });
});

test('where only is shown, nothing is offered', async () => {
  const shown = await openStage([trial()], { at: noon });
  try {
    const page = await visit({ hash: open('shop/web'), at: shown });
    equal(await page.locator('.offers, .history button').count(), 0);
    match(await text(page, '.mode'), /read-only/);
  } finally {
    await shown.close();
  }
});

test('what changes is seen at once, said to who does not look, and moves nothing else', async () => {
  const page = await visit({ hash: open('shop/web') });
  const place = (): Promise<unknown> =>
    page.locator('#charts').evaluate((each) => each.getBoundingClientRect().top);
  const placed = await place();
  const failed: Report = {
    ...trial(),
    phase: 'RollingBack',
    attention: true,
    message: 'an error is five times as likely',
  };
  stage().show(failed);
  await page.waitForSelector('.chip:has-text("rolling back")');
  await page.waitForSelector('[data-key="shop/web"][data-attention=true]');
  const said = page.locator('[aria-live=polite]');
  equal(
    await said.textContent(),
    'shop/web: rolling back, needs attention. an error is five times as likely',
  );
  equal(await place(), placed);
  stage().take('shop', 'web');
  await page.waitForSelector('text=The Deployment is gone');
  stage().show(trial());
  await page.waitForSelector('.chip:has-text("on trial")');
});

test('an API server that is silent is told, and that it is back', async () => {
  const page = await visit();
  stage().cluster({ ok: false, why: 'connection refused', since: noon });
  await page.waitForSelector('.line[data-is=bad]');
  match(await text(page, '.line'), /API server silent since 12:00:00; trying again/);
  stage().cluster({ ok: true });
  await page.waitForSelector('.line[data-is=ok]');
});

test('a server that went away is told, and the page goes on with the next one at that place', async () => {
  const first = await openStage([trial()], { at: noon });
  const page = await visit({ at: first });
  await first.close();
  await page.waitForSelector('.line[data-is=bad]');
  match(await text(page, '.line'), /is kubectl canary dashboard still running/);
  const second = await openStage([{ ...trial(), name: 'other' }], { at: noon, port: first.port });
  try {
    await page.waitForSelector('[data-key="shop/other"]');
    await page.waitForSelector('.line[data-is=ok]');
    equal(await page.locator('[data-key="shop/web"]').count(), 0);
  } finally {
    await page.close();
    await second.close();
  }
});

test('a chart can be read without being seen', async () => {
  const page = await visit({ hash: open('shop/web') });
  const charts = page.getByRole('img', { name: /: / });
  const names = await charts.evaluateAll((all) => all.map((each) => each.getAttribute('aria-label') ?? ''));
  equal(names.length, 5);
  match(names[0] ?? '', /^Weight of the canary: asked 20 %, seen 20 %$/);
  await page.locator('summary').first().click();
  equal((await page.locator('.numbers[open] tbody tr').count()) > 3, true);
  // The line was drawn, and not only its frame.
  const inked = await page
    .locator('.plot canvas')
    .first()
    .evaluate((canvas) => {
      const { width, height } = canvas as HTMLCanvasElement;
      const pixels =
        (canvas as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height).data ?? [];
      let coloured = 0;
      for (let index = 0; index < pixels.length; index += 4)
        if ((pixels[index] ?? 0) > (pixels[index + 2] ?? 0) + 60) coloured += 1;
      return coloured;
    });
  ok(inked > 200, `${inked} pixels of the canary’s colour`);
});
