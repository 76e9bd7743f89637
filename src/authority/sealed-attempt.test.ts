import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addSeconds, parseInstant } from '#kernel/instant.ts';
import { seededRandom } from '#kernel/random.ts';
import { sealWith } from '#kernel/seal.ts';
import { answerOf, formOf, openBrowser, type Shown } from './browser.test.ts';
import { deviceCodeLifetimeSeconds } from './device-code.store.ts';
import { devicePagePath } from './device-pages.ts';
import { openDeviceWorld } from './device-world.test.ts';
import { openPagesWorld, type PagesWorld, signInQuery } from './pages-world.test.ts';
import { isSealedAttempt, newAttemptKey, openAttempt, sealAttempt } from './sealed-attempt.ts';
import { attemptLifetimeSeconds, type SignInAttempt } from './sign-in-attempt.store.ts';
import { password } from './user-world.test.ts';
import { contoso } from './world.test.ts';

const now = parseInstant('2026-11-21T09:00:00Z');
assert.ok(now !== undefined);

const attempt: SignInAttempt = {
  request: {
    endpoint: 'v2',
    tenantName: contoso.tenantId,
    clientId: 'c',
    redirectUri: 'https://site.example/',
    redirectKind: 'web',
    responseTypes: ['code'],
    responseMode: 'query',
    scope: 'openid',
    wantsClientInfo: false,
    state: 'only the application reads it',
  },
};

test('a sealed attempt opens in its browser and in time, and says nothing', () => {
  const random = seededRandom('attempt');
  const seal = sealWith(random.bytes(32), random);
  const key = newAttemptKey('one browser', now);
  const text = sealAttempt(seal, key, attempt);
  assert.ok(isSealedAttempt(text));
  assert.doesNotMatch(Buffer.from(text, 'base64url').toString('latin1'), /only|site|openid/);
  assert.deepEqual(openAttempt(seal, 'one browser', text, now), { key, attempt });
  const last = addSeconds(now, attemptLifetimeSeconds - 1);
  assert.deepEqual(openAttempt(seal, 'one browser', text, last), { key, attempt });
  const over = addSeconds(now, attemptLifetimeSeconds);
  const other = sealWith(random.bytes(32), random);
  const at = text.length - 8;
  const changed = text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
  assert.equal(openAttempt(seal, 'one browser', text, over), undefined, 'too late');
  assert.equal(openAttempt(seal, 'another browser', text, now), undefined);
  assert.equal(openAttempt(other, 'one browser', text, now), undefined, 'another Batten');
  for (const wrong of [changed, text.slice(0, 40), text.slice(0, 20), 's.', 's.{}']) {
    assert.equal(openAttempt(seal, 'one browser', wrong, now), undefined, wrong);
  }
});

/** Every row that was written since the world began, by its table. */
async function rowsOf({ store }: Pick<PagesWorld, 'store'>): Promise<Record<string, number>> {
  return store.read(async (tx) => {
    const tables = await tx.all<{ name: string }>({
      name: 'test.tables',
      sql: "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
    });
    const counts: Record<string, number> = {};
    for (const { name } of tables) {
      const counted = { name: `test.count.${name}`, sql: `SELECT count(*) AS n FROM ${name}` };
      counts[name] = Number((await tx.one<{ n: number }>(counted))?.n);
    }
    return counts;
  });
}

const long = 'x'.repeat(8000);

test('a stranger who asks for pages makes the server keep nothing', async (t) => {
  const world = await openPagesWorld(t);
  const { browser } = world;
  const before = await rowsOf(world);
  const query = { ...signInQuery, state: long, nonce: long, login_hint: `${long}@b.example` };
  const form = new URLSearchParams(query).toString();
  const paths = ['/oauth2/v2.0/authorize', '/oauth2/authorize'];
  for (const path of paths) {
    await browser.post(`/${contoso.tenantId}${path}`, form);
    assert.equal(browser.shown.status, 200);
    await browser.open(`/${contoso.tenantId}${path}?${form}`);
    await browser.submit({ loginfmt: long });
    assert.match(browser.shown.text, /id="usernameError"/);
    assert.doesNotMatch(browser.shown.text, /value="x{114}/);
    await browser.submit({ loginfmt: 'alice@contoso.example' });
    await browser.submit({ back: '1' });
    assert.match(browser.shown.text, /id="i0116"/);
  }
  await browser.open(`/${contoso.tenantId}/v2.0/adminconsent?${form}`);
  assert.match(browser.shown.text, /id="i0116"/);
  assert.deepEqual(await rowsOf(world), before);
  await browser.submit({ loginfmt: 'alice@contoso.example' });
  await browser.submit({ passwd: 'wrong' });
  const failed = { ...before, sign_in_failure: 1 };
  assert.deepEqual(await rowsOf(world), failed, 'a wrong password is counted');
  await browser.submit({ passwd: password });
  assert.deepEqual(await rowsOf(world), { ...before, sign_in_attempt: 1 });
});

test('a device code that somebody types and confirms keeps nothing before a password', async (t) => {
  const world = await openDeviceWorld(t);
  const browser = openBrowser((asked) => world.send(asked));
  const { json } = await world.start();
  const before = await rowsOf(world);
  for (let visit = 0; visit < 3; visit++) {
    await browser.open(devicePagePath);
    await browser.submit({ otc: json.user_code });
    await browser.submit({ connect: '1' });
    await browser.submit({ loginfmt: 'alice@contoso.example' });
    assert.match(browser.shown.text, /id="i0118"/);
  }
  assert.deepEqual(await rowsOf(world), before);
  world.clock.advanceSeconds(deviceCodeLifetimeSeconds);
  assert.match((await browser.submit({ passwd: password })).text, /AADSTS50089/);
  assert.deepEqual(await rowsOf(world), before);
});

test('a request that is too long to be carried by a page is refused', async (t) => {
  const world = await openPagesWorld(t);
  const before = await rowsOf(world);
  for (const claims of [JSON.stringify({ x: long.repeat(4) }), `"${'\\u0001'.repeat(5000)}"`]) {
    const form = new URLSearchParams({ ...signInQuery, claims }).toString();
    const { status, text } = await world.browser.post(
      `/${contoso.tenantId}/oauth2/v2.0/authorize`,
      form,
    );
    assert.equal(status, 400);
    assert.match(text, /AADSTS90015: Requested query string is too long\./);
  }
  assert.deepEqual(await rowsOf(world), before);
});

test('what was sealed is no use to another browser, after its time or when it was changed', async (t) => {
  const world = await openPagesWorld(t);
  const { browser } = world;
  await world.authorize();
  await browser.submit({ loginfmt: 'alice@contoso.example' });
  const { action, hidden } = formOf(browser.shown.text);
  const token = hidden['flowToken'] ?? '';
  assert.ok(isSealedAttempt(token));
  const before = await rowsOf(world);
  const refused = ({ status, text }: Shown) => {
    assert.equal(status, 400);
    assert.match(text, /AADSTS50089/);
  };
  const stranger = openBrowser((asked) => world.send(asked));
  const sent = (flowToken: string) => new URLSearchParams({ flowToken, passwd: password });
  refused(await stranger.post(action, sent(token).toString()));
  stranger.cookie = browser.cookie?.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
  refused(await stranger.post(action, sent(token).toString()));
  for (const wrong of [token.slice(2), `${token.slice(0, -9)}AAAAAAAAA`, 's.', 's.e30']) {
    refused(await browser.post(action, sent(wrong).toString()));
  }
  world.clock.advanceSeconds(attemptLifetimeSeconds);
  refused(await browser.post(action, sent(token).toString()));
  assert.deepEqual(await rowsOf(world), before);
});

test('the page of consent of who is signed in ends with her signing out', async (t) => {
  const world = await openPagesWorld(t);
  const { browser } = world;
  await world.authorize();
  await world.prove();
  await browser.submit({ consent: 'accept' });
  assert.ok(answerOf(await browser.submit({ stay: '0' })).get('code'));
  const before = await rowsOf(world);
  await world.authorize({ prompt: 'consent' });
  const page = formOf(browser.shown.text);
  assert.ok(isSealedAttempt(page.hidden['flowToken'] ?? ''));
  assert.deepEqual(await rowsOf(world), before, 'her page is sealed, too');
  const accept = new URLSearchParams({ ...page.hidden, consent: 'accept' }).toString();
  assert.ok(answerOf(await browser.post(page.action, accept)).get('code'));
  const { cookie } = browser;
  await browser.open(`/${contoso.tenantId}/oauth2/v2.0/logout`);
  const signedOut = await rowsOf(world);
  browser.cookie = cookie;
  assert.match((await browser.post(page.action, accept)).text, /AADSTS50089/);
  assert.deepEqual(await rowsOf(world), signedOut);
});
