import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  admin,
  appCaller,
  errorOf,
  type GraphWorld,
  known,
  openWorld,
  userCaller,
  valuesOf,
} from './world.test.ts';

const collection = '/v1.0/policies/tokenLifetimePolicies';
const lasting = (time: string): string =>
  `{"TokenLifetimePolicy":{"Version":1,"AccessTokenLifetime":"${time}"}}`;
const eightHours = { displayName: 'Eight hours', definition: [lasting('8:00:00')] };

async function create(world: GraphWorld, more: object = {}): Promise<string> {
  const answer = await world.send(admin, `POST ${collection}`, { ...eightHours, ...more });
  assert.equal(answer.status, 201, JSON.stringify(answer.json));
  return String(answer.json['id']);
}

const policies = async (world: GraphWorld) =>
  valuesOf(await world.send(admin, `GET ${collection}`));

test('a policy is made, read, changed and removed', async (context) => {
  const world = await openWorld(context);
  const id = await create(world);
  const place = `${collection}/${id}`;
  const { '@odata.context': _, ...shown } = (await world.send(admin, `GET ${place}`)).json;
  assert.deepEqual(shown, {
    id,
    deletedDateTime: null,
    definition: eightHours.definition,
    displayName: 'Eight hours',
    isOrganizationDefault: false,
  });
  const body = { definition: [lasting('1.00:00:00')], isOrganizationDefault: true };
  assert.equal((await world.send(admin, `PATCH ${place}`, body)).status, 204);
  const [changed] = await policies(world);
  assert.deepEqual(changed, { ...shown, ...body });
  assert.equal((await world.send(admin, `DELETE ${place}`)).status, 204);
  assert.deepEqual(await policies(world), []);
  assert.equal((await world.send(admin, `GET ${place}`)).status, 404);
  assert.equal((await world.send(admin, `DELETE ${place}`)).status, 404);
});

const refusedDefinitions: readonly (readonly [what: string, definition: unknown])[] = [
  ['nine minutes', [lasting('00:09:59')]],
  ['a second more than a day', [lasting('1.00:00:01')]],
  ['24:00:00, which .NET reads as days', [lasting('24:00:00')]],
  ['no time', [lasting('soon')]],
  ['a number', ['{"TokenLifetimePolicy":{"Version":1,"AccessTokenLifetime":8}}']],
  ['another version', ['{"TokenLifetimePolicy":{"Version":2,"AccessTokenLifetime":"8:00:00"}}']],
  ['another kind of policy', ['{"ClaimsMappingPolicy":{"Version":1}}']],
  [
    'a name that Entra never had',
    ['{"TokenLifetimePolicy":{"Version":1,"IdTokenLifetime":"1:00"}}'],
  ],
  ['text that is no JSON', ['8:00:00']],
  ['two texts', [lasting('8:00:00'), lasting('9:00:00')]],
  ['nothing', []],
];

for (const [what, definition] of refusedDefinitions) {
  test(`a definition with ${what} is refused and changes nothing`, async (context) => {
    const world = await openWorld(context);
    const id = await create(world);
    const before = await policies(world);
    for (const line of [`POST ${collection}`, `PATCH ${collection}/${id}`]) {
      const answer = await world.send(admin, line, { ...eightHours, definition });
      assert.equal(answer.status, 400, line);
      assert.match(String(errorOf(answer).message), /Property definition has an invalid value/);
    }
    assert.deepEqual(await policies(world), before);
  });
}

test('ten minutes and a day are allowed, and what Entra honours no more is kept', async (context) => {
  const world = await openWorld(context);
  const retired = '{"TokenLifetimePolicy":{"Version":1,"MaxInactiveTime":"30.00:00:00"}}';
  for (const text of [lasting('00:10:00'), lasting('1.00:00:00'), lasting('23:59'), retired]) {
    await create(world, { definition: [text] });
  }
  assert.equal((await policies(world)).length, 4);
});

test('a tenant has one default', async (context) => {
  const world = await openWorld(context);
  await create(world, { isOrganizationDefault: true });
  const other = await create(world);
  const before = await policies(world);
  const body = { ...eightHours, isOrganizationDefault: true };
  assert.equal((await world.send(admin, `POST ${collection}`, body)).status, 400);
  assert.equal((await world.send(admin, `PATCH ${collection}/${other}`, body)).status, 400);
  assert.deepEqual(await policies(world), before);
});

for (const place of [`applications/${known.application}`, `servicePrincipals/${known.principal}`]) {
  test(`${place.split('/')[0]} have one policy, by reference`, async (context) => {
    const world = await openWorld(context);
    const [id, second] = [await create(world), await create(world)];
    const held = `/v1.0/${place}/tokenLifetimePolicies`;
    const assign = (policyId: string) =>
      world.send(admin, `POST ${held}/$ref`, {
        '@odata.id': `https://graph.microsoft.com${collection}/${policyId}`,
      });
    assert.deepEqual(valuesOf(await world.send(admin, `GET ${held}`)), []);
    assert.equal((await assign(id)).status, 204);
    const again = await assign(second);
    assert.equal(again.status, 400);
    assert.equal(errorOf(again).code, 'Request_MultipleObjectsWithSameKeyValue');
    const ids = valuesOf(await world.send(admin, `GET ${held}`)).map((one) => one['id']);
    assert.deepEqual(ids, [id]);
    const holders = valuesOf(await world.send(admin, `GET ${collection}/${id}/appliesTo`));
    assert.deepEqual(
      holders.map((one) => one['id']),
      [place.split('/')[1]],
    );
    assert.equal((await world.send(admin, `DELETE ${held}/${second}/$ref`)).status, 404);
    assert.equal((await world.send(admin, `DELETE ${held}/${id}/$ref`)).status, 204);
    assert.deepEqual(valuesOf(await world.send(admin, `GET ${held}`)), []);
    assert.equal((await assign(known.member)).status, 404);
  });
}

test('a policy that is removed is assigned to nothing', async (context) => {
  const world = await openWorld(context);
  const id = await create(world);
  const held = `/v1.0/applications/${known.application}/tokenLifetimePolicies`;
  await world.send(admin, `POST ${held}/$ref`, { '@odata.id': `https://x${collection}/${id}` });
  await world.send(admin, `DELETE ${collection}/${id}`);
  assert.deepEqual(valuesOf(await world.send(admin, `GET ${held}`)), []);
});

test('members read policies; writing takes the permission or the directory role', async (context) => {
  const world = await openWorld(context);
  await create(world);
  assert.equal((await world.send(userCaller(), `GET ${collection}`)).status, 200);
  assert.equal((await world.send(userCaller(), `POST ${collection}`, eightHours)).status, 403);
  const reader = appCaller(['Policy.Read.All']);
  assert.equal((await world.send(reader, `GET ${collection}`)).status, 200);
  assert.equal((await world.send(reader, `POST ${collection}`, eightHours)).status, 403);
  assert.equal((await policies(world)).length, 1);
  const writer = appCaller(['Policy.ReadWrite.ApplicationConfiguration']);
  assert.equal((await world.send(writer, `POST ${collection}`, eightHours)).status, 201);
});
