import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { startWorld } from '../clients/world.ts';
import { newPerson, seriousFindings, startChromium } from './chromium.ts';
import { type Person, press, readyUser, signInOn } from './sign-in.ts';
import { type Answer, openSinglePage, withMsal } from './single-page.ts';

/*
 * Two people in one browser, with Microsoft's own MSAL: both stay signed in, each gets her own
 * tokens, and each signs out alone.
 */

const world = await startWorld();
const chromium = await startChromium();
const url = world.batten.env['BATTEN_URL'] ?? '';
const site = await openSinglePage(world);
const ready = readyUser(world);
const guest: Person = {
  userName: ready.userName.replace(/^[^@]*/, 'second.person'),
  password: 'right Horse 4 battery',
};
await world.graph.call('POST', '/v1.0/users', {
  accountEnabled: true,
  displayName: 'Second Person',
  mailNickname: 'second',
  userPrincipalName: guest.userName,
  passwordProfile: { password: guest.password, forceChangePasswordNextSignIn: false },
});

/** Goes to the sign-in pages by MSAL, does something there, and comes back. */
async function byRedirect(page: Page, request: object, there: () => Promise<void>) {
  const left = page.waitForURL(`${url}/**`);
  const asked = JSON.stringify({ scopes: ['User.Read'], ...request });
  await page.evaluate(`void open().then(({ client }) => client.loginRedirect(${asked}))`);
  await left;
  const back = page.waitForURL(`${site}/`);
  await there();
  await back;
  return (await withMsal<Answer>(page, 'answer')) as Answer;
}

/** A browser in which both are signed in; the ready user stays when it is closed. */
async function signInBoth(options: Parameters<typeof newPerson>[1] = {}): Promise<Page> {
  const page = await newPerson(chromium, options);
  await page.goto(site);
  await byRedirect(page, {}, () => signInOn(page, world, true));
  const picker = { prompt: 'select_account' };
  const second = await byRedirect(page, picker, async () => {
    await press(page, '#otherTile');
    await signInOn(page, world, false, guest);
  });
  assert.equal(second.account.username, guest.userName);
  return page;
}

const signedIn = await signInBoth();
const { cookies } = await signedIn.context().storageState();
await signedIn.context().close();

/** A window of one browser in which both are signed in, for who changes nothing of that. */
async function anotherWindow(options: Parameters<typeof newPerson>[1] = {}): Promise<Page> {
  const page = await newPerson(chromium, options);
  await page.context().addCookies(cookies);
  await page.goto(site);
  return page;
}

function tile({ userName }: Person): string {
  return `[data-test-id="${userName}"]`;
}

/** Signs someone in without any page, as a page that knows nothing of her yet. */
async function silently(page: Page, request: object): Promise<string> {
  const asked = JSON.stringify({ scopes: ['User.Read'], ...request });
  const answer = await withMsal<Answer>(page, `client.ssoSilent(${asked})`);
  return typeof answer === 'string' ? answer : answer.account.username;
}

async function forgetAll(page: Page): Promise<void> {
  await page.evaluate('sessionStorage.clear()');
  await page.reload();
}

test('both have tokens of their own, renewed in the background', async () => {
  const page = await signInBoth();
  for (const { userName } of [ready, guest]) {
    const found = `client.getAccount({ username: ${JSON.stringify(userName)} })`;
    const request = `{ scopes: ['User.Read'], forceRefresh: true, account: ${found} }`;
    const answer = await withMsal<Answer>(page, `client.acquireTokenSilent(${request})`);
    assert.ok(typeof answer === 'object', `${answer}`);
    assert.deepEqual([answer.account.username, answer.fromCache], [userName, false]);
    assert.equal(await silently(page, { loginHint: userName }), userName);
  }
  await page.context().close();
});

test('a new page has to say who is meant, and only those who are signed in are', async () => {
  const page = await anotherWindow();
  assert.equal(await silently(page, {}), 'interaction_required');
  assert.equal(await silently(page, { loginHint: guest.userName }), guest.userName);
  await forgetAll(page);
  assert.equal(await silently(page, { loginHint: `nobody.${ready.userName}` }), 'login_required');
  await page.context().close();
});

test('a sign-in with a choice shows both, and who is picked needs no password', async () => {
  const page = await anotherWindow();
  const answer = await byRedirect(page, {}, async () => {
    assert.equal(await page.locator('#tilesHolder [data-test-id*="@"]').count(), 2);
    await page.click(tile(ready));
  });
  assert.equal(answer.account.username, ready.userName);
  await page.context().close();
});

test('signing out ends the account that MSAL names, and the other one goes on', async () => {
  const page = await signInBoth();
  const left = page.waitForRequest(/oauth2\/v2\.0\/logout/);
  await page.evaluate(
    `void open().then(({ client }) => client.logoutRedirect({
      account: client.getAccount({ username: ${JSON.stringify(guest.userName)} }),
      postLogoutRedirectUri: location.origin,
    }))`,
  );
  assert.match((await left).url(), /logout_hint=O\./);
  await page.waitForURL(`${site}/`, { waitUntil: 'networkidle' });
  await forgetAll(page);
  assert.equal(await silently(page, { loginHint: guest.userName }), 'login_required');
  assert.equal(await silently(page, {}), ready.userName);
  await page.context().close();
});

test('who chose to stay is there when the browser was closed, and the other one is not', async () => {
  const page = await signInBoth();
  const state = await page.context().storageState();
  const kept = state.cookies.filter(({ expires }) => expires !== -1);
  assert.equal(kept.length, 1);
  await page.context().clearCookies();
  await page.context().addCookies(kept);
  await forgetAll(page);
  assert.equal(await silently(page, {}), ready.userName);
  assert.equal(await silently(page, { loginHint: guest.userName }), 'login_required');
  await page.context().close();
});

test('signing out without a name asks which account, and then goes back', async () => {
  const page = await signInBoth();
  const query = new URLSearchParams({ post_logout_redirect_uri: site });
  await page.goto(`${url}/${world.tenantId}/oauth2/v2.0/logout?${query}`);
  await page.click(tile(ready));
  await page.waitForURL(`${site}/`);
  await forgetAll(page);
  assert.equal(await silently(page, {}), guest.userName);
  await page.context().close();
});

for (const language of ['en', 'ko', 'nl', 'zh-Hans']) {
  test(`both pages of accounts in ${language} are read by axe without a serious finding`, async () => {
    const page = await anotherWindow({ locale: language, bypassCSP: true });
    const look = async (what: string) => {
      assert.equal(await page.getAttribute('html', 'lang'), language, what);
      assert.equal(await page.locator('h1').count(), 1, what);
      assert.equal(await page.locator('#tilesHolder [data-test-id*="@"]').count(), 2, what);
      assert.deepEqual(await seriousFindings(page), [], what);
    };
    await byRedirect(page, { prompt: 'select_account' }, async () => {
      await look('who signs in');
      await page.click(tile(guest));
    });
    await page.goto(`${url}/common/oauth2/v2.0/logout`);
    await look('who signs out');
    await page.context().close();
  });
}

test('an account is picked by keyboard, in a browser without scripts on a narrow screen', async () => {
  const page = await signInBoth();
  const state = await page.context().storageState();
  const plain = await newPerson(chromium, {
    javaScriptEnabled: false,
    viewport: { width: 320, height: 568 },
  });
  await plain.context().addCookies(state.cookies);
  await plain.goto(`${url}/common/oauth2/v2.0/logout`);
  await plain.focus(tile(guest));
  const came = plain.waitForEvent('domcontentloaded');
  await plain.keyboard.press('Enter');
  await came;
  assert.equal(await plain.locator('#login_workload_logo_text').count(), 1);
  await plain.context().close();
  await forgetAll(page);
  assert.equal(await silently(page, {}), ready.userName);
  await page.context().close();
});
