import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerOf, openBrowser } from './browser.test.ts';
import { approve, openDeviceWorld } from './device-world.test.ts';
import { batchScope, claimsOf, openUserWorld, password, site } from './user-world.test.ts';
import { contoso, fabrikam, type World } from './world.test.ts';

const origin = 'https://localhost:8443';
const batchResource = 'https://batch.core.windows.net/';
const asked = {
  client_id: site.appId,
  redirect_uri: site.redirectUri,
  response_type: 'code',
  state: 'a+b',
};
const byScope = { scope: `${batchScope} openid profile offline_access` };
const byResource = { resource: batchResource };

/** A client that knows nothing but the metadata at `/adfs`. */
async function endpointsOf(world: World) {
  const { json } = await world.send({ origin, path: '/adfs/.well-known/openid-configuration' });
  const pathOf = (address: string) => new URL(address).pathname;
  return { authorize: pathOf(json.authorization_endpoint), token: pathOf(json.token_endpoint) };
}

test('a person signs in by code at adfs, for a scope or a resource, by a link or a form', async (t) => {
  for (const [wanted, method] of [
    [byScope, 'GET'],
    [byResource, 'POST'],
  ] as const) {
    const world = await openUserWorld(t);
    const { authorize, token } = await endpointsOf(world);
    const browser = openBrowser((sent) => world.send({ ...sent, origin }));
    const query = new URLSearchParams({ ...asked, ...wanted }).toString();
    if (method === 'GET') await browser.open(`${authorize}?${query}`);
    else await browser.post(authorize, query);
    await browser.submit({ loginfmt: 'alice@contoso.example' });
    await browser.submit({ passwd: password });
    await browser.submit({ consent: 'accept' });
    const answer = answerOf(await browser.submit({ stay: '0' }));
    assert.equal(answer.get('state'), asked.state);
    const client = { client_id: site.appId, client_secret: site.secretText };
    const send = (form: Readonly<Record<string, string>>) =>
      world.send({ origin, path: token, form: { ...client, ...form } });
    const code = answer.get('code') ?? '';
    const redemption = { grant_type: 'authorization_code', code, redirect_uri: site.redirectUri };
    const { status, json } = await send(redemption);
    assert.equal(status, 200, json.error_description);
    assert.equal(json.expires_in, 3599);
    assert.equal(claimsOf(json.access_token)['aud'], batchResource);
    assert.equal(claimsOf(json.id_token)['tid'], contoso.tenantId);
    assert.equal(claimsOf(json.id_token)['preferred_username'], 'Alice@contoso.example');
    const refresh = { grant_type: 'refresh_token', refresh_token: json.refresh_token ?? '' };
    const renewed = await send({ ...refresh, ...wanted });
    assert.equal(renewed.status, 200, renewed.json.error_description);
    assert.equal(renewed.json.expires_in, 3599);
    const second = await send(redemption);
    assert.deepEqual(second.json.error_codes, [54005]);
  }
});

test('a device signs in at adfs, for a scope or a resource', async (t) => {
  const world = await openDeviceWorld(t);
  const { token } = await endpointsOf(world);
  for (const wanted of [byScope, { scope: '', ...byResource }]) {
    const start = token.replace('/token', '/devicecode');
    const { json: given } = await world.start(wanted, start, origin);
    assert.equal(given.verification_uri, `${origin}/common/oauth2/deviceauth`);
    assert.equal(
      (await world.poll(given.device_code, {}, token)).json.error,
      'authorization_pending',
    );
    const browser = openBrowser((sent) => world.send({ ...sent, origin }));
    await approve(browser, given.user_code);
    const { status, json } = await world.poll(given.device_code, {}, token);
    assert.equal(status, 200, json.error_description);
    assert.deepEqual([json.expires_in, claimsOf(json.access_token)['aud']], [3599, batchResource]);
  }
});

test('adfs refuses whom the tenants refuse, and means the first tenant alone', async (t) => {
  const world = await openUserWorld(t);
  const { authorize } = await endpointsOf(world);
  const before = await world.rows();
  for (const [more, code] of [
    [{ ...byScope, client_id: fabrikam.tenantId }, 'AADSTS700016'],
    [{ ...byScope, redirect_uri: 'https://evil.example/' }, 'AADSTS50011'],
  ] as const) {
    const query = new URLSearchParams({ ...asked, ...more });
    const { status, text } = await world.send({ origin, path: `${authorize}?${query}` });
    assert.equal(status, 400);
    assert.ok(text.includes(code), text);
  }
  const nothing = new URLSearchParams(asked);
  const answer = answerOf(await world.send({ origin, path: `${authorize}?${nothing}` }));
  assert.equal(answer.get('error'), 'invalid_request');
  const browser = openBrowser((sent) => world.send({ ...sent, origin }));
  await browser.open(`${authorize}?${new URLSearchParams({ ...asked, ...byScope })}`);
  await browser.submit({ loginfmt: 'someone@fabrikam.example' });
  assert.match(browser.shown.text, /id="usernameError"/);
  assert.deepEqual(await world.rows(), before);
});
