import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { answerOf, type Browser, openBrowser } from './browser.test.ts';
import { claimsOf, openUserWorld, password, site, type UserWorld } from './user-world.test.ts';
import { contoso } from './world.test.ts';

/*
 * The user sample of the article "Authenticate Azure Batch services with Microsoft Entra ID", as it
 * is printed and as it was meant. Printed, it sends the names of its own constants as text, and it
 * builds a confidential client without a secret: Azure refuses each of the three, and so does Batten.
 */

const origin = 'https://login.chinacloudapi.cn';
const printed = { scope: 'BatchResourceUri/.default', redirectUri: 'RedirectUri' };
const meant = { scope: 'https://batch.chinacloudapi.cn//.default', redirectUri: site.redirectUri };

interface Sample {
  readonly world: UserWorld;
  readonly browser: Browser;
  ask(scope: string, redirectUri: string): Promise<void>;
  redeem(code: string, scope: string, redirectUri: string, secret?: string): Refusal;
}

type Refusal = ReturnType<UserWorld['send']>;

async function openSample(t: TestContext): Promise<Sample> {
  const world = await openUserWorld(t);
  const browser = openBrowser((asked) => world.send({ ...asked, origin }));
  return {
    world,
    browser,
    ask: async (scope, redirectUri) => {
      const query = new URLSearchParams({
        client_id: site.appId,
        response_type: 'code',
        redirect_uri: redirectUri,
        scope: `${scope} openid profile offline_access`,
      });
      await browser.open(`/${contoso.tenantId}/oauth2/v2.0/authorize?${query}`);
      if (!browser.shown.text.includes('id="i0116"')) return;
      await browser.submit({ loginfmt: 'alice@contoso.example' });
      await browser.submit({ passwd: password });
      if (!browser.shown.text.includes('value="accept"')) return;
      await browser.submit({ consent: 'accept' });
      await browser.submit({ stay: '0' });
    },
    redeem: (code, scope, redirectUri, secret) => {
      const form = {
        grant_type: 'authorization_code',
        client_id: site.appId,
        code,
        redirect_uri: redirectUri,
        scope: `${scope} openid profile offline_access`,
        ...(secret === undefined ? {} : { client_secret: secret }),
      };
      return world.send({ origin, path: `/${contoso.tenantId}/oauth2/v2.0/token`, form });
    },
  };
}

test('the text RedirectUri is no redirect address: a page says so, and nothing is sent there', async (t) => {
  const { browser, ask } = await openSample(t);
  await ask(meant.scope, printed.redirectUri);
  const { status, headers, text } = browser.shown;
  assert.deepEqual([status, headers['Location']], [400, undefined]);
  assert.match(text, /AADSTS50011: The redirect URI &#39;RedirectUri&#39;/);
});

test('the text BatchResourceUri is no resource of the tenant', async (t) => {
  const { world, browser, ask } = await openSample(t);
  const before = await world.rows();
  await ask(printed.scope, meant.redirectUri);
  const told = answerOf(browser.shown);
  assert.equal(told.get('error'), 'invalid_resource');
  assert.match(told.get('error_description') ?? '', /^AADSTS500011: .*BatchResourceUri/);
  assert.deepEqual(await world.rows(), before);
});

test('a confidential client without its secret gets no token for its code; with it, it does', async (t) => {
  const { browser, ask, redeem } = await openSample(t);
  await ask(meant.scope, meant.redirectUri);
  const code = answerOf(browser.shown).get('code') ?? '';
  const refused = await redeem(code, meant.scope, meant.redirectUri);
  assert.deepEqual([refused.status, refused.json.error_codes], [401, [7000218]]);
  const late = await redeem(code, printed.scope, meant.redirectUri, site.secretText);
  assert.deepEqual([late.status, late.json.error_codes], [400, [500011]]);
  const other = await redeem(code, meant.scope, printed.redirectUri, site.secretText);
  assert.deepEqual([other.status, other.json.error_codes], [400, [500112]]);
  const { status, json } = await redeem(code, meant.scope, meant.redirectUri, site.secretText);
  assert.equal(status, 200, json.error_description);
  const { aud, scp } = claimsOf(json.access_token);
  assert.deepEqual([aud, scp], ['https://batch.chinacloudapi.cn/', 'user_impersonation']);
});
