import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admin, appCaller, errorOf, known, openWorld } from './world.test.ts';

const objects: readonly (readonly [string, string, object])[] = [
  ['applications', known.application, { notes: 'changed' }],
  ['servicePrincipals', known.principal, { notes: 'changed' }],
  ['groups', known.innerGroup, { description: 'changed' }],
  ['users', known.member, { jobTitle: 'changed' }],
];

for (const [collection, id, change] of objects) {
  test(`a change of ${collection} may repeat the id, and may not give another`, async (context) => {
    const world = await openWorld(context);
    const [name = ''] = Object.keys(change);
    const line = `PATCH /v1.0/${collection}/${id}`;
    const shown = async () =>
      (await world.send(admin, `GET /v1.0/${collection}/${id}?$select=${name}`)).json[name];
    const other = await world.send(admin, line, { ...change, id: known.foreigner });
    assert.equal(other.status, 400);
    assert.match(String(errorOf(other).message), /'id' is read-only/);
    assert.equal(await shown(), null);
    assert.equal((await world.send(admin, line, { ...change, id })).status, 204);
    assert.equal(await shown(), 'changed');
    const upper = { ...change, id: id.toUpperCase() };
    assert.equal((await world.send(admin, line, upper)).status, 204);
    const create = await world.send(admin, `POST /v1.0/${collection}`, { ...change, id });
    assert.equal(create.status, 400);
  });
}

test('to repeat the id takes no permission that the change itself does not', async (context) => {
  const world = await openWorld(context);
  const password = { passwordProfile: { password: 'Xy7!mountain-lake' }, id: known.member };
  const line = `PATCH /v1.0/users/${known.member}`;
  const setter = appCaller(['User-PasswordProfile.ReadWrite.All']);
  assert.equal((await world.send(setter, line, password)).status, 204);
  const wider = { ...password, jobTitle: 'changed' };
  assert.equal((await world.send(setter, line, wider)).status, 403);
});
