import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { updateServicePrincipal } from '#directory/service-principal.store.ts';
import { formOf, openBrowser } from './browser.test.ts';
import { deviceCodeLifetimeSeconds } from './device-code.store.ts';
import { devicePagePath } from './device-pages.ts';
import { approve, type DeviceWorld, openDeviceWorld } from './device-world.test.ts';
import { passwordRule } from './limits.ts';
import { sessionLifetimeSeconds } from './sign-in-session.store.ts';
import { catalogues } from './texts.ts';
import { password } from './user-world.test.ts';

/** A world in which a device waits, and the page that takes its code is open. */
async function openPages(t: TestContext) {
  const world = await openDeviceWorld(t);
  const { json: given } = await world.start();
  await world.browser.open(devicePagePath);
  return { world, browser: world.browser, given };
}

async function errorOf(world: DeviceWorld, deviceCode: string): Promise<string> {
  return (await world.poll(deviceCode)).json.error;
}

test('code, confirmation, name, password and consent lead to a page that may be closed', async (t) => {
  const { world, browser, given } = await openPages(t);
  assert.match(browser.shown.text, /<input id="otc" name="otc"/);
  assert.match(browser.shown.text, /id="idSIButton9"/);
  await browser.submit({ otc: given.user_code });
  assert.match(browser.shown.text, /id="remoteConnectDescription">You are signing in to .Site. on/);
  assert.match(browser.shown.text, /<bdi>127\.0\.0\.1<\/bdi>/);
  assert.match(browser.shown.text, /id="remoteConnectSubmit"/);
  await browser.submit({ connect: '1' });
  assert.match(browser.shown.text, /id="i0116"/);
  await browser.submit({ loginfmt: 'alice@contoso.example' });
  await browser.submit({ passwd: password });
  assert.match(browser.shown.text, /Access Azure Batch as you/);
  assert.equal(await errorOf(world, given.device_code), 'authorization_pending');
  await browser.submit({ consent: 'accept' });
  assert.match(browser.shown.text, /id="message">You have signed in to the .Site. application/);
  assert.match(browser.shown.text, /You may now close this window\./);
  assert.doesNotMatch(browser.shown.text, /<form/);
  assert.match(browser.shown.headers['Set-Cookie'] ?? '', /^__Host-BattenSignIn=[^;]+; Path=\/; /);
  const signedIn = world.recorded.at(-1);
  assert.deepEqual([signedIn?.code, signedIn?.principalId], ['', world.alice.objectId]);
  assert.equal((await world.poll(given.device_code)).status, 200);
});

test('a code may be typed in any case, with spaces and dashes', async (t) => {
  const { browser, given } = await openPages(t);
  const code = given.user_code.toLowerCase();
  for (const otc of [code, ` ${code.slice(0, 3)} ${code.slice(3)} `, code.split('').join('-')]) {
    await browser.open(devicePagePath);
    assert.match((await browser.submit({ otc })).text, /id="remoteConnectSubmit"/, otc);
  }
});

test('a wrong, spent or expired code is said on the page, and changes nothing', async (t) => {
  const { world, browser, given } = await openPages(t);
  const late = await world.start();
  await approve(browser, given.user_code);
  const before = await world.rows();
  const wrong = /role="alert" id="otcError">That code didn&#39;t work\./;
  for (const otc of ['', 'ABC', 'ABCDEFGH2', '"><script>', given.device_code, given.user_code]) {
    await browser.open(devicePagePath);
    const { status, text } = await browser.submit({ otc });
    assert.equal(status, 200);
    assert.match(text, wrong, otc);
    assert.doesNotMatch(text, /<script/);
    assert.equal(world.recorded.at(-1)?.code, 'AADSTS70018');
  }
  world.clock.advanceSeconds(deviceCodeLifetimeSeconds);
  assert.match((await browser.submit({ otc: late.json.user_code })).text, /That code has expired/);
  assert.equal(world.recorded.at(-1)?.code, 'AADSTS70019');
  assert.deepEqual(await world.rows(), before);
});

test('cancel declines, before the sign-in and on the page of consent', async (t) => {
  const { world, browser, given } = await openPages(t);
  await browser.submit({ otc: given.user_code });
  await browser.submit({ connect: '0' });
  assert.match(browser.shown.text, /id="message">The sign-in to .Site. was cancelled\./);
  const { status, json } = await world.poll(given.device_code);
  const { error, error_codes } = json;
  assert.deepEqual([status, error, error_codes], [400, 'authorization_declined', [90120]]);
  const second = await world.start();
  await browser.open(devicePagePath);
  await browser.submit({ otc: second.json.user_code });
  await browser.submit({ connect: '1' });
  await browser.submit({ loginfmt: 'alice@contoso.example' });
  await browser.submit({ passwd: password });
  const before = await world.rows();
  await browser.submit({ consent: 'decline' });
  assert.match(browser.shown.text, /was cancelled/);
  assert.equal(await errorOf(world, second.json.device_code), 'authorization_declined');
  const after = await world.rows();
  assert.equal(after.length, before.length, 'no consent and no session');
  await browser.open(devicePagePath);
  const again = await browser.submit({ otc: second.json.user_code });
  assert.match(again.text, /didn&#39;t work/);
});

test('who is signed in is offered, and never taken unasked', async (t) => {
  const { world, browser, given } = await openPages(t);
  await approve(browser, given.user_code);
  const second = await world.start();
  await browser.open(devicePagePath);
  await browser.submit({ otc: second.json.user_code });
  await browser.submit({ connect: '1' });
  assert.match(browser.shown.text, /data-test-id="Alice@contoso\.example"/);
  assert.equal(await errorOf(world, second.json.device_code), 'authorization_pending');
  await browser.submit({ account: 'alice@contoso.example' });
  assert.match(browser.shown.text, /id="message"/);
  assert.equal((await world.poll(second.json.device_code)).status, 200);
  world.clock.advanceSeconds(sessionLifetimeSeconds.once);
  const third = await world.start();
  await browser.open(devicePagePath);
  await browser.submit({ otc: third.json.user_code });
  assert.match((await browser.submit({ connect: '1' })).text, /id="i0116"/);
});

test('the confirmation belongs to its browser, counts once, and not without its token', async (t) => {
  const { world, browser, given } = await openPages(t);
  const page = await browser.submit({ otc: given.user_code });
  const { action, hidden } = formOf(page.text);
  const form = (fields: Readonly<Record<string, string>>) => new URLSearchParams(fields).toString();
  const stranger = openBrowser((asked) => world.send(asked));
  await stranger.open(devicePagePath);
  const before = await world.rows();
  const decline = form({ ...hidden, connect: '0' });
  for (const asked of [
    { path: action, form: decline },
    { path: action, form: form({ connect: '0' }), headers: { cookie: browser.cookie ?? '' } },
    { path: action, form: decline, headers: { cookie: `__Host-BattenSignIn=${'a'.repeat(64)}` } },
  ]) {
    const { status, text } = await world.send(asked);
    assert.equal(status, 400);
    assert.match(text, /AADSTS50089/);
  }
  assert.deepEqual(await world.rows(), before);
  await browser.submit({ connect: '0' });
  const again = await world.send({
    path: action,
    form: decline,
    headers: { cookie: browser.cookie ?? '' },
  });
  assert.match(again.text, /AADSTS50089/);
});

test('a confirmation that comes after the fifteen minutes approves nothing', async (t) => {
  const { world, browser, given } = await openPages(t);
  world.clock.advanceSeconds(deviceCodeLifetimeSeconds - 1);
  await browser.submit({ otc: given.user_code });
  await browser.submit({ connect: '1' });
  await browser.submit({ loginfmt: 'alice@contoso.example' });
  world.clock.advanceSeconds(1);
  await browser.submit({ passwd: password });
  assert.match((await browser.submit({ consent: 'accept' })).text, /AADSTS50089/);
  assert.equal(await errorOf(world, given.device_code), 'expired_token');
});

test('a person whom the application does not want is told so, and the device goes on waiting', async (t) => {
  const { world, browser, given } = await openPages(t);
  const wanting = { ...world.sitePrincipal, appRoleAssignmentRequired: true };
  await world.store.write((tx) => updateServicePrincipal(tx, wanting));
  await browser.submit({ otc: given.user_code });
  await browser.submit({ connect: '1' });
  await browser.submit({ loginfmt: 'alice@contoso.example' });
  await browser.submit({ passwd: password });
  assert.match(browser.shown.text, /AADSTS50105/);
  assert.equal(await errorOf(world, given.device_code), 'authorization_pending');
});

test('the pages speak four languages, run no script, load nothing and are not framed', async (t) => {
  const { browser, given } = await openPages(t);
  const seen = new Set<string>();
  for (const { language } of catalogues) {
    await browser.open(`${devicePagePath}?ui_locales=${language}`);
    assert.ok(browser.shown.text.includes(`<html lang="${language}">`));
    seen.add(/<h1>([^<]+)<\/h1>/.exec(browser.shown.text)?.[1] ?? '');
  }
  assert.equal(seen.size, catalogues.length);
  const { text, headers } = await browser.submit({ otc: given.user_code });
  assert.doesNotMatch(text, /<script/);
  const policy = headers['Content-Security-Policy'] ?? '';
  assert.match(policy, /default-src 'none'; .*form-action 'self'; .*frame-ancestors 'none'/);
  assert.equal(headers['X-Frame-Options'], 'DENY');
  assert.equal(headers['Referrer-Policy'], 'no-referrer');
});

test('the name of an application is shown as text', async (t) => {
  const { world, browser } = await openPages(t);
  const { appId } = await world.register('<b>Bold</b>', { isFallbackPublicClient: true });
  const { json: given } = await world.start({ client_id: appId });
  const { text } = await browser.submit({ otc: given.user_code });
  assert.ok(text.includes('&lt;b&gt;Bold&lt;/b&gt;'));
  assert.ok(!text.includes('<b>'));
});

test('an address that guesses codes is soon let guess no more', async (t) => {
  const { world, browser, given } = await openPages(t);
  const send = (otc: string) =>
    world.send({ path: devicePagePath, form: { otc }, headers: { cookie: browser.cookie ?? '' } });
  for (let guess = 0; guess < passwordRule.burst; guess++) await send('ABCDEFGH2');
  const { status, text } = await send(given.user_code);
  assert.equal(status, 400);
  assert.match(text, /AADSTS50053/);
  world.clock.advanceSeconds(1 / passwordRule.perSecond);
  assert.match((await send(given.user_code)).text, /id="remoteConnectSubmit"/);
});
