import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listPasswords } from '#directory/credential.store.ts';
import { graphOperations } from './surface.ts';
import { admin, contoso, known, openWorld, userCaller, valuesOf } from './world.test.ts';

const holder = { tenantId: contoso, appObjectId: known.application };

for (const namespace of ['microsoft.graph.', 'Microsoft.Graph.', 'graph.']) {
  test(`an action may have ${namespace} before its name`, async (context) => {
    const world = await openWorld(context);
    const line = `POST /v1.0/applications/${known.application}/${namespace}addPassword`;
    const added = await world.send(admin, line, { passwordCredential: { displayName: 'x' } });
    assert.equal(added.status, 200, JSON.stringify(added.json));
    assert.equal((await world.store.read((tx) => listPasswords(tx, holder))).length, 1);
    const groups = `POST /v1.0/users('${known.member}')/${namespace}getMemberGroups`;
    const body = { securityEnabledOnly: true };
    assert.equal(valuesOf(await world.send(admin, groups, body)).length, 2);
  });
}

test('an action with its namespace takes the same right', async (context) => {
  const world = await openWorld(context);
  const stranger = userCaller();
  const line = `POST /v1.0/applications/${known.application}/microsoft.graph.addPassword`;
  assert.equal((await world.send(stranger, line, {})).status, 403);
  assert.deepEqual(await world.store.read((tx) => listPasswords(tx, holder)), []);
});

test('only actions have a namespace, and only where they are called', async (context) => {
  const world = await openWorld(context);
  const before = await world.snapshot();
  const application = `/v1.0/applications/${known.application}`;
  for (const line of [
    'POST /v1.0/microsoft.graph.applications',
    `POST ${application}/other.graph.addPassword`,
    `POST ${application}/microsoft.graph.nonsense`,
    `GET ${application}/microsoft.graph.addPassword`,
    `POST ${application}/microsoft.graph.addPassword/x`,
  ]) {
    const answer = await world.send(admin, line, { displayName: 'x' });
    assert.equal(answer.status, 400, line);
  }
  assert.deepEqual(await world.snapshot(), before);
});

test('each action that is listed may be called with its namespace', async (context) => {
  const world = await openWorld(context);
  const isAction = /\/(add|remove|get|check|revoke|change|restore|set)[A-Za-z]*$/;
  const actions = graphOperations.filter(
    ({ method, path }) => method === 'POST' && isAction.test(path) && !path.startsWith('/api/'),
  );
  assert.ok(actions.length > 20);
  for (const { path } of actions) {
    const plain = path.replace('{graphVersion}', 'v1.0').replace(/\{\w+\}/g, known.foreigner);
    const named = plain.replace(/\/(\w+)$/, '/microsoft.graph.$1');
    const status = async (at: string) => (await world.send('missing', `POST ${at}`, {})).status;
    assert.deepEqual([await status(named), await status(plain)], [401, 401], path);
    const asked = await world.send(admin, `POST ${named}`, {});
    const same = await world.send(admin, `POST ${plain}`, {});
    assert.deepEqual([asked.status, asked.json['value']], [same.status, same.json['value']], path);
  }
});
