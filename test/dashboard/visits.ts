// Pages of a real Chromium that look at rollouts which a test makes up.
import { deepEqual } from 'node:assert/strict';
import { after, afterEach, before } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { openBrowser } from './browser.ts';
import { many, noon } from './fixtures.ts';
import { openStage, type Stage } from './stage.ts';

export const wide = { width: 1440, height: 900 };
export const narrow = { width: 360, height: 740 };

interface Visit extends BrowserContextOptions {
  readonly hash?: string;
  readonly at?: Stage;
}

export interface Visits {
  /** 500 rollouts, where nothing else is looked at. */
  readonly stage: () => Stage;
  /** A page of somebody who was given the address, once it shows what it is to show. */
  readonly visit: (visit?: Visit) => Promise<Page>;
}

/** For the tests of one file: one browser and one server, a page for each; what the browser complains of (CSP) fails them. */
export function visits(): Visits {
  let browser: Browser | undefined;
  let stage: Stage | undefined;
  const pages: Page[] = [];
  let complaints: string[] = [];
  before(async () => {
    browser = await openBrowser();
    stage = await openStage(many(496), { allowActions: true, at: noon });
  });
  afterEach(async () => {
    await Promise.all(pages.splice(0).map((page) => page.context().close()));
    const heard = complaints;
    complaints = [];
    deepEqual(heard, []);
  });
  after(async () => {
    await browser?.close();
    await stage?.close();
  });
  const there = (): Stage => {
    if (stage === undefined) throw new Error('asked for before the tests');
    return stage;
  };
  return {
    stage: there,
    async visit({ hash = '', at = there(), ...options } = {}) {
      const context = await browser?.newContext({
        viewport: wide,
        timezoneId: 'UTC',
        locale: 'en-GB',
        ...options,
      });
      const page = await context?.newPage();
      if (page === undefined) throw new Error('asked for before the tests');
      // Other tests run beside it.
      page.setDefaultTimeout(60_000);
      pages.push(page);
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        // That the server was gone, or refused, is what a test may be about.
        const isOfNetwork = /ERR_|^Failed to load resource/.test(message.text());
        if (message.type() === 'error' && !isOfNetwork) complaints.push(message.text());
      });
      await page.goto(at.url);
      await page.evaluate((to) => void (location.hash = to), hash);
      await page.waitForSelector(hash === '' ? '.row' : '.rollout');
      return page;
    },
  };
}

/** The address of a rollout on the page. */
export const open = (key: string): string => `#/${key}`;
