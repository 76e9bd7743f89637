import assert from 'node:assert/strict';
import { test } from 'node:test';
import { registerApplication } from '#app/tour-identity.ts';
import { BatchClient, BatchTokenCredentials, interactiveBrowser } from '#client/client.ts';
import { batchPermission, startWorld } from '../clients/world.ts';
import { newPerson, startChromium } from './chromium.ts';
import { enterName, press, signInOn } from './sign-in.ts';

/*
 * `batten/client` signs a person in through a real browser, which brings the answer to a port of
 * this machine.
 */

const world = await startWorld();
const chromium = await startChromium();
const { env, agent } = world.batten;
const application = await registerApplication(world.graph, 'real-browser');
await world.graph.call('PATCH', `/v1.0/applications/${application.objectId}`, {
  publicClient: { redirectUris: ['http://localhost'] },
  requiredResourceAccess: [await batchPermission(world)],
});
const options = {
  tenantId: world.tenantId,
  clientId: application.appId,
  authorityHost: env['AZURE_AUTHORITY_HOST'] ?? '',
  agent,
};

test('a person who declines in her browser gives the program no token, and is told that she may close the page', async () => {
  const page = await newPerson(chromium);
  const tokens = interactiveBrowser({
    ...options,
    openBrowser: async (address) => {
      await page.goto(address);
      await enterName(page, world);
      await page.fill('#i0118', env['BATTEN_PASSWORD'] ?? '');
      await press(page, '#idSIButton9');
      await press(page, '#idBtn_Back');
    },
  });
  await assert.rejects(async () => tokens(), { code: 'AADSTS65004' });
  assert.match(await page.innerText('body'), /You are not signed in.*You may close this page/);
  await page.context().close();
});

test('a person signs in in her browser, and the program lists jobs as her', async () => {
  const page = await newPerson(chromium);
  const tokens = interactiveBrowser({
    ...options,
    openBrowser: async (address) => {
      await page.goto(address);
      await signInOn(page, world);
    },
  });
  const account = new BatchTokenCredentials(env['AZURE_BATCH_ENDPOINT'] ?? '', tokens);
  for await (const job of BatchClient.open(account, { agent }).jobs.list()) assert.fail(job.id);
  assert.match(await page.innerText('body'), /You are signed in.*You may close this page/);
  assert.match(page.url(), /^http:\/\/localhost:\d+\/$/, 'no code stands in the address');
  await page.context().close();
});
