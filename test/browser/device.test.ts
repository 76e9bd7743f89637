import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startWorld } from '../clients/world.ts';
import { ask } from '../lock/ask.ts';
import { newPerson, seriousFindings, startChromium } from './chromium.ts';
import { enterName, press } from './sign-in.ts';

/*
 * A person brings the code of a device to a real browser that runs no scripts, and finds each thing by
 * the id under which Microsoft's own test helpers look for it.
 * Source: https://github.com/AzureAD/microsoft-authentication-library-for-js (e2eTestUtils)
 */

const world = await startWorld();
const chromium = await startChromium();
const client_id = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';
const endpoint = `/${world.tenantId}/oauth2/v2.0`;

interface Given {
  readonly user_code: string;
  readonly device_code: string;
  readonly verification_uri: string;
}

async function start(): Promise<Given> {
  const form = { client_id, scope: 'https://batch.core.windows.net//.default' };
  const { json } = await ask(world.batten, { target: `${endpoint}/devicecode`, form });
  return json as Given;
}

async function poll({ device_code }: Given) {
  const form = { grant_type: 'device_code', client_id, device_code };
  const { json } = await ask(world.batten, { target: `${endpoint}/token`, form });
  return json as { readonly error?: string; readonly access_token?: string };
}

test('a person signs a device in without scripts, where its client sent her', async () => {
  const given = await start();
  const page = await newPerson(chromium, { javaScriptEnabled: false });
  await page.goto(given.verification_uri);
  await page.fill('#otc', 'nothing');
  await press(page, '#idSIButton9');
  assert.equal(await page.locator('#otcError').count(), 1);
  await page.fill('#otc', given.user_code.toLowerCase());
  await press(page, '#idSIButton9');
  const description = await page.textContent('#remoteConnectDescription');
  assert.match(description ?? '', /Microsoft Azure CLI/);
  await press(page, '#remoteConnectSubmit');
  await enterName(page, world);
  assert.equal(await page.locator('#idA_PWD_ForgotPassword').count(), 1);
  await page.fill('#i0118', world.batten.env['BATTEN_PASSWORD'] ?? '');
  assert.equal((await poll(given)).error, 'authorization_pending');
  await press(page, '#idSIButton9');
  assert.match((await page.textContent('#message')) ?? '', /Microsoft Azure CLI/);
  assert.ok((await poll(given)).access_token !== undefined);
});

test('a person cancels by keyboard, and the device is told', async () => {
  const given = await start();
  const page = await newPerson(chromium);
  await page.goto(given.verification_uri);
  await page.keyboard.type(given.user_code);
  await Promise.all([page.waitForEvent('domcontentloaded'), page.keyboard.press('Enter')]);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await Promise.all([page.waitForEvent('domcontentloaded'), page.keyboard.press('Enter')]);
  assert.match((await page.textContent('#message')) ?? '', /cancelled/);
  assert.equal((await poll(given)).error, 'authorization_declined');
});

for (const language of ['en', 'ko', 'nl', 'zh-Hans']) {
  test(`the pages of a device code in ${language} are read by axe without a serious finding`, async () => {
    const page = await newPerson(chromium, { locale: language, bypassCSP: true });
    const given = await start();
    const look = async (what: string) => {
      assert.equal(await page.getAttribute('html', 'lang'), language, what);
      assert.equal(await page.locator('h1').count(), 1, what);
      assert.deepEqual(await seriousFindings(page), [], what);
    };
    await page.goto(given.verification_uri);
    await look('code');
    await page.fill('#otc', 'nothing');
    await press(page, '#idSIButton9');
    await look('code, refused');
    await page.fill('#otc', given.user_code);
    await press(page, '#idSIButton9');
    await look('confirmation');
    await press(page, '#idBtn_Back');
    await look('declined');
  });
}
