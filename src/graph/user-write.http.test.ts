import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assignDirectoryRole } from '#directory/directory-role.store.ts';
import { directoryRoleTemplates as roles } from '#directory/directory-role.ts';
import { isPassword, passwordHashOf } from '#directory/password.ts';
import { findUser, passwordHashOfUser, setPasswordHash } from '#directory/user.store.ts';
import { seededRandom } from '#kernel/random.ts';
import {
  admin,
  appCaller,
  contoso,
  errorOf,
  type GraphWorld,
  known,
  openWorld,
  userCaller,
  valuesOf,
} from './world.test.ts';

const password = 'Tango4Two';
const profile = { password, forceChangePasswordNextSignIn: true };

const newUser = {
  accountEnabled: true,
  displayName: 'Nora New',
  mailNickname: 'nora',
  userPrincipalName: 'nora@contoso.example',
  passwordProfile: profile,
};

const member = userCaller();
const writer = appCaller(['User.ReadWrite.All']);

const stored = (world: GraphWorld, name: string) =>
  world.store.read(async (tx) => {
    const user = await findUser(tx, contoso, name);
    const hash = await passwordHashOfUser(tx, contoso, user?.objectId ?? '');
    return { user, hash };
  });

test('a user is created with a password, and only her default properties are shown', async (context) => {
  const world = await openWorld(context);
  const more = { department: 'Jobs', businessPhones: ['+31 20'], onPremisesImmutableId: 'x' };
  const created = await world.send(writer, 'POST /v1.0/users', { ...newUser, ...more });
  assert.equal(created.status, 201, JSON.stringify(created.json));
  const id = String(created.json['id']);
  assert.deepEqual(Object.keys(created.json).slice(0, 3), [
    '@odata.context',
    'id',
    'businessPhones',
  ]);
  assert.equal(created.json['department'], undefined);
  assert.match(created.headers['Location'] ?? '', /\/Microsoft\.DirectoryServices\.User$/);
  const { user, hash } = await stored(world, 'NORA@contoso.example');
  assert.equal(user?.objectId, id);
  assert.equal(user?.mustChangePassword, true);
  assert.equal(await isPassword(password, hash), true);
  const line = `GET /v1.0/users/${id}?$select=department,onPremisesImmutableId,userType`;
  const { '@odata.context': _, ...shown } = (await world.send(member, line)).json;
  assert.deepEqual(shown, { department: 'Jobs', onPremisesImmutableId: 'x', userType: 'Member' });
  assert.doesNotMatch(JSON.stringify(world.events), /Tango/);
});

const refusals: readonly (readonly [string, object, number, RegExp])[] = [
  ['no name', { displayName: undefined }, 400, /required for property 'displayName' of resource/],
  ['no nickname', { mailNickname: undefined }, 400, /required for property 'mailNickname'/],
  ['nothing about her account', { accountEnabled: undefined }, 400, /'accountEnabled'/],
  ['no password profile', { passwordProfile: undefined }, 400, /A password must be specified/],
  ['no password', { passwordProfile: {} }, 400, /A password must be specified/],
  ['a weak password', { passwordProfile: { password: 'password' } }, 400, /complexity/],
  ['the name of another', { userPrincipalName: 'Member@contoso.example' }, 400, /already exists/],
  ['a foreign domain', { userPrincipalName: 'n@fabrikam.example' }, 400, /verified domain names/],
  ['a domain below her own', { userPrincipalName: 'n@a.contoso.example' }, 400, /domain portion/],
  ['no domain', { userPrincipalName: 'nora' }, 400, /userPrincipalName/],
  ['a blank in her name', { userPrincipalName: 'n n@contoso.example' }, 400, /is invalid/],
  ['a nickname with a sign', { mailNickname: 'a@b' }, 400, /'mailNickname'/],
  ['a property of nobody', { nickname: 'x' }, 400, /Invalid property 'nickname'/],
  ['an id', { id: known.member }, 400, /read-only/],
  ['an identity of another issuer', { identities: [{ issuer: 'x' }] }, 501, /User\.identities/],
  ['no password rule', { passwordPolicies: 'DisableStrongPassword' }, 400, /passwordPolicies/],
];

for (const [name, change, status, text] of refusals) {
  test(`a user with ${name} is refused and not created`, async (context) => {
    const world = await openWorld(context);
    const before = await world.snapshot();
    const answer = await world.send(writer, 'POST /v1.0/users', { ...newUser, ...change });
    assert.equal(answer.status, status, JSON.stringify(answer.json));
    assert.match(String(errorOf(answer).message), text);
    assert.deepEqual(await world.snapshot(), before);
  });
}

test('a user is found, changed and deleted by every spelling of her name', async (context) => {
  const world = await openWorld(context);
  const names = ["$o'brien#ext#@contoso.example"];
  for (const userPrincipalName of names) {
    const body = { ...newUser, userPrincipalName };
    assert.equal((await world.send(writer, 'POST /v1.0/users', body)).status, 201);
    const quoted = encodeURIComponent(userPrincipalName.replaceAll("'", "''"));
    const path = `/v1.0/users('${quoted}')`;
    const change = { jobTitle: 'Lead', city: 'Delft', displayName: 'Nora B.' };
    assert.equal((await world.send(writer, `PATCH ${path}`, change)).status, 204);
    const select = `GET /v1.0/users/${encodeURIComponent(userPrincipalName)}?$select=city,jobTitle`;
    assert.equal((await world.send(member, select)).json['city'], 'Delft');
    assert.equal((await world.send(writer, `PATCH ${path}`, { city: null })).status, 204);
    assert.equal((await world.send(member, select)).json['city'], null);
    assert.equal((await world.send(member, select)).json['jobTitle'], 'Lead');
    assert.equal((await world.send(writer, `DELETE ${path}`)).status, 204);
    assert.equal((await world.send(member, `GET ${path}`)).status, 404);
  }
});

test('a renamed user is found by her new name, and may not take that of another', async (context) => {
  const world = await openWorld(context);
  const path = `/v1.0/users/${known.member}`;
  const rename = (userPrincipalName: string) =>
    world.send(writer, `PATCH ${path}`, { userPrincipalName });
  assert.equal((await rename('max@contoso.onmicrosoft.com')).status, 204);
  assert.equal((await stored(world, 'max@contoso.onmicrosoft.com')).user?.objectId, known.member);
  assert.equal((await stored(world, 'member@contoso.example')).user, undefined);
  const taken = await rename('admin@contoso.example');
  assert.equal(errorOf(taken).code, 'Request_BadRequest');
  assert.equal((await rename('max@elsewhere.example')).status, 400);
  assert.equal((await stored(world, 'max@contoso.onmicrosoft.com')).user?.objectId, known.member);
});

test('a new password ends sign-ins that were made with the old one', async (context) => {
  const world = await openWorld(context);
  const path = `/v1.0/users/${known.member}`;
  const body = { passwordProfile: { password } };
  assert.equal((await world.send(admin, `PATCH ${path}`, body)).status, 204);
  const { user, hash } = await stored(world, known.member);
  assert.equal(user?.signInSessionsValidFrom, world.clock.civil());
  assert.equal(user?.mustChangePassword, undefined);
  assert.equal(await isPassword(password, hash), true);
  const weak = { passwordProfile: { password: 'weak' } };
  assert.equal((await world.send(admin, `PATCH ${path}`, weak)).status, 400);
  assert.deepEqual(await stored(world, known.member), { user, hash });
  const forced = { passwordProfile: { forceChangePasswordNextSignIn: true } };
  assert.equal((await world.send(admin, `PATCH ${path}`, forced)).status, 204);
  const after = await stored(world, known.member);
  assert.deepEqual(after, { user: { ...user, mustChangePassword: true }, hash });
});

test('each kind of property needs its own right', async (context) => {
  const world = await openWorld(context);
  const status = async (as: typeof member, path: string, body: object) =>
    (await world.send(as, `PATCH /v1.0/${path}`, body)).status;
  const other = `users/${known.admin}`;
  const own = `users/${known.member}`;
  const before = await world.snapshot();
  assert.equal(await status(member, own, { userPrincipalName: 'x@contoso.example' }), 403);
  assert.equal(await status(member, own, { displayName: 'Me' }), 403);
  assert.equal(await status(member, own, { accountEnabled: false }), 403);
  assert.equal(await status(member, 'me', { passwordProfile: { password } }), 403);
  assert.equal(await status(member, other, { mobilePhone: '1' }), 403);
  assert.equal(await status(writer, own, { passwordProfile: { password } }), 403);
  assert.equal(await status(userCaller({ oauthScopes: ['User.Read'] }), 'me', { city: 'x' }), 403);
  assert.deepEqual(await world.snapshot(), before);
  assert.equal(await status(member, 'me', { mobilePhone: '+31 6' }), 204);
  assert.equal(await status(writer, own, { accountEnabled: false }), 204);
  assert.equal((await stored(world, known.member)).user?.profile?.['mobilePhone'], '+31 6');
  assert.equal((await stored(world, known.member)).user?.accountEnabled, false);
});

test('who holds a directory role is out of reach of lesser ones and of applications', async (context) => {
  const world = await openWorld(context);
  const give = (id: string, role: string) =>
    world.store.write((tx) => assignDirectoryRole(tx, contoso, id, role));
  await give(known.admin, roles.globalAdministrator);
  const lesser = userCaller({
    objectId: known.member,
    directoryRoleIds: [roles.userAdministrator],
  });
  const path = `/v1.0/users/${known.admin}`;
  const before = await world.snapshot();
  for (const as of [lesser, writer]) {
    assert.equal((await world.send(as, `DELETE ${path}`)).status, 403);
    assert.equal((await world.send(as, `PATCH ${path}`, { accountEnabled: false })).status, 403);
    assert.equal((await world.send(as, `POST ${path}/revokeSignInSessions`)).status, 403);
  }
  assert.deepEqual(await world.snapshot(), before);
  assert.equal((await world.send(lesser, `PATCH ${path}`, { jobTitle: 'Boss' })).status, 204);
  assert.equal((await world.send(admin, `DELETE ${path}`)).status, 204);
});

test('sign-ins are revoked by the user herself and by who may, and the answer is true', async (context) => {
  const world = await openWorld(context);
  const validFrom = async () => (await stored(world, known.member)).user?.signInSessionsValidFrom;
  const limited = userCaller({ oauthScopes: ['User.Read'] });
  assert.equal((await world.send(limited, 'POST /v1.0/me/revokeSignInSessions')).status, 403);
  const other = `POST /v1.0/users/${known.member}/revokeSignInSessions`;
  const stranger = userCaller({ objectId: known.admin, principalIds: [known.admin] });
  assert.equal((await world.send(stranger, other)).status, 403);
  assert.equal(await validFrom(), undefined);
  const mine = await world.send(member, 'POST /v1.0/me/revokeSignInSessions');
  assert.deepEqual(mine.json, {
    '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#Edm.Boolean',
    value: true,
  });
  assert.equal(await validFrom(), world.clock.civil());
  world.clock.advanceSeconds(60);
  assert.equal((await world.send(admin, other, {})).status, 200);
  assert.equal(await validFrom(), world.clock.civil());
  const nobody = 'POST /v1.0/users/nobody@contoso.example/revokeSignInSessions';
  assert.equal((await world.send(admin, nobody)).status, 404);
  assert.equal((await world.send(writer, 'POST /v1.0/me/revokeSignInSessions')).status, 400);
});

test('a user changes her password when she knows it', async (context) => {
  const world = await openWorld(context);
  const old = await passwordHashOf('Old1Secret', seededRandom('old'));
  await world.store.write(async (tx) => {
    const user = await findUser(tx, contoso, known.member);
    assert(user !== undefined);
    await setPasswordHash(tx, user, old);
  });
  const change = (currentPassword: string, newPassword: string) =>
    world.send(member, 'POST /v1.0/me/changePassword', { currentPassword, newPassword });
  assert.equal((await change('Wrong1Secret', password)).status, 400);
  assert.match(String(errorOf(await change('Old1Secret', 'weak')).message), /complexity/);
  assert.equal((await stored(world, known.member)).hash, old);
  assert.equal((await change('Old1Secret', password)).status, 204);
  const { user, hash } = await stored(world, known.member);
  assert.equal(await isPassword(password, hash), true);
  assert.equal(user?.lastPasswordChangeAt, world.clock.civil());
  assert.deepEqual(world.checkedPasswords, ['Wrong1Secret', 'Old1Secret', 'Old1Secret']);
  assert.doesNotMatch(JSON.stringify(world.events), /Tango|Secret/);
});

test('a user is found by the properties that directories synchronise', async (context) => {
  const world = await openWorld(context);
  const more = { onPremisesImmutableId: 'aGk=', employeeId: '17', department: 'Jobs' };
  const created = await world.send(writer, 'POST /v1.0/users', { ...newUser, ...more });
  for (const [name, value] of Object.entries(more)) {
    const line = `GET /v1.0/users?$filter=${name} eq '${value}'`;
    const found = valuesOf(await world.send(member, line));
    assert.deepEqual(
      found.map((one) => one['id']),
      [created.json['id']],
      name,
    );
  }
  const manager = await world.send(member, `GET /v1.0/users/${known.member}/manager`);
  assert.equal(errorOf(manager).code, 'Request_ResourceNotFound');
});

test('a user of another tenant is not found, whoever asks', async (context) => {
  const world = await openWorld(context);
  for (const line of [
    `GET /v1.0/users/${known.foreigner}`,
    'GET /v1.0/users/ana@fabrikam.example',
    `DELETE /v1.0/users/${known.foreigner}`,
    `POST /v1.0/users/${known.foreigner}/revokeSignInSessions`,
  ]) {
    const answer = await world.send(admin, line);
    assert.equal(answer.status, 404, line);
    assert.equal(errorOf(answer).code, 'Request_ResourceNotFound');
  }
  const patch = await world.send(admin, `PATCH /v1.0/users/${known.foreigner}`, { city: 'x' });
  assert.equal(patch.status, 404);
  assert.equal(valuesOf(await world.send(admin, 'GET /v1.0/users')).length, 2);
});
