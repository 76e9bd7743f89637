import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstPartyAppIds } from '#directory/first-party.ts';
import { permissionGrantsOf } from '#directory/permission-grant.store.ts';
import { quickPasswordHash } from '#directory/test-password.ts';
import { addUser, updateUser } from '#directory/user.store.ts';
import { guidOfText } from '#kernel/random.ts';
import { openBrowser } from './browser.test.ts';
import { deviceCodeLifetimeSeconds } from './device-code.store.ts';
import { devicePageAddress, devicePagePath } from './device-pages.ts';
import { approve, deviceScope, openDeviceWorld } from './device-world.test.ts';
import { batchScope, claimsOf, openUserWorld, password, site } from './user-world.test.ts';
import { contoso, fabrikam, reachOf } from './world.test.ts';

const v2Start = `/${contoso.tenantId}/oauth2/v2.0/devicecode`;
const v1Start = `/${contoso.tenantId}/oauth2/devicecode`;
const v1Token = `/${contoso.tenantId}/oauth2/token`;
const batchResource = 'https://batch.core.windows.net/';
const longName = 'urn:ietf:params:oauth:grant-type:device_code';

test('a device gets two codes, a page and a message, as recorded', async (t) => {
  const world = await openDeviceWorld(t);
  const { status, json, headers } = await world.start();
  assert.equal(status, 200);
  assert.match(json.user_code, /^[A-HJ-NP-Z2-9]{9}$/);
  const page = `https://login.microsoftonline.com${devicePagePath}`;
  assert.deepEqual(json, {
    user_code: json.user_code,
    device_code: json.device_code,
    verification_uri: page,
    verification_url: page,
    expires_in: 900,
    interval: 5,
    message: `To sign in, use a web browser to open the page ${page} and enter the code ${json.user_code} to authenticate.`,
  });
  assert.equal(headers['x-ms-clitelem'], '1,0,0,,');
  assert.equal(headers['Cache-Control'], 'no-store, no-cache');
  const other = await world.start();
  assert.notEqual(other.json.user_code, json.user_code);
  assert.notEqual(other.json.device_code, json.device_code);
});

test('v1 writes its numbers as text, adfs as numbers, and mkt picks the language', async (t) => {
  const world = await openDeviceWorld(t);
  const resource = { resource: batchResource };
  const v1 = await world.start(resource, `${v1Start}?api-version=1.0`);
  assert.deepEqual([v1.json.expires_in, v1.json.interval], ['900', '5']);
  assert.equal(v1.json.verification_url, v1.json.verification_uri);
  const adfs = await world.start(resource, '/adfs/oauth2/devicecode');
  assert.deepEqual([adfs.json.expires_in, adfs.json.interval], [900, 5]);
  for (const [mkt, start] of [
    ['nl-NL', /^Als u zich wilt aanmelden, /],
    ['ko-KR', /^로그인하려면 /],
    ['zh-CN', /^若要登录/],
    ['xx', /^To sign in, /],
  ] as const) {
    assert.match((await world.start({}, `${v2Start}?mkt=${mkt}`)).json.message, start);
    assert.match((await world.start({ mkt })).json.message, start);
  }
});

test('the page is where the client reached Batten, and under the names of Azure at its own port', () => {
  const explicit = reachOf('https://localhost:8443');
  assert.equal(devicePageAddress(explicit, [9999]), `https://localhost:8443${devicePagePath}`);
  const azure = reachOf('https://login.microsoftonline.com');
  assert.equal(devicePageAddress(azure, [8443]), `https://localhost:8443${devicePagePath}`);
  const page = `https://login.microsoftonline.com${devicePagePath}`;
  assert.equal(devicePageAddress(azure, []), page);
});

test('a device that may not sign in gets no code', async (t) => {
  const world = await openDeviceWorld(t);
  const before = await world.rows();
  const at = (tenant: string) => `/${tenant}/oauth2/v2.0/devicecode`;
  for (const [form, path, code, error] of [
    [{}, at('nowhere.example'), 90002, 'invalid_request'],
    [{}, at('nothing'), 900023, 'invalid_request'],
    [{ client_id: '' }, v2Start, 900144, 'invalid_request'],
    [{ client_id: '<client id>' }, v2Start, 90013, 'invalid_request'],
    [{ client_id: guidOfText('nobody') }, v2Start, 700016, 'unauthorized_client'],
    [{ client_id: guidOfText('nobody') }, at('common'), 700016, 'unauthorized_client'],
    [{}, at(fabrikam.tenantId), 700016, 'unauthorized_client'],
    [{}, at('organizations'), 50194, 'invalid_request'],
    [{ client_id: firstPartyAppIds.azureCli }, at('consumers'), 9001023, 'invalid_request'],
    [{ scope: '' }, v2Start, 900144, 'invalid_request'],
    [{ resource: batchResource }, v2Start, 901002, 'invalid_request'],
    [{ scope: '' }, v1Start, 900144, 'invalid_request'],
  ] as const) {
    const { status, json } = await world.start(form, path);
    const expected = [400, error, [code]];
    assert.deepEqual([status, json.error, json.error_codes], expected, `${path} ${code}`);
  }
  const twice = await world.send({ path: v2Start, form: 'client_id=a&client_id=b' });
  assert.deepEqual(twice.json.error_codes, [9002313]);
  assert.deepEqual(await world.rows(), before);
  const told = world.recorded.slice(-2).map(({ code }) => code);
  assert.deepEqual(told, ['AADSTS900144', 'AADSTS9002313']);
});

test('a device waits without being told to slow down, and then gets what was confirmed', async (t) => {
  const world = await openDeviceWorld(t);
  const { json: given } = await world.start();
  const before = [await world.rows(), world.recorded.length];
  for (let asked = 0; asked < 30; asked++) {
    const { status, json } = await world.poll(given.device_code);
    assert.deepEqual(
      [status, json.error, json.error_codes],
      [400, 'authorization_pending', [70016]],
    );
  }
  assert.deepEqual([await world.rows(), world.recorded.length], before);
  await approve(world.browser, given.user_code);
  const { status, json } = await world.poll(given.device_code, { client_info: '1' });
  assert.equal(status, 200, json.error_description);
  assert.equal(json.expires_in, 3599);
  assert.equal(claimsOf(json.access_token)['scp'], 'user_impersonation');
  assert.equal(claimsOf(json.access_token)['appidacr'], '0');
  assert.equal(claimsOf(json.id_token)['preferred_username'], 'Alice@contoso.example');
  assert.ok(json.client_info !== undefined);
  const renewed = await world.send({
    path: `/${contoso.tenantId}/oauth2/v2.0/token`,
    form: {
      grant_type: 'refresh_token',
      client_id: site.appId,
      refresh_token: json.refresh_token ?? '',
    },
  });
  assert.equal(renewed.status, 200, renewed.json.error_description);
});

test('a device may begin with several resources, to whose consent its tokens do not come', async (t) => {
  const world = await openDeviceWorld(t);
  const scope = `${deviceScope} https://graph.microsoft.com/User.Read`;
  const { json: given } = await world.start({ scope });
  await approve(world.browser, given.user_code);
  const { sitePrincipal, store } = world;
  const granted = await store.read((tx) =>
    permissionGrantsOf(tx, contoso.tenantId, sitePrincipal.objectId),
  );
  assert.equal(granted.length, 2, 'both were consented to');
  const rows = await world.rows();
  const { status, json } = await world.poll(given.device_code);
  assert.deepEqual([status, json.error, json.error_codes], [400, 'invalid_request', [28000]]);
  assert.deepEqual(await world.rows(), rows);
});

test('a device code gives tokens once, however many ask', async (t) => {
  const world = await openDeviceWorld(t);
  const { json: given } = await world.start();
  await approve(world.browser, given.user_code);
  const asked = Array.from({ length: 8 }, () => world.poll(given.device_code));
  const answers = await Promise.all([...asked, world.poll('', { code: given.device_code })]);
  const [won, ...rest] = answers.toSorted((a, b) => a.status - b.status);
  assert.equal(won?.status, 200);
  for (const { status, json } of rest) {
    assert.deepEqual([status, json.error, json.error_codes], [400, 'invalid_grant', [54005]]);
  }
  const before = await world.rows();
  assert.equal((await world.poll(given.device_code)).json.error, 'invalid_grant');
  assert.deepEqual(await world.rows(), before);
});

test('both names of the grant and both names of the code are known', async (t) => {
  const world = await openDeviceWorld(t);
  const { json: given } = await world.start();
  await approve(world.browser, given.user_code);
  const other = await world.start();
  const code = other.json.device_code;
  for (const [deviceCode, form] of [
    [code, { grant_type: 'device_code' }],
    [code, { grant_type: longName }],
    [code, { grant_type: longName, code }],
    ['', { grant_type: longName, code }],
  ] as const) {
    assert.deepEqual((await world.poll(deviceCode, form)).json.error_codes, [70016]);
  }
  assert.deepEqual((await world.poll('')).json.error_codes, [900144]);
  const python = { grant_type: longName, code: given.device_code };
  assert.equal((await world.poll(given.device_code, python)).status, 200);
});

test('ADAL polls v1 with code and resource, and is stopped by its own word for expired', async (t) => {
  const world = await openDeviceWorld(t);
  const resource = { resource: batchResource };
  const { json: given } = await world.start(resource, v1Start);
  const ask = () =>
    world.send({
      path: `${v1Token}?api-version=1.0`,
      form: {
        ...{ grant_type: 'device_code', client_id: site.appId },
        ...{ code: given.device_code, ...resource },
      },
    });
  assert.equal((await ask()).json.error, 'authorization_pending');
  await approve(world.browser, given.user_code);
  const { status, json } = await ask();
  assert.equal(status, 200, json.error_description);
  assert.equal(json.expires_in, '3599');
  assert.equal(json.resource, batchResource);
  assert.ok(json.refresh_token !== undefined);
  const { json: late } = await world.start(resource, v1Start);
  world.clock.advanceSeconds(deviceCodeLifetimeSeconds);
  const expired = await world.poll(late.device_code, resource, v1Token);
  assert.deepEqual([expired.json.error, expired.json.error_codes], ['code_expired', [70020]]);
});

test('a device that asks with another code, as another client or too late is refused', async (t) => {
  const world = await openDeviceWorld(t);
  await world.register('Other', { isFallbackPublicClient: true });
  const { json: given } = await world.start();
  await approve(world.browser, given.user_code);
  const before = await world.rows();
  const other = { client_id: guidOfText('Other') };
  for (const refused of [
    await world.poll('nothing'),
    await world.poll(given.device_code, other),
    await world.poll(given.user_code),
  ]) {
    const { error, error_codes } = refused.json;
    assert.deepEqual([refused.status, error, error_codes], [400, 'bad_verification_code', [70018]]);
  }
  world.clock.advanceSeconds(deviceCodeLifetimeSeconds);
  const late = await world.poll(given.device_code);
  const { error, error_codes } = late.json;
  assert.deepEqual([late.status, error, error_codes], [400, 'expired_token', [70020]]);
  assert.deepEqual(await world.rows(), before);
  world.clock.advanceSeconds(deviceCodeLifetimeSeconds);
  await world.start();
  assert.equal((await world.poll(given.device_code)).json.error, 'bad_verification_code');
});

test('the scopes are those that the device began with', async (t) => {
  const world = await openDeviceWorld(t);
  await world.grant(world.graphPrincipal, 'User.Read', 'User.ReadBasic.All');
  const { json: given } = await world.start({ scope: batchScope });
  await approve(world.browser, given.user_code);
  const scope = 'https://graph.microsoft.com/User.ReadBasic.All offline_access';
  const { status, json } = await world.poll(given.device_code, { scope });
  assert.equal(status, 200, json.error_description);
  assert.equal(claimsOf(json.access_token)['aud'], batchResource);
  assert.equal(json.refresh_token, undefined);
});

test('only a public client asks without a credential', async (t) => {
  const world = await openUserWorld(t);
  const start = { client_id: site.appId, scope: deviceScope };
  const { json: given } = await world.send({ path: v2Start, form: start });
  const before = await world.rows();
  const basis = {
    grant_type: 'device_code',
    client_id: site.appId,
    device_code: given.device_code,
  };
  const path = `/${contoso.tenantId}/oauth2/v2.0/token`;
  const ask = (more: Readonly<Record<string, string>>) =>
    world.send({ path, form: { ...basis, ...more } });
  const unproved = await ask({});
  const { error, error_codes } = unproved.json;
  assert.deepEqual([unproved.status, error, error_codes], [401, 'invalid_client', [7000218]]);
  assert.deepEqual((await ask({ client_secret: 'wrong' })).json.error_codes, [7000215]);
  assert.equal((await ask({ client_secret: site.secretText })).json.error, 'authorization_pending');
  assert.deepEqual(await world.rows(), before);
});

test('a multi-tenant client asks at organizations and finds the tenant of its person', async (t) => {
  const world = await openDeviceWorld(t);
  const azureCli = { client_id: firstPartyAppIds.azureCli };
  const token = '/organizations/oauth2/v2.0/token';
  const { json: given } = await world.start(azureCli, '/organizations/oauth2/v2.0/devicecode');
  assert.equal(
    (await world.poll(given.device_code, azureCli, token)).json.error,
    'authorization_pending',
  );
  const personal = await world.poll(given.device_code, azureCli, '/consumers/oauth2/v2.0/token');
  assert.deepEqual(personal.json.error_codes, [9001023]);
  await approve(world.browser, given.user_code);
  const abroad = await world.poll(
    given.device_code,
    azureCli,
    `/${fabrikam.tenantId}/oauth2/v2.0/token`,
  );
  assert.deepEqual(abroad.json.error_codes, [700005]);
  const { status, json } = await world.poll(given.device_code, azureCli, token);
  assert.equal(status, 200, json.error_description);
  assert.equal(claimsOf(json.access_token)['tid'], contoso.tenantId);
  assert.equal(json.foci, '1');
});

test('a refused redemption leaves the device code as good as before', async (t) => {
  const world = await openDeviceWorld(t);
  const { json: given } = await world.start();
  await approve(world.browser, given.user_code);
  const enable = (accountEnabled: boolean) =>
    world.store.write((tx) => updateUser(tx, { ...world.alice, accountEnabled }));
  await enable(false);
  const before = await world.rows();
  assert.deepEqual((await world.poll(given.device_code)).json.error_codes, [50057]);
  assert.deepEqual(await world.rows(), before);
  await enable(true);
  assert.equal((await world.poll(given.device_code)).status, 200);
});

test('an application of another tenant arrives with the first person who consents', async (t) => {
  const world = await openDeviceWorld(t, { signInAudience: 'AzureADMultipleOrgs' });
  const createdAt = world.clock.civil();
  const user = { tenantId: fabrikam.tenantId, objectId: guidOfText('frida'), createdAt };
  const named = { userPrincipalName: 'frida@fabrikam.example', displayName: 'Frida' };
  const hash = quickPasswordHash(password);
  await world.store.write((tx) => addUser(tx, { ...user, ...named, accountEnabled: true }, hash));
  const at = `/${fabrikam.tenantId}/oauth2/v2.0`;
  const { status, json: given } = await world.start({}, `${at}/devicecode`);
  assert.equal(status, 200, given.error_description);
  const pending = await world.poll(given.device_code, {}, `${at}/token`);
  assert.equal(pending.json.error, 'authorization_pending');
  await approve(world.browser, given.user_code, named.userPrincipalName);
  const { json } = await world.poll(given.device_code, {}, `${at}/token`);
  assert.equal(claimsOf(json.access_token)['tid'], fabrikam.tenantId, json.error_description);
});

test('a device of Azure China signs in there, wherever its person opens the page', async (t) => {
  const world = await openDeviceWorld(t);
  const origin = 'https://login.chinacloudapi.cn';
  const resource = 'https://batch.chinacloudapi.cn/';
  const azureCli = { client_id: firstPartyAppIds.azureCli, scope: `${resource}/.default` };
  const { json: given } = await world.start(azureCli, v2Start, origin);
  const browser = openBrowser((sent) => world.send({ ...sent, origin: 'https://localhost:8443' }));
  await approve(browser, given.user_code);
  const form = { ...azureCli, grant_type: 'device_code', device_code: given.device_code };
  const path = `/${contoso.tenantId}/oauth2/v2.0/token`;
  assert.equal((await world.send({ path, form })).json.error, 'invalid_grant');
  const { json } = await world.send({ path, form, origin });
  const { aud, iss } = claimsOf(json.access_token);
  const issuer = `https://sts.chinacloudapi.cn/${contoso.tenantId}/`;
  assert.deepEqual([aud, iss], [resource, issuer], json.error_description);
});
