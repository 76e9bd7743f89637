import assert from 'node:assert/strict';
import { test } from 'node:test';
import { updateApplication } from '#directory/application.store.ts';
import { applicationOf } from '#directory/application.ts';
import { firstPartyAppIds } from '#directory/first-party.ts';
import {
  admin,
  appCaller,
  errorOf,
  fabrikam,
  known,
  openWorld,
  userCaller,
  valuesOf,
} from './world.test.ts';

const path = `/v1.0/servicePrincipals/${known.principal}`;

test('service principals are found as az looks for them', async (context) => {
  const world = await openWorld(context);
  const ids = async (filter: string): Promise<unknown> =>
    valuesOf(await world.send(admin, `GET /v1.0/servicePrincipals?$filter=${filter}`)).map(
      (one) => one['id'],
    );
  const filters = [
    `servicePrincipalNames/any(c:c eq '${known.appId}')`,
    `appId eq '${known.appId}'`,
    "displayName eq 'Nightly jobs'",
    "startswith(displayName,'Nightly')",
  ];
  for (const filter of filters) assert.deepEqual(await ids(filter), [known.principal], filter);
  assert.deepEqual(await ids("displayName eq 'Nobody'"), []);
  const batch = "servicePrincipalNames/any(c:c eq 'https://batch.core.windows.net/')";
  assert.equal(((await ids(batch)) as unknown[]).length, 1);
});

test('a service principal is found by object id and by appId as an alternate key', async (context) => {
  const world = await openWorld(context);
  const batch = `GET /v1.0/servicePrincipals(appId='${firstPartyAppIds.batch}')`;
  assert.equal((await world.send(admin, batch)).json['displayName'], 'Microsoft Azure Batch');
  assert.equal((await world.send(admin, `GET ${path}`)).json['appId'], known.appId);
  const byAppIdAlone = `GET /v1.0/servicePrincipals/${known.appId}`;
  assert.equal((await world.send(admin, byAppIdAlone)).status, 404);
});

test('a service principal needs an application that the tenant may use', async (context) => {
  const world = await openWorld(context);
  const before = await world.snapshot();
  const create = (appId: string) => world.send(admin, 'POST /v1.0/servicePrincipals', { appId });
  for (const appId of [known.member, known.foreignAppId, 'nightly', '']) {
    const answer = await create(appId);
    assert.equal(answer.status, 400);
    assert.match(String(errorOf(answer).message), /does not reference a valid application object/);
  }
  assert.deepEqual(await world.snapshot(), before);
});

test('an application for many tenants gets a service principal in another one', async (context) => {
  const world = await openWorld(context);
  await world.store.write((tx) =>
    updateApplication(
      tx,
      applicationOf({
        tenantId: fabrikam,
        objectId: known.foreignApplication,
        appId: known.foreignAppId,
        displayName: 'Open plans',
        createdAt: world.clock.civil(),
        signInAudience: 'AzureADMultipleOrgs',
      }),
    ),
  );
  const body = { appId: known.foreignAppId };
  const answer = await world.send(admin, 'POST /v1.0/servicePrincipals', body);
  assert.equal(answer.status, 201);
  assert.equal(answer.json['appOwnerOrganizationId'], fabrikam);
});

test('a second service principal for an application is refused', async (context) => {
  const world = await openWorld(context);
  const before = await world.snapshot();
  const body = { appId: known.appId };
  const answer = await world.send(admin, 'POST /v1.0/servicePrincipals', body);
  assert.equal(answer.status, 409);
  assert.equal(errorOf(answer).code, 'Request_MultipleObjectsWithSameKeyValue');
  assert.deepEqual(await world.snapshot(), before);
});

test('a service principal is changed, disabled and deleted', async (context) => {
  const world = await openWorld(context);
  const change = { accountEnabled: false, appRoleAssignmentRequired: true, notes: 'n' };
  assert.equal((await world.send(admin, `PATCH ${path}`, change)).status, 204);
  const { json } = await world.send(admin, `GET ${path}`);
  assert.deepEqual(
    [json['accountEnabled'], json['appRoleAssignmentRequired'], json['notes']],
    [false, true, 'n'],
  );
  assert.equal((await world.send(admin, `DELETE ${path}`)).status, 204);
  assert.equal((await world.send(admin, `GET ${path}`)).status, 404);
  const application = `GET /v1.0/applications/${known.application}`;
  assert.equal((await world.send(admin, application)).status, 200);
});

test('what belongs to the application is not changed at its service principal', async (context) => {
  const world = await openWorld(context);
  const before = await world.snapshot();
  const changes = [
    { appId: known.member },
    { servicePrincipalNames: [] },
    { appRoles: [] },
    { oauth2PermissionScopes: [] },
  ];
  for (const change of changes) {
    const answer = await world.send(admin, `PATCH ${path}`, change);
    assert.equal(errorOf(answer).code, 'Request_BadRequest', JSON.stringify(change));
  }
  assert.deepEqual(await world.snapshot(), before);
});

test('the owner of an application may make its service principal, and then owns that too', async (context) => {
  const world = await openWorld(context);
  for (const owner of [userCaller(), appCaller(['Application.ReadWrite.OwnedBy'])]) {
    const mine = await world.send(owner, 'POST /v1.0/applications', { displayName: 'Mine' });
    const body = { appId: mine.json['appId'] };
    const { status, json } = await world.send(owner, 'POST /v1.0/servicePrincipals', body);
    assert.equal(status, 201);
    const own = `/v1.0/servicePrincipals/${String(json['id'])}`;
    assert.equal((await world.send(owner, `PATCH ${own}`, { notes: 'x' })).status, 204);
    assert.equal((await world.send(owner, `PATCH ${path}`, { notes: 'x' })).status, 403);
  }
});

test('nobody makes a service principal of an application that is not hers', async (context) => {
  const world = await openWorld(context);
  const { json } = await world.send(admin, 'POST /v1.0/applications', { displayName: 'Hers' });
  const before = await world.snapshot();
  for (const caller of [userCaller(), appCaller(['Application.ReadWrite.OwnedBy'])]) {
    for (const appId of [json['appId'], known.foreignAppId, firstPartyAppIds.graph]) {
      const answer = await world.send(caller, 'POST /v1.0/servicePrincipals', { appId });
      assert.equal(answer.status, 403);
    }
  }
  assert.deepEqual(await world.snapshot(), before);
});
