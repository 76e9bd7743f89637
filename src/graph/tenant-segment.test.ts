import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admin, contoso, errorOf, fabrikam, known, openWorld, valuesOf } from './world.test.ts';

test('a path may name the tenant behind the version, and means the same', async (context) => {
  const world = await openWorld(context);
  const plain = valuesOf(await world.send(admin, 'GET /v1.0/users'));
  for (const tenant of [contoso, contoso.toUpperCase(), 'myorganization', 'myOrganization']) {
    assert.deepEqual(valuesOf(await world.send(admin, `GET /v1.0/${tenant}/users`)), plain);
    const one = await world.send(admin, `GET /beta/${tenant}/users('${known.member}')`);
    assert.equal(one.json['id'], known.member);
  }
  const body = { displayName: 'Renamed' };
  const line = `PATCH /v1.0/${contoso}/applications/${known.application}`;
  assert.equal((await world.send(admin, line, body)).status, 204);
});

test('a path that names another tenant than the token is refused and changes nothing', async (context) => {
  const world = await openWorld(context);
  const before = await world.snapshot();
  for (const path of [`users/${known.foreigner}`, `applications/${known.application}`]) {
    for (const method of ['GET', 'DELETE']) {
      const answer = await world.send(admin, `${method} /v1.0/${fabrikam}/${path}`);
      assert.equal(answer.status, 403);
      assert.equal(errorOf(answer).code, 'Authorization_RequestDenied');
    }
  }
  assert.deepEqual(await world.snapshot(), before);
});

test('a tenant alone, or twice, names nothing', async (context) => {
  const world = await openWorld(context);
  for (const path of [contoso, 'myorganization', `${contoso}/${contoso}/users`]) {
    assert.equal((await world.send(admin, `GET /v1.0/${path}`)).status, 400);
  }
});
