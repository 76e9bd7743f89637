import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#kernel/json.ts';
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

const path = `/v1.0/applications/${known.application}/federatedIdentityCredentials`;

/** As recorded of `az ad app federated-credential create`. */
const recorded = {
  name: 'Testing',
  issuer: 'https://token.actions.githubusercontent.com/',
  subject: 'repo:octo-org/octo-repo:environment:Production',
  description: 'Testing',
  audiences: ['api://AzureADTokenExchange'],
};

async function add(world: GraphWorld, more: JsonObject = {}): Promise<string> {
  const answer = await world.send(admin, `POST ${path}`, { ...recorded, ...more });
  assert.equal(answer.status, 201, JSON.stringify(answer.json));
  return String(answer.json['id']);
}

const listed = async (world: GraphWorld) => valuesOf(await world.send(admin, `GET ${path}`));

test('a federated credential is made, shown, listed, changed and removed as recorded', async (context) => {
  const world = await openWorld(context);
  const made = await world.send(admin, `POST ${path}`, recorded);
  assert.equal(made.status, 201);
  const { '@odata.context': address, id, ...rest } = made.json;
  const metadata = `https://graph.microsoft.com/v1.0/$metadata#applications('${known.application}')/federatedIdentityCredentials`;
  assert.equal(address, `${metadata}/$entity`);
  assert.deepEqual(rest, recorded);
  assert.ok(made.headers['Location']?.endsWith(`/federatedIdentityCredentials/${id}`));
  const { '@odata.context': list, value } = (await world.send(admin, `GET ${path}`)).json;
  assert.equal(list, metadata);
  assert.deepEqual(value, [{ id, ...recorded }]);
  const subject = 'repo:octo-org/octo-repo:environment:Staging';
  assert.equal((await world.send(admin, `PATCH ${path}/${id}`, { subject })).status, 204);
  const shown = await world.send(admin, `GET ${path}/${id}`);
  assert.deepEqual(shown.json, { ...made.json, subject });
  assert.equal((await world.send(admin, `DELETE ${path}/${id}`)).status, 204);
  assert.deepEqual(await listed(world), []);
  assert.equal((await world.send(admin, `DELETE ${path}/${id}`)).status, 404);
});

test('a credential and its application are found in each spelling of their keys', async (context) => {
  const world = await openWorld(context);
  const id = await add(world);
  const byAppId = `/beta/applications(appId='${known.appId}')/federatedIdentityCredentials`;
  for (const key of [
    `/${id}`,
    '/Testing',
    '/TESTING',
    "(name='Testing')",
    `/${id.toUpperCase()}`,
  ]) {
    const answer = await world.send(admin, `GET ${byAppId}${key}`);
    assert.equal(answer.json['id'], id, key);
  }
});

test('a description can be left out and taken away', async (context) => {
  const world = await openWorld(context);
  const id = await add(world, { description: null });
  const described = async () => (await world.send(admin, `GET ${path}/${id}`)).json['description'];
  assert.equal(await described(), null);
  await world.send(admin, `PATCH ${path}/${id}`, { description: 'Main branch' });
  assert.equal(await described(), 'Main branch');
  await world.send(admin, `PATCH ${path}/${id}`, { audiences: recorded.audiences });
  assert.equal(await described(), 'Main branch');
  await world.send(admin, `PATCH ${path}/${id}`, { description: null });
  assert.equal(await described(), null);
});

const invalidValue = 'InvalidFederatedIdentityCredentialValue';

const refusals: readonly (readonly [
  what: string,
  more: JsonObject,
  status: number,
  code: string,
])[] = [
  ['the same name', { subject: 'other' }, 409, 'Request_MultipleObjectsWithSameKeyValue'],
  [
    'the same name in other case',
    { name: 'TESTING', subject: 'other' },
    409,
    'Request_MultipleObjectsWithSameKeyValue',
  ],
  ['the same issuer and subject', { name: 'other' }, 400, invalidValue],
  ['a name with a blank', { name: 'a name', subject: 'b' }, 400, invalidValue],
  ['a name of two letters', { name: 'ab', subject: 'b' }, 400, invalidValue],
  ['an issuer that is no address', { name: 'two', issuer: 'github' }, 400, invalidValue],
  ['an issuer over plain HTTP', { name: 'two', issuer: 'http://a.example' }, 400, invalidValue],
  ['an issuer with a query', { name: 'two', issuer: 'https://a.example/?x' }, 400, invalidValue],
  ['an empty subject', { name: 'two', subject: '' }, 400, invalidValue],
  ['a subject of 601 letters', { name: 'two', subject: 'x'.repeat(601) }, 400, invalidValue],
  ['no audience', { name: 'two', subject: 'b', audiences: [] }, 400, invalidValue],
  ['two audiences', { name: 'two', subject: 'b', audiences: ['a', 'b'] }, 400, invalidValue],
  ['an audience that is no text', { name: 'two', audiences: [1] }, 400, 'Request_BadRequest'],
  ['no subject', { name: 'two', subject: null }, 400, 'Request_BadRequest'],
  [
    'a rule in place of the subject',
    { name: 'two', subject: null, claimsMatchingExpression: { value: 'x', languageVersion: 1 } },
    501,
    'NotImplemented',
  ],
  ['a property of nobody', { name: 'two', colour: 'red' }, 400, 'Request_BadRequest'],
];

for (const [what, more, status, code] of refusals) {
  test(`a second credential with ${what} is refused and not stored`, async (context) => {
    const world = await openWorld(context);
    await add(world);
    const answer = await world.send(admin, `POST ${path}`, { ...recorded, ...more });
    assert.equal(answer.status, status);
    assert.equal(errorOf(answer).code, code);
    assert.equal((await listed(world)).length, 1);
  });
}

test('the same subject is another credential when its case differs', async (context) => {
  const world = await openWorld(context);
  await add(world);
  await add(world, { name: 'other', subject: recorded.subject.toUpperCase() });
  assert.equal((await listed(world)).length, 2);
});

test('an application has at most twenty', async (context) => {
  const world = await openWorld(context);
  for (let count = 0; count < 20; count++) {
    await add(world, { name: `name-${count}`, subject: `subject ${count}` });
  }
  const answer = await world.send(admin, `POST ${path}`, recorded);
  assert.deepEqual([answer.status, errorOf(answer).code], [400, invalidValue]);
  assert.equal((await listed(world)).length, 20);
});

const changes: readonly (readonly [what: string, body: JsonObject, status: number])[] = [
  ['another name', { name: 'other' }, 400],
  ['the subject of another', { subject: 'second' }, 400],
  ['two audiences', { audiences: ['a', 'b'] }, 400],
  ['a rule', { claimsMatchingExpression: { value: 'x', languageVersion: 1 } }, 501],
  ['no rule', { claimsMatchingExpression: null }, 204],
  ['its own name and subject', { name: recorded.name, subject: recorded.subject }, 204],
];

for (const [what, body, status] of changes) {
  test(`a change to ${what} answers ${status}`, async (context) => {
    const world = await openWorld(context);
    const id = await add(world);
    await add(world, { name: 'second', subject: 'second' });
    const before = await listed(world);
    assert.equal((await world.send(admin, `PATCH ${path}/${id}`, body)).status, status);
    assert.deepEqual(await listed(world), before);
  });
}

test('who may not change credentials of the application changes none', async (context) => {
  const world = await openWorld(context);
  const id = await add(world);
  const callers = [userCaller(), appCaller(), appCaller(['Application.Read.All'])];
  for (const caller of callers) {
    const answers = [
      await world.send(caller, `POST ${path}`, { ...recorded, name: 'two', subject: 'two' }),
      await world.send(caller, `PATCH ${path}/${id}`, { subject: 'two' }),
      await world.send(caller, `DELETE ${path}/${id}`),
    ];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [403, 403, 403],
    );
  }
  assert.equal((await listed(world))[0]?.['subject'], recorded.subject);
});

test('the credentials of another application are not found', async (context) => {
  const world = await openWorld(context);
  const elsewhere = path.replace(known.application, known.foreignApplication);
  assert.equal((await world.send(admin, `GET ${elsewhere}`)).status, 404);
  assert.equal((await world.send(admin, `POST ${elsewhere}`, recorded)).status, 404);
});
