import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parseInstant } from '#kernel/instant.ts';
import { seededRandom } from '#kernel/random.ts';
import { SqliteStore } from '#store/sqlite.ts';
import {
  addApplication,
  deleteApplication,
  findApplication,
  findApplicationByAppId,
  isNameConflict,
  updateApplication,
} from './application.store.ts';
import {
  addFirstPartyPrincipals,
  firstPartyAppIds,
  renewFirstPartyApplications,
} from './first-party.ts';
import { directoryMigrations } from './migrations.ts';
import { pageOfObjects } from './object-page.store.ts';
import {
  addServicePrincipal,
  deleteServicePrincipal,
  findServicePrincipal,
  findServicePrincipalByAppId,
  findServicePrincipalByName,
  listServicePrincipals,
  servicePrincipalOf,
} from './service-principal.store.ts';
import { addTenant, findTenant, listTenants } from './tenant.store.ts';

const at = parseInstant('2026-11-20T09:00:00Z');
assert(at !== undefined);
const createdAt = at;
const random = seededRandom('application');
const tenantId = random.guid();
const otherTenantId = random.guid();
let folder: string;
let store: SqliteStore;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'batten-directory-'));
  store = new SqliteStore(join(folder, 'state.db'), directoryMigrations);
});

after(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

async function newApplication(more: { identifierUris?: string[]; tenantId?: string } = {}) {
  const basis = {
    tenantId,
    objectId: random.guid(),
    appId: random.guid(),
    displayName: 'Reports',
    createdAt,
    ...more,
  };
  const outcome = await store.write((tx) => addApplication(tx, basis));
  assert(!isNameConflict(outcome));
  return outcome;
}

test('a tenant is found by its id and by each domain, in any case', async () => {
  const domains = ['Contoso.example', 'contoso.onmicrosoft.com'];
  const tenant = { tenantId, displayName: 'Contoso', domains, createdAt };
  await store.write((tx) => addTenant(tx, tenant));
  const names = [tenantId.toUpperCase(), 'contoso.EXAMPLE', 'contoso.onmicrosoft.com'];
  for (const name of names) {
    assert.deepEqual(await store.read((tx) => findTenant(tx, name)), tenant);
  }
  assert.equal(await store.read((tx) => findTenant(tx, 'fabrikam.example')), undefined);
  assert.deepEqual(await store.read(listTenants), [tenant]);
});

test('a domain belongs to one tenant', async () => {
  const domains = ['contoso.EXAMPLE'];
  const rival = { tenantId: otherTenantId, displayName: 'Rival', domains, createdAt };
  await assert.rejects(store.write((tx) => addTenant(tx, rival)));
  assert.equal(await store.read((tx) => findTenant(tx, otherTenantId)), undefined);
});

test('an application is found by object id and appId in its tenant, and by appId anywhere', async () => {
  const application = await newApplication();
  const { objectId, appId } = application;
  for (const id of [objectId, appId, appId.toUpperCase()]) {
    assert.deepEqual(await store.read((tx) => findApplication(tx, tenantId, id)), application);
  }
  assert.equal(await store.read((tx) => findApplication(tx, otherTenantId, appId)), undefined);
  assert.deepEqual(await store.read((tx) => findApplicationByAppId(tx, appId)), application);
});

test('a new application has no permission and no service principal', async () => {
  const application = await newApplication();
  assert.deepEqual(application.requiredResourceAccess, []);
  const found = await store.read((tx) =>
    findServicePrincipalByAppId(tx, tenantId, application.appId),
  );
  assert.equal(found, undefined);
});

test('an identifier URI belongs to one application of a tenant, in any case', async () => {
  const first = await newApplication({ identifierUris: ['api://Reports'] });
  const second = await newApplication({
    tenantId: otherTenantId,
    identifierUris: ['api://reports'],
  });
  assert.deepEqual(second.identifierUris, ['api://reports']);
  const all = () => store.read((tx) => pageOfObjects(tx, 'application', tenantId, '', 1000));
  const before = await all();
  const outcome = await store.write((tx) =>
    addApplication(tx, { ...first, objectId: random.guid(), appId: random.guid() }),
  );
  assert.deepEqual(outcome, { conflict: 'identifierUri', value: 'api://Reports' });
  const again = await store.write((tx) => addApplication(tx, { ...first, identifierUris: [] }));
  assert.deepEqual(again, { conflict: 'appId', value: first.appId });
  assert.deepEqual(await all(), before);
});

test('an identifier URI is free again once its application dropped it or is gone', async () => {
  const first = await newApplication({ identifierUris: ['api://moved', 'api://gone'] });
  await store.write((tx) => updateApplication(tx, { ...first, identifierUris: ['api://gone'] }));
  await newApplication({ identifierUris: ['api://moved'] });
  assert.equal(await store.write((tx) => deleteApplication(tx, tenantId, first.objectId)), true);
  await newApplication({ identifierUris: ['api://gone'] });
  assert.equal(await store.write((tx) => deleteApplication(tx, tenantId, first.objectId)), false);
});

test('a service principal follows its application and answers to each of its names', async () => {
  const application = await newApplication();
  const place = { tenantId, objectId: random.guid(), createdAt };
  const principal = servicePrincipalOf(application, place);
  await store.write((tx) => addServicePrincipal(tx, principal));
  const uri = 'https://reports.example/';
  const renamed = { ...application, displayName: 'Ledger', identifierUris: [uri] };
  await store.write((tx) => updateApplication(tx, renamed));
  const found = await store.read((tx) => findServicePrincipal(tx, tenantId, place.objectId));
  assert.equal(found?.displayName, 'Ledger');
  assert.deepEqual(found?.servicePrincipalNames, [uri, application.appId]);
  const names = [uri, 'https://reports.example', 'HTTPS://Reports.example/', application.appId];
  for (const name of names) {
    const named = await store.read((tx) => findServicePrincipalByName(tx, tenantId, name));
    assert.equal(named?.objectId, place.objectId, name);
  }
  for (const name of ['https://reports.example///', 'https://reports', '']) {
    const named = await store.read((tx) => findServicePrincipalByName(tx, tenantId, name));
    assert.equal(named, undefined, name);
  }
});

test('a tenant has one service principal for an application', async () => {
  const application = await newApplication();
  const place = { tenantId, objectId: random.guid(), createdAt };
  const first = await store.write((tx) =>
    addServicePrincipal(tx, servicePrincipalOf(application, place)),
  );
  assert.equal(first?.objectId, place.objectId);
  const twin = servicePrincipalOf(application, { ...place, objectId: random.guid() });
  assert.equal(await store.write((tx) => addServicePrincipal(tx, twin)), undefined);
  assert.equal(
    await store.read((tx) => findServicePrincipal(tx, tenantId, twin.objectId)),
    undefined,
  );
  assert.equal(
    await store.write((tx) => deleteServicePrincipal(tx, tenantId, place.objectId)),
    true,
  );
  assert.notEqual(await store.write((tx) => addServicePrincipal(tx, twin)), undefined);
});

test("Microsoft's own applications are known in every tenant, once", async () => {
  const names = {
    graph: ['https://graph.microsoft.com', 'https://graph.microsoft.com/'],
    arm: ['https://management.core.windows.net/'],
    batch: ['https://batch.core.windows.net/', 'https://batch.chinacloudapi.cn/'],
    directoryGraph: ['https://graph.windows.net/'],
  };
  const give = (tenant: string) =>
    store.write((tx) => addFirstPartyPrincipals(tx, tenant, names, random, createdAt));
  await give(tenantId);
  await give(otherTenantId);
  const before = await store.read((tx) => listServicePrincipals(tx, tenantId));
  await give(tenantId);
  assert.deepEqual(await store.read((tx) => listServicePrincipals(tx, tenantId)), before);
  for (const tenant of [tenantId, otherTenantId]) {
    const batch = await store.read((tx) =>
      findServicePrincipalByName(tx, tenant, 'https://batch.chinacloudapi.cn/'),
    );
    assert.equal(batch?.appId, firstPartyAppIds.batch);
    assert.deepEqual(
      batch?.oauth2PermissionScopes.map((one) => one.value),
      ['user_impersonation'],
    );
  }
  const cli = await store.read((tx) => findApplicationByAppId(tx, firstPartyAppIds.azureCli));
  assert.equal(cli?.isFallbackPublicClient, true);
});

test("what an older version stored of Microsoft's applications is brought up to date, and a deleted principal stays deleted", async () => {
  const names = { graph: ['https://graph.microsoft.com'], arm: [], batch: [], directoryGraph: [] };
  const scopesIn = async (tenant: string) => {
    const { graph } = firstPartyAppIds;
    const found = await store.read((tx) => findServicePrincipalByAppId(tx, tenant, graph));
    return found?.oauth2PermissionScopes.length ?? 0;
  };
  const renew = () =>
    store.write((tx) => renewFirstPartyApplications(tx, names, random, createdAt));
  await renew();
  const all = await scopesIn(tenantId);
  assert.ok(all > 1);
  await store.write(async (tx) => {
    const known = await findApplicationByAppId(tx, firstPartyAppIds.graph);
    assert.ok(known);
    await updateApplication(tx, { ...known, oauth2PermissionScopes: [] });
    const { azureCli } = firstPartyAppIds;
    const cli = await findServicePrincipalByAppId(tx, tenantId, azureCli);
    assert.ok(cli);
    await deleteServicePrincipal(tx, tenantId, cli.objectId);
  });
  assert.equal(await scopesIn(tenantId), 0);
  await renew();
  assert.deepEqual([await scopesIn(tenantId), await scopesIn(otherTenantId)], [all, all]);
  const cli = firstPartyAppIds.azureCli;
  assert.equal(await store.read((tx) => findServicePrincipalByAppId(tx, tenantId, cli)), undefined);
});
