import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstPartyAppIds } from '#directory/first-party.ts';
import { findServicePrincipalByAppId } from '#directory/service-principal.store.ts';
import type { JsonObject } from '#kernel/json.ts';
import {
  type Answer,
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

const ownedBy = appCaller(['Application.ReadWrite.OwnedBy']);
const writer = appCaller(['Application.ReadWrite.All']);
const path = `/v1.0/applications/${known.application}`;

async function create(world: GraphWorld, body: JsonObject, as = admin): Promise<Answer> {
  const answer = await world.send(as, 'POST /v1.0/applications', { displayName: 'New', ...body });
  assert.equal(answer.status, 201, JSON.stringify(answer.json));
  return answer;
}

test('a registered application has no permission and no service principal', async (context) => {
  const world = await openWorld(context);
  const { json } = await create(world, {});
  assert.deepEqual(json['requiredResourceAccess'], []);
  const appId = String(json['appId']);
  const found = await world.store.read((tx) => findServicePrincipalByAppId(tx, contoso, appId));
  assert.equal(found, undefined);
  const filter = `servicePrincipalNames/any(c:c eq '${appId}')`;
  const listed = await world.send(admin, `GET /v1.0/servicePrincipals?$filter=${filter}`);
  assert.deepEqual(valuesOf(listed), []);
});

test('an application is found by object id and by appId, in each spelling of a key', async (context) => {
  const world = await openWorld(context);
  const spellings = [
    known.application,
    known.application.toUpperCase(),
    `('${known.application}')`,
    `(appId='${known.appId}')`,
    `(appId=%27${known.appId}%27)`,
  ];
  for (const spelling of spellings) {
    const separator = spelling.startsWith('(') ? '' : '/';
    const answer = await world.send(admin, `GET /v1.0/applications${separator}${spelling}`);
    assert.equal(answer.json['id'], known.application, spelling);
  }
  const byAppIdAlone = await world.send(admin, `GET /v1.0/applications/${known.appId}`);
  assert.equal(byAppIdAlone.status, 404);
});

test('applications are filtered as az asks', async (context) => {
  const world = await openWorld(context);
  await create(world, { displayName: 'Other', identifierUris: ['api://other'] });
  const named = async (filter: string): Promise<unknown> =>
    valuesOf(await world.send(admin, `GET /v1.0/applications?$filter=${filter}`)).map(
      (one) => one['displayName'],
    );
  assert.deepEqual(await named(`appId eq '${known.appId}'`), ['Nightly jobs']);
  assert.deepEqual(await named("displayName eq 'nightly jobs'"), ['Nightly jobs']);
  assert.deepEqual(await named("startswith(displayName,'Oth')"), ['Other']);
  assert.deepEqual(await named("identifierUris/any(s:s eq 'api://other')"), ['Other']);
  assert.deepEqual(await named("displayName eq 'x'' or appId ne ''x'"), []);
});

test('a filter that Graph does not take is refused and widens nothing', async (context) => {
  const world = await openWorld(context);
  const refusals: readonly (readonly [string, number, string])[] = [
    ["$filter=displayName eq 'a' or 1 eq 1", 400, 'BadRequest'],
    ['$filter=', 400, 'BadRequest'],
    ["$filter=notes eq 'x'", 400, 'Request_UnsupportedQuery'],
    ["$filter=secretText eq 'x'", 400, 'Request_UnsupportedQuery'],
    ['$top=0', 400, 'Request_UnsupportedQuery'],
    ['$top=1000', 400, 'Request_UnsupportedQuery'],
    ['$top=-1', 400, 'Request_UnsupportedQuery'],
    ['$skiptoken=bm93aGVyZQ', 400, 'BadRequest'],
    ['$skip=1', 501, 'NotImplemented'],
    ['$apply=x', 501, 'NotImplemented'],
  ];
  for (const [query, status, code] of refusals) {
    const answer = await world.send(admin, `GET /v1.0/applications?${query}`);
    assert.equal(answer.status, status, query);
    assert.equal(errorOf(answer).code, code, query);
  }
});

test('a list is cut into pages that miss and repeat nothing', async (context) => {
  const world = await openWorld(context);
  for (let count = 0; count < 4; count++) await create(world, { displayName: `App ${count}` });
  const seen: unknown[] = [];
  let next: string | undefined =
    "https://graph.microsoft.com/v1.0/applications?$top=2&$filter=startswith(displayName,'App')&$select=id";
  while (next !== undefined) {
    const line = `GET ${next.slice('https://graph.microsoft.com'.length)}`;
    const answer = await world.send(admin, line);
    const values = valuesOf(answer);
    assert.equal(values.length, 2);
    for (const one of values) assert.deepEqual(Object.keys(one), ['id']);
    seen.push(...values.map((one) => one['id']));
    next = answer.json['@odata.nextLink'] as string | undefined;
  }
  assert.equal(new Set(seen).size, 4);
});

test('selected properties are named in the context', async (context) => {
  const world = await openWorld(context);
  const answer = await world.send(admin, `GET ${path}?$select=appId,displayName`);
  assert.deepEqual(answer.json, {
    '@odata.context':
      'https://graph.microsoft.com/v1.0/$metadata#applications(appId,displayName)/$entity',
    appId: known.appId,
    displayName: 'Nightly jobs',
  });
});

test('a change touches what it mentions and nothing else', async (context) => {
  const world = await openWorld(context);
  const first = {
    web: { homePageUrl: 'https://jobs.example', redirectUris: ['https://jobs.example/back'] },
    api: { requestedAccessTokenVersion: 2 },
    notes: 'keep',
  };
  assert.equal((await world.send(admin, `PATCH ${path}`, first)).status, 204);
  const second = { web: { redirectUris: ['http://localhost/back'] }, isFallbackPublicClient: true };
  assert.equal((await world.send(admin, `PATCH ${path}`, second)).status, 204);
  const { json } = await world.send(admin, `GET ${path}`);
  assert.equal(json['notes'], 'keep');
  assert.equal(json['isFallbackPublicClient'], true);
  const web = json['web'] as JsonObject;
  assert.equal(web['homePageUrl'], 'https://jobs.example');
  assert.deepEqual(web['redirectUris'], ['http://localhost/back']);
  assert.equal((json['api'] as JsonObject)['requestedAccessTokenVersion'], 2);
  const clearing = { isFallbackPublicClient: null, api: { requestedAccessTokenVersion: null } };
  await world.send(admin, `PATCH ${path}`, clearing);
  const cleared = (await world.send(admin, `GET ${path}`)).json;
  assert.equal(cleared['isFallbackPublicClient'], null);
  assert.equal((cleared['api'] as JsonObject)['requestedAccessTokenVersion'], null);
});

const role = {
  id: '11111111-2222-4333-8444-555555555555',
  allowedMemberTypes: ['Application'],
  displayName: 'Run',
  description: 'Runs jobs',
  isEnabled: true,
  value: 'Jobs.Run',
};

const bad: readonly (readonly [string, unknown, number, string])[] = [
  ['a property of nobody', { colour: 'red' }, 400, 'Request_BadRequest'],
  ['a property of the service', { appId: known.member }, 400, 'Request_BadRequest'],
  ['another id', { id: known.member }, 400, 'Request_BadRequest'],
  ['a name that is no text', { displayName: 5 }, 400, 'Request_BadRequest'],
  ['an empty name', { displayName: '' }, 400, 'Request_BadRequest'],
  ['a name that is too long', { displayName: 'x'.repeat(257) }, 400, 'Request_BadRequest'],
  ['an unknown audience', { signInAudience: 'Everybody' }, 400, 'Request_BadRequest'],
  ['an identifier that is no URI', { identifierUris: ['jobs'] }, 400, 'Request_BadRequest'],
  [
    'an identifier of a foreign domain',
    { identifierUris: ['https://fabrikam.example/jobs'] },
    400,
    'HostNameNotOnVerifiedDomain',
  ],
  [
    'an identifier of a domain that only ends alike',
    { identifierUris: ['https://notcontoso.example'] },
    400,
    'HostNameNotOnVerifiedDomain',
  ],
  [
    'the identifier that another application has by default',
    { identifierUris: [`api://${known.foreignAppId}`] },
    400,
    'HostNameNotOnVerifiedDomain',
  ],
  [
    'a redirect over plain HTTP',
    { web: { redirectUris: ['http://jobs.example'] } },
    400,
    'Request_BadRequest',
  ],
  [
    'a redirect with a fragment',
    { spa: { redirectUris: ['https://a.example/#x'] } },
    400,
    'Request_BadRequest',
  ],
  [
    'a redirect that runs something',
    { publicClient: { redirectUris: ['javascript:alert'] } },
    400,
    'Request_BadRequest',
  ],
  [
    'more redirects than there may be',
    { web: { redirectUris: Array.from({ length: 257 }, (_, n) => `https://a.example/${n}`) } },
    400,
    'Request_BadRequest',
  ],
  [
    'an identifier that ends with a slash',
    { identifierUris: ['https://contoso.example/'] },
    400,
    'IdentifierUrisEndsWithSlash',
  ],
  [
    'a privacy statement that runs something',
    { info: { privacyStatementUrl: 'javascript:alert(1)' } },
    400,
    'Request_BadRequest',
  ],
  ['a sign-out that runs something', { web: { logoutUrl: 'data:x' } }, 400, 'Request_BadRequest'],
  ['an identifier twice', { identifierUris: ['api://x', 'api://x'] }, 400, 'DuplicateValue'],
  [
    'personal accounts without their form of token',
    { signInAudience: 'AzureADandPersonalMicrosoftAccount' },
    400,
    'Request_BadRequest',
  ],
  [
    'two roles with one id',
    { appRoles: [role, { ...role, value: 'b' }] },
    400,
    'Request_BadRequest',
  ],
  [
    'a role with an id that is no GUID',
    { appRoles: [{ ...role, id: '1' }] },
    400,
    'Request_BadRequest',
  ],
  [
    'an optional claim without a name',
    { optionalClaims: { idToken: [{ essential: true }] } },
    400,
    'Request_BadRequest',
  ],
  ['groups of no kind', { groupMembershipClaims: 'Everything' }, 400, 'Request_BadRequest'],
  [
    'secrets beside addPassword',
    { passwordCredentials: [{ displayName: 'x' }] },
    400,
    'Request_BadRequest',
  ],
  ['mapped claims', { api: { acceptMappedClaims: true } }, 501, 'NotImplemented'],
  ['no object', [], 400, 'BadRequest'],
  ['no JSON', '{', 400, 'BadRequest'],
  ['nothing', undefined, 400, 'BadRequest'],
];

for (const [name, body, status, code] of bad) {
  test(`a change to ${name} is refused and changes nothing`, async (context) => {
    const world = await openWorld(context);
    const before = await world.snapshot();
    const answer = await world.send(admin, `PATCH ${path}`, body);
    assert.equal(answer.status, status, JSON.stringify(answer.json));
    assert.equal(errorOf(answer).code, code);
    assert.deepEqual(await world.snapshot(), before);
  });
}

test('what Batten does not do may be said to be absent', async (context) => {
  const world = await openWorld(context);
  const absent = {
    passwordCredentials: [],
    api: { acceptMappedClaims: false },
  };
  assert.equal((await world.send(admin, `PATCH ${path}`, absent)).status, 204);
});

test('claims that an application wants are read back, and taken away with null', async (context) => {
  const world = await openWorld(context);
  const optionalClaims = {
    idToken: [{ name: 'upn', source: null, essential: true, additionalProperties: [] }],
    accessToken: [
      { name: 'groups', source: null, essential: false, additionalProperties: ['emit_as_roles'] },
    ],
    saml2Token: [],
  };
  const change = { optionalClaims, groupMembershipClaims: 'SecurityGroup,ApplicationGroup' };
  const kept = async () => {
    const { json } = await world.send(admin, `GET ${path}`);
    return [json['optionalClaims'], json['groupMembershipClaims']];
  };
  assert.equal((await world.send(admin, `PATCH ${path}`, change)).status, 204);
  assert.deepEqual(await kept(), [optionalClaims, 'SecurityGroup,ApplicationGroup']);
  assert.equal((await world.send(admin, `PATCH ${path}`, { notes: 'n' })).status, 204);
  assert.deepEqual(await kept(), [optionalClaims, 'SecurityGroup,ApplicationGroup']);
  const nothing = { optionalClaims: null, groupMembershipClaims: null };
  assert.equal((await world.send(admin, `PATCH ${path}`, nothing)).status, 204);
  assert.deepEqual(await kept(), [null, null]);
});

test('the texts of refused properties name them', async (context) => {
  const world = await openWorld(context);
  const message = async (body: unknown): Promise<unknown> =>
    errorOf(await world.send(admin, 'POST /v1.0/applications', body)).message;
  const unnamed = "A value is required for property 'displayName' of resource 'Application'.";
  assert.equal(await message({}), unnamed);
  assert.equal(await message({ displayName: 'x', colour: 1 }), "Invalid property 'colour'.");
  const readOnly = "Property 'publisherDomain' is read-only and cannot be set.";
  assert.equal(await message({ displayName: 'x', publisherDomain: 'a.example' }), readOnly);
  const invalid = "Invalid value specified for property 'tags' of resource 'Application'.";
  assert.equal(await message({ displayName: 'x', tags: 'a' }), invalid);
});

test('an identifier URI of a verified domain or its subdomain is taken', async (context) => {
  const world = await openWorld(context);
  const identifierUris = ['https://contoso.example', 'https://jobs.CONTOSO.example/x', 'api://x'];
  const { json } = await create(world, { identifierUris });
  assert.deepEqual(json['identifierUris'], identifierUris);
});

test('an identifier URI that another application has is refused', async (context) => {
  const world = await openWorld(context);
  await create(world, { identifierUris: ['api://taken'] });
  const before = await world.snapshot();
  const answer = await world.send(admin, `PATCH ${path}`, { identifierUris: ['api://TAKEN'] });
  assert.equal(answer.status, 400);
  assert.deepEqual(errorOf(answer), {
    code: 'Request_MultipleObjectsWithSameKeyValue',
    message: 'Another object with the same value for property identifierUris already exists.',
  });
  assert.deepEqual(await world.snapshot(), before);
});

test('a name of a service principal of another application is taken too, its own is not', async (context) => {
  const world = await openWorld(context);
  const change = (identifierUris: readonly string[]) =>
    world.send(admin, `PATCH ${path}`, { identifierUris });
  assert.equal((await change(['api://own'])).status, 204);
  const before = await world.snapshot();
  const answer = await change(['api://own', 'API://AzureADTokenExchange']);
  assert.equal(errorOf(answer).code, 'Request_MultipleObjectsWithSameKeyValue');
  assert.deepEqual(await world.snapshot(), before);
  assert.equal((await change([])).status, 204);
  assert.equal((await change(['api://own'])).status, 204);
});

test('an app role goes only after it was disabled', async (context) => {
  const world = await openWorld(context);
  const patch = (appRoles: unknown) => world.send(admin, `PATCH ${path}`, { appRoles });
  assert.equal((await patch([role])).status, 204);
  const refused = await patch([]);
  assert.equal(errorOf(refused).code, 'CannotDeleteOrUpdateEnabledEntitlement');
  assert.equal((await patch([{ ...role, isEnabled: false }])).status, 204);
  assert.equal((await patch([])).status, 204);
});

test('a deleted application is gone, with the service principal of its tenant', async (context) => {
  const world = await openWorld(context);
  assert.equal((await world.send(admin, `DELETE ${path}`)).status, 204);
  assert.equal((await world.send(admin, `GET ${path}`)).status, 404);
  const principal = `GET /v1.0/servicePrincipals/${known.principal}`;
  assert.equal((await world.send(admin, principal)).status, 404);
  assert.equal((await world.send(admin, `DELETE ${path}`)).status, 404);
});

test('a member owns the applications that she registers, and only those', async (context) => {
  const world = await openWorld(context);
  const member = userCaller();
  const { json } = await create(world, {}, member);
  const own = `/v1.0/applications/${String(json['id'])}`;
  const owners = valuesOf(await world.send(member, `GET ${own}/owners`));
  assert.deepEqual(
    owners.map((one) => one['id']),
    [known.member],
  );
  assert.equal((await world.send(member, `PATCH ${own}`, { notes: 'mine' })).status, 204);
  const byAppId = `PATCH /v1.0/applications(appId='${String(json['appId'])}')`;
  assert.equal((await world.send(member, byAppId, { notes: 'mine' })).status, 204);
  const before = await world.snapshot();
  assert.equal((await world.send(member, `PATCH ${path}`, { notes: 'hers' })).status, 403);
  assert.equal((await world.send(member, `DELETE ${path}`)).status, 403);
  assert.equal((await world.send(member, `POST ${path}/addPassword`, {})).status, 403);
  assert.deepEqual(await world.snapshot(), before);
});

test('OwnedBy reads all applications, and changes what it created alone', async (context) => {
  const world = await openWorld(context);
  const { json } = await create(world, {}, ownedBy);
  const own = `/v1.0/applications/${String(json['id'])}`;
  assert.equal((await world.send(ownedBy, `GET ${own}`)).status, 200);
  assert.equal((await world.send(ownedBy, `POST ${own}/addPassword`, {})).status, 200);
  assert.equal((await world.send(ownedBy, `GET ${path}`)).status, 200);
  assert.equal(valuesOf(await world.send(ownedBy, 'GET /v1.0/applications')).length, 2);
  const before = await world.snapshot();
  assert.equal((await world.send(ownedBy, `POST ${path}/addPassword`, {})).status, 403);
  assert.equal((await world.send(ownedBy, `PATCH ${path}`, { notes: 'x' })).status, 403);
  assert.equal((await world.send(ownedBy, 'GET /v1.0/users')).status, 403);
  assert.deepEqual(await world.snapshot(), before);
});

test('an application without any permission reads itself and nothing else', async (context) => {
  const world = await openWorld(context);
  const bare = appCaller([], { appId: known.appId });
  const own = [path, `/v1.0/servicePrincipals/${known.principal}`];
  for (const line of [...own, `/v1.0/servicePrincipals(appId='${known.appId}')`]) {
    const shown = await world.send(bare, `GET ${line}`);
    assert.equal(shown.json['appId'], known.appId, line);
    assert.equal((await world.send(bare, `GET ${line}?$expand=owners`)).status, 403, line);
    assert.equal((await world.send(bare, `PATCH ${line}`, { notes: 'x' })).status, 403, line);
  }
  const graph = firstPartyAppIds.graph;
  const others = [`/v1.0/servicePrincipals(appId='${graph}')`, '/v1.0/servicePrincipals'];
  for (const line of [...others, '/v1.0/applications']) {
    assert.equal((await world.send(bare, `GET ${line}`)).status, 403, line);
  }
});

test('an application with the right to write all owns nothing that it creates', async (context) => {
  const world = await openWorld(context);
  const { json } = await create(world, {}, writer);
  const own = `/v1.0/applications/${String(json['id'])}`;
  assert.deepEqual(valuesOf(await world.send(writer, `GET ${own}/owners`)), []);
});

test('owners are added and removed by reference', async (context) => {
  const world = await openWorld(context);
  const link = (name: string) => ({ '@odata.id': `https://graph.microsoft.com/v1.0/${name}` });
  const add = (name: string) => world.send(admin, `POST ${path}/owners/$ref`, link(name));
  assert.equal((await add(`directoryObjects/${known.member}`)).status, 204);
  assert.equal((await world.send(userCaller(), `PATCH ${path}`, { notes: 'x' })).status, 204);
  assert.equal((await add(`users('${known.member}')`)).status, 400);
  assert.equal((await add(`directoryObjects/${known.foreigner}`)).status, 404);
  assert.equal((await add(`directoryObjects/${known.innerGroup}`)).status, 404);
  assert.equal((await add('directoryObjects/nobody')).status, 400);
  const removal = `DELETE ${path}/owners/${known.member}/$ref`;
  assert.equal((await world.send(admin, removal)).status, 204);
  assert.equal((await world.send(admin, removal)).status, 404);
  assert.equal((await world.send(userCaller(), `PATCH ${path}`, { notes: 'y' })).status, 403);
});

test('an application and its service principal are made with the owners that they name', async (context) => {
  const world = await openWorld(context);
  const linkTo = (id: string): string => `https://graph.microsoft.com/v1.0/directoryObjects/${id}`;
  const owners = { 'owners@odata.bind': [linkTo(known.member), linkTo(known.principal)] };
  const made = await create(world, owners);
  const application = `/v1.0/applications/${String(made.json['id'])}`;
  const body = { appId: made.json['appId'], ...owners };
  const principal = await world.send(admin, 'POST /v1.0/servicePrincipals', body);
  for (const path of [application, `/v1.0/servicePrincipals/${String(principal.json['id'])}`]) {
    const listed = valuesOf(await world.send(admin, `GET ${path}/owners?$select=id`));
    assert.deepEqual(listed.map((one) => one['id']).sort(), [known.member, known.principal].sort());
  }
});

test('an application with an owner that the tenant does not have is not made', async (context) => {
  const world = await openWorld(context);
  const before = await world.snapshot();
  for (const id of [known.foreigner, known.innerGroup, 'nobody']) {
    const links = [`https://graph.microsoft.com/v1.0/directoryObjects/${id}`];
    const body = { displayName: 'x', 'owners@odata.bind': links };
    const answer = await world.send(admin, 'POST /v1.0/applications', body);
    assert.equal(answer.status, id === 'nobody' ? 400 : 404, id);
  }
  assert.deepEqual(await world.snapshot(), before);
});
