import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { DeviceCodeCredential } from '@azure/identity';
import { type DeviceCodeRequest, PublicClientApplication } from '@azure/msal-node';
import { firstPartyAppIds } from '#directory/first-party.ts';
import { machineClock } from '#kernel/clock.ts';
import type { Browser } from './browser.test.ts';
import { devicePagePath } from './device-pages.ts';
import { approve } from './device-world.test.ts';
import { browserOf, listenFor, networkOf } from './served.test.ts';
import { batchScope, claimsOf, openUserWorld } from './user-world.test.ts';
import { contoso } from './world.test.ts';

const host = 'https://login.microsoftonline.com';
const clientId = firstPartyAppIds.azureCli;

async function serve(t: TestContext) {
  const world = await openUserWorld(t, {}, machineClock().real());
  const { agent, port } = await listenFor(t, world);
  return { world, agent, port, network: networkOf(agent) };
}

/** Asks with msal-node, while the person does something as soon as she has the code. */
function ask(
  client: PublicClientApplication,
  act: (userCode: string) => Promise<unknown>,
  more: Partial<DeviceCodeRequest> = {},
) {
  const acting: Promise<unknown>[] = [];
  const asked = client.acquireTokenByDeviceCode({
    scopes: [batchScope],
    deviceCodeCallback: ({ userCode, message }) => {
      assert.ok(message.includes(userCode));
      acting.push(act(userCode));
    },
    ...more,
  });
  return Promise.all([asked, asked.then(() => Promise.all(acting))]).then(([result]) => result);
}

async function decline(browser: Browser, userCode: string): Promise<void> {
  await browser.open(devicePagePath);
  await browser.submit({ otc: userCode });
  await browser.submit({ connect: '0' });
}

// Each client waits five seconds before it asks, so all wait at once.
describe('device sign-in', { concurrency: true }, () => {
  test('msal-node signs a person in by device code at organizations, and renews silently', async (t) => {
    const { network, agent } = await serve(t);
    const browser = browserOf(agent, host);
    const client = new PublicClientApplication({
      auth: { clientId, authority: `${host}/organizations` },
      system: { networkClient: network },
    });
    const result = await ask(client, (userCode) => approve(browser, userCode));
    assert.ok(result?.account);
    assert.equal(result.account.username, 'Alice@contoso.example');
    assert.equal(claimsOf(result.accessToken)['aud'], 'https://batch.core.windows.net/');
    const { account } = result;
    const renewed = await client.acquireTokenSilent({
      account,
      scopes: ['https://management.core.windows.net//.default'],
    });
    assert.equal(claimsOf(renewed.accessToken)['aud'], 'https://management.core.windows.net/');
  });

  test('msal-node understands that the person declined', async (t) => {
    const { network, agent } = await serve(t);
    const client = new PublicClientApplication({
      auth: { clientId, authority: `${host}/${contoso.tenantId}` },
      system: { networkClient: network },
    });
    const asked = ask(client, (userCode) => decline(browserOf(agent, host), userCode));
    await assert.rejects(asked, /authorization_declined/);
  });

  test('msal-node signs a person in by device code at the adfs form, with no name of Azure', async (t) => {
    const { network, agent, port } = await serve(t);
    const origin = `https://localhost:${port}`;
    const client = new PublicClientApplication({
      auth: { clientId, authority: `${origin}/adfs`, knownAuthorities: [`localhost:${port}`] },
      system: { networkClient: network },
    });
    const result = await ask(client, (userCode) => approve(browserOf(agent, origin), userCode));
    assert.equal(claimsOf(result?.accessToken)['tid'], contoso.tenantId);
  });

  test('DeviceCodeCredential of @azure/identity tells its person where to go', async (t) => {
    const { agent, port } = await serve(t);
    const origin = `https://localhost:${port}`;
    const approved: Promise<unknown>[] = [];
    const credential = new DeviceCodeCredential({
      clientId,
      tenantId: contoso.tenantId,
      authorityHost: origin,
      disableInstanceDiscovery: true,
      userPromptCallback: ({ verificationUri, userCode }) => {
        assert.equal(verificationUri, `${origin}${devicePagePath}`);
        approved.push(approve(browserOf(agent, origin), userCode));
      },
      retryOptions: { maxRetries: 0 },
      additionalPolicies: [
        {
          position: 'perRetry',
          policy: {
            name: 'takeToTheTestServer',
            sendRequest: (sent, next) => {
              sent.agent = agent;
              return next(sent);
            },
          },
        },
      ],
    });
    const { token } = await credential.getToken(batchScope);
    await Promise.all(approved);
    assert.equal(claimsOf(token)['scp'], 'user_impersonation');
  });
});
