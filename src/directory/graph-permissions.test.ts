import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isGuid } from '#kernel/ids.ts';
import { parseInstant } from '#kernel/instant.ts';
import { seededRandom } from '#kernel/random.ts';
import { SqliteStore } from '#store/sqlite.ts';
import { findApplicationByAppId, updateApplication } from './application.store.ts';
import {
  addFirstPartyPrincipals,
  firstPartyAppIds,
  renewFirstPartyApplications,
} from './first-party.ts';
import { otherGraphAppRoles, otherGraphDelegatedPermissions } from './graph-other-permissions.ts';
import { graphAppRoles, graphDelegatedPermissions } from './graph-permissions.ts';
import { directoryMigrations } from './migrations.ts';
import { findServicePrincipalByAppId } from './service-principal.store.ts';
import { addTenant } from './tenant.store.ts';

const appRoles = [...graphAppRoles, ...otherGraphAppRoles];
const delegated = [...graphDelegatedPermissions, ...otherGraphDelegatedPermissions];

for (const [kind, list] of [
  ['app role', appRoles],
  ['delegated permission', delegated],
] as const) {
  test(`each ${kind} of Microsoft Graph has an id and a value of its own`, () => {
    const ids = list.map((one) => one.id);
    assert.ok(ids.every((id) => isGuid(id) && id === id.toLowerCase()));
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(new Set(list.map((one) => one.value)).size, list.length);
  });
}

test('no app role of Microsoft Graph has the id of a delegated permission', () => {
  const ids = delegated.map((one) => one.id);
  assert.deepEqual(
    appRoles.filter((one) => ids.includes(one.id)),
    [],
  );
});

/** What public scripts give `az ad app permission add` most: the value, and its ids as a scope and as a role. */
const known: readonly (readonly [string, scope: string | undefined, role: string | undefined])[] = [
  ['User.Read', 'e1fe6dd8-ba31-4d61-89e7-88639da4683d', undefined],
  ['User.Read.All', 'a154be20-db9c-4678-8ab7-66f6cc099a59', 'df021288-bdef-4463-88db-98f22de89214'],
  ['offline_access', '7427e0e9-2fba-42fe-b0c0-848c9e6a8182', undefined],
  ['Mail.Read', '570282fd-fa5c-430d-a7fd-fc8dc98a9dca', '810c84a8-4a9e-49e6-bf7d-12d183f40d01'],
  ['Mail.Send', 'e383f46e-2787-4529-855e-0e479a3ffac0', 'b633e1c5-b582-4048-a93e-9f11b44c7e96'],
  [
    'Calendars.Read',
    '465a38f9-76ea-45b9-9f34-9e8b0d4b0b42',
    '798ee544-9d2d-430c-a058-570e29e34338',
  ],
  [
    'Files.Read.All',
    'df85f4d6-205c-4ac5-a5ea-6bf408dba283',
    '01d4889c-1287-42c6-ac1f-5d1e02578ef6',
  ],
  [
    'Sites.Read.All',
    '205e70e5-aba6-4c52-a976-6d2d46c48043',
    '332a536c-c7ef-4017-ab91-336970924f0d',
  ],
  [
    'Reports.Read.All',
    '02e97553-ed7b-43d0-ab3c-f8bace0d040c',
    '230c1aed-a721-4c5d-9cb4-a90514e508ef',
  ],
  [
    'Organization.Read.All',
    '4908d5b9-3fb2-4b1e-9336-1888b7937185',
    '498476ce-e0fe-48b0-b801-37ba7e2685c6',
  ],
  ['Sites.Selected', undefined, '883ea226-0bf2-4a8f-9f9d-92c9162a727d'],
];

for (const [value, scope, role] of known) {
  test(`${value} has Microsoft's own ids`, () => {
    assert.equal(delegated.find((one) => one.value === value)?.id, scope);
    assert.equal(appRoles.find((one) => one.value === value)?.id, role);
  });
}

test('a user reads other words than an administrator where Microsoft has such', () => {
  const mail = delegated.find((one) => one.value === 'Mail.Read');
  assert.equal(mail?.userConsentDisplayName, 'Read your mail');
  assert.equal(mail?.adminConsentDisplayName, 'Read user mail');
  const sites = delegated.find((one) => one.value === 'Sites.Read.All');
  assert.equal(sites?.userConsentDisplayName, sites?.adminConsentDisplayName);
});

async function openStore(context: TestContext): Promise<SqliteStore> {
  const folder = await mkdtemp(join(tmpdir(), 'batten-directory-'));
  const store = new SqliteStore(join(folder, 'state.db'), directoryMigrations);
  context.after(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });
  return store;
}

test('what an older version did not list yet is there in each tenant after it is renewed', async (context) => {
  const store = await openStore(context);
  const random = seededRandom('graph-permissions');
  const tenantIds = [random.guid(), random.guid()];
  const createdAt = parseInstant('2026-11-20T09:00:00Z');
  assert(createdAt !== undefined);
  const names = { graph: ['https://graph.microsoft.com'], arm: [], batch: [], directoryGraph: [] };
  const valuesIn = async (tenantId: string) => {
    const { graph } = firstPartyAppIds;
    const found = await store.read((tx) => findServicePrincipalByAppId(tx, tenantId, graph));
    const all = [...(found?.appRoles ?? []), ...(found?.oauth2PermissionScopes ?? [])];
    return all.map((one) => one.value);
  };
  const missing = ['User.ReadBasic.All', 'Mail.Read'];
  await store.write(async (tx) => {
    for (const tenantId of tenantIds) {
      await addTenant(tx, {
        tenantId,
        displayName: 'A',
        domains: [`${tenantId}.example`],
        createdAt,
      });
      await addFirstPartyPrincipals(tx, tenantId, names, random, createdAt);
    }
    const stored = await findApplicationByAppId(tx, firstPartyAppIds.graph);
    assert(stored !== undefined);
    const isOld = ({ value = '' }: { value?: string }) => !missing.includes(value);
    await updateApplication(tx, {
      ...stored,
      appRoles: stored.appRoles.filter(isOld),
      oauth2PermissionScopes: stored.oauth2PermissionScopes.filter(isOld),
    });
  });
  for (const tenantId of tenantIds) {
    const values = await valuesIn(tenantId);
    assert.ok(values.length > 0 && !values.some((one) => missing.includes(one ?? '')));
  }
  await store.write((tx) => renewFirstPartyApplications(tx, names, random, createdAt));
  for (const tenantId of tenantIds) {
    const values = await valuesIn(tenantId);
    assert.equal(values.length, appRoles.length + delegated.length);
    assert.ok(missing.every((one) => values.filter((value) => value === one).length === 2));
  }
});
