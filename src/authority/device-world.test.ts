import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type Browser, openBrowser, type Shown } from './browser.test.ts';
import { devicePagePath } from './device-pages.ts';
import { batchScope, openUserWorld, password, site, type UserWorld } from './user-world.test.ts';
import { type Answer, contoso } from './world.test.ts';

/*
 * The world of the tests of device sign-in: the site may be a public client. This file holds no test
 * of its own.
 */

type Form = Readonly<Record<string, string>>;

export const deviceScope = `${batchScope} openid profile offline_access`;

export interface DeviceWorld extends UserWorld {
  readonly browser: Browser;
  /** Asks for a device code; at contoso's v2 endpoint unless a path is given. */
  start(form?: Form, path?: string, origin?: string): Promise<Answer>;
  /** Asks whether the person has signed in by now. */
  poll(deviceCode: string, form?: Form, path?: string): Promise<Answer>;
}

export async function openDeviceWorld(
  t: TestContext,
  ...[more = {}, startAt]: Parameters<typeof openUserWorld> extends [unknown, ...infer Rest]
    ? Rest
    : never
): Promise<DeviceWorld> {
  const world = await openUserWorld(t, { isFallbackPublicClient: true, ...more }, startAt);
  return {
    ...world,
    browser: openBrowser((asked) => world.send(asked)),
    start: (form = {}, path = `/${contoso.tenantId}/oauth2/v2.0/devicecode`, origin) =>
      world.send({
        path,
        form: { client_id: site.appId, scope: deviceScope, ...form },
        ...(origin === undefined ? {} : { origin }),
      }),
    poll: (deviceCode, form = {}, path = `/${contoso.tenantId}/oauth2/v2.0/token`) => {
      const asked = { grant_type: 'device_code', client_id: site.appId, device_code: deviceCode };
      return world.send({ path, form: { ...asked, ...form } });
    },
  };
}

/** Types the code, confirms, signs in and consents, to the page that may be closed. */
export async function approve(
  browser: Browser,
  userCode: string,
  loginfmt = 'alice@contoso.example',
): Promise<Shown> {
  await browser.open(devicePagePath);
  await browser.submit({ otc: userCode });
  await browser.submit({ connect: '1' });
  await browser.submit({ loginfmt });
  await browser.submit({ passwd: password });
  if (browser.shown.text.includes('name="consent"')) await browser.submit({ consent: 'accept' });
  assert.match(browser.shown.text, /id="message"/);
  return browser.shown;
}
