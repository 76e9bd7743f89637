import assert from 'node:assert/strict';
import { test } from 'node:test';
import { approve, openDeviceWorld } from './device-world.test.ts';
import { openUserWorld, site, type UserWorld } from './user-world.test.ts';
import { contoso } from './world.test.ts';

/*
 * A token belongs to the cloud that issued it, and so does what it is got with: each cloud is an
 * authority of its own, though a tenant answers under all of them.
 */

const path = `/${contoso.tenantId}/oauth2/v2.0/token`;
const china = 'https://login.chinacloudapi.cn';
const scope = 'https://batch.chinacloudapi.cn//.default offline_access';
const secret = { client_id: site.appId, client_secret: site.secretText };
const redemptionOf = (code: string) => ({
  ...{ grant_type: 'authorization_code', ...secret, code },
  redirect_uri: site.redirectUri,
});

async function openConsented(...[t]: Parameters<typeof openUserWorld>): Promise<UserWorld> {
  const world = await openUserWorld(t);
  await world.grant(world.batchPrincipal, 'user_impersonation');
  return world;
}

test('a code of one cloud is unknown to another, and as good as before', async (t) => {
  const world = await openConsented(t);
  const form = redemptionOf(await world.issueCode());
  const before = await world.rows();
  const abroad = await world.send({ origin: china, path, form: { ...form, scope } });
  assert.deepEqual([abroad.status, abroad.json.error], [400, 'invalid_grant']);
  assert.deepEqual(await world.rows(), before);
  assert.equal((await world.send({ path, form })).status, 200);
});

test('a refresh token of one cloud is unknown to another', async (t) => {
  const world = await openConsented(t);
  const { json } = await world.send({ path, form: redemptionOf(await world.issueCode()) });
  const form = {
    ...{ grant_type: 'refresh_token', ...secret },
    refresh_token: json.refresh_token ?? '',
  };
  const before = await world.rows();
  const abroad = await world.send({ origin: china, path, form: { ...form, scope } });
  assert.deepEqual([abroad.status, abroad.json.error], [400, 'invalid_grant']);
  assert.deepEqual(await world.rows(), before);
  const renewed = await world.send({ path, form });
  assert.equal(renewed.status, 200, renewed.json.error_description);
  const again = { ...form, refresh_token: renewed.json.refresh_token ?? '' };
  const stillAbroad = await world.send({ origin: china, path, form: { ...again, scope } });
  assert.equal(stillAbroad.json.error, 'invalid_grant');
});

test('a device code is redeemed in the cloud in which the device began', async (t) => {
  const world = await openDeviceWorld(t);
  const started = await world.start({ scope }, undefined, china);
  const { user_code: userCode = '', device_code: deviceCode = '' } = started.json;
  await approve(world.browser, userCode);
  const form = { grant_type: 'device_code', client_id: site.appId, device_code: deviceCode };
  const before = await world.rows();
  const abroad = await world.send({ path, form });
  assert.deepEqual([abroad.status, abroad.json.error], [400, 'invalid_grant']);
  assert.deepEqual(await world.rows(), before);
  const home = await world.send({ origin: china, path, form });
  assert.equal(home.status, 200, home.json.error_description);
});
