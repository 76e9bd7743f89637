import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { OnBehalfOfCredential, UsernamePasswordCredential } from '@azure/identity';
import {
  ConfidentialClientApplication,
  InteractionRequiredAuthError,
  PublicClientApplication,
} from '@azure/msal-node';
import { machineClock } from '#kernel/clock.ts';
import { openCalledWorld, siteUri } from './called-world.test.ts';
import { identityOptionsOf, listenFor, networkOf } from './served.test.ts';
import { batchScope, claimsOf, password, site } from './user-world.test.ts';
import { contoso } from './world.test.ts';

const authority = `https://login.microsoftonline.com/${contoso.tenantId}`;
const username = 'alice@contoso.example';
const callScope = `${siteUri}/call_me`;

/** The caller and the site, each with the library of its kind. */
async function serve(t: TestContext) {
  const world = await openCalledWorld(t, machineClock().real());
  const { agent } = await listenFor(t, world);
  const system = { networkClient: networkOf(agent) };
  const clientId = world.caller.appId;
  const callerOf = (at: string) =>
    new PublicClientApplication({ auth: { clientId, authority: at }, system });
  const middleOf = (clientSecret: string) =>
    new ConfidentialClientApplication({
      auth: { clientId: site.appId, clientSecret, authority },
      system,
    });
  return { world, agent, callerOf, middleOf };
}

test('msal-node signs a user in with her password, and renews silently', async (t) => {
  const { world, callerOf } = await serve(t);
  const client = callerOf(authority);
  const first = await client.acquireTokenByUsernamePassword({
    scopes: [callScope],
    username,
    password,
  });
  assert.equal(first?.account?.username, 'Alice@contoso.example');
  assert.equal(claimsOf(first?.accessToken)['oid'], world.alice.objectId);
  const { account } = first ?? {};
  assert.ok(account != null);
  const forced = { account, scopes: [callScope], forceRefresh: true };
  const renewed = await client.acquireTokenSilent(forced);
  assert.notEqual(renewed.accessToken, first?.accessToken);
});

test('msal-node is refused a wrong password, and every password at common', async (t) => {
  const { callerOf } = await serve(t);
  const common = 'https://login.microsoftonline.com/common';
  for (const [at, given, code] of [
    [authority, 'wrong', /AADSTS50126/],
    [common, password, /AADSTS9001023/],
  ] as const) {
    const asked = { scopes: [callScope], username, password: given };
    await assert.rejects(callerOf(at).acquireTokenByUsernamePassword(asked), code);
  }
});

test('msal-node passes a user on: the site exchanges the token that it was called with', async (t) => {
  const { world, callerOf, middleOf } = await serve(t);
  const called = await callerOf(authority).acquireTokenByUsernamePassword({
    scopes: [callScope],
    username,
    password,
  });
  const oboAssertion = called?.accessToken ?? '';
  const middle = middleOf(site.secretText);
  const result = await middle.acquireTokenOnBehalfOf({ oboAssertion, scopes: [batchScope] });
  const { aud, oid, appid } = claimsOf(result?.accessToken);
  assert.deepEqual(
    { aud, oid, appid },
    { aud: 'https://batch.core.windows.net/', oid: world.alice.objectId, appid: site.appId },
  );
  const again = await middle.acquireTokenOnBehalfOf({ oboAssertion, scopes: [batchScope] });
  assert.equal(again?.fromCache, true);
  await assert.rejects(
    middle.acquireTokenOnBehalfOf({ oboAssertion, scopes: ['User.ReadBasic.All'] }),
    (error) => error instanceof InteractionRequiredAuthError && /65001/.test(error.message),
  );
  await assert.rejects(
    middleOf('wrong').acquireTokenOnBehalfOf({ oboAssertion, scopes: [batchScope] }),
    /AADSTS7000215/,
  );
});

test('@azure/identity signs a user in with her password, and passes her on', async (t) => {
  const { world, agent } = await serve(t);
  const options = identityOptionsOf(agent);
  const { tenantId } = contoso;
  const { appId } = world.caller;
  const signIn = (text: string) =>
    new UsernamePasswordCredential(tenantId, appId, username, text, options).getToken(callScope);
  await assert.rejects(signIn('wrong'), /AADSTS50126/);
  const { token: userAssertionToken } = await signIn(password);
  const middle = { tenantId, clientId: site.appId, userAssertionToken, ...options };
  const { token } = await new OnBehalfOfCredential({
    ...middle,
    clientSecret: site.secretText,
  }).getToken(batchScope);
  assert.equal(claimsOf(token)['upn'], 'Alice@contoso.example');
  const wrong = new OnBehalfOfCredential({ ...middle, clientSecret: 'wrong' });
  await assert.rejects(wrong.getToken(batchScope), /AADSTS7000215/);
});
