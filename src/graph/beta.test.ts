import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstPartyAppIds } from '#directory/first-party.ts';
import { admin, known, openWorld, valuesOf } from './world.test.ts';

test('beta shows every property of a user that v1.0 shows only when it is selected', async (context) => {
  const world = await openWorld(context);
  for (const path of [`users/${known.member}`, 'me']) {
    const beta = (await world.send(admin, `GET /beta/${path}`)).json;
    assert.equal(beta['accountEnabled'], true);
    assert.equal(typeof beta['createdDateTime'], 'string');
    const stable = (await world.send(admin, `GET /v1.0/${path}`)).json;
    assert.equal(Object.hasOwn(stable, 'accountEnabled'), false);
    assert.equal(beta['userPrincipalName'], stable['userPrincipalName']);
    const chosen = (await world.send(admin, `GET /beta/${path}?$select=id`)).json;
    assert.deepEqual(Object.keys(chosen), ['@odata.context', 'id']);
  }
  const listed = valuesOf(await world.send(admin, 'GET /beta/users'));
  assert.ok(listed.length > 0 && listed.every((one) => one['accountEnabled'] === true));
});

test('the delegated permissions of a service principal have another name in beta', async (context) => {
  const world = await openWorld(context);
  const key = `servicePrincipals(appId='${firstPartyAppIds.graph}')`;
  const stable = (await world.send(admin, `GET /v1.0/${key}`)).json;
  const beta = (await world.send(admin, `GET /beta/${key}`)).json;
  assert.deepEqual(beta['publishedPermissionScopes'], stable['oauth2PermissionScopes']);
  assert.equal(Object.hasOwn(beta, 'oauth2PermissionScopes'), false);
  assert.equal(Object.hasOwn(stable, 'publishedPermissionScopes'), false);
  const filter = `$filter=appId eq '${firstPartyAppIds.graph}'`;
  const [listed] = valuesOf(await world.send(admin, `GET /beta/servicePrincipals?${filter}`));
  assert.deepEqual(listed?.['publishedPermissionScopes'], stable['oauth2PermissionScopes']);
  assert.ok(Array.isArray(stable['oauth2PermissionScopes']));
  assert.ok(stable['oauth2PermissionScopes'].length > 0);
});
