import type { Page } from 'playwright-core';
import type { World } from '../clients/world.ts';

/**
 * Signs the ready user in as Microsoft's own test helpers do, by the elements' ids, and agrees to
 * everything until the browser is back at the application.
 */
export async function signInOn(page: Page, world: World, isStaying = false): Promise<void> {
  await enterName(page, world);
  await page.fill('#i0118', world.batten.env['BATTEN_PASSWORD'] ?? '');
  await press(page, '#idSIButton9');
  const { origin } = new URL(world.batten.env['BATTEN_URL'] ?? '');
  for (let pages = 0; pages < pagesMax && page.url().startsWith(origin); pages += 1) {
    const isAsked = (await page.locator('#kmsiTitle').count()) > 0;
    await press(page, isAsked && !isStaying ? '#idBtn_Back' : '#idSIButton9');
  }
}

/** Consent and staying signed in. */
const pagesMax = 2;

/** Names the ready user and goes on to her password. */
export async function enterName(page: Page, world: World): Promise<void> {
  await page.fill('#i0116', world.batten.env['BATTEN_USERNAME'] ?? '');
  await press(page, '#idSIButton9');
}

/** Presses a button that leads to another page, and waits for that page. */
export async function press(page: Page, selector: string): Promise<void> {
  const came = page.waitForEvent('domcontentloaded');
  await page.click(selector);
  await came;
}
