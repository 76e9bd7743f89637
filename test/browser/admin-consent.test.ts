import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { registerApplication } from '#app/tour-identity.ts';
import { startWorld } from '../clients/world.ts';
import { newPerson, seriousFindings, startChromium } from './chromium.ts';
import { enterName, press } from './sign-in.ts';
import { openSite } from './site.ts';

/*
 * The two pages that consent has for administrators and for those who are none, in a real browser,
 * which holds forms to the addresses that a page allows.
 */

const world = await startWorld();
const chromium = await startChromium();
const { env } = world.batten;
const site = await openSite({});
const redirectUri = `${site}/consented`;
const application = await registerApplication(world.graph, 'wants <b>the directory');
await world.graph.call('PATCH', `/v1.0/applications/${application.objectId}`, {
  web: { redirectUris: [redirectUri] },
});
const [, domain = ''] = (env['BATTEN_USERNAME'] ?? '').split('@');
const plainUser = { name: `plain@${domain}`, password: 'Plain-and-simple-7' };
await world.graph.call('POST', '/v1.0/users', {
  accountEnabled: true,
  displayName: 'Plain',
  mailNickname: 'plain',
  userPrincipalName: plainUser.name,
  passwordProfile: { password: plainUser.password, forceChangePasswordNextSignIn: false },
});

function consentUrl(): string {
  const scope = 'https://graph.microsoft.com/Directory.Read.All';
  const client = { client_id: application.appId, redirect_uri: redirectUri };
  const query = new URLSearchParams({ ...client, scope, state: 'kept' });
  return `${env['BATTEN_URL']}/${world.tenantId}/v2.0/adminconsent?${query}`;
}

async function enterAsAdministrator(page: Page): Promise<void> {
  await enterName(page, world);
  await page.fill('#i0118', env['BATTEN_PASSWORD'] ?? '');
  await press(page, '#idSIButton9');
}

async function enterAsNobody(page: Page): Promise<void> {
  await page.fill('#i0116', plainUser.name);
  await press(page, '#idSIButton9');
  await page.fill('#i0118', plainUser.password);
  await press(page, '#idSIButton9');
}

async function look(page: Page, language: string): Promise<void> {
  assert.equal(await page.getAttribute('html', 'lang'), language);
  assert.equal(await page.locator('h1').count(), 1);
  assert.equal(await page.locator('b').count(), 0, 'the name of the application is text');
  assert.deepEqual(await seriousFindings(page), []);
}

for (const language of ['en', 'ko', 'nl', 'zh-Hans']) {
  test(`both pages in ${language} are read by axe without a serious finding`, async () => {
    const page = await newPerson(chromium, { locale: language, bypassCSP: true });
    await page.goto(consentUrl());
    await enterAsNobody(page);
    assert.match(await page.innerText('#exceptionMessageContainer'), /^AADSTS90094: /);
    await look(page, language);
    await press(page, '#otherTile');
    await enterAsAdministrator(page);
    assert.equal(await page.locator('#idSIButton9').count(), 1);
    await look(page, language);
    await page.context().close();
  });
}

test('who is no administrator goes back to the application with a refusal', async () => {
  const page = await newPerson(chromium);
  await page.goto(consentUrl());
  await enterAsNobody(page);
  await press(page, '#idBtn_Back');
  const told = new URL(page.url()).searchParams;
  assert.ok(page.url().startsWith(redirectUri), page.url());
  assert.deepEqual([told.get('error'), told.get('state')], ['access_denied', 'kept']);
  await page.context().close();
});

test('an administrator accepts, and the browser goes on to the application', async () => {
  const page = await newPerson(chromium);
  await page.goto(consentUrl());
  await enterAsAdministrator(page);
  assert.match(await page.innerText('main'), /Directory\.Read\.All/);
  await press(page, '#idSIButton9');
  const told = new URL(page.url()).searchParams;
  assert.ok(page.url().startsWith(redirectUri), page.url());
  assert.deepEqual(
    [told.get('admin_consent'), told.get('tenant'), told.get('state')],
    ['True', world.tenantId, 'kept'],
  );
  await page.context().close();
});
