import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { registerApplication } from '#app/tour-identity.ts';
import { startWorld } from '../clients/world.ts';
import { newPerson, seriousFindings, startChromium } from './chromium.ts';
import { signInOn } from './sign-in.ts';
import { openSite } from './site.ts';

/*
 * Signing out in a real browser: the applications of the session hear of it in hidden frames, and
 * then the browser goes back to the one that asked.
 */

const world = await startWorld();
const chromium = await startChromium();
const url = world.batten.env['BATTEN_URL'] ?? '';
const heard = { type: 'text/html', text: '<script>document.title = "heard"</script>' };
const site = await openSite({ '/out': heard });
const redirectUri = `${site}/signed-in`;
const application = await registerApplication(world.graph, 'signed out');
await world.graph.call('PATCH', `/v1.0/applications/${application.objectId}`, {
  web: { redirectUris: [redirectUri], logoutUrl: `${site}/out` },
});

const authorizeUrl = `${url}/${world.tenantId}/oauth2/v2.0/authorize?${new URLSearchParams({
  client_id: application.appId,
  redirect_uri: redirectUri,
  response_type: 'code',
  scope: 'openid profile User.Read',
})}`;

function logoutUrl(query: Readonly<Record<string, string>> = {}): string {
  return `${url}/${world.tenantId}/oauth2/v2.0/logout?${new URLSearchParams(query)}`;
}

/** A person who signed in to the application, and her session as the application knows it. */
async function signedIn(
  options: Parameters<typeof newPerson>[1] = {},
): Promise<readonly [page: Page, sessionId: string]> {
  const page = await newPerson(chromium, options);
  await page.goto(authorizeUrl);
  await signInOn(page, world);
  return [page, new URL(page.url()).searchParams.get('session_state') ?? ''];
}

test('the application hears of the sign-out, and then the browser is back at it', async () => {
  const [page, sessionId] = await signedIn();
  const told = page.waitForResponse(`${site}/out?sid=${sessionId}`);
  await page.goto(logoutUrl({ post_logout_redirect_uri: redirectUri, state: 'done' }));
  assert.equal((await told).status(), 200);
  await page.waitForURL(`${redirectUri}?state=done`);
  await page.goto(`${authorizeUrl}&prompt=none`);
  assert.match(page.url(), /error=login_required/);
  await page.context().close();
});

test('the frame runs the page of the application, is hidden, and axe finds nothing serious', async () => {
  const [page] = await signedIn({ bypassCSP: true });
  await page.goto(logoutUrl());
  const [, frame] = page.frames();
  assert.equal(await frame?.title(), 'heard');
  assert.equal(await page.locator('iframe').isVisible(), false);
  assert.deepEqual(await seriousFindings(page), []);
  await page.context().close();
});

test('without scripts the link leads back', async () => {
  const [page] = await signedIn({ javaScriptEnabled: false });
  await page.goto(logoutUrl({ post_logout_redirect_uri: redirectUri }));
  await page.click('#continue');
  await page.waitForURL(redirectUri);
  await page.context().close();
});
