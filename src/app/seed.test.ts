import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { listSubscriptions } from '#arm/subscription.store.ts';
import { listAccounts } from '#batch/account.store.ts';
import { checkPassword } from '#directory/credential.store.ts';
import { directoryRoleIdsOf } from '#directory/directory-role.store.ts';
import { isPassword } from '#directory/password.ts';
import { findPrincipal, principalIdsOf } from '#directory/principal.store.ts';
import { listTenants } from '#directory/tenant.store.ts';
import { tenantSettingsOf } from '#directory/tenant-settings.store.ts';
import { findTrustedIssuer } from '#directory/trusted-issuer.store.ts';
import { findUser, passwordHashOfUser } from '#directory/user.store.ts';
import { fixedClock } from '#kernel/clock.ts';
import { instantOfMilliseconds } from '#kernel/instant.ts';
import { seededRandom } from '#kernel/random.ts';
import { sealWith } from '#kernel/seal.ts';
import { listRoleAssignments } from '#rbac/role-assignment.store.ts';
import { SqliteStore } from '#store/sqlite.ts';
import { StartRefusal } from './faults.ts';
import { findReadyIdentity } from './ready-identity.store.ts';
import { migrations } from './schema.ts';
import { defaultSeedPath, readSeedFile, type SeedFile } from './seed.ts';
import { applySeed, type SeedParts } from './seed-apply.ts';
import { seedSchema } from './seed-schema.ts';

async function world(t: TestContext, chance = 'seed'): Promise<SeedParts> {
  const folder = await mkdtemp(join(tmpdir(), 'batten-seed-'));
  const store = new SqliteStore(join(folder, 'batten.db'), migrations);
  t.after(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  const random = seededRandom(chance);
  const clock = fixedClock(instantOfMilliseconds(Date.UTC(2026, 10, 21)));
  const seal = sealWith(Buffer.alloc(32, 1), random);
  return { store, seal, random, clock, hasReadyIdentity: true };
}

function written(text: string): SeedFile {
  return { path: 'seed.yaml', text, digest: text };
}

const small = `
tenants:
  - displayName: Fabrikam
    domains: [fabrikam.example]
    users:
      - {userPrincipalName: Ann@fabrikam.example, displayName: Ann, password: correct horse}
      - {userPrincipalName: bob@fabrikam.example, displayName: Bob}
    groups:
      - {displayName: Everybody, members: [operators, bob@fabrikam.example]}
      - {displayName: Operators, members: [ann@fabrikam.example, worker]}
    applications:
      - displayName: worker
        secrets: [{value: 0123456789abcdef, endsInDays: 1}]
        permissions: [{resource: Microsoft Graph, application: [Application.ReadWrite.All], consent: true}]
subscriptions:
  - id: 11111111-2222-3333-4444-555555555555
    displayName: Lab
    resourceGroups:
      - {name: rg1, location: westeurope, batchAccounts: [{name: labaccount}]}
roleAssignments:
  - {principal: everybody, role: reader, scope: /subscriptions/11111111-2222-3333-4444-555555555555}
`;

test('the printed schema is the one that files are checked against', async () => {
  const path = join(import.meta.dirname, '..', '..', 'seed', 'schema.json');
  const printed = JSON.parse(await readFile(path, 'utf8'));
  assert.deepEqual(printed, JSON.parse(JSON.stringify(seedSchema)));
});

test('a seed may give a tenant the redirect addresses of 2020 and take consent from its users', async (t) => {
  const [parts, plain] = [await world(t), await world(t)];
  const settings = 'settings: {classicRedirectUris: true, userConsent: false}';
  const changed = small.replace('    users:', `    ${settings}\n    users:`);
  await applySeed(parts, written(changed), true);
  await applySeed(plain, written(small), true);
  const settingsIn = ({ store }: SeedParts) =>
    store.read(async (tx) => tenantSettingsOf(tx, (await listTenants(tx))[0]?.tenantId ?? ''));
  assert.deepEqual(await settingsIn(parts), {
    hasClassicRedirectUris: true,
    hasUserConsent: false,
  });
  assert.deepEqual(await settingsIn(plain), {
    hasClassicRedirectUris: false,
    hasUserConsent: true,
  });
});

test("the article's seed makes an identity ready that owns both of its subscriptions", async (t) => {
  const parts = await world(t);
  await applySeed(parts, await readSeedFile(defaultSeedPath), false);
  await parts.store.read(async (tx) => {
    const identity = await findReadyIdentity(tx, parts.seal);
    assert.ok(identity);
    const { tenantId, clientId, clientSecret, userPrincipalName = '', password = '' } = identity;
    assert.equal(
      await checkPassword(tx, tenantId, clientId, clientSecret, parts.clock.civil()),
      'ok',
    );
    const subscriptions = await listSubscriptions(tx, tenantId);
    assert.deepEqual(
      subscriptions.map((one) => one.subscriptionId),
      ['aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e', '88888888-8888-8888-8888-888888888888'],
    );
    assert.equal(identity.subscriptionId, subscriptions[0]?.subscriptionId);
    const [account] = await listAccounts(tx, identity.subscriptionId);
    assert.equal(account?.name, identity.batchAccount);
    assert.deepEqual(
      [account?.resourceGroup, account?.location],
      [identity.resourceGroup, identity.location],
    );
    const owner = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635';
    const assignments = await listRoleAssignments(tx, tenantId);
    const ofApplication = assignments.filter((one) => one.principalType === 'ServicePrincipal');
    assert.deepEqual(
      ofApplication.map((one) => one.roleDefinitionId),
      [owner, owner],
    );
    const principalId = ofApplication[0]?.principalId ?? '';
    assert.equal((await findPrincipal(tx, tenantId, principalId))?.appId, clientId);
    const administrator = ['62e90394-69f5-4237-9190-012177145e10'];
    assert.deepEqual(await directoryRoleIdsOf(tx, tenantId, [principalId]), administrator);
    const user = await findUser(tx, tenantId, userPrincipalName);
    assert.ok(user && password.length >= 16);
  });
});

test('ids are the same on every machine, and secrets are not', async (t) => {
  const identities = [];
  for (const chance of ['one', 'other']) {
    const parts = await world(t, chance);
    await applySeed(parts, await readSeedFile(defaultSeedPath), false);
    identities.push(await parts.store.read((tx) => findReadyIdentity(tx, parts.seal)));
  }
  const [one, other] = identities;
  assert.ok(one && other);
  const { clientSecret, password, ...ids } = one;
  assert.deepEqual({ ...other, clientSecret, password }, { ...ids, clientSecret, password });
  assert.notEqual(other.clientSecret, clientSecret);
  assert.notEqual(other.password, password);
});

test('users, nested groups, secrets and assignments of a file are stored', async (t) => {
  const parts = await world(t);
  await applySeed(parts, written(small), true);
  const hash = await parts.store.read(async (tx) => {
    const [tenant] = await listTenants(tx);
    const tenantId = tenant?.tenantId ?? '';
    const ann = await findUser(tx, tenantId, 'ann@fabrikam.example');
    const [assignment] = await listRoleAssignments(tx, tenantId);
    assert.ok(ann && assignment);
    assert.equal(assignment.principalType, 'Group');
    const ids = await principalIdsOf(tx, tenantId, ann.objectId);
    assert.ok(ids.includes(assignment.principalId), 'through a group of a group');
    assert.equal(await findReadyIdentity(tx, parts.seal), undefined);
    return passwordHashOfUser(tx, tenantId, ann.objectId);
  });
  assert.equal(await isPassword('correct horse', hash), true);
  assert.equal(await isPassword('wrong horse', hash), false);
});

test('tenants are in the order of the file, whatever their ids', async (t) => {
  const parts = await world(t);
  const ids = ['f', '0', '7'].map((digit) => `${digit}0000000-0000-4000-8000-000000000000`);
  const tenants = ids.map(
    (id, at) => `  - {displayName: T${at}, domains: [t${at}.example], id: ${id}}`,
  );
  await applySeed(parts, written(['tenants:', ...tenants].join('\n')), true);
  const stored = await parts.store.read(listTenants);
  assert.deepEqual(
    stored.map(({ tenantId }) => tenantId),
    ids,
  );
});

test('a second start with the same file changes nothing, and another file is refused', async (t) => {
  const parts = await world(t);
  const file = written(small);
  await applySeed(parts, file, true);
  await applySeed(parts, file, true);
  await applySeed(parts, await readSeedFile(defaultSeedPath), false);
  await assert.rejects(
    applySeed(parts, written(`${small}\n# changed`), true),
    /already filled from another seed/,
  );
  assert.equal((await parts.store.read(listTenants)).length, 1);
});

/** What is changed in the small file, and what the one line says. */
const badFiles: readonly (readonly [from: string, to: string, line: RegExp])[] = [
  [small, '', /the file: /],
  [small, 'tenants: [', /Flow sequence|at line/],
  [small, '{"tenants": []}', /tenants: /],
  [small, 'tenants: 7', /tenants: must be array/],
  ['tenants:', 'tenant:', /is not a known property|it is missing/],
  ['domains: [fabrikam.example]', 'domains: [nonsense]', /tenants\.0\.domains\.0: /],
  ['displayName: Ann,', 'displayname: Ann,', /tenants\.0\.users\.0\.display/],
  ['password: correct horse', 'password: short', /tenants\.0\.users\.0\.password: /],
  [
    'bob@fabrikam.example, displayName: Bob',
    'ANN@fabrikam.example, displayName: Bob',
    /is there twice/,
  ],
  ['members: [operators', 'members: [nobody', /group Everybody: there is no member nobody/],
  [
    '[Application.ReadWrite.All]',
    '[Everything.Do]',
    /there is no permission Microsoft Graph Everything.Do/,
  ],
  [
    'resource: Microsoft Graph',
    'resource: Microsoft Grape',
    /there is no permission Microsoft Grape/,
  ],
  ['principal: everybody', 'principal: somebody', /there is no principal somebody/],
  ['role: reader', 'role: emperor', /there is no built-in role emperor/],
  ['name: labaccount', 'name: LAB', /batchAccounts\.0\.name: /],
];

test('a file that is wrong anywhere is refused in one line, and nothing of it is stored', async (t) => {
  const parts = await world(t);
  for (const [from, to, line] of badFiles) {
    assert.ok(small.includes(from));
    const file = written(small.replace(from, to));
    await assert.rejects(applySeed(parts, file, true), (error: Error) => {
      assert.ok(error instanceof StartRefusal, error.stack);
      assert.match(error.message, line);
      assert.doesNotMatch(error.message, /\n/);
      return true;
    });
    assert.deepEqual(await parts.store.read(listTenants), [], to);
  }
});

test('a file that is not there is refused by name', async () => {
  await assert.rejects(
    readSeedFile('/nowhere/seed.yaml'),
    /nowhere\/seed.yaml cannot be used: it does not exist/,
  );
});

test('beyond loopback nothing is made whose password nobody wrote down', async (t) => {
  const parts = { ...(await world(t)), hasReadyIdentity: false };
  await applySeed(parts, await readSeedFile(defaultSeedPath), false);
  await parts.store.read(async (tx) => {
    assert.equal(await findReadyIdentity(tx, parts.seal), undefined);
    const [tenant] = await listTenants(tx);
    const tenantId = tenant?.tenantId ?? '';
    assert.equal(await findUser(tx, tenantId, 'admin@contoso.onmicrosoft.com'), undefined);
    assert.deepEqual(await listRoleAssignments(tx, tenantId), []);
    assert.equal((await listSubscriptions(tx, tenantId)).length, 2);
  });
});

const trusting = small.replace(
  'subscriptions:',
  `    trustedIssuers:
      - issuer: https://issuer.example/realm
        audiences: {batch: [batten]}
        principals: [{claim: sub, names: objectId}]
        subjects: {'system:serviceaccount:a:b': worker}
        groups: {claim: groups, names: {/ops: operators}}
subscriptions:`,
);

test('a seed may let a tenant trust an outside issuer, whose names mean principals', async (t) => {
  const parts = await world(t);
  await applySeed(parts, written(trusting), true);
  const issuer = 'https://issuer.example/realm';
  const [tenant, trusted] = await parts.store.read(async (tx) => [
    (await listTenants(tx))[0],
    await findTrustedIssuer(tx, issuer),
  ]);
  const tenantId = tenant?.tenantId ?? '';
  const found = async (id = '') => parts.store.read((tx) => findPrincipal(tx, tenantId, id));
  assert.equal(trusted?.tenantId, tenantId);
  assert.deepEqual(trusted?.audiences, { batch: ['batten'] });
  assert.deepEqual(trusted?.principals, [{ claim: 'sub', names: 'objectId' }]);
  const worker = await found(trusted?.subjects['system:serviceaccount:a:b']);
  assert.deepEqual([worker?.principalType, worker?.displayName], ['ServicePrincipal', 'worker']);
  const operators = await found(trusted?.groups?.groupIds?.['/ops']);
  assert.deepEqual([operators?.principalType, operators?.displayName], ['Group', 'Operators']);
});

const untrusted: readonly (readonly [what: string, from: string, to: string, says: RegExp])[] = [
  ['a subject of nobody', ': worker}', ': nobody}', /nobody is not there/],
  ['a group as a subject', ': worker}', ': operators}', /operators is not there/],
  ['a user as a group', '/ops: operators', '/ops: Ann@fabrikam.example', /is not there/],
  ['plain HTTP', 'https://issuer', 'http://issuer', /issuer/],
  ['an unknown naming', 'names: objectId', 'names: email', /principals/],
  ['no audience', '{batch: [batten]}', '{batch: []}', /audiences/],
];

for (const [what, from, to, says] of untrusted) {
  test(`a trusted issuer with ${what} is refused, and nothing of the seed is stored`, async (t) => {
    const parts = await world(t);
    const changed = trusting.replace(from, to);
    assert.notEqual(changed, trusting);
    await assert.rejects(applySeed(parts, written(changed), true), says);
    assert.deepEqual(await parts.store.read(listTenants), []);
  });
}

test('an issuer that another tenant trusts already is refused', async (t) => {
  const parts = await world(t);
  const second = `  - displayName: Other
    domains: [other.example]
    trustedIssuers: [{issuer: https://issuer.example/realm, audiences: {}}]
subscriptions:`;
  const changed = trusting.replace('subscriptions:', second);
  await assert.rejects(applySeed(parts, written(changed), true), /there twice/);
  assert.deepEqual(await parts.store.read(listTenants), []);
});
