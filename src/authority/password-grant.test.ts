import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { firstPartyAppIds } from '#directory/first-party.ts';
import { passwordHashOf } from '#directory/password.ts';
import { updateServicePrincipal } from '#directory/service-principal.store.ts';
import { quickPasswordHash } from '#directory/test-password.ts';
import { addUser, setPasswordHash, type User } from '#directory/user.store.ts';
import { guidOfText, seededRandom } from '#kernel/random.ts';
import { failuresMax, firstLockSeconds } from './lockout.ts';
import { findSignInFailures } from './sign-in-failure.store.ts';
import {
  batchScope,
  claimsOf,
  openUserWorld,
  password,
  site,
  type UserWorld,
} from './user-world.test.ts';
import { contoso, fabrikam } from './world.test.ts';

const v2Path = `/${contoso.tenantId}/oauth2/v2.0/token`;
const alice = { username: 'alice@contoso.example', password };
const azureCli = {
  grant_type: 'password',
  client_id: firstPartyAppIds.azureCli,
  ...alice,
  scope: batchScope,
};
const ofSite = { ...azureCli, client_id: site.appId, client_secret: site.secretText };

const otherPassword = 'another horse battery';
const otherHash = quickPasswordHash(otherPassword);

/** Someone beside alice; `'none'` has no password. */
async function addPerson(
  { store, clock }: UserWorld,
  more: Partial<User>,
  hash: string | 'none' = otherHash,
): Promise<void> {
  const person: User = {
    tenantId: contoso.tenantId,
    objectId: guidOfText('person', more.userPrincipalName ?? ''),
    userPrincipalName: 'bob@contoso.example',
    displayName: 'Bob',
    accountEnabled: true,
    createdAt: clock.civil(),
    ...more,
  };
  await store.write((tx) => addUser(tx, person, hash === 'none' ? undefined : hash));
}

const bob = { username: 'bob@contoso.example', password: otherPassword };

/** What Microsoft gave the clients of its command lines on Microsoft Graph, as seen in 2025 and 2026. */
const ofCommandLines =
  'Application.ReadWrite.All AppRoleAssignment.ReadWrite.All AuditLog.Read.All ' +
  'DelegatedPermissionGrant.ReadWrite.All Directory.AccessAsUser.All email Group.ReadWrite.All ' +
  'openid profile User.Read.All';

for (const [clientId, scp] of [
  [firstPartyAppIds.azureCli, `${ofCommandLines} User.ReadWrite.All`],
  [firstPartyAppIds.azurePowerShell, ofCommandLines],
] as const) {
  test(`on Graph, ${clientId} may what Microsoft gave it, and gets no more`, async (t) => {
    const world = await openUserWorld(t);
    const graph = 'https://graph.microsoft.com';
    const form = { ...azureCli, client_id: clientId, scope: `${graph}/.default` };
    const { json } = await world.send({ path: v2Path, form });
    assert.equal(claimsOf(json.access_token)['scp'], scp);
    const before = await world.rows();
    const more = { ...form, scope: `${graph}/User.Read` };
    const refused = await world.send({ path: v2Path, form: more });
    assert.deepEqual([refused.status, refused.json.error_codes], [400, [65002]]);
    assert.deepEqual(await world.rows(), before);
  });
}

test('a public client signs a user in with her password, and renews without it', async (t) => {
  const world = await openUserWorld(t);
  const scope = `${batchScope} openid profile offline_access`;
  const form = { ...azureCli, scope, client_info: '1', response_type: 'id_token token' };
  const { status, json } = await world.send({ path: v2Path, form });
  assert.equal(status, 200, json.error_description);
  const { oid, scp, appidacr, amr } = claimsOf(json.access_token);
  assert.deepEqual(
    { oid, scp, appidacr, amr },
    { oid: world.alice.objectId, scp: 'user_impersonation', appidacr: '0', amr: ['pwd'] },
  );
  assert.equal(claimsOf(json.id_token)['preferred_username'], 'Alice@contoso.example');
  assert.equal(json.foci, '1');
  assert.ok(json.client_info !== undefined);
  const { client_id } = azureCli;
  const asked = { grant_type: 'refresh_token', client_id, refresh_token: json.refresh_token ?? '' };
  assert.equal((await world.send({ path: v2Path, form: asked })).status, 200);
});

test('a confidential client signs a user in with its own secret', async (t) => {
  const world = await openUserWorld(t);
  await world.grant(world.batchPrincipal, 'user_impersonation');
  const form = { ...ofSite, scope: `${batchScope} offline_access` };
  const { json } = await world.send({ path: v2Path, form });
  assert.equal(claimsOf(json.access_token)['appidacr'], '1', json.error_description);
  const { client_id } = ofSite;
  const asked = { grant_type: 'refresh_token', client_id, refresh_token: json.refresh_token ?? '' };
  const refused = await world.send({ path: v2Path, form: asked });
  assert.deepEqual([refused.status, refused.json.error_codes], [401, [7000218]]);
});

test('a registration that allows public clients needs no secret', async (t) => {
  const world = await openUserWorld(t, { isFallbackPublicClient: true });
  await world.grant(world.batchPrincipal, 'user_impersonation');
  const { client_secret: _secret, ...form } = ofSite;
  const { status, json } = await world.send({ path: v2Path, form });
  assert.equal(status, 200, json.error_description);
});

const places: readonly (readonly [name: string, path: string, change: object])[] = [
  ['v2 by domain', '/contoso.example/oauth2/v2.0/token', {}],
  ['v2 of all organizations', '/organizations/oauth2/v2.0/token', {}],
  ['v1 by resource', '/common/oauth2/token', { resource: 'https://batch.core.windows.net/' }],
  ['adfs by scope', '/adfs/oauth2/token', {}],
];

test('a password opens every form of the token endpoint', async (t) => {
  for (const [name, path, change] of places) {
    await t.test(name, async (t) => {
      const world = await openUserWorld(t);
      const { status, json } = await world.send({ path, form: { ...azureCli, ...change } });
      assert.equal(status, 200, json.error_description);
      assert.equal(claimsOf(json.access_token)['aud'], 'https://batch.core.windows.net/');
      assert.equal(claimsOf(json.access_token)['tid'], contoso.tenantId);
      assert.equal(world.recorded.at(-1)?.facts['userPrincipalName'], 'Alice@contoso.example');
    });
  }
});

test('of one name in two tenants the domain decides who signs in', async (t) => {
  const world = await openUserWorld(t);
  // Only a guest could have the name of another tenant's domain; the first match must not win.
  await addPerson(world, { tenantId: fabrikam.tenantId, userPrincipalName: alice.username });
  const path = '/organizations/oauth2/v2.0/token';
  const { json } = await world.send({ path, form: azureCli });
  assert.equal(claimsOf(json.access_token)['tid'], contoso.tenantId, json.error_description);
  const refused = await world.send({ path, form: { ...azureCli, password: otherPassword } });
  assert.deepEqual(refused.json.error_codes, [50126]);
});

type Refused = readonly [
  name: string,
  change: Readonly<Record<string, string>>,
  status: number,
  code: number,
  more?: {
    readonly path?: string;
    readonly prepare?: (world: UserWorld) => Promise<void>;
  },
];

const refused: readonly Refused[] = [
  ['a wrong password', { password: 'wrong' }, 400, 50126],
  ['a user who is not there', { username: 'nobody@contoso.example' }, 400, 50034],
  ['a name without a domain', { username: 'alice' }, 400, 50034],
  ['the user of another tenant', {}, 400, 50034, { path: fabrikam.tenantId }],
  ['no user name', { username: '' }, 400, 900144],
  ['an empty password', { password: '' }, 400, 900144],
  ['a client that is not there', { client_id: guidOfText('none') }, 400, 700016],
  ['a confidential client without its secret', { client_id: site.appId }, 401, 7000218],
  [
    'a confidential client with a wrong secret',
    { client_id: site.appId, client_secret: 'wrong' },
    401,
    7000215,
  ],
  ['a secret of a public client', { client_secret: 'any' }, 401, 700025],
  ['consumers', {}, 400, 9001023, { path: 'consumers' }],
  ['common on the v2 endpoint', {}, 400, 9001023, { path: 'common' }],
  ['an unknown domain', { username: 'a@nowhere.example' }, 400, 50128, { path: 'organizations' }],
  ['no domain and no tenant', { username: 'alice' }, 400, 50059, { path: 'organizations' }],
  [
    'a disabled user',
    bob,
    400,
    50057,
    { prepare: (world) => addPerson(world, { accountEnabled: false }) },
  ],
  [
    'a password that must be changed',
    bob,
    400,
    50055,
    { prepare: (world) => addPerson(world, { mustChangePassword: true }) },
  ],
  ['a user without a password', bob, 400, 50056, { prepare: (w) => addPerson(w, {}, 'none') }],
  ['no scope', { scope: '' }, 400, 900144],
  ['an unknown resource', { scope: 'https://nothing.example/.default' }, 400, 500011],
  [
    'a single-tenant application where no tenant is named',
    { client_id: site.appId, client_secret: site.secretText },
    400,
    50194,
    { path: 'organizations' },
  ],
  ['nobody consented', { client_id: site.appId, client_secret: site.secretText }, 400, 65001],
  [
    'an application that wants its users assigned',
    { client_id: site.appId, client_secret: site.secretText },
    400,
    50105,
    {
      prepare: async ({ store, sitePrincipal }) =>
        store.write((tx) =>
          updateServicePrincipal(tx, { ...sitePrincipal, appRoleAssignmentRequired: true }),
        ),
    },
  ],
];

test('every refused password request says why, gives nothing and is recorded', async (t) => {
  for (const [name, change, status, code, more = {}] of refused) {
    await t.test(name, async (t) => {
      const world = await openUserWorld(t);
      await more.prepare?.(world);
      const before = await world.rows();
      const path = `/${more.path ?? contoso.tenantId}/oauth2/v2.0/token`;
      const answer = await world.send({ path, form: { ...azureCli, ...change } });
      assert.deepEqual([answer.status, answer.json.error_codes], [status, [code]]);
      assert.deepEqual(await world.rows(), before);
      assert.equal(world.recorded.at(-1)?.code, `AADSTS${code}`);
      assert.doesNotMatch(JSON.stringify(world.recorded), /horse battery/);
    });
  }
});

test('a password that must be changed says so to clients that can ask for a new one', async (t) => {
  const world = await openUserWorld(t);
  await addPerson(world, { mustChangePassword: true });
  const { json } = await world.send({ path: v2Path, form: { ...azureCli, ...bob } });
  assert.deepEqual([json.error, json.suberror], ['invalid_grant', 'user_password_expired']);
  const wrong = await world.send({ path: v2Path, form: { ...azureCli, ...bob, password: 'x' } });
  assert.deepEqual(wrong.json.error_codes, [50126]);
});

test('ten different wrong passwords lock the account, for the right one too, and for a minute', async (t) => {
  const world = await openUserWorld(t);
  const attempt = async (text: string) => {
    const form = { ...azureCli, password: text };
    return (await world.send({ path: v2Path, form })).json.error_codes?.[0];
  };
  for (let count = 0; count < failuresMax; count += 1) {
    assert.equal(await attempt(`wrong ${count}`), 50126);
  }
  assert.equal(await attempt(password), 50053);
  world.clock.advanceSeconds(firstLockSeconds);
  assert.equal(await attempt(password), undefined);
});

test('the same wrong password locks nobody, however often it comes', async (t) => {
  const world = await openUserWorld(t);
  const form = { ...azureCli, password: 'always the same' };
  const all = Array.from({ length: failuresMax + 2 }, () => world.send({ path: v2Path, form }));
  const codes = new Set((await Promise.all(all)).flatMap(({ json }) => json.error_codes));
  assert.deepEqual([...codes], [50126]);
  assert.equal((await world.send({ path: v2Path, form: azureCli })).status, 200);
});

test('who knows the user cannot pick wrong passwords that pass for one', async (t) => {
  const world = await openUserWorld(t);
  const { tenantId, objectId } = world.alice;
  const guesses = twinGuesses(objectId);
  for (const guess of guesses) {
    const form = { ...azureCli, password: guess };
    assert.equal((await world.send({ path: v2Path, form })).json.error_codes?.[0], 50126);
  }
  const counted = await world.store.read((tx) => findSignInFailures(tx, tenantId, objectId));
  assert.equal(counted.count, guesses.length);
});

/** Two texts whose sixteen bits beside an object id, which everybody may read, are the same. */
function twinGuesses(objectId: string): readonly [string, string] {
  const seen = new Map<string, string>();
  for (let nth = 0; ; nth++) {
    const guess = `guess ${nth}`;
    const mark = createHash('sha256').update(`${objectId} ${guess}`).digest('hex').slice(0, 4);
    const twin = seen.get(mark);
    if (twin !== undefined) return [twin, guess];
    seen.set(mark, guess);
  }
}

test('a password longer than Entra allows is wrong without being hashed', async (t) => {
  const world = await openUserWorld(t);
  const slowHash = await passwordHashOf(password, seededRandom('slow'));
  await world.store.write((tx) => setPasswordHash(tx, world.alice, slowHash));
  const timed = async (form: Record<string, string>) => {
    const begin = process.hrtime.bigint();
    const { json } = await world.send({ path: v2Path, form });
    return { code: json.error_codes[0], nanoseconds: process.hrtime.bigint() - begin };
  };
  for (const username of [alice.username, 'nobody@contoso.example']) {
    const long = await timed({ ...azureCli, username, password: 'x'.repeat(60_000) });
    const hashed = await timed({ ...azureCli, username, password: 'wrong' });
    assert.ok(long.nanoseconds < hashed.nanoseconds / 2n, 'it took the time of a hash');
    assert.equal(long.code, hashed.code);
  }
  const megabyte = { ...azureCli, password: 'x'.repeat(1024 * 1024) };
  assert.equal((await world.send({ path: v2Path, form: megabyte })).status, 413);
});
