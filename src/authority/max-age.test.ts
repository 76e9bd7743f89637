import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { secondsOf } from '#kernel/instant.ts';
import { answerOf, openBrowser } from './browser.test.ts';
import { batchScope, claimsOf, openUserWorld, password, site } from './user-world.test.ts';
import { contoso } from './world.test.ts';

const tenant = `/${contoso.tenantId}/oauth2/v2.0`;

/** Alice, who has just signed in to the site and may come back later. */
async function signedIn(t: TestContext) {
  const world = await openUserWorld(t, { enableIdTokenIssuance: true });
  await world.grant(world.batchPrincipal, 'user_impersonation');
  const browser = openBrowser((asked) => world.send(asked));
  const open = (more: Readonly<Record<string, string>> = {}) => {
    const { appId: client_id, redirectUri: redirect_uri } = site;
    const asked = { client_id, redirect_uri, response_type: 'code', ...more };
    const scope = `${batchScope} openid profile`;
    return browser.open(`${tenant}/authorize?${new URLSearchParams({ scope, ...asked })}`);
  };
  await open();
  await browser.submit({ loginfmt: 'alice@contoso.example' });
  await browser.submit({ passwd: password });
  await browser.submit({ stay: '0' });
  /** `auth_time` of the id token that the code of the last answer gives. */
  const authTime = async () => {
    const { appId: client_id, secretText: client_secret, redirectUri: redirect_uri } = site;
    const code = answerOf(browser.shown).get('code') ?? '';
    const form = { grant_type: 'authorization_code', client_id, client_secret, code, redirect_uri };
    const { json } = await world.send({ path: `${tenant}/token`, form });
    return claimsOf(json.id_token)['auth_time'];
  };
  return { world, browser, open, authTime, at: secondsOf(world.clock.civil()) };
}

test('who proved herself within max_age is not asked again, and the id token says when it was', async (t) => {
  const { world, open, authTime, at } = await signedIn(t);
  assert.equal(await authTime(), undefined);
  world.clock.advanceSeconds(59);
  await open({ max_age: '60' });
  assert.equal(await authTime(), at);
  const implicit = { response_type: 'id_token', response_mode: 'fragment', nonce: 'n' };
  const answer = answerOf(await open({ ...implicit, max_age: '60' }));
  assert.equal(claimsOf(answer.get('id_token') ?? '')['auth_time'], at);
});

test('who proved herself longer ago is asked for her password again', async (t) => {
  const { world, browser, open, authTime, at } = await signedIn(t);
  world.clock.advanceSeconds(60);
  const silent = answerOf(await open({ max_age: '60', prompt: 'none' }));
  assert.match(silent.get('error_description') ?? '', /^AADSTS50058: /);
  await open({ max_age: '60' });
  assert.match(browser.shown.text, /id="i0118"/);
  assert.ok(browser.shown.text.includes('Alice@contoso.example'));
  await browser.submit({ passwd: password });
  await browser.submit({ stay: '0' });
  assert.equal(await authTime(), at + 60);
  await open({ max_age: '0' });
  assert.match(browser.shown.text, /id="i0118"/);
});

test('an account that was offered within max_age is not taken after it', async (t) => {
  const { world, browser, open } = await signedIn(t);
  world.clock.advanceSeconds(59);
  await open({ max_age: '60', prompt: 'select_account' });
  world.clock.advanceSeconds(1);
  await browser.submit({ account: 'Alice@contoso.example' });
  assert.match(browser.shown.text, /id="i0118"/);
});

test('auth_time may be asked for by name, and an age that is no number is refused', async (t) => {
  const { open, authTime, at } = await signedIn(t);
  await open({ claims: '{"id_token":{"auth_time":{"essential":true}}}' });
  assert.equal(await authTime(), at);
  for (const max_age of ['-1', '1.5', 'x']) {
    const refused = answerOf(await open({ max_age }));
    assert.match(refused.get('error_description') ?? '', /^AADSTS9002313: /);
  }
});
