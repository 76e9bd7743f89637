import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InteractionRequiredAuthError, PublicClientApplication } from '@azure/msal-node';
import { registerApplication } from '#app/tour-identity.ts';
import { startWorld } from '../clients/world.ts';
import { newPerson, startChromium } from './chromium.ts';
import { enterName, press, signInOn } from './sign-in.ts';

/*
 * A program on the person's own machine with Microsoft's own MSAL: it opens her browser and listens
 * on a loopback port for the answer.
 */

const world = await startWorld();
const chromium = await startChromium();
const application = await registerApplication(world.graph, 'desktop');
await world.graph.call('PATCH', `/v1.0/applications/${application.objectId}`, {
  publicClient: { redirectUris: ['http://localhost'] },
});
const url = world.batten.env['BATTEN_URL'] ?? '';

function newClient(): PublicClientApplication {
  return new PublicClientApplication({
    auth: {
      clientId: application.appId,
      authority: `${url}/${world.tenantId}`,
      knownAuthorities: [new URL(url).host],
    },
  });
}

const scopes = ['User.Read'];

test('MSAL Node signs a person in through her browser, and renews without her', async () => {
  const page = await newPerson(chromium);
  const client = newClient();
  const result = await client.acquireTokenInteractive({
    scopes,
    openBrowser: async (address) => {
      await page.goto(address);
      await signInOn(page, world);
    },
    successTemplate: 'You may close this page.',
  });
  assert.equal(result.account?.username, world.batten.env['BATTEN_USERNAME']);
  assert.match(await page.innerText('body'), /You may close this page/);
  const renewed = await client.acquireTokenSilent({
    account: result.account ?? undefined,
    scopes,
    forceRefresh: true,
  } as Parameters<PublicClientApplication['acquireTokenSilent']>[0]);
  assert.notEqual(renewed.accessToken, result.accessToken);
  await page.context().close();
});

test('a person who declines gives the program no token', async () => {
  const page = await newPerson(chromium);
  const refused = newClient().acquireTokenInteractive({
    scopes,
    prompt: 'consent',
    openBrowser: async (address) => {
      await page.goto(address);
      await enterName(page, world);
      await page.fill('#i0118', world.batten.env['BATTEN_PASSWORD'] ?? '');
      await press(page, '#idSIButton9');
      await press(page, '#idBtn_Back');
    },
  });
  await assert.rejects(refused, (error: Error) => {
    assert.ok(!(error instanceof InteractionRequiredAuthError));
    assert.match(error.message, /access_denied.*AADSTS65004/);
    return true;
  });
  await page.context().close();
});
