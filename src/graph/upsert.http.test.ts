import assert from 'node:assert/strict';
import { test } from 'node:test';
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

const upsert = { prefer: 'return=minimal, Create-If-Missing' };
const named = "PATCH /v1.0/applications(uniqueName='app-65278')";

const namesOf = async (world: GraphWorld) =>
  valuesOf(await world.send(admin, 'GET /v1.0/applications')).map((one) => one['uniqueName']);

test('an application is registered under a uniqueName, and then changed', async (context) => {
  const world = await openWorld(context);
  const made = await world.send(admin, named, { displayName: 'First' }, upsert);
  assert.equal(made.status, 201, JSON.stringify(made.json));
  assert.equal(made.json['uniqueName'], 'app-65278');
  const id = String(made.json['id']);
  assert.equal(
    made.headers['Location'],
    `https://graph.microsoft.com/v2/${contoso}/directoryObjects/${id}/Microsoft.DirectoryServices.Application`,
  );
  const changed = await world.send(admin, named, { displayName: 'Second' }, upsert);
  assert.equal(changed.status, 204, JSON.stringify(changed.json));
  const shown = await world.send(admin, "GET /v1.0/applications(uniqueName='APP-65278')");
  assert.deepEqual([shown.json['id'], shown.json['displayName']], [id, 'Second']);
  const filter = "$filter=uniqueName eq 'app-65278'";
  const [found] = valuesOf(await world.send(admin, `GET /v1.0/applications?${filter}`));
  assert.equal(found?.['id'], id);
  assert.deepEqual(
    world.events.map(({ facts }) => facts['activity']),
    ['Add application', 'Update application'],
  );
});

test('without the preference nothing is made', async (context) => {
  const world = await openWorld(context);
  const before = await world.snapshot();
  const body = { displayName: 'First' };
  for (const headers of [{}, { prefer: 'return=representation' }]) {
    assert.equal((await world.send(admin, named, body, headers)).status, 404);
  }
  const byAppId = `PATCH /v1.0/applications(appId='${known.member}')`;
  assert.equal((await world.send(admin, byAppId, body, upsert)).status, 404);
  const nameless = await world.send(admin, named, { notes: 'x' }, upsert);
  assert.equal(nameless.status, 400);
  assert.match(String(errorOf(nameless).message), /'displayName'/);
  assert.deepEqual(await world.snapshot(), before);
});

test('a uniqueName is given with the key alone', async (context) => {
  const world = await openWorld(context);
  const body = { displayName: 'First', uniqueName: 'other' };
  for (const line of ['POST /v1.0/applications', named]) {
    const refused = await world.send(admin, line, body, upsert);
    assert.equal(refused.status, 400, line);
    assert.match(String(errorOf(refused).message), /read-only/);
  }
  assert.deepEqual((await namesOf(world)).filter(Boolean), []);
});

test('who may register applications may do so under a name, and owns what she made', async (context) => {
  const world = await openWorld(context);
  const owned = appCaller(['Application.ReadWrite.OwnedBy']);
  const reader = appCaller(['Application.Read.All']);
  const body = { displayName: 'First' };
  const refused = await world.send(reader, named, body, upsert);
  assert.equal(errorOf(refused).code, 'Authorization_RequestDenied');
  assert.equal((await world.send(owned, named, body, upsert)).status, 201);
  assert.equal((await world.send(owned, named, body, upsert)).status, 204);
  const another = { ...owned, objectId: known.innerGroup, principalIds: [known.innerGroup] };
  const denied = await world.send(another, named, { displayName: 'Taken' }, upsert);
  assert.equal(errorOf(denied).code, 'Authorization_RequestDenied');
  const shown = await world.send(admin, "GET /v1.0/applications(uniqueName='app-65278')");
  assert.equal(shown.json['displayName'], 'First');
});

test('a name that was taken meanwhile keeps a deleted application from coming back', async (context) => {
  const world = await openWorld(context);
  const body = { displayName: 'First' };
  const first = await world.send(admin, named, body, upsert);
  const path = `/v1.0/directory/deletedItems/${String(first.json['id'])}`;
  const removed = await world.send(admin, "DELETE /v1.0/applications(uniqueName='app-65278')");
  assert.equal(removed.status, 204);
  assert.equal((await world.send(admin, named, body, upsert)).status, 201);
  const refused = await world.send(admin, `POST ${path}/restore`);
  assert.equal(errorOf(refused).code, 'Request_MultipleObjectsWithSameKeyValue');
  assert.equal((await world.send(admin, `GET ${path}`)).status, 200, 'it is deleted still');
});

test('a service principal is made under the appId of its application, and then changed', async (context) => {
  const world = await openWorld(context);
  const made = await world.send(admin, 'POST /v1.0/applications', { displayName: 'New' });
  const appId = String(made.json['appId']);
  const line = `PATCH /v1.0/servicePrincipals(appId='${appId}')`;
  const body = { displayName: 'My instance' };
  assert.equal((await world.send(admin, line, body)).status, 404);
  const stranger = await world.send(userCaller(), line, body, upsert);
  assert.equal(errorOf(stranger).code, 'Authorization_RequestDenied');
  const created = await world.send(admin, line, body, upsert);
  assert.equal(created.status, 201, JSON.stringify(created.json));
  assert.deepEqual([created.json['appId'], created.json['displayName']], [appId, 'My instance']);
  assert.match(created.headers['Location'] ?? '', /DirectoryServices\.ServicePrincipal$/);
  const changed = await world.send(admin, line, { notes: 'kept' }, upsert);
  assert.equal(changed.status, 204);
  const shown = await world.send(admin, `GET /v1.0/servicePrincipals(appId='${appId}')`);
  assert.deepEqual([shown.json['id'], shown.json['notes']], [created.json['id'], 'kept']);
});

test('an owner makes the service principal of her application, and nobody that of none', async (context) => {
  const world = await openWorld(context);
  const member = userCaller();
  const made = await world.send(member, 'POST /v1.0/applications', { displayName: 'Mine' });
  const line = `PATCH /v1.0/servicePrincipals(appId='${String(made.json['appId'])}')`;
  assert.equal((await world.send(member, line, {}, upsert)).status, 201);
  const nobody = `PATCH /v1.0/servicePrincipals(appId='${known.member}')`;
  const refused = await world.send(admin, nobody, {}, upsert);
  assert.match(String(errorOf(refused).message), /does not reference a valid application object/);
});
