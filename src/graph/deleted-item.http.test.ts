import assert from 'node:assert/strict';
import { test } from 'node:test';
import { restorableSeconds } from '#directory/deleted-object.store.ts';
import { directoryRoleTemplates as roles } from '#directory/directory-role.ts';
import { addServicePrincipal, findServicePrincipal } from '#directory/service-principal.store.ts';
import { findUser } from '#directory/user.store.ts';
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

const member = userCaller();
const deleted = '/v1.0/directory/deletedItems';

const objects = [
  ['user', `users/${known.member}`, known.member],
  ['group', `groups/${known.innerGroup}`, known.innerGroup],
  ['application', `applications/${known.application}`, known.application],
  ['servicePrincipal', `servicePrincipals/${known.principal}`, known.principal],
] as const;

const idsOf = async (world: GraphWorld, kind: string) =>
  valuesOf(await world.send(admin, `GET ${deleted}/microsoft.graph.${kind}`)).map(
    (one) => one['id'],
  );

for (const [kind, path, id] of objects) {
  test(`a deleted ${kind} is listed, shown, restored, and then deleted for good`, async (context) => {
    const world = await openWorld(context);
    const before = await world.snapshot();
    assert.deepEqual(await idsOf(world, kind), []);
    assert.equal((await world.send(admin, `GET ${deleted}/${id}`)).status, 404);
    assert.equal((await world.send(admin, `DELETE /v1.0/${path}`)).status, 204);
    assert.deepEqual(await idsOf(world, kind), [id]);
    const shown = (await world.send(admin, `GET ${deleted}/${id}`)).json;
    assert.equal(shown['@odata.type'], `#microsoft.graph.${kind}`);
    assert.equal(shown['deletedDateTime'], '2026-11-20T09:00:00Z');

    const restored = await world.send(admin, `POST ${deleted}/${id}/restore`);
    assert.equal(restored.status, 200, JSON.stringify(restored.json));
    assert.equal(restored.json['id'], id);
    assert.equal(
      restored.json['@odata.context'],
      'https://graph.microsoft.com/v1.0/$metadata#directoryObjects/$entity',
    );
    if (kind === 'application') {
      const principal = `POST ${deleted}/${known.principal}/restore`;
      assert.equal((await world.send(admin, principal)).status, 200);
    }
    assert.deepEqual(await world.snapshot(), before);
    assert.deepEqual(await idsOf(world, kind), []);

    assert.equal((await world.send(admin, `DELETE /v1.0/${path}`)).status, 204);
    assert.equal((await world.send(admin, `DELETE ${deleted}/${id}`)).status, 204);
    for (const line of [`DELETE ${deleted}/${id}`, `POST ${deleted}/${id}/restore`]) {
      assert.equal((await world.send(admin, line)).status, 404, line);
    }
  });
}

test('an application takes its service principal along, and does not bring it back', async (context) => {
  const world = await openWorld(context);
  await world.send(admin, `DELETE /v1.0/applications/${known.application}`);
  assert.deepEqual(await idsOf(world, 'servicePrincipal'), [known.principal]);
  const fresh = await world.send(admin, 'POST /v1.0/servicePrincipals', { appId: known.appId });
  assert.match(String(errorOf(fresh).message), /does not reference a valid application object/);
  await world.send(admin, `POST ${deleted}/${known.application}/restore`);
  const find = () => world.store.read((tx) => findServicePrincipal(tx, contoso, known.principal));
  assert.equal(await find(), undefined);
  const again = await world.send(admin, 'POST /v1.0/servicePrincipals', { appId: known.appId });
  assert.equal(again.status, 201);
  const conflict = await world.send(admin, `POST ${deleted}/${known.principal}/restore`);
  assert.equal(conflict.status, 409);
  assert.match(String(errorOf(conflict).message), /name .* is already in use/);
  assert.equal(await find(), undefined);
  assert.deepEqual(await idsOf(world, 'servicePrincipal'), [known.principal]);
});

test('a deleted user frees her name, and comes back under another', async (context) => {
  const world = await openWorld(context);
  await world.send(admin, `DELETE /v1.0/users/${known.member}`);
  const [shown] = valuesOf(await world.send(admin, `GET ${deleted}/microsoft.graph.user`));
  const prefix = known.member.replaceAll('-', '');
  assert.equal(shown?.['userPrincipalName'], `${prefix}member@contoso.example`);
  const twin = {
    accountEnabled: true,
    displayName: 'Twin',
    mailNickname: 'twin',
    userPrincipalName: 'member@contoso.example',
    passwordProfile: { password: 'Tango4Two' },
  };
  assert.equal((await world.send(admin, 'POST /v1.0/users', twin)).status, 201);
  const restore = (body?: object) =>
    world.send(admin, `POST ${deleted}/${known.member}/restore`, body);
  assert.match(String(errorOf(await restore()).message), /userPrincipalName already exists/);
  const foreign = await restore({ newUserPrincipalName: 'm@fabrikam.example' });
  assert.match(String(errorOf(foreign).message), /verified domain/);
  assert.equal((await restore({ other: true })).status, 400);
  assert.deepEqual(await idsOf(world, 'user'), [known.member]);
  const restored = await restore({ newUserPrincipalName: 'max@contoso.example' });
  assert.equal(restored.json['userPrincipalName'], 'max@contoso.example');
  const user = await world.store.read((tx) => findUser(tx, contoso, known.member));
  assert.equal(user?.signInSessionsValidFrom, world.clock.civil());
});

test('only who manages the kind sees and restores it; owners restore their applications', async (context) => {
  const world = await openWorld(context);
  const own = await world.send(member, 'POST /v1.0/applications', { displayName: 'Mine' });
  const ownId = String(own.json['id']);
  await world.send(member, `DELETE /v1.0/applications/${ownId}`);
  await world.send(admin, `DELETE /v1.0/users/${known.member}`);
  const helper = userCaller({
    objectId: known.admin,
    directoryRoleIds: [roles.userAdministrator],
  });
  const status = async (as: typeof member, line: string) => (await world.send(as, line)).status;
  const before = await world.snapshot();
  for (const line of [
    `GET ${deleted}/microsoft.graph.user`,
    `GET ${deleted}/${known.member}`,
    `DELETE ${deleted}/${known.member}`,
    `POST ${deleted}/${known.member}/restore`,
  ]) {
    assert.equal(await status(member, line), 403, line);
    assert.equal(await status(appCaller(['Application.ReadWrite.All']), line), 403, line);
  }
  assert.equal(await status(helper, `POST ${deleted}/${ownId}/restore`), 403);
  assert.deepEqual(await world.snapshot(), before);
  assert.equal(await status(member, `POST ${deleted}/${ownId}/restore`), 200);
  assert.equal(await status(helper, `POST ${deleted}/${known.member}/restore`), 200);
});

test('after 30 days nothing is left to restore', async (context) => {
  const world = await openWorld(context);
  await world.send(admin, `DELETE /v1.0/users/${known.member}`);
  world.clock.advanceSeconds(restorableSeconds);
  assert.deepEqual(await idsOf(world, 'user'), []);
  const line = `POST ${deleted}/${known.member}/restore`;
  assert.equal((await world.send(admin, line)).status, 404);
});

for (const [kind, path, id] of objects) {
  test(`the kind of a deleted ${kind} may be named with its id, and no other`, async (context) => {
    const world = await openWorld(context);
    const named = `${deleted}/microsoft.graph.${kind}/${id}`;
    assert.equal((await world.send(admin, `GET ${named}`)).status, 404);
    await world.send(admin, `DELETE /v1.0/${path}`);
    const plain = (await world.send(admin, `GET ${deleted}/${id}`)).json;
    const behind = [`microsoft.graph.${kind.toUpperCase()}`, `graph.${kind}`];
    for (const line of [named, ...behind.map((cast) => `${deleted}/${id}/${cast}`)]) {
      assert.deepEqual((await world.send(admin, `GET ${line}`)).json, plain, line);
    }
    const other = kind === 'group' ? 'user' : 'group';
    for (const wrong of [other, 'device', 'directoryRole']) {
      const line = `${deleted}/microsoft.graph.${wrong}/${id}`;
      for (const asked of [`GET ${line}`, `DELETE ${line}`, `POST ${line}/restore`]) {
        const refused = await world.send(admin, asked);
        assert.equal(refused.status, 404, asked);
        assert.equal(errorOf(refused).code, 'Request_ResourceNotFound');
      }
    }
    assert.deepEqual(await idsOf(world, kind), [id]);
    const restored = await world.send(admin, `POST ${named}/restore`);
    assert.equal(restored.json['id'], id, JSON.stringify(restored.json));
    await world.send(admin, `DELETE /v1.0/${path}`);
    assert.equal((await world.send(admin, `DELETE ${named}`)).status, 204);
    assert.deepEqual(await idsOf(world, kind), []);
  });
}

test('the kind before an id gives no right that the object does not', async (context) => {
  const world = await openWorld(context);
  await world.send(admin, `DELETE /v1.0/users/${known.member}`);
  const before = await idsOf(world, 'user');
  for (const kind of ['user', 'application']) {
    const line = `${deleted}/microsoft.graph.${kind}/${known.member}`;
    for (const asked of [`GET ${line}`, `DELETE ${line}`, `POST ${line}/restore`]) {
      const answer = await world.send(appCaller(['Application.ReadWrite.All']), asked);
      assert.equal(answer.status, 403, asked);
    }
  }
  assert.deepEqual(await idsOf(world, 'user'), before);
});

test('what no kind is called is no segment', async (context) => {
  const world = await openWorld(context);
  const line = `${deleted}/microsoft.graph.nonsense`;
  for (const asked of [`GET ${line}`, `GET ${line}/${known.member}`, `DELETE ${line}`]) {
    assert.equal((await world.send(admin, asked)).status, 400, asked);
  }
});

test('kinds that are never deleted here are asked for in vain, by who may read them', async (context) => {
  const world = await openWorld(context);
  for (const [kind, role] of [
    ['device', 'Device.Read.All'],
    ['administrativeUnit', 'AdministrativeUnit.Read.All'],
  ] as const) {
    const line = `GET ${deleted}/microsoft.graph.${kind}`;
    const answer = await world.send(appCaller([role]), line);
    assert.deepEqual(valuesOf(answer), []);
    assert.match(String(answer.json['@odata.context']), new RegExp(`#${kind}s$`));
    assert.equal((await world.send(appCaller(['User.Read.All']), line)).status, 403);
  }
});

test('the SDKs write the namespace of kinds in short', async (context) => {
  const world = await openWorld(context);
  await world.send(admin, `DELETE /v1.0/users/${known.member}`);
  const listed = valuesOf(await world.send(admin, `GET ${deleted}/graph.user`));
  assert.deepEqual(
    listed.map((one) => one['id']),
    [known.member],
  );
  const eventual = { consistencylevel: 'eventual' };
  const count = `GET ${deleted}/graph.user/$count`;
  assert.equal((await world.send(admin, count, undefined, eventual)).text, '1');
  assert.equal((await world.send(admin, `GET ${deleted}/graph.nonsense`)).status, 400);
  const other = appCaller(['Group.Read.All']);
  assert.equal((await world.send(other, `GET ${deleted}/graph.user`)).status, 403);
});

test('what is deleted is counted by its kind', async (context) => {
  const world = await openWorld(context);
  await world.send(admin, `DELETE /v1.0/users/${known.member}`);
  const eventual = { consistencylevel: 'eventual' };
  const count = (kind: string, query = '') => {
    const line = `GET ${deleted}/microsoft.graph.${kind}/$count${query}`;
    return world.send(admin, line, undefined, eventual);
  };
  assert.equal((await count('user')).text, '1');
  assert.equal((await count('user', "?$filter=displayName eq 'Nobody'")).text, '0');
  assert.equal((await count('group')).text, '0');
  const plain = await world.send(admin, `GET ${deleted}/microsoft.graph.user/$count`);
  assert.equal(plain.status, 400);
});

test('what another tenant deleted is not found', async (context) => {
  const world = await openWorld(context);
  const elsewhere = { ...admin, tenantId: known.foreigner };
  await world.send(admin, `DELETE /v1.0/users/${known.member}`);
  const line = `POST ${deleted}/${known.member}/restore`;
  assert.equal((await world.send(elsewhere, line)).status, 404);
  assert.deepEqual(await idsOf(world, 'user'), [known.member]);
});

test('the service principal of a managed identity is left to its resource', async (context) => {
  const world = await openWorld(context);
  const objectId = known.admin.replace(/^..../, 'aaaa');
  await world.store.write(async (tx) => {
    const basis = await findServicePrincipal(tx, contoso, known.principal);
    assert(basis !== undefined);
    const appId = known.admin.replace(/^..../, 'bbbb');
    const names = { appId, servicePrincipalNames: [appId] };
    const identity = { ...basis, ...names, objectId, servicePrincipalType: 'ManagedIdentity' };
    await addServicePrincipal(tx, identity as typeof basis);
  });
  const path = `/v1.0/servicePrincipals/${objectId}`;
  const before = await world.snapshot();
  for (const [line, body] of [
    [`PATCH ${path}`, { displayName: 'mine now' }],
    [`DELETE ${path}`, undefined],
    [`POST ${path}/addPassword`, { passwordCredential: {} }],
    [`POST ${path}/owners/$ref`, { '@odata.id': `https://x/directoryObjects/${known.member}` }],
    [`DELETE ${path}/owners/${known.member}/$ref`, undefined],
  ] as const) {
    const answer = await world.send(admin, line, body);
    assert.equal(errorOf(answer).code, 'Authorization_RequestDenied', line);
  }
  assert.deepEqual(await world.snapshot(), before);
});
