import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findApplicationByAppId, updateApplication } from '#directory/application.store.ts';
import { updateServicePrincipal } from '#directory/service-principal.store.ts';
import { deleteUser, revokeSignIns, updateUser } from '#directory/user.store.ts';
import { type CalledWorld, letCall, openCalledWorld, siteUri } from './called-world.test.ts';
import { onBehalfOfDepthMax } from './on-behalf-of-depth.ts';
import { batchScope, claimsOf, site, type UserWorld } from './user-world.test.ts';
import { contoso, fabrikam, worker } from './world.test.ts';

const grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const v2Path = `/${contoso.tenantId}/oauth2/v2.0/token`;
const v1Path = `/${contoso.tenantId}/oauth2/token`;

const exchangeOf = (assertion: string) => ({
  grant_type: grantType,
  client_id: site.appId,
  client_secret: site.secretText,
  assertion,
  requested_token_use: 'on_behalf_of',
  scope: batchScope,
});

test('a called application gets a token for the next one, as the user who called it', async (t) => {
  const world = await openCalledWorld(t);
  const scope = `${batchScope} openid profile offline_access`;
  const form = { ...exchangeOf(await world.assertion()), scope, client_info: '1' };
  const { status, json } = await world.send({ path: v2Path, form });
  assert.equal(status, 200, json.error_description);
  const { aud, oid, appid, appidacr, scp, upn } = claimsOf(json.access_token);
  assert.deepEqual(
    { aud, oid, appid, appidacr, scp, upn },
    {
      aud: 'https://batch.core.windows.net/',
      oid: world.alice.objectId,
      appid: site.appId,
      appidacr: '1',
      scp: 'user_impersonation',
      upn: 'Alice@contoso.example',
    },
  );
  assert.equal(claimsOf(json.id_token)['preferred_username'], 'Alice@contoso.example');
  assert.ok(json.client_info !== undefined);
  const { client_id, client_secret } = form;
  const renewal = { grant_type: 'refresh_token', client_id, client_secret };
  const refresh = { ...renewal, refresh_token: json.refresh_token ?? '' };
  assert.equal((await world.send({ path: v2Path, form: refresh })).status, 200);
});

test('a permission by name, the v1 and adfs forms, and an authority without a tenant', async (t) => {
  const world = await openCalledWorld(t);
  const assertion = await world.assertion();
  const named = {
    ...exchangeOf(assertion),
    scope: 'https://batch.core.windows.net//user_impersonation',
  };
  const v2 = await world.send({ path: v2Path, form: named });
  assert.equal(v2.json.scope, 'https://batch.core.windows.net//user_impersonation');
  assert.equal(v2.json.refresh_token, undefined);
  const { scope: _scope, ...rest } = exchangeOf(assertion);
  const byResource = { ...rest, resource: 'https://batch.core.windows.net/' };
  const v1 = await world.send({ path: v1Path, form: byResource });
  assert.equal(v1.json.resource, 'https://batch.core.windows.net/', v1.json.error_description);
  assert.equal(claimsOf(v1.json.access_token)['scp'], 'user_impersonation');
  const adfs = await world.send({ path: '/adfs/oauth2/token', form: exchangeOf(assertion) });
  assert.equal(adfs.json.expires_in, 3599, adfs.json.error_description);
  const common = '/organizations/oauth2/v2.0/token';
  const shared = await world.send({ path: common, form: exchangeOf(assertion) });
  assert.deepEqual(shared.json.error_codes, [50194]);
});

test('an access token may be asked for by its type; a SAML token is lacking, and nothing changes', async (t) => {
  const world = await openCalledWorld(t);
  const form = exchangeOf(await world.assertion());
  const ask = (type: string) =>
    world.send({
      path: v2Path,
      form: { ...form, requested_token_type: `urn:ietf:params:oauth:token-type:${type}` },
    });
  for (const type of ['access_token', 'jwt']) assert.equal((await ask(type)).status, 200);
  const before = await world.rows();
  for (const type of ['saml1', 'saml2', 'other']) {
    const { status, json } = await ask(type);
    assert.deepEqual([status, json.error], [501, 'NotImplemented']);
    assert.ok(json.error_description.includes(`token-type:${type}'`));
  }
  assert.deepEqual(await world.rows(), before);
});

test('where no tenant is named, the token names it', async (t) => {
  const world = await openCalledWorld(t);
  const { tenantId } = contoso;
  await world.store.write(async (tx) => {
    const found = await findApplicationByAppId(tx, site.appId);
    assert.ok(found !== undefined);
    await updateApplication(tx, { ...found, signInAudience: 'AzureADMultipleOrgs' });
  });
  const assertion = await world.assertion();
  for (const path of ['/organizations/oauth2/v2.0/token', '/common/oauth2/v2.0/token']) {
    const { json } = await world.send({ path, form: exchangeOf(assertion) });
    assert.equal(claimsOf(json.access_token)['tid'], tenantId, json.error_description);
    const broken = await world.send({ path, form: exchangeOf(forged(assertion)) });
    assert.deepEqual(broken.json.error_codes, [50013]);
    const key = /Thumbprint of key used by client: '[0-9A-F]{40}', Please visit the Azure Portal, /;
    assert.match(broken.json.error_description, key);
  }
});

test('tokens for the appId and for the identifier URI are both for the application', async (t) => {
  const world = await openCalledWorld(t);
  for (const scope of [`${siteUri}/.default`, `${site.appId}/call_me`, `${siteUri}//call_me`]) {
    const form = exchangeOf(await world.assertion({ scope }));
    assert.equal((await world.send({ path: v2Path, form })).status, 200, scope);
  }
});

/** Changes one character in the middle of the signature. */
function forged(token: string): string {
  const at = token.lastIndexOf('.') + 20;
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
}

function unsigned(token: string): string {
  const [, claims = ''] = token.split('.');
  const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
  return `${header}.${claims}.`;
}

async function appToken(world: UserWorld): Promise<string> {
  const form = {
    grant_type: 'client_credentials',
    client_id: worker.appId,
    client_secret: worker.secretText,
    scope: `${siteUri}/.default`,
  };
  return (await world.send({ path: v2Path, form })).json.access_token;
}

async function idToken(world: CalledWorld): Promise<string> {
  const { client_id, client_secret } = exchangeOf('');
  const code = await world.issueCode();
  const redirect_uri = site.redirectUri;
  const form = { grant_type: 'authorization_code', client_id, client_secret, code, redirect_uri };
  return (await world.send({ path: v2Path, form })).json.id_token ?? '';
}

type Refused = readonly [
  name: string,
  status: number,
  code: number,
  error: string,
  prepare: (world: CalledWorld, assertion: string) => Promise<Readonly<Record<string, string>>>,
  path?: string,
];

const refused: readonly Refused[] = [
  ['no assertion', 400, 900144, 'invalid_request', async () => ({ assertion: '' })],
  ['no use', 400, 900144, 'invalid_request', async () => ({ requested_token_use: '' })],
  ['another use', 400, 90023, 'invalid_request', async () => ({ requested_token_use: 'x' })],
  ['no secret', 401, 7000216, 'invalid_client', async () => ({ client_secret: '' })],
  ['a wrong secret', 401, 7000215, 'invalid_client', async () => ({ client_secret: 'wrong' })],
  ['no token at all', 400, 50027, 'invalid_request', async () => ({ assertion: 'a.b' })],
  [
    'a signature that is not ours',
    400,
    50013,
    'invalid_grant',
    async (_world, assertion) => ({ assertion: forged(assertion) }),
  ],
  [
    'no signature',
    400,
    50013,
    'invalid_grant',
    async (_world, assertion) => ({ assertion: unsigned(assertion) }),
  ],
  [
    'a token of another cloud',
    400,
    50013,
    'invalid_grant',
    async (world) => ({
      assertion: await world.assertion({ origin: 'https://login.chinacloudapi.cn' }),
    }),
  ],
  [
    'an expired token',
    400,
    500133,
    'invalid_grant',
    async ({ clock }, assertion) => {
      const { exp } = claimsOf(assertion);
      clock.advanceSeconds(Number(exp) - clock.civil() / 1_000_000);
      return {};
    },
  ],
  [
    'a token for another application',
    400,
    500131,
    'invalid_grant',
    async () => ({ client_id: worker.appId, client_secret: worker.secretText }),
  ],
  [
    'an id token',
    400,
    240002,
    'invalid_grant',
    async (world) => ({ assertion: await idToken(world) }),
  ],
  [
    'the token of an application alone',
    400,
    7000114,
    'unauthorized_client',
    async (world) => ({ assertion: await appToken(world) }),
  ],
  [
    'a resource without consent',
    400,
    65001,
    'invalid_grant',
    async () => ({ scope: 'User.ReadBasic.All' }),
  ],
  ['no scope', 400, 900144, 'invalid_request', async () => ({ scope: '' })],
  [
    'a user whose sign-ins were revoked in the second of the token',
    400,
    50173,
    'invalid_grant',
    async ({ store, clock, alice }) => {
      await store.write((tx) => revokeSignIns(tx, alice.tenantId, alice.objectId, clock.civil()));
      return {};
    },
  ],
  [
    'a user who was disabled',
    400,
    50057,
    'invalid_grant',
    async ({ store, alice }) => {
      await store.write((tx) => updateUser(tx, { ...alice, accountEnabled: false }));
      return {};
    },
  ],
  [
    'a user who is gone',
    400,
    50034,
    'invalid_grant',
    async ({ store, alice }) => {
      await store.write((tx) => deleteUser(tx, alice.tenantId, alice.objectId));
      return {};
    },
  ],
  [
    'an application that wants its users assigned',
    400,
    50105,
    'invalid_grant',
    async ({ store, sitePrincipal }) => {
      const changed = { ...sitePrincipal, appRoleAssignmentRequired: true };
      await store.write((tx) => updateServicePrincipal(tx, changed));
      return {};
    },
  ],
  ['another tenant', 400, 700016, 'unauthorized_client', async () => ({}), fabrikam.tenantId],
  ['consumers', 400, 9001023, 'invalid_request', async () => ({}), 'consumers'],
];

test('every refused exchange says why and gives nothing', async (t) => {
  for (const [name, status, code, error, prepare, path = contoso.tenantId] of refused) {
    await t.test(name, async (t) => {
      const world = await openCalledWorld(t);
      const assertion = await world.assertion();
      const form = { ...exchangeOf(assertion), ...(await prepare(world, assertion)) };
      const before = await world.rows();
      const answer = await world.send({ path: `/${path}/oauth2/v2.0/token`, form });
      assert.deepEqual(
        [answer.status, answer.json.error_codes, answer.json.error],
        [status, [code], error],
      );
      assert.deepEqual(await world.rows(), before);
      assert.ok(!JSON.stringify(world.recorded).includes(form.assertion || 'nothing'));
    });
  }
});

test('a resource without consent says that consent is what is missing', async (t) => {
  const world = await openCalledWorld(t);
  const form = { ...exchangeOf(await world.assertion()), scope: 'User.ReadBasic.All' };
  const { json } = await world.send({ path: v2Path, form });
  assert.equal(json.suberror, 'consent_required');
});

test('a chain of applications ends where nobody can follow it, also through refresh tokens', async (t) => {
  const world = await openCalledWorld(t);
  // The site calls itself, by its id as Entra wants it: the shortest loop there is.
  await letCall(world, world.sitePrincipal, world.sitePrincipal);
  const { client_id, client_secret } = exchangeOf('');
  let assertion = await world.assertion();
  for (let depth = 1; depth <= onBehalfOfDepthMax; depth += 1) {
    const form = { ...exchangeOf(assertion), scope: `${site.appId}/call_me offline_access` };
    const { json } = await world.send({ path: v2Path, form });
    assert.ok(json.refresh_token !== undefined, json.error_description);
    const renewal = { grant_type: 'refresh_token', client_id, client_secret };
    const refresh = { ...renewal, refresh_token: json.refresh_token };
    const renewed = await world.send({ path: v2Path, form: refresh });
    assertion = depth % 2 === 0 ? renewed.json.access_token : json.access_token;
  }
  const before = await world.rows();
  const last = await world.send({ path: v2Path, form: exchangeOf(assertion) });
  assert.deepEqual([last.status, last.json.error_codes], [400, [50196]]);
  assert.deepEqual(await world.rows(), before);
});
