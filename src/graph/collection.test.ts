import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addApplication } from '#directory/application.store.ts';
import { addOwner } from '#directory/owner.store.ts';
import { addUser } from '#directory/user.store.ts';
import { instantOfSeconds } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';
import { guidOfText } from '#kernel/random.ts';
import {
  type Answer,
  admin,
  contoso,
  errorOf,
  fabrikam,
  type GraphWorld,
  known,
  openWorld,
  userCaller,
  valuesOf,
} from './world.test.ts';

const eventually = { consistencylevel: 'eventual' };
const origin = 'https://graph.microsoft.com';

/** Ten applications beside the one of the world, in an order of names that is not that of their ids. */
async function filled(world: GraphWorld): Promise<void> {
  await world.store.write(async (tx) => {
    for (let index = 0; index < 10; index++) {
      await addApplication(tx, {
        tenantId: contoso,
        objectId: guidOfText('collection', String(index)),
        appId: guidOfText('collection appId', String(index)),
        displayName: `Batch ${index % 2 === 0 ? 'even' : 'odd'} ${9 - index}`,
        identifierUris: [`api://batch-${index}`],
        createdAt: instantOfSeconds(1_700_000_000 + index),
        profile: { tags: [index < 5 ? 'low' : 'high', 'all'] },
      });
    }
  });
}

const ask = (world: GraphWorld, query: string, headers = {}): Promise<Answer> =>
  world.send(admin, `GET /v1.0/applications?${query}`, undefined, headers);

const namesOf = (answer: Answer): unknown[] =>
  valuesOf(answer).map((one) => String(one['displayName']).replace('Batch ', ''));

/** Follows the pages to their end; each but the last has as many objects as were asked for. */
async function everyPage(world: GraphWorld, query: string, headers = {}): Promise<unknown[]> {
  const names: unknown[] = [];
  let line = `/v1.0/applications?${query}`;
  for (;;) {
    const answer = await world.send(admin, `GET ${line}`, undefined, headers);
    names.push(...namesOf(answer));
    const next = answer.json['@odata.nextLink'];
    if (typeof next !== 'string') return names;
    line = next.slice(origin.length);
  }
}

const id = (index: number): string => guidOfText('collection', String(index));
const appId = (index: number): string => guidOfText('collection appId', String(index));

const byDefault: readonly (readonly [string, readonly string[]])[] = [
  [`$filter=id eq '${id(3)}'`, ['odd 6']],
  [`$filter=id eq 'nowhere'`, []],
  [`$filter=appId eq '${appId(3).toUpperCase()}'`, ['odd 6']],
  [`$filter=appId in ('${appId(3)}','${appId(4)}','${appId(3)}')`, ['odd 6', 'even 5']],
  [`$filter=appId eq '${appId(3)}' or id eq '${id(3)}'`, ['odd 6']],
  [`$filter=appId eq '${appId(3)}' and displayName eq 'x'`, []],
  [`$filter=startswith(displayName,'Batch') and appId eq '${appId(3)}'`, ['odd 6']],
  [`$filter=appId eq '${known.foreignAppId}'`, []],
  ["$filter=identifierUris/any(u:u eq 'API://batch-4')", ['even 5']],
  ["$filter=identifierUris/any(u:startswith(u,'api://batch-4'))", ['even 5']],
  ["$filter=displayName eq 'batch EVEN 1'", ['even 1']],
  ["$filter=startswith(displayName,'Batch odd')", ['odd 0', 'odd 2', 'odd 4', 'odd 6', 'odd 8']],
  [
    "$filter=startswith(displayName,'Batch odd 2') or startswith(displayName,'Batch odd')",
    ['odd 2', 'odd 0', 'odd 4', 'odd 6', 'odd 8'],
  ],
  ["$filter=displayName eq 'Batch odd 2' or tags/any(t:t eq 'nothing')", ['odd 2']],
  ['$filter=createdDateTime ge 2023-11-14T22:13:29Z and createdDateTime lt 2024-01-01', ['odd 0']],
];

for (const [query, names] of byDefault) {
  test(`${query} finds ${names.length === 0 ? 'nothing' : names.join(', ')}, on pages of any size`, async (context) => {
    const world = await openWorld(context);
    await filled(world);
    assert.deepEqual(namesOf(await ask(world, query)), names);
    assert.deepEqual(await everyPage(world, `${query}&$top=1`), names);
    assert.deepEqual(await everyPage(world, `${query}&$top=2`), names);
  });
}

const advanced: readonly (readonly [string, readonly string[]])[] = [
  ['$search="displayName:odd"&$orderby=displayName', ['odd 0', 'odd 2', 'odd 4', 'odd 6', 'odd 8']],
  ['$search="displayName:batch 4"', ['odd 4']],
  ['$search="displayName:batch" AND "displayName:7"', ['even 7']],
  ['$search="displayName:7" OR "displayName:8"&$orderby=displayName', ['even 7', 'odd 8']],
  ['$search="displayName:atch"', []],
  [
    `$search="displayName:even"&$filter=tags/any(t:t eq 'high')&$orderby=displayName`,
    ['even 1', 'even 3'],
  ],
  ["$filter=endswith(displayName,'7')&$count=true", ['even 7']],
  [
    "$filter=startswith(displayName,'Batch') and tags/any(t:t eq 'low') and not(startswith(displayName,'Batch odd'))&$count=true&$orderby=displayName desc",
    ['even 9', 'even 7', 'even 5'],
  ],
  [
    "$filter=startswith(displayName,'Batch') and appId ne 'x'&$count=true&$orderby=createdDateTime&$top=4",
    ['even 9', 'odd 8', 'even 7', 'odd 6', 'even 5', 'odd 4', 'even 3', 'odd 2', 'even 1', 'odd 0'],
  ],
];

for (const [query, names] of advanced) {
  test(`${query} finds ${names.length === 0 ? 'nothing' : names.join(', ')} with the header`, async (context) => {
    const world = await openWorld(context);
    await filled(world);
    assert.deepEqual(await everyPage(world, query, eventually), names);
    const pages = await everyPage(world, `${query.replace('&$top=4', '')}&$top=1`, eventually);
    assert.deepEqual(pages, names);
  });
}

test('an order of names is kept over pages, upwards and downwards', async (context) => {
  const world = await openWorld(context);
  await filled(world);
  const up = await everyPage(world, '$orderby=displayName&$count=true&$top=3', eventually);
  assert.equal(up.length, 11);
  assert.deepEqual(up, [...up.slice(0, 10).toSorted(), 'Nightly jobs']);
  const down = await everyPage(world, '$orderby=displayName desc&$count=true&$top=3', eventually);
  assert.deepEqual(down, up.toReversed());
});

test('all pages of a tenant miss and repeat nothing, and show no other tenant', async (context) => {
  const world = await openWorld(context);
  await filled(world);
  const all = await everyPage(world, '$top=4');
  assert.equal(all.length, 11);
  assert.equal(new Set(all).size, 11);
  assert.equal(all.includes('Secret plans'), false);
});

test('a token of a page opens nothing but pages of the caller’s own tenant', async (context) => {
  const world = await openWorld(context);
  const token = Buffer.from(JSON.stringify([0, '', ''])).toString('base64url');
  const foreigner = { ...admin, tenantId: fabrikam, objectId: known.foreigner };
  const line = `GET /v1.0/applications?$skiptoken=${token}`;
  assert.deepEqual(namesOf(await world.send(foreigner, line)), ['Secret plans']);
});

test('objects are counted with the header, by filter and by search too', async (context) => {
  const world = await openWorld(context);
  await filled(world);
  const counted = async (query: string): Promise<unknown> => {
    const answer = await ask(world, `$top=2&$count=true&${query}`, eventually);
    return answer.json['@odata.count'];
  };
  assert.equal(await counted(''), 11);
  assert.equal(await counted("$filter=startswith(displayName,'batch odd')"), 5);
  assert.equal(await counted('$search="displayName:even"'), 5);
  const silent = await ask(world, '$count=true');
  assert.equal(Object.hasOwn(silent.json, '@odata.count'), false);
  const count = (path: string, headers = {}) =>
    world.send(admin, `GET /v1.0/${path}`, undefined, headers);
  const number = await count('applications/$count', eventually);
  assert.deepEqual([number.status, number.text, number.contentType], [200, '11', 'text/plain']);
  const odd = "applications/$count?$filter=startswith(displayName,'batch odd')";
  assert.equal((await count(odd, eventually)).text, '5');
  for (const [path, many] of [
    ['users/$count', '2'],
    ['groups/$count', '2'],
    [`applications/${known.application}/owners/$count`, '0'],
    [`groups/${known.outerGroup}/members/$count`, '1'],
    [`groups/${known.outerGroup}/transitiveMembers/$count`, '2'],
    ["servicePrincipals/$count?$filter=displayName eq 'nightly jobs'", '1'],
  ] as const) {
    assert.equal((await count(path, eventually)).text, many, path);
  }
  assert.deepEqual(errorOf(await count('users/$count')), {
    code: 'Request_BadRequest',
    message: '$count is not currently supported.',
  });
});

const header =
  "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'";
const ending =
  "Operator 'endsWith' is not supported because the 'ConsistencyLevel:eventual' header is missing. Refer to https://aka.ms/graph-docs/advanced-queries for more information";
const sorting = 'Sorting not supported for current query.';

const refused: readonly (readonly [string, string, object, string])[] = [
  ['a search without the header', '$search="displayName:x"', {}, header],
  ['an ending without the header', "$filter=endswith(displayName,'x')&$count=true", {}, ending],
  [
    'an ending without a count',
    "$filter=endswith(displayName,'x')",
    eventually,
    'Unsupported Query.',
  ],
  ['a negation without the header', "$filter=appId ne 'x'&$count=true", {}, 'Unsupported Query.'],
  ['a negation without a count', "$filter=not(appId eq 'x')", eventually, 'Unsupported Query.'],
  ['an order without the header', '$orderby=displayName&$count=true', {}, sorting],
  ['an order by what has none', '$orderby=notes&$count=true', eventually, sorting],
  ['an order by two properties', '$orderby=displayName,id&$count=true', eventually, sorting],
  ['an order in no direction', '$orderby=displayName up&$count=true', eventually, sorting],
  [
    'a filter by what is not indexed',
    "$filter=notes eq 'x'&$count=true",
    eventually,
    'The request uses a filter property that is not indexed',
  ],
  [
    'relations in an advanced query',
    '$expand=owners&$count=true',
    eventually,
    '$expand is not supported with advanced queries.',
  ],
];

for (const [name, query, headers, message] of refused) {
  test(`${name} is refused`, async (context) => {
    const world = await openWorld(context);
    const answer = await ask(world, query, headers);
    assert.equal(answer.status, 400);
    assert.deepEqual(errorOf(answer), { code: 'Request_UnsupportedQuery', message });
  });
}

const unreadable: readonly (readonly [string, string])[] = [
  ['a search without quotes', '$search=displayName:x'],
  ['a search in another property', '$search="notes:x"'],
  ['a search without a word', '$search="displayName:"'],
  ['a search that is not closed', '$search=("displayName:x"'],
  ['a token that nobody gave out', '$skiptoken=bm93aGVyZQ'],
  ['a token of another form', '$skiptoken=WzEsMl0'],
  // [-1,"",""]; one far below would have been counted up from, and nobody else been heard.
  ['a token that names a source below the first', '$skiptoken=Wy0xLCIiLCIiXQ'],
  ['a relation that is none', '$expand=secrets'],
];

for (const [name, query] of unreadable) {
  test(`${name} is refused as malformed`, async (context) => {
    const world = await openWorld(context);
    assert.equal((await ask(world, query, eventually)).status, 400);
  });
}

test('owners are shown within applications, alone and in lists, as far as selected', async (context) => {
  const world = await openWorld(context);
  await world.store.write((tx) => addOwner(tx, contoso, known.application, known.member));
  const one = await world.send(
    admin,
    `GET /v1.0/applications/${known.application}?$expand=owners&$select=appId`,
  );
  assert.deepEqual(Object.keys(one.json), ['@odata.context', 'appId', 'owners']);
  assert.equal(
    one.json['@odata.context'],
    `${origin}/v1.0/$metadata#applications(appId,owners())/$entity`,
  );
  const [listed] = valuesOf(await ask(world, '$expand=owners($select=id)'));
  assert.deepEqual(listed?.['owners'], [
    { '@odata.type': '#microsoft.graph.user', id: known.member },
  ]);
  const [bare] = valuesOf(await ask(world, ''));
  assert.equal(Object.hasOwn(bare ?? {}, 'owners'), false);
  assert.equal((await ask(world, '$expand=owners($levels=2)')).status, 501);
});

test('federated credentials are shown within an application', async (context) => {
  const world = await openWorld(context);
  const path = `/v1.0/applications/${known.application}`;
  const credential = {
    name: 'nightly',
    issuer: 'https://issuer.example',
    subject: 'job',
    audiences: ['api://AzureADTokenExchange'],
  };
  const made = await world.send(admin, `POST ${path}/federatedIdentityCredentials`, credential);
  assert.equal(made.status, 201, JSON.stringify(made.json));
  const { json } = await world.send(admin, `GET ${path}?$expand=federatedIdentityCredentials`);
  const [shown] = json['federatedIdentityCredentials'] as JsonObject[];
  assert.equal(shown?.['name'], 'nightly');
});

test('what is shown within an object is read as much as the object', async (context) => {
  const world = await openWorld(context);
  const basic = userCaller({ oauthScopes: ['User.ReadBasic.All'] });
  const user = `GET /v1.0/users/${known.admin}`;
  for (const line of [`${user}?$expand=memberOf`, 'GET /v1.0/users?$expand=memberOf($select=id)']) {
    assert.equal((await world.send(basic, line)).status, 403, line);
    const more = { ...basic, oauthScopes: ['User.Read.All'] };
    assert.equal((await world.send(more, line)).status, 200, line);
  }
  assert.equal((await world.send(basic, user)).status, 200);
});

test('members are shown within a group', async (context) => {
  const world = await openWorld(context);
  const { json } = await world.send(
    admin,
    `GET /v1.0/groups/${known.innerGroup}?$expand=members($select=id)`,
  );
  assert.deepEqual(json['members'], [{ '@odata.type': '#microsoft.graph.user', id: known.member }]);
});

test('users are found by name and sorted without the header, and filtered and sorted with it', async (context) => {
  const world = await openWorld(context);
  await world.store.write((tx) =>
    addUser(tx, {
      tenantId: contoso,
      objectId: guidOfText('zoe'),
      userPrincipalName: 'a.zoe@contoso.example',
      displayName: 'Zoe',
      accountEnabled: false,
      createdAt: instantOfSeconds(1_800_000_000),
    }),
  );
  const names = async (query: string, headers = {}): Promise<unknown> =>
    valuesOf(await world.send(admin, `GET /v1.0/users?${query}`, undefined, headers)).map(
      (one) => one['displayName'],
    );
  assert.deepEqual(await names('$orderby=displayName'), ['Ana Admin', 'Max Member', 'Zoe']);
  assert.deepEqual(await names('$orderby=userPrincipalName'), ['Zoe', 'Ana Admin', 'Max Member']);
  assert.deepEqual(await names("$filter=userPrincipalName eq 'A.ZOE@contoso.example'"), ['Zoe']);
  assert.deepEqual(await names("$filter=startswith(userPrincipalName,'a.')"), ['Zoe']);
  assert.deepEqual(await names('$filter=accountEnabled eq false'), ['Zoe']);
  const both = '$filter=accountEnabled eq true&$orderby=displayName';
  const answer = await world.send(admin, `GET /v1.0/users?${both}`);
  assert.equal(errorOf(answer).message, sorting);
  assert.deepEqual(await names(`${both}&$count=true`, eventually), ['Ana Admin', 'Max Member']);
});

test('a service principal is found by each of its names', async (context) => {
  const world = await openWorld(context);
  const found = async (name: string): Promise<unknown> =>
    valuesOf(
      await world.send(
        admin,
        `GET /v1.0/servicePrincipals?$filter=servicePrincipalNames/any(c:c eq '${name}')`,
      ),
    ).map((one) => one['id']);
  assert.deepEqual(await found(known.appId), [known.principal]);
  assert.equal(((await found('https://graph.microsoft.com')) as unknown[]).length, 1);
  assert.deepEqual(await found('api://nowhere'), []);
});
