import assert from 'node:assert/strict';
import { request as plainRequest } from 'node:http';
import { type TestContext, test } from 'node:test';
import {
  ConfidentialClientApplication,
  CryptoProvider,
  InteractionRequiredAuthError,
  PublicClientApplication,
} from '@azure/msal-node';
import { machineClock } from '#kernel/clock.ts';
import { answerOf, type Browser, formOf, type Shown } from './browser.test.ts';
import { browserOf, listenFor, networkOf, sendForm } from './served.test.ts';
import { batchScope, claimsOf, openUserWorld, password, site } from './user-world.test.ts';
import { contoso } from './world.test.ts';

const host = 'login.microsoftonline.com';
const authority = `https://${host}/${contoso.tenantId}`;

async function serve(t: TestContext, ...more: Parameters<typeof openUserWorld>[1][]) {
  const world = await openUserWorld(t, more[0] ?? {}, machineClock().real());
  const { agent } = await listenFor(t, world);
  return { world, network: networkOf(agent), browser: browserOf(agent, `https://${host}`) };
}

/** Walks the pages as a person does, to whatever the last one answers. */
async function walk(browser: Browser, url: string): Promise<Shown> {
  const { pathname, search } = new URL(url);
  await browser.open(`${pathname}${search}`);
  await browser.submit({ loginfmt: 'alice@contoso.example' });
  await browser.submit({ passwd: password });
  if (browser.shown.text.includes('name="consent"')) await browser.submit({ consent: 'accept' });
  return browser.submit({ stay: '1' });
}

test('msal-node signs a person in by code with PKCE, and renews silently', async (t) => {
  const { world, network, browser } = await serve(t);
  const client = new ConfidentialClientApplication({
    auth: { clientId: site.appId, clientSecret: site.secretText, authority },
    system: { networkClient: network },
  });
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
  const redirectUri = site.redirectUri;
  const url = await client.getAuthCodeUrl({
    scopes: [batchScope],
    redirectUri,
    codeChallenge: challenge,
    codeChallengeMethod: 'S256',
    state: 'state=1&x',
  });
  const answer = answerOf(await walk(browser, url));
  assert.equal(answer.get('state'), 'state=1&x');
  const asked = { code: answer.get('code') ?? '', scopes: [batchScope], redirectUri };
  await assert.rejects(
    client.acquireTokenByCode({ ...asked, codeVerifier: 'w'.repeat(43) }),
    /501481/,
  );
  const first = await client.acquireTokenByCode({ ...asked, codeVerifier: verifier });
  assert.equal(first.account?.username, 'Alice@contoso.example');
  assert.equal(first.account?.homeAccountId, `${world.alice.objectId}.${contoso.tenantId}`);
  assert.equal(claimsOf(first.accessToken)['scp'], 'user_impersonation');
  const { account } = first;
  assert.ok(account !== null);
  const cached = await client.acquireTokenSilent({ account, scopes: [batchScope] });
  assert.equal(cached.accessToken, first.accessToken);
  const forced = { account, scopes: [batchScope], forceRefresh: true };
  const renewed = await client.acquireTokenSilent(forced);
  assert.equal(renewed.fromCache, false);
  assert.notEqual(renewed.accessToken, first.accessToken);
  await assert.rejects(
    client.acquireTokenSilent({ account, scopes: ['User.ReadBasic.All'] }),
    (error) => error instanceof InteractionRequiredAuthError && /65001/.test(error.message),
  );
});

test('msal-node opens a browser for a person and waits on a loopback port', async (t) => {
  const { network, browser } = await serve(t, {
    webRedirectUris: [],
    publicClientRedirectUris: ['http://localhost'],
  });
  const client = new PublicClientApplication({
    auth: { clientId: site.appId, authority },
    system: { networkClient: network },
  });
  const result = await client.acquireTokenInteractive({
    scopes: [batchScope],
    openBrowser: async (url) => {
      const { text } = await walk(browser, url);
      const { action, hidden } = formOf(text);
      const body = new URLSearchParams(hidden).toString();
      await sendForm(plainRequest, action, body, {});
    },
  });
  assert.equal(result.account?.username, 'Alice@contoso.example');
  assert.equal(claimsOf(result.accessToken)['appidacr'], '0');
});

test('the Azure command line signs a person in at organizations, and gets other resources by its refresh token', async (t) => {
  const { network, browser } = await serve(t);
  const azureCli = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';
  const client = new PublicClientApplication({
    auth: { clientId: azureCli, authority: `https://${host}/organizations` },
    system: { networkClient: network },
  });
  const redirectUri = 'http://localhost:8400';
  const scopes = ['https://management.core.windows.net//.default'];
  const url = await client.getAuthCodeUrl({ scopes, redirectUri, prompt: 'select_account' });
  const answer = answerOf(await walk(browser, url));
  const code = answer.get('code') ?? '';
  const { account, accessToken } = await client.acquireTokenByCode({ code, scopes, redirectUri });
  assert.equal(claimsOf(accessToken)['aud'], 'https://management.core.windows.net/');
  assert.ok(account !== null);
  const batch = await client.acquireTokenSilent({ account, scopes: [batchScope] });
  assert.equal(claimsOf(batch.accessToken)['aud'], 'https://batch.core.windows.net/');
});
