import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { startWorld } from '../clients/world.ts';
import { newPerson, startChromium } from './chromium.ts';
import { enterName, press, signInOn } from './sign-in.ts';
import { type Answer, openSinglePage, withMsal } from './single-page.ts';

/*
 * A single-page application with Microsoft's own MSAL for browsers: redirect, popup, the hidden
 * frame of a silent sign-in, renewal across origins, and sign-out.
 */

const world = await startWorld();
const chromium = await startChromium();
const url = world.batten.env['BATTEN_URL'] ?? '';
const site = await openSinglePage(world);

async function arrive(): Promise<Page> {
  const page = await newPerson(chromium);
  await page.goto(site);
  return page;
}

async function signInByRedirect(page: Page): Promise<Answer> {
  const left = page.waitForURL(`${url}/**`);
  await page.evaluate(
    "void open().then(({ client }) => client.loginRedirect({ scopes: ['User.Read'] }))",
  );
  await left;
  const back = page.waitForURL(`${site}/`);
  await signInOn(page, world, true);
  await back;
  return (await withMsal<Answer>(page, 'answer')) as Answer;
}

const username = world.batten.env['BATTEN_USERNAME'];

test('MSAL browser signs in by redirect, and then gets tokens without the person', async () => {
  const page = await arrive();
  const answer = await signInByRedirect(page);
  assert.equal(answer.account.username, username);
  assert.equal(answer.account.tenantId, world.tenantId);
  const renewed = await withMsal<Answer>(
    page,
    "client.acquireTokenSilent({ scopes: ['User.Read'], forceRefresh: true })",
  );
  assert.ok(typeof renewed === 'object', `${renewed}`);
  assert.deepEqual([renewed.fromCache, renewed.account.username], [false, username]);
  const me = await page.evaluate(
    async ([graph, token]) => {
      const headers = { Authorization: `Bearer ${token}` };
      const answer = await fetch(`${graph}/v1.0/me`, { headers });
      return (await answer.json()) as { readonly userPrincipalName: string };
    },
    [url, renewed.accessToken],
  );
  assert.equal(me.userPrincipalName, username);
  await page.context().close();
});

test('a new page signs in silently in a hidden frame while the session lasts, and no longer', async () => {
  const page = await arrive();
  const nobody = await withMsal(page, "client.ssoSilent({ scopes: ['User.Read'] })");
  assert.equal(nobody, 'login_required');
  await signInByRedirect(page);
  await page.evaluate('sessionStorage.clear()');
  await page.reload();
  const silent = await withMsal<Answer>(page, "client.ssoSilent({ scopes: ['User.Read'] })");
  assert.ok(typeof silent === 'object', `${silent}`);
  assert.equal(silent.account.username, username);
  await page.goto(`${url}/${world.tenantId}/oauth2/v2.0/logout`);
  await page.goto(site);
  await page.evaluate('sessionStorage.clear()');
  await page.reload();
  assert.equal(
    await withMsal(page, "client.ssoSilent({ scopes: ['User.Read'] })"),
    'login_required',
  );
  await page.context().close();
});

test('MSAL browser signs in with a popup, which closes by itself', async () => {
  const page = await arrive();
  const opened = page.waitForEvent('popup');
  const answered = withMsal<Answer>(page, "client.loginPopup({ scopes: ['User.Read'] })");
  const popup = await opened;
  await popup.waitForSelector('#i0116');
  await signInOn(popup, world).catch((error) => assert.ok(popup.isClosed(), error));
  const answer = await answered;
  assert.ok(typeof answer === 'object', `${answer}`);
  assert.equal(answer.account.username, username);
  await page.context().close();
});

test('whoever says no to the permissions in the popup gives nothing', async () => {
  const page = await arrive();
  const opened = page.waitForEvent('popup');
  const answered = withMsal(
    page,
    "client.loginPopup({ scopes: ['User.Read'], prompt: 'consent' })",
  );
  const popup = await opened;
  await popup.waitForSelector('#i0116');
  await enterName(popup, world);
  await popup.fill('#i0118', world.batten.env['BATTEN_PASSWORD'] ?? '');
  await press(popup, '#idSIButton9');
  await popup.click('#idBtn_Back');
  assert.equal(await answered, 'access_denied');
  await page.context().close();
});

test('sign-out comes back to the application, whose session is over', async () => {
  const page = await arrive();
  await signInByRedirect(page);
  const left = page.waitForRequest(/oauth2\/v2\.0\/logout/);
  await page.evaluate(
    'void open().then(({ client }) => client.logoutRedirect({ postLogoutRedirectUri: location.origin }))',
  );
  await left;
  await page.waitForURL(`${site}/`, { waitUntil: 'networkidle' });
  assert.equal(
    await withMsal(page, "client.ssoSilent({ scopes: ['User.Read'] })"),
    'login_required',
  );
  await page.context().close();
});

test('an address that is not registered is shown an error and never a redirect', async () => {
  const page = await arrive();
  await page.evaluate(
    "void open({ redirectUri: location.origin + '/other' }).then(({ client }) => client.loginRedirect({ scopes: ['User.Read'] }))",
  );
  await page.waitForURL(`${url}/**`);
  assert.match(await page.innerText('main'), /AADSTS50011/);
  await page.context().close();
});
