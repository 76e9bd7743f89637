import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { deleteObject } from '#directory/deleted-object.store.ts';
import { firstPartyAppIds } from '#directory/first-party.ts';
import {
  pageOfPermissionGrants,
  removePermissionGrant,
} from '#directory/permission-grant.store.ts';
import { updateServicePrincipal } from '#directory/service-principal.store.ts';
import { revokeSignIns, setPasswordHash, updateUser } from '#directory/user.store.ts';
import { addSeconds, isoSevenDigits } from '#kernel/instant.ts';
import { guidOfText } from '#kernel/random.ts';
import { codeLifetimeSeconds } from './authorization-code.store.ts';
import { refreshLifetimeSeconds } from './refresh-token.store.ts';
import { batchScope, claimsOf, openUserWorld, site, type UserWorld } from './user-world.test.ts';
import { contoso, fabrikam, worker } from './world.test.ts';

const v2Path = `/${contoso.tenantId}/oauth2/v2.0/token`;
const v1Path = `/${contoso.tenantId}/oauth2/token`;
const client = { client_id: site.appId, client_secret: site.secretText };

const redemptionOf = (code: string) => ({
  grant_type: 'authorization_code',
  ...client,
  code,
  redirect_uri: site.redirectUri,
});
const refreshOf = (token = '') => ({
  grant_type: 'refresh_token',
  ...client,
  refresh_token: token,
});

async function signedIn(world: UserWorld): Promise<string> {
  await world.grant(world.batchPrincipal, 'user_impersonation');
  const form = redemptionOf(await world.issueCode());
  const answer = await world.send({ path: v2Path, form });
  assert.ok(answer.json.refresh_token !== undefined, answer.json.error_description);
  return answer.json.refresh_token;
}

test('a code gives the tokens of the user, with the recorded scope and without sign-in scopes', async (t) => {
  const world = await openUserWorld(t);
  await world.grant(world.batchPrincipal, 'user_impersonation');
  const form = { ...redemptionOf(await world.issueCode({ nonce: 'a b/c' })), client_info: '1' };
  const { status, json } = await world.send({ path: v2Path, form });
  assert.equal(status, 200, json.error_description);
  const batch = 'https://batch.core.windows.net/';
  assert.equal(json.scope, `${batch}/user_impersonation ${batch}/.default`);
  assert.equal(json.expires_in, 3599);
  assert.deepEqual(JSON.parse(Buffer.from(json.client_info ?? '', 'base64url').toString()), {
    uid: world.alice.objectId,
    utid: contoso.tenantId,
  });
  assert.match(json.refresh_token ?? '', /^1\./);
  assert.equal(json.foci, undefined);
  const { aud, scp, upn, unique_name, amr, appid, appidacr, oid, ver, idtyp } = claimsOf(
    json.access_token,
  );
  assert.deepEqual(
    { aud, scp, upn, unique_name, amr, appid, appidacr, oid, ver, idtyp },
    {
      aud: batch,
      scp: 'user_impersonation',
      upn: 'Alice@contoso.example',
      unique_name: 'Alice@contoso.example',
      amr: ['pwd'],
      appid: site.appId,
      appidacr: '1',
      oid: world.alice.objectId,
      ver: '1.0',
      idtyp: 'user',
    },
  );
  const id = claimsOf(json.id_token);
  assert.equal(id['aud'], site.appId);
  assert.equal(id['iss'], `https://login.microsoftonline.com/${contoso.tenantId}/v2.0`);
  assert.equal(id['preferred_username'], 'Alice@contoso.example');
  assert.equal(id['nonce'], 'a b/c');
  assert.equal(String(id['sub']).length, 43);
  assert.notEqual(id['sub'], claimsOf(json.access_token)['sub']);
});

test('the v1 endpoint writes text, names the resource, and always gives id and refresh token', async (t) => {
  const world = await openUserWorld(t);
  await world.grant(world.batchPrincipal, 'user_impersonation');
  const resource = 'https://batch.core.windows.net/';
  const form = redemptionOf(await world.issueCode({ scope: '', resource }));
  const { status, json } = await world.send({ path: v1Path, form });
  assert.equal(status, 200, json.error_description);
  assert.equal(json.expires_in, '3599');
  assert.equal(json.resource, resource);
  assert.equal(json.scope, 'user_impersonation');
  assert.equal(claimsOf(json.id_token)['upn'], 'Alice@contoso.example');
  assert.equal(claimsOf(json.id_token)['ver'], '1.0');
  const again = { ...refreshOf(json.refresh_token), resource: 'https://nothing.example' };
  assert.deepEqual((await world.send({ path: v1Path, form: again })).json.error_codes, [500011]);
});

test('a v1 code for no resource is redeemed by naming one, and refused with 500013 until then', async (t) => {
  const world = await openUserWorld(t);
  await world.grant(world.batchPrincipal, 'user_impersonation');
  const form = redemptionOf(await world.issueCode({ scope: '' }));
  const before = await world.rows();
  const refused = await world.send({ path: v1Path, form });
  const { status, json } = refused;
  assert.deepEqual([status, json.error, json.error_codes], [400, 'invalid_resource', [500013]]);
  assert.deepEqual(await world.rows(), before);
  const named = { ...form, resource: 'https://batch.core.windows.net/' };
  assert.equal((await world.send({ path: v1Path, form: named })).status, 200);
});

test('a redemption for a resource alone still gives what the sign-in asked for', async (t) => {
  const world = await openUserWorld(t);
  await world.grant(world.batchPrincipal, 'user_impersonation');
  const form = { ...redemptionOf(await world.issueCode()), scope: batchScope };
  const { json } = await world.send({ path: v2Path, form });
  assert.equal(claimsOf(json.id_token)['name'], 'Alice Anders');
  assert.match(json.refresh_token ?? '', /^1\./);
  const renewed = { ...refreshOf(json.refresh_token), scope: batchScope };
  assert.equal((await world.send({ path: v2Path, form: renewed })).json.id_token, undefined);
});

test('a sign-in alone gives a token for Microsoft Graph', async (t) => {
  const world = await openUserWorld(t);
  await world.grant(world.graphPrincipal, 'User.Read', 'openid', 'profile');
  const form = redemptionOf(await world.issueCode({ scope: 'openid profile' }));
  const { json } = await world.send({ path: v2Path, form });
  assert.equal(claimsOf(json.access_token)['aud'], firstPartyAppIds.graph);
  assert.equal(claimsOf(json.access_token)['scp'], 'openid profile User.Read');
  assert.equal(json.refresh_token, undefined);
});

/** What is asked for, and `scope` of the answer: as recorded, with the sign-in scopes bare and first. */
const graphScopes = [
  ['User.Read', 'email openid profile Group.Read.All User.Read'],
  [
    'https://graph.microsoft.com/.default',
    'email openid profile https://graph.microsoft.com/Group.Read.All ' +
      'https://graph.microsoft.com/User.Read https://graph.microsoft.com/.default',
  ],
  [
    'openid offline_access https://graph.microsoft.com//User.Read',
    'email openid profile https://graph.microsoft.com//Group.Read.All ' +
      'https://graph.microsoft.com//User.Read',
  ],
] as const;

for (const [scope, answered] of graphScopes) {
  test(`of Microsoft Graph, ${scope} is answered as all that was granted, in order`, async (t) => {
    const world = await openUserWorld(t);
    const granted = ['User.Read', 'profile', 'openid', 'email', 'offline_access', 'Group.Read.All'];
    await world.grant(world.graphPrincipal, ...granted);
    const form = redemptionOf(await world.issueCode({ scope }));
    const { json } = await world.send({ path: v2Path, form });
    assert.equal(json.scope, answered);
    const scp = 'email Group.Read.All openid profile User.Read';
    assert.equal(claimsOf(json.access_token)['scp'], scp);
  });
}

test('a code that comes a second time is refused, and ends what the first time gave', async (t) => {
  const world = await openUserWorld(t);
  await world.grant(world.batchPrincipal, 'user_impersonation');
  const form = redemptionOf(await world.issueCode());
  const first = await world.send({ path: v2Path, form });
  const second = await world.send({ path: v2Path, form });
  assert.deepEqual([second.status, second.json.error_codes], [400, [54005]]);
  const refreshed = await world.send({ path: v2Path, form: refreshOf(first.json.refresh_token) });
  assert.deepEqual(refreshed.json.error_codes, [70000]);
});

test('fifty at once redeem a code once', async (t) => {
  const world = await openUserWorld(t);
  await world.grant(world.batchPrincipal, 'user_impersonation');
  const form = redemptionOf(await world.issueCode());
  const all = Array.from({ length: 50 }, () => world.send({ path: v2Path, form }));
  const statuses = (await Promise.all(all)).map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 200).length, 1);
});

const verifier = 'v'.repeat(43);
const codeChallenge = {
  method: 'S256' as const,
  value: createHash('sha256').update(verifier).digest('base64url'),
};

type Refused = readonly [
  name: string,
  change: Readonly<Record<string, string>>,
  status: number,
  code: number,
  more?: {
    readonly code?: Parameters<UserWorld['issueCode']>[0];
    readonly path?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly waitSeconds?: number;
  },
];

const refusedCodes: readonly Refused[] = [
  ['a code that never was', { code: '1.guess' }, 400, 70000],
  ['a text that is no code', { code: 'guess' }, 400, 9002313],
  ['a code of another client', workerClient(), 400, 70000],
  ['a wrong secret', { client_secret: 'wrong' }, 401, 7000215],
  ['no credential of a web application', { client_secret: '' }, 401, 7000218],
  ['another redirect address', { redirect_uri: `${site.redirectUri}/` }, 400, 500112],
  ['no redirect address', { redirect_uri: '' }, 400, 500112],
  ['a code after ten minutes', {}, 400, 70008, { waitSeconds: codeLifetimeSeconds }],
  ['the code at another tenant', {}, 400, 700016, { path: fabrikam.tenantId }],
  ['no verifier for a challenge', {}, 400, 501481, { code: { codeChallenge } }],
  ['a verifier without a challenge', { code_verifier: verifier }, 400, 501481],
  ['another verifier', { code_verifier: 'w'.repeat(43) }, 400, 501481, { code: { codeChallenge } }],
  ['a short verifier', { code_verifier: 'v'.repeat(42) }, 400, 501491, { code: { codeChallenge } }],
  ['a long verifier', { code_verifier: 'v'.repeat(129) }, 400, 501491, { code: { codeChallenge } }],
  [
    'a plain challenge with another verifier',
    { code_verifier: 'w'.repeat(43) },
    400,
    501481,
    { code: { codeChallenge: { method: 'plain', value: verifier } } },
  ],
  ['a secret of a public client', {}, 401, 700025, { code: { redirectKind: 'publicClient' } }],
  [
    'a page without an origin for a single-page application',
    { client_secret: '' },
    400,
    9002327,
    { code: { redirectKind: 'spa' } },
  ],
  [
    'a page of another origin for a public client',
    { client_secret: '' },
    400,
    9002326,
    { code: { redirectKind: 'publicClient' }, headers: { origin: 'https://evil.example' } },
  ],
  [
    'a page of another origin for a web application with its secret',
    {},
    400,
    9002326,
    { headers: { origin: 'https://evil.example' } },
  ],
  [
    'a page of another origin for a web application without its secret',
    { client_secret: '' },
    400,
    9002326,
    { headers: { origin: 'https://site.example' } },
  ],
  ['a user who is not there', {}, 400, 50034, { code: { userId: guidOfText('nobody') } }],
  ['a password changed since', {}, 400, 50173, { code: { passwordMark: 'older' } }],
  ['a resource beside the scope', { resource: 'x' }, 400, 901002],
  ['an unknown resource', { scope: 'https://nothing.example/x' }, 400, 500011],
  ['an unknown permission', { scope: 'https://batch.core.windows.net//x' }, 400, 650053],
  ['a single-tenant application at common', {}, 400, 50194, { path: 'common' }],
];

function workerClient() {
  return { client_id: worker.appId, client_secret: worker.secretText };
}

test('every refused redemption says why and leaves the code as it was', async (t) => {
  for (const [name, change, status, code, more = {}] of refusedCodes) {
    await t.test(name, async (t) => {
      const world = await openUserWorld(t);
      await world.grant(world.batchPrincipal, 'user_impersonation');
      const form = { ...redemptionOf(await world.issueCode(more.code)), ...change };
      const before = await world.rows();
      world.clock.advanceSeconds(more.waitSeconds ?? 0);
      const path = `/${more.path ?? contoso.tenantId}/oauth2/v2.0/token`;
      const { headers = {} } = more;
      const answer = await world.send({ path, form, headers });
      assert.deepEqual([answer.status, answer.json.error_codes], [status, [code]]);
      assert.deepEqual(await world.rows(), before);
    });
  }
});

test('a right verifier redeems, S256 and plain', async (t) => {
  const world = await openUserWorld(t);
  await world.grant(world.batchPrincipal, 'user_impersonation');
  for (const challenge of [codeChallenge, { method: 'plain' as const, value: verifier }]) {
    const code = await world.issueCode({ codeChallenge: challenge });
    const form = { ...redemptionOf(code), code_verifier: verifier };
    assert.equal((await world.send({ path: v2Path, form })).status, 200);
  }
});

test('without consent the code is refused with consent_required, and works once it is given', async (t) => {
  const world = await openUserWorld(t);
  const form = redemptionOf(await world.issueCode());
  const refused = await world.send({ path: v2Path, form });
  assert.deepEqual([refused.status, refused.json.error_codes], [400, [65001]]);
  assert.equal(refused.json.error, 'invalid_grant');
  assert.equal(refused.json.suberror, 'consent_required');
  await world.grant(world.batchPrincipal, 'user_impersonation');
  assert.equal((await world.send({ path: v2Path, form })).status, 200);
});

test('a resource that the registration does not list is refused by its name', async (t) => {
  const world = await openUserWorld(t, { requiredResourceAccess: [] });
  const form = redemptionOf(await world.issueCode());
  const { json } = await world.send({ path: v2Path, form });
  assert.deepEqual([json.error, json.error_codes], ['invalid_client', [650057]]);
  assert.match(
    json.error_description,
    / List of valid resources from app registration: .*\. Trace/,
  );
  assert.match(json.error_description, /Resource app ID: ddbf3205-c6bd-46ae-8127-60eb93363864/);
});

test('an application that wants its users assigned refuses the others', async (t) => {
  const world = await openUserWorld(t);
  await world.grant(world.batchPrincipal, 'user_impersonation');
  const form = redemptionOf(await world.issueCode());
  const changed = { ...world.sitePrincipal, appRoleAssignmentRequired: true };
  await world.store.write((tx) => updateServicePrincipal(tx, changed));
  assert.deepEqual((await world.send({ path: v2Path, form })).json.error_codes, [50105]);
});

test('a refresh gives a new refresh token each time, and the old one stays good', async (t) => {
  const world = await openUserWorld(t);
  const token = await signedIn(world);
  const form = { ...refreshOf(token), scope: `${batchScope} offline_access openid profile` };
  const first = await world.send({ path: v2Path, form });
  const second = await world.send({ path: v2Path, form });
  assert.deepEqual([first.status, second.status], [200, 200]);
  const tokens = new Set([token, first.json.refresh_token, second.json.refresh_token]);
  assert.equal(tokens.size, 3);
  const common = '/common/oauth2/v2.0/token';
  assert.deepEqual((await world.send({ path: common, form })).json.error_codes, [50194]);
});

test('a refresh without a scope asks for what the sign-in asked for', async (t) => {
  const world = await openUserWorld(t);
  const { json } = await world.send({ path: v2Path, form: refreshOf(await signedIn(world)) });
  assert.equal(claimsOf(json.access_token)['aud'], 'https://batch.core.windows.net/');
});

test('consent that is taken back ends the next refresh', async (t) => {
  const world = await openUserWorld(t);
  const form = refreshOf(await signedIn(world));
  assert.equal((await world.send({ path: v2Path, form })).status, 200);
  await world.store.write(async (tx) => {
    const { tenantId } = contoso;
    for (const { grantId } of await pageOfPermissionGrants(tx, tenantId, '', 100)) {
      await removePermissionGrant(tx, tenantId, grantId);
    }
  });
  const refused = await world.send({ path: v2Path, form });
  assert.deepEqual(
    [refused.json.error_codes, refused.json.suberror],
    [[65001], 'consent_required'],
  );
});

const refusedRefreshes: readonly (readonly [
  name: string,
  code: number,
  prepare: (world: UserWorld) => Promise<void>,
  change?: Readonly<Record<string, string>>,
  path?: string,
])[] = [
  ['a token that never was', 70000, async () => {}, { refresh_token: '1.guess' }],
  ['a text that is no token', 9002313, async () => {}, { refresh_token: 'guess' }],
  ['another client', 70000, async () => {}, workerClient()],
  ['another tenant', 700016, async () => {}, {}, fabrikam.tenantId],
  [
    'ninety idle days',
    700082,
    async ({ clock }) => clock.advanceSeconds(refreshLifetimeSeconds.web),
  ],
  [
    'revoked sign-ins',
    50173,
    async ({ store, clock, alice }) => {
      clock.advanceSeconds(1);
      await store.write((tx) => revokeSignIns(tx, alice.tenantId, alice.objectId, clock.civil()));
    },
  ],
  [
    'another password',
    50173,
    ({ store, alice }) => store.write((tx) => setPasswordHash(tx, alice, 'another hash')),
  ],
  [
    'a disabled user',
    50057,
    async ({ store, alice }) => {
      await store.write((tx) => updateUser(tx, { ...alice, accountEnabled: false }));
    },
  ],
  [
    'a deleted user',
    50034,
    ({ store, clock, alice }) =>
      store.write((tx) => deleteObject(tx, { kind: 'user', object: alice }, clock.civil())),
  ],
  ['a resource without consent', 65001, async () => {}, { scope: 'User.Read' }],
];

test('every refused refresh says why and changes nothing', async (t) => {
  for (const [name, code, prepare, change = {}, path = contoso.tenantId] of refusedRefreshes) {
    await t.test(name, async (t) => {
      const world = await openUserWorld(t);
      const form = { ...refreshOf(await signedIn(world)), ...change };
      await prepare(world);
      const before = await world.rows();
      const answer = await world.send({ path: `/${path}/oauth2/v2.0/token`, form });
      assert.deepEqual([answer.status, answer.json.error_codes], [400, [code]]);
      assert.deepEqual(await world.rows(), before);
    });
  }
});

test('a single-page application redeems from its own origin, refreshes once, and for a day', async (t) => {
  const world = await openUserWorld(t);
  await world.grant(world.batchPrincipal, 'user_impersonation');
  const headers = { origin: 'https://spa.example' };
  const { client_secret, ...form } = redemptionOf(await world.issueCode({ redirectKind: 'spa' }));
  const first = await world.send({ path: v2Path, form, headers });
  assert.equal(first.headers['Access-Control-Allow-Origin'], '*');
  assert.equal(first.json.refresh_token_expires_in, refreshLifetimeSeconds.spa);
  assert.equal(claimsOf(first.json.access_token)['appidacr'], '0');
  const refresh = (refresh_token = '') => {
    const { client_id } = client;
    const asked = { grant_type: 'refresh_token', client_id, refresh_token };
    return world.send({ path: v2Path, form: asked, headers });
  };
  world.clock.advanceSeconds(refreshLifetimeSeconds.spa - 1);
  const second = await refresh(first.json.refresh_token);
  assert.equal(second.status, 200);
  assert.equal(second.json.refresh_token_expires_in, 1);
  world.clock.advanceSeconds(1);
  const over = await refresh(second.json.refresh_token);
  assert.deepEqual(over.json.error_codes, [700084]);
  assert.match(over.json.error_description ?? '', /The token was issued on \d{4}-.*\dZ\. Trace ID/);
});

test('a page may ask beforehand about tokens and documents, and about no page', async (t) => {
  const world = await openUserWorld(t);
  const headers = { origin: 'https://spa.example', 'access-control-request-method': 'POST' };
  const ask = (path: string) => world.send({ method: 'OPTIONS', path, headers });
  for (const [path, methods] of [
    [v2Path, 'POST, OPTIONS'],
    ['/common/discovery/v2.0/keys', 'GET, OPTIONS'],
  ] as const) {
    const answer = await ask(path);
    assert.deepEqual(
      [answer.status, answer.headers['Access-Control-Allow-Methods']],
      [200, methods],
    );
    assert.equal(answer.headers['Access-Control-Allow-Origin'], '*');
  }
  const page = await ask('/common/oauth2/v2.0/authorize');
  assert.deepEqual([page.status, page.headers['Access-Control-Allow-Origin']], [405, undefined]);
});

const instantText = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z`;

test('a refusal of an old or revoked token says when it was issued', async (t) => {
  const world = await openUserWorld(t);
  const form = refreshOf(await signedIn(world));
  const { clock, store, alice } = world;
  const issued = isoSevenDigits(clock.civil());
  const refusal = async () =>
    (await world.send({ path: v2Path, form })).json.error_description ?? '';
  clock.advanceSeconds(refreshLifetimeSeconds.web);
  assert.ok(
    (await refusal()).includes(`issued on ${issued} and was inactive for 90.00:00:00. Trace`),
  );
  await store.write((tx) => revokeSignIns(tx, alice.tenantId, alice.objectId, clock.civil()));
  clock.advanceSeconds(-1);
  const validFrom = `TokensValidFrom date \\(before which tokens are not valid\\) for this user is`;
  const whole = `issued on '${instantText}' and the ${validFrom} '${instantText}'\\. Trace`;
  assert.match(await refusal(), new RegExp(whole));
});

test('a single-page application of who signed in yesterday has a day, too', async (t) => {
  const world = await openUserWorld(t);
  await world.grant(world.batchPrincipal, 'user_impersonation');
  const headers = { origin: 'https://spa.example' };
  const authenticatedAt = addSeconds(world.clock.civil(), -2 * refreshLifetimeSeconds.spa);
  const code = await world.issueCode({ redirectKind: 'spa', authenticatedAt });
  const { client_secret, ...form } = redemptionOf(code);
  const { json } = await world.send({ path: v2Path, form, headers });
  const { refresh_token = '' } = json;
  const asked = { grant_type: 'refresh_token', client_id: client.client_id, refresh_token };
  world.clock.advanceSeconds(refreshLifetimeSeconds.spa - 1);
  assert.equal((await world.send({ path: v2Path, form: asked, headers })).status, 200);
});

test('a code that a single-page application redeems twice ends the whole sign-in', async (t) => {
  const world = await openUserWorld(t);
  await world.grant(world.batchPrincipal, 'user_impersonation');
  const headers = { origin: 'https://spa.example' };
  const { client_secret, ...form } = redemptionOf(await world.issueCode({ redirectKind: 'spa' }));
  const { json: first } = await world.send({ path: v2Path, form, headers });
  const second = await world.send({ path: v2Path, form, headers });
  assert.deepEqual(second.json.error_codes, [54005]);
  const { client_id } = client;
  const { refresh_token = '' } = first;
  const refresh = { grant_type: 'refresh_token', client_id, refresh_token };
  const third = await world.send({ path: v2Path, form: refresh, headers });
  assert.deepEqual(third.json.error_codes, [70000]);
});

test('a spent refresh token of a single-page application ends the whole sign-in', async (t) => {
  const world = await openUserWorld(t);
  await world.grant(world.batchPrincipal, 'user_impersonation');
  const headers = { origin: 'https://spa.example' };
  const { client_secret, ...form } = redemptionOf(await world.issueCode({ redirectKind: 'spa' }));
  const first = await world.send({ path: v2Path, form, headers });
  const refresh = async (refresh_token = '') => {
    const asked = { grant_type: 'refresh_token', client_id: site.appId, refresh_token };
    return world.send({ path: v2Path, form: asked, headers });
  };
  const second = await refresh(first.json.refresh_token);
  assert.equal(second.status, 200);
  assert.deepEqual((await refresh(first.json.refresh_token)).json.error_codes, [70000]);
  assert.deepEqual((await refresh(second.json.refresh_token)).json.error_codes, [70000]);
});

test('the Azure command line needs no consent, and its family shares refresh tokens', async (t) => {
  const world = await openUserWorld(t);
  const scope = 'https://management.core.windows.net//.default offline_access openid profile';
  const code = await world.issueCode({
    clientId: firstPartyAppIds.azureCli,
    redirectKind: 'publicClient',
    scope,
    redirectUri: 'http://localhost:50000',
  });
  const form = { grant_type: 'authorization_code', client_id: firstPartyAppIds.azureCli, code };
  const redirect = { redirect_uri: 'http://localhost:50000' };
  const path = '/organizations/oauth2/v2.0/token';
  const { json } = await world.send({ path, form: { ...form, ...redirect } });
  assert.equal(json.foci, '1', json.error_description);
  assert.equal(claimsOf(json.access_token)['scp'], 'user_impersonation');
  const asked = { grant_type: 'refresh_token', refresh_token: json.refresh_token ?? '' };
  const cousin = { ...asked, client_id: firstPartyAppIds.azurePowerShell };
  assert.equal((await world.send({ path, form: cousin })).status, 200);
  const stranger = await world.register('Stranger', { signInAudience: 'AzureADMultipleOrgs' });
  const refused = await world.send({ path, form: { ...asked, client_id: stranger.appId } });
  assert.deepEqual(refused.json.error_codes, [700007]);
  assert.equal(refused.json.suberror, 'client_mismatch');
});
