import type { Page } from 'playwright-core';
import type { World } from '../clients/world.ts';

/** Who signs in. */
export interface Person {
  readonly userName: string;
  readonly password: string;
}

/** The user that Batten comes with. */
export function readyUser({ batten: { env } }: World): Person {
  return { userName: env['BATTEN_USERNAME'] ?? '', password: env['BATTEN_PASSWORD'] ?? '' };
}

/**
 * Signs someone in, the ready user unless it is another, as Microsoft's own test helpers do, by the
 * elements' ids, and agrees to everything until the browser is back at the application.
 */
export async function signInOn(
  page: Page,
  world: World,
  isStaying = false,
  person: Person = readyUser(world),
): Promise<void> {
  await enterName(page, world, person);
  await page.fill('#i0118', person.password);
  await press(page, '#idSIButton9');
  const { origin } = new URL(world.batten.env['BATTEN_URL'] ?? '');
  for (let pages = 0; pages < pagesMax && page.url().startsWith(origin); pages += 1) {
    const isAsked = (await page.locator('#kmsiTitle').count()) > 0;
    await press(page, isAsked && !isStaying ? '#idBtn_Back' : '#idSIButton9');
  }
}

/** Consent and staying signed in. */
const pagesMax = 2;

/** Names someone, the ready user unless it is another, and goes on to her password. */
export async function enterName(
  page: Page,
  world: World,
  { userName }: Pick<Person, 'userName'> = readyUser(world),
): Promise<void> {
  await page.fill('#i0116', userName);
  await press(page, '#idSIButton9');
}

/** Presses a button that leads to another page, and waits for that page. */
export async function press(page: Page, selector: string): Promise<void> {
  const came = page.waitForEvent('domcontentloaded');
  await page.click(selector);
  await came;
}
