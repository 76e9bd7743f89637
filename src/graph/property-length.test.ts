import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#kernel/json.ts';
import { withStorableText } from './storable-text.ts';
import { graphOperations } from './surface.ts';
import { admin, errorOf, type GraphWorld, known, openWorld } from './world.test.ts';

/** Where each kind stands, what is created there, and how refusals name it. */
const kinds = {
  application: [`applications/${known.application}`, 'applications', 'Application'],
  servicePrincipal: [
    `servicePrincipals/${known.principal}`,
    'servicePrincipals',
    'ServicePrincipal',
  ],
  user: [`users/${known.member}`, 'users', 'User'],
  group: [`groups/${known.innerGroup}`, 'groups', 'Group'],
} as const;

type Kind = keyof typeof kinds;

const filled = (length: number) => 'x'.repeat(length);
const address = (length: number) => `https://a.example/${filled(length - 18)}`;
const listed = (length: number) => [filled(length)];

/**
 * The longest value of each property.
 * Source: https://learn.microsoft.com/graph/api/resources/user, .../group, .../application, .../serviceprincipal,
 * https://learn.microsoft.com/azure/active-directory-b2c/user-profile-attributes
 */
const rows: readonly (readonly [Kind, string, number, ((length: number) => unknown)?])[] = [
  ['user', 'displayName', 256],
  ['user', 'mailNickname', 64],
  ['user', 'givenName', 64],
  ['user', 'surname', 64],
  ['user', 'jobTitle', 128],
  ['user', 'department', 64],
  ['user', 'companyName', 64],
  ['user', 'employeeId', 16],
  ['user', 'officeLocation', 128],
  ['user', 'streetAddress', 1_024],
  ['user', 'city', 128],
  ['user', 'state', 128],
  ['user', 'country', 128],
  ['user', 'postalCode', 40],
  ['user', 'mobilePhone', 64],
  ['user', 'otherMails', 250, listed],
  ['user', 'businessPhones', 64, listed],
  ['group', 'displayName', 256],
  ['group', 'mailNickname', 64],
  ['group', 'description', 1_024],
  ['application', 'displayName', 256],
  ['application', 'description', 1_024],
  ['application', 'web', 256, (length) => ({ redirectUris: [address(length)] })],
  ['servicePrincipal', 'displayName', 256],
  ['servicePrincipal', 'description', 1_024],
  ['servicePrincipal', 'notes', 1_024],
];

async function changed(world: GraphWorld, kind: Kind, body: JsonObject) {
  return world.send(admin, `PATCH /v1.0/${kinds[kind][0]}`, body);
}

for (const [kind, property, max, ofLength = filled] of rows) {
  test(`${property} of a ${kind} has at most ${max} characters`, async (context) => {
    const world = await openWorld(context);
    const line = `GET /v1.0/${kinds[kind][0]}?$select=id,${property}`;
    const longest = ofLength(max) as JsonObject[string];
    assert.equal((await changed(world, kind, { [property]: longest })).status, 204);
    const kept = (await world.send(admin, line)).json;
    const refused = await changed(world, kind, { [property]: ofLength(max + 1) as string });
    assert.equal(refused.status, 400, JSON.stringify(refused.json));
    if (property !== 'web') {
      assert.deepEqual(errorOf(refused), {
        code: 'Request_BadRequest',
        message: `Invalid value specified for property '${property}' of resource '${kinds[kind][2]}'.`,
      });
      assert.deepEqual(kept[property], longest);
    }
    assert.deepEqual((await world.send(admin, line)).json, kept);
  });
}

test('a user has one business phone', async (context) => {
  const world = await openWorld(context);
  assert.equal((await changed(world, 'user', { businessPhones: ['1', '2'] })).status, 400);
  assert.equal((await changed(world, 'user', { businessPhones: ['1'] })).status, 204);
});

const nonTexts: readonly (readonly [string, string])[] = [
  ['a NUL', 'a\u0000b'],
  ['the first half of a pair', 'a\ud83d'],
  ['the second half of a pair', '\ude00a'],
];

for (const [what, text] of nonTexts) {
  test(`${what} in a text is refused, and changes nothing`, async (context) => {
    const world = await openWorld(context);
    const before = await world.snapshot();
    for (const kind of Object.keys(kinds) as Kind[]) {
      const refused = await changed(world, kind, { displayName: text });
      assert.deepEqual(errorOf(refused), {
        code: 'Request_BadRequest',
        message: `Invalid value specified for property 'displayName' of resource '${kinds[kind][2]}'.`,
      });
    }
    const within = { api: { oauth2PermissionScopes: [] }, tags: ['fine', text] };
    const deep = await changed(world, 'application', within);
    assert.match(String(errorOf(deep).message), /'tags'/);
    const created = await world.send(admin, 'POST /v1.0/applications', { displayName: text });
    assert.equal(created.status, 400);
    const named = { parentalControlSettings: { [text]: 1 } };
    assert.match(
      String(errorOf(await changed(world, 'application', named)).message),
      /'parentalControlSettings'/,
    );
    assert.deepEqual(await world.snapshot(), before);
  });
}

test('a whole pair is a text as any other', async (context) => {
  const world = await openWorld(context);
  assert.equal((await changed(world, 'group', { displayName: 'a😀b' })).status, 204);
  const { json } = await world.send(admin, `GET /v1.0/groups/${known.innerGroup}`);
  assert.equal(json['displayName'], 'a😀b');
});

test('one request of a batch with such a text is refused alone', async (context) => {
  const world = await openWorld(context);
  const step = (id: string, displayName: string) => ({
    id,
    method: 'POST',
    url: '/applications',
    headers: { 'Content-Type': 'application/json' },
    body: { displayName },
  });
  const requests = [step('1', 'a\u0000'), step('2', 'Fine')];
  const answer = await world.send(admin, 'POST /v1.0/$batch', { requests });
  const responses = answer.json['responses'] as JsonObject[];
  assert.deepEqual(
    responses.map((one) => one['status']),
    [400, 201],
  );
});

test('an operation without a body is left as it is', () => {
  const without = graphOperations.find((one) => one.body === undefined);
  assert(without !== undefined);
  assert.equal(withStorableText(without), without);
});
