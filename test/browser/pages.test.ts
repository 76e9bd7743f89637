import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { registerApplication } from '#app/tour-identity.ts';
import { startWorld } from '../clients/world.ts';
import { newPerson, seriousFindings, startChromium } from './chromium.ts';
import { enterName, press, signInOn } from './sign-in.ts';
import { openSite } from './site.ts';

/*
 * The pages of a sign-in in a real browser: read by axe, in four languages, without scripts, by
 * keyboard, and never in a frame of another site.
 */

const world = await startWorld();
const chromium = await startChromium();
const url = world.batten.env['BATTEN_URL'] ?? '';
const site = await openSite({});
const redirectUri = `${site}/signed-in`;
const application = await registerApplication(world.graph, 'pages <b>&\u202Eexe');
await world.graph.call('PATCH', `/v1.0/applications/${application.objectId}`, {
  web: { redirectUris: [redirectUri] },
});

function authorizeUrl(more: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams({
    client_id: application.appId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid profile User.Read',
    prompt: 'select_account',
    ...more,
  });
  return `${url}/${world.tenantId}/oauth2/v2.0/authorize?${query}`;
}

const languages = ['en', 'ko', 'nl', 'zh-Hans'];

/** Looks at a page: its language, one heading, nothing serious. */
async function look(page: Page, language: string, what: string): Promise<void> {
  assert.equal(await page.getAttribute('html', 'lang'), language, what);
  assert.equal(await page.locator('h1').count(), 1, what);
  assert.deepEqual(await seriousFindings(page), [], what);
}

for (const language of languages) {
  test(`every page of a sign-in in ${language} is read by axe without a serious finding`, async () => {
    const page = await newPerson(chromium, { locale: language, bypassCSP: true });
    await page.goto(authorizeUrl());
    await look(page, language, 'account');
    await page.fill('#i0116', 'nobody@nowhere.example');
    await press(page, '#idSIButton9');
    await look(page, language, 'account, refused');
    assert.equal(await page.locator('#usernameError').count(), 1);
    await enterName(page, world);
    await look(page, language, 'password');
    await page.fill('#i0118', 'wrong');
    await press(page, '#idSIButton9');
    await look(page, language, 'password, refused');
    await page.fill('#i0118', world.batten.env['BATTEN_PASSWORD'] ?? '');
    await press(page, '#idSIButton9');
    if ((await page.locator('#kmsiTitle').count()) === 0) {
      await look(page, language, 'consent');
      assert.equal(await page.locator('b').count(), 0, 'the name is text');
    }
    await page.goto(authorizeUrl({ redirect_uri: 'https://other.example' }));
    await look(page, language, 'error');
    await page.goto(`${url}/common/oauth2/deviceauth`);
    await look(page, language, 'device code');
    await page.goto(`${url}/common/oauth2/v2.0/logout`);
    await look(page, language, 'signed out');
    await page.context().close();
  });
}

test('a person signs in by keyboard in a browser without scripts', async () => {
  const page = await newPerson(chromium, { javaScriptEnabled: false });
  await page.goto(authorizeUrl());
  const type = async (text: string) => {
    await page.waitForSelector('input:focus');
    const came = page.waitForEvent('domcontentloaded');
    await page.keyboard.type(text);
    await page.keyboard.press('Enter');
    await came;
  };
  await type(world.batten.env['BATTEN_USERNAME'] ?? '');
  await type(world.batten.env['BATTEN_PASSWORD'] ?? '');
  for (let pages = 0; pages < 3 && !page.url().startsWith(redirectUri); pages += 1) {
    await page.focus('#idSIButton9');
    const came = page.waitForEvent('domcontentloaded');
    await page.keyboard.press('Enter');
    await came;
  }
  assert.ok(new URL(page.url()).searchParams.get('code'), page.url());
  const cookies = await page.context().cookies(url);
  const held = cookies.map(({ name, secure, httpOnly }) => [name, secure, httpOnly]);
  assert.deepEqual(held, [['__Host-BattenSignIn', true, true]]);
  await page.context().close();
});

test('a page of another site shows no page of ours in a frame', async () => {
  const page = await newPerson(chromium);
  const framing = `<!doctype html><iframe src="${authorizeUrl().replaceAll('&', '&amp;')}"></iframe>`;
  const evil = await openSite({ '/': { type: 'text/html', text: framing } });
  const framed = page.waitForEvent('framenavigated', (frame) => frame !== page.mainFrame());
  await page.goto(evil.replace('localhost', '127.0.0.1'));
  const inside = await framed;
  assert.match(inside.url(), /^chrome-error:/);
  await page.context().close();
});

test('the browser that stays signed in is not asked again, another one is', async () => {
  const page = await newPerson(chromium);
  const asked = authorizeUrl({ prompt: '', scope: 'openid' }).replace('&prompt=', '');
  await page.goto(asked);
  await signInOn(page, world, true);
  await page.goto(asked);
  assert.ok(new URL(page.url()).searchParams.get('code'), page.url());
  const other = await newPerson(chromium);
  await other.goto(asked);
  assert.equal(await other.locator('#i0116').count(), 1);
  await page.context().close();
  await other.context().close();
});

test('the pages fit a phone, and are dark where a person wants them dark', async () => {
  const page = await newPerson(chromium, {
    viewport: { width: 320, height: 568 },
    colorScheme: 'dark',
    bypassCSP: true,
  });
  const fits = async (what: string) => {
    await look(page, 'en', what);
    const width = await page.evaluate<number>('document.documentElement.scrollWidth');
    assert.ok(width <= 320, `${what} is ${width} wide`);
    const color = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const [red = 255] = (color.match(/\d+/g) ?? []).map(Number);
    assert.ok(red < 64, `${what} is ${color}`);
  };
  await page.goto(authorizeUrl({ prompt: '' }).replace('&prompt=', ''));
  await fits('account');
  await enterName(page, world);
  await fits('password');
  await page.fill('#i0118', world.batten.env['BATTEN_PASSWORD'] ?? '');
  await press(page, '#idSIButton9');
  await fits('consent or stay signed in');
  await page.goto(authorizeUrl({ redirect_uri: `https://${'other'.repeat(40)}.example` }));
  await fits('error');
  await page.goto(`${url}/common/oauth2/deviceauth`);
  await fits('device code');
  const signedIn = await newPerson(chromium, {
    viewport: { width: 320, height: 568 },
    bypassCSP: true,
  });
  await signedIn.goto(authorizeUrl({ prompt: '' }).replace('&prompt=', ''));
  await signInOn(signedIn, world);
  await signedIn.goto(authorizeUrl());
  const [tile] = await signedIn.$$('button.tile');
  const box = await tile?.evaluate((one) => [one.scrollWidth, one.clientWidth]);
  assert.deepEqual(box?.[0], box?.[1], 'the account stays inside its tile');
  await page.context().close();
  await signedIn.context().close();
});

test('the language that was asked for holds on every page, whatever the browser prefers', async () => {
  for (const parameter of ['ui_locales', 'mkt']) {
    const page = await newPerson(chromium, { locale: 'nl-NL' });
    const seen: (string | null)[] = [];
    const note = async () => seen.push(await page.getAttribute('html', 'lang'));
    await page.goto(authorizeUrl({ [parameter]: 'ko-KR' }));
    await note();
    await page.fill('#i0116', 'nobody@nowhere.example');
    await press(page, '#idSIButton9');
    await note();
    await enterName(page, world);
    await note();
    await page.fill('#i0118', world.batten.env['BATTEN_PASSWORD'] ?? '');
    await press(page, '#idSIButton9');
    await note();
    if ((await page.locator('#kmsiTitle').count()) === 0) await press(page, '#idSIButton9');
    assert.equal(await page.getAttribute('html', 'lang'), 'ko', 'stay signed in');
    await page.goto(`${url}/common/oauth2/deviceauth?${parameter}=ko`);
    await page.fill('#otc', 'nothing');
    await press(page, '#idSIButton9');
    await note();
    assert.deepEqual(seen, ['ko', 'ko', 'ko', 'ko', 'ko'], parameter);
    await page.goto(authorizeUrl());
    assert.equal(await page.getAttribute('html', 'lang'), 'nl');
    await page.context().close();
  }
});

test('the buttons of every page are inputs, and the second one says no', async () => {
  const page = await newPerson(chromium, { bypassCSP: true });
  const buttons = async () =>
    page.$$eval(
      'input#idSIButton9[type=submit], input#idBtn_Back[type=submit]',
      (all) => all.length,
    );
  const asked = authorizeUrl({ prompt: 'consent' });
  await page.goto(asked);
  await enterName(page, world);
  assert.equal(await buttons(), 2, 'password');
  await press(page, 'input#idBtn_Back');
  assert.equal(await page.locator('#i0116').count(), 1);
  await enterName(page, world);
  await page.fill('#i0118', world.batten.env['BATTEN_PASSWORD'] ?? '');
  await press(page, 'input#idSIButton9');
  assert.equal(await buttons(), 2, 'consent');
  await press(page, 'input#idSIButton9');
  assert.equal(await buttons(), 2, 'stay signed in');
  await page.check('input#KmsiCheckboxField');
  await page.uncheck('input#KmsiCheckboxField');
  assert.deepEqual(await seriousFindings(page), [], 'stay signed in');
  await press(page, 'input#idBtn_Back');
  assert.ok(new URL(page.url()).searchParams.get('code'), page.url());
  const [cookie] = await page.context().cookies(url);
  assert.equal(cookie?.expires, -1, 'the session ends with the browser');
  await page.goto(asked);
  assert.equal(await buttons(), 2, 'consent again');
  await press(page, 'input#idBtn_Back');
  assert.equal(new URL(page.url()).searchParams.get('error'), 'access_denied');
  await page.context().close();
});
