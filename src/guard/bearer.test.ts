import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { signAccessToken } from '#authority/access-token.ts';
import { revocationMarkOf } from '#authority/access-token-mark.ts';
import { openForeignKeys } from '#authority/foreign-key.ts';
import { openSigningKeys, type SigningKeys } from '#authority/keys.ts';
import { authorityMigrations } from '#authority/migrations.ts';
import type { Compat } from '#cloud/compat.ts';
import {
  deleteObject,
  findDeletedObject,
  restoreDeletedObject,
} from '#directory/deleted-object.store.ts';
import { assignDirectoryRole } from '#directory/directory-role.store.ts';
import { directoryRoleTemplates } from '#directory/directory-role.ts';
import { addGroup, addMember } from '#directory/group.store.ts';
import { directoryMigrations } from '#directory/migrations.ts';
import { addTenant } from '#directory/tenant.store.ts';
import { addUser, findUser, revokeSignIns, type User, updateUser } from '#directory/user.store.ts';
import type { HttpRequest } from '#http/request.ts';
import { parseTarget } from '#http/target.ts';
import { fixedClock } from '#kernel/clock.ts';
import { instantOfSeconds } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';
import { guidOfText, machineRandom } from '#kernel/random.ts';
import { sealWith } from '#kernel/seal.ts';
import { SqliteStore } from '#store/sqlite.ts';
import { type BearerProblem, bearerCaller, isBearerProblem } from './bearer.ts';

const seconds = 1_800_000_000;
const clock = fixedClock(instantOfSeconds(seconds));
const tenantId = guidOfText('tenant');
const userId = guidOfText('user');
const groupId = guidOfText('group');
const audience = 'https://batch.core.windows.net/';

const foreignKeys = openForeignKeys({
  clock,
  fetchDocument: async () => assert.fail('nobody is asked for the keys of an issuer unknown'),
});

let folder: string;
let store: SqliteStore;
let keys: SigningKeys;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'batten-guard-'));
  store = new SqliteStore(join(folder, 'batten.db'), [
    ...directoryMigrations,
    ...authorityMigrations,
  ]);
  const random = machineRandom();
  const seal = sealWith(random.bytes(32), random);
  keys = await openSigningKeys({ store, seal, random, clock });
  const createdAt = clock.civil();
  await store.write(async (tx) => {
    await addTenant(tx, {
      tenantId,
      displayName: 'Contoso',
      domains: ['contoso.example'],
      createdAt,
    });
    await addUser(tx, {
      tenantId,
      objectId: userId,
      userPrincipalName: 'ada@contoso.example',
      displayName: 'Ada',
      accountEnabled: true,
      createdAt,
    });
    const names = { displayName: 'Group', mailNickname: 'group' };
    await addGroup(tx, { tenantId, objectId: groupId, ...names, createdAt });
    await addMember(tx, tenantId, groupId, userId);
    await assignDirectoryRole(tx, tenantId, groupId, directoryRoleTemplates.globalAdministrator);
  });
});
after(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

function signed(more: JsonObject = {}, cloud = 'public'): Promise<string> {
  const claims = {
    aud: audience,
    iss: `https://sts.windows.net/${tenantId}/`,
    nbf: seconds,
    exp: seconds + 3600,
    appid: guidOfText('app'),
    oid: userId,
    tid: tenantId,
    scp: 'user_impersonation',
    ...more,
  };
  return signAccessToken(claims, 1, keys.signingKey(cloud));
}

function read(authorization?: string, compat: Compat = 'azure') {
  const target = parseTarget('/jobs');
  assert.ok(target);
  const request: HttpRequest = {
    method: 'GET',
    target,
    route: target,
    query: [],
    headers: authorization === undefined ? {} : { authorization },
    reach: {
      surface: 'batch',
      cloud: 'public',
      origin: 'https://contoso.westeurope.batch.azure.com',
      host: 'contoso.westeurope.batch.azure.com',
      base: [],
      labels: {},
      explicit: false,
    },
    requestId: guidOfText('request'),
    receivedAt: clock.civil(),
    receivedReal: clock.real(),
    remoteAddress: '127.0.0.1',
    stream: Readable.from([]),
  };
  const parts = { store, keys, foreignKeys, compat };
  return bearerCaller(parts, request, { audiences: [audience], cloud: 'public' });
}

test('on the hardened side a token ends when the sessions of its user are revoked, and a newer one counts', async () => {
  const token = async () => {
    const ada = await store.read((tx) => findUser(tx, tenantId, userId));
    assert.ok(ada);
    return `Bearer ${await signed({ aio: `E2Z${revocationMarkOf(ada)}${'0'.repeat(23)}` })}`;
  };
  const revoke = () => store.write((tx) => revokeSignIns(tx, tenantId, userId, clock.civil()));
  const isRefused = async (old: string) => {
    const refused = await read(old, 'hardened');
    assert.ok(isBearerProblem(refused));
    assert.equal(refused.problem, 'revoked');
  };
  const old = await token();
  assert.ok(!isBearerProblem(await read(old, 'hardened')));
  await revoke();
  await isRefused(old);
  const fresh = await token();
  assert.ok(!isBearerProblem(await read(fresh, 'hardened')), 'of the same second');
  await revoke();
  await isRefused(fresh);
  assert.ok(!isBearerProblem(await read(old, 'azure')), 'on Azure it lives its hour');
});

async function problemOf(authorization?: string): Promise<BearerProblem> {
  const outcome = await read(authorization);
  assert.ok(isBearerProblem(outcome), 'a problem was expected');
  return outcome;
}

test('the caller is read from the token and the directory: groups, directory roles, names', async () => {
  const caller = await read(`Bearer ${await signed()}`);
  assert.ok(!isBearerProblem(caller));
  assert.equal(caller.displayName, 'ada@contoso.example');
  assert.equal(caller.principalType, 'User');
  assert.deepEqual(caller.principalIds, [userId, groupId]);
  assert.deepEqual(caller.directoryRoleIds, [directoryRoleTemplates.globalAdministrator]);
  assert.deepEqual(caller.oauthScopes, ['user_impersonation']);
});

const headers: readonly (readonly [string, (token: string) => string | undefined, string])[] = [
  ['no Authorization header', () => undefined, 'missing'],
  ['another scheme', (token) => `SharedKey contoso:${token}`, 'missing'],
  ['a scheme that only begins alike', (token) => `BearerX ${token}`, 'missing'],
  ['a scheme alone', () => 'Bearer', 'malformed'],
  ['two blanks', (token) => `Bearer  ${token}`, 'malformed'],
  ['a tab', (token) => `Bearer\t${token}`, 'malformed'],
  ['a blank at the end', (token) => `Bearer ${token} `, 'malformed'],
  ['an encrypted token', (token) => `Bearer ${token}.e30.e30`, 'malformed'],
  ['two tokens', (token) => `Bearer ${token}, Bearer ${token}`, 'malformed'],
  ['a text that is no token', () => 'Bearer abc', 'malformed'],
];

for (const [name, header, problem] of headers) {
  test(`${name} is ${problem}`, async () => {
    assert.equal((await problemOf(header(await signed()))).problem, problem);
  });
}

const claims: readonly (readonly [string, JsonObject, string])[] = [
  ['an audience without its slash', { aud: audience.slice(0, -1) }, 'wrongAudience'],
  ['an audience of many', { aud: [audience] }, 'malformed'],
  ['an issuer of the wrong host', { iss: `https://evil.example/${tenantId}/` }, 'unknownIssuer'],
  [
    'the v2 issuer of the tenant, whose tokens are for resources that ask for them',
    { iss: `https://login.microsoftonline.com/${tenantId}/v2.0`, ver: '2.0' },
    'unknownIssuer',
  ],
  [
    'a tenant nobody has',
    { tid: userId, iss: `https://sts.windows.net/${userId}/` },
    'unknownIssuer',
  ],
  ["an audience of Resource Manager's", { aud: 'https://management.azure.com/' }, 'wrongAudience'],
  ['an audience of China', { aud: 'https://batch.chinacloudapi.cn/' }, 'wrongAudience'],
  // Resource Manager has refused a token 199 seconds after its end in public, so there is no skew
  // to forgive; here one clock issues and judges.
  ['an end that is now', { exp: seconds }, 'expired'],
  ['an end a second ago', { exp: seconds - 1 }, 'expired'],
  ['an end before 1970', { exp: -1 }, 'expired'],
  ['a beginning ahead', { nbf: seconds + 1 }, 'notYetValid'],
  ['an end that is no number', { exp: 'tomorrow' }, 'malformed'],
  ['a principal nobody is', { oid: groupId }, 'unknownPrincipal'],
  ['no scp, though it is about a user', { scp: undefined }, 'unknownPrincipal'],
];

for (const [name, more, problem] of claims) {
  test(`a token with ${name} is ${problem}`, async () => {
    assert.equal((await problemOf(`Bearer ${await signed(more)}`)).problem, problem);
  });
}

test('an empty scp is that of a user who may do nothing', async () => {
  const caller = await read(`Bearer ${await signed({ scp: '' })}`);
  assert.ok(!isBearerProblem(caller));
  assert.deepEqual([caller.principalType, caller.oauthScopes], ['User', []]);
});

test("another cloud's token says what it claims, for the words of the refusal", async () => {
  const refused = await problemOf(`Bearer ${await signed({}, 'china')}`);
  assert.equal(refused.problem, 'wrongCloud');
  assert.equal(refused.audience, audience);
  assert.equal(refused.tenantId, tenantId);
});

test('the token of a user ends at once when she is disabled or deleted, and counts again when she is back', async () => {
  const name = 'bea@contoso.example';
  const createdAt = clock.civil();
  const basis = { tenantId, objectId: guidOfText('bea'), displayName: 'Bea', createdAt };
  const user: User = { ...basis, userPrincipalName: name, accountEnabled: true };
  await store.write((tx) => addUser(tx, user));
  const token = `Bearer ${await signed({ oid: user.objectId })}`;
  assert.ok(!isBearerProblem(await read(token)));
  await store.write((tx) => updateUser(tx, { ...user, accountEnabled: false }));
  assert.equal((await problemOf(token)).problem, 'disabled');
  await store.write((tx) => updateUser(tx, user));
  await store.write((tx) => deleteObject(tx, { kind: 'user', object: user }, clock.civil()));
  assert.equal((await problemOf(token)).problem, 'unknownPrincipal');
  await store.write(async (tx) => {
    const deleted = await findDeletedObject(tx, tenantId, user.objectId, clock.civil());
    assert.ok(deleted !== undefined);
    return restoreDeletedObject(tx, deleted);
  });
  assert.ok(!isBearerProblem(await read(token)));
});
