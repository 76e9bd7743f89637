import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admin, appCaller, contoso, known, openWorld } from './world.test.ts';

const places: readonly (readonly [string, string])[] = [
  [`applications/${known.application}/owners`, 'Application.Read.All'],
  [`servicePrincipals/${known.principal}/owners`, 'Application.Read.All'],
  [`groups/${known.outerGroup}/owners`, 'Group.Read.All'],
  [`groups/${known.outerGroup}/members`, 'GroupMember.Read.All'],
];

for (const [place, reads] of places) {
  test(`the link to one of ${place.replace(/\/.*\//, '/{id}/')} is there while the object is`, async (context) => {
    const world = await openWorld(context);
    const line = `/v1.0/${place}/${known.admin}/$ref`;
    assert.equal((await world.send(admin, `GET ${line}`)).status, 404);
    const link = `https://graph.microsoft.com/v1.0/directoryObjects/${known.admin}`;
    await world.send(admin, `POST /v1.0/${place}/$ref`, { '@odata.id': link });
    const found = await world.send(appCaller([reads]), `GET ${line}?$select=id,url`);
    assert.equal(found.status, 200);
    assert.equal(
      found.json['@odata.id'],
      `https://graph.microsoft.com/v2/${contoso}/directoryObjects/${known.admin}/Microsoft.DirectoryServices.User`,
    );
    assert.equal((await world.send(appCaller(), `GET ${line}`)).status, 403);
    assert.equal((await world.send(admin, `DELETE ${line}`)).status, 204);
    assert.equal((await world.send(admin, `GET ${line}`)).status, 404);
  });
}
