import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { guidOfText } from '#kernel/random.ts';
import {
  type Answer,
  account,
  contentOf,
  giveRole,
  group,
  ids,
  openWorld,
  roles,
  subscription,
  type World,
} from './world.ts';

let world: World;
before(async () => {
  world = await openWorld();
});
after(() => world.close());

const version = 'api-version=2022-04-01';
const provider = 'providers/Microsoft.Authorization';
let counter = 0;
let name = '';
beforeEach(() => {
  counter += 1;
  name = guidOfText('name', String(counter));
});

/** The role of both seeds, as their pages print it, for one of their two subscriptions. */
function seedRole(subscriptionId: string): string {
  return `{
 "properties":{
    "roleName":"Azure Batch Custom Job Submitter",
    "type":"CustomRole",
    "description":"Allows a user to submit jobs to Azure Batch but not manage pools",
    "assignableScopes":[
      "/subscriptions/${subscriptionId}"
    ],
    "permissions":[
      {
        "actions":[
          "Microsoft.Batch/*/read",
          "Microsoft.Authorization/*/read",
          "Microsoft.Resources/subscriptions/resourceGroups/read",
          "Microsoft.Support/*",
          "Microsoft.Insights/alertRules/*"
        ],
        "notActions":[

        ],
        "dataActions":[
          "Microsoft.Batch/batchAccounts/jobs/*",
          "Microsoft.Batch/batchAccounts/jobSchedules/*"
        ],
        "notDataActions":[

        ]
      }
    ]
  }
}`;
}

function definitionUrl(id: string, scope = subscription): string {
  return `${scope}/${provider}/roleDefinitions/${id}?${version}`;
}

function assignmentUrl(id: string, scope = group): string {
  return `${scope}/${provider}/roleAssignments/${id}?${version}`;
}

function roleId(id: string): string {
  return `${subscription}/${provider}/roleDefinitions/${id}`;
}

function assigning(principalId: string, role: string, more: object = {}): object {
  return { properties: { roleDefinitionId: roleId(role), principalId, ...more } };
}

function role(more: object = {}): object {
  return {
    properties: {
      roleName: `Role ${counter}`,
      assignableScopes: [subscription],
      permissions: [{ actions: ['Microsoft.Batch/batchAccounts/read'] }],
      ...more,
    },
  };
}

async function refusedWith(
  status: number,
  code: string,
  ask: () => Promise<Answer>,
): Promise<string> {
  const before = await contentOf(world);
  const refused = await ask();
  assert.equal(refused.json?.error?.code, code);
  assert.equal(refused.status, status);
  assert.equal(await contentOf(world), before);
  return refused.json.error.message;
}

test("the seeds' custom role is taken as printed, and its namesake for another subscription is refused", async () => {
  const body = seedRole(ids.subscription);
  const made = await world.ask('PUT', definitionUrl(name), { as: ids.owner, body });
  assert.equal(made.status, 201);
  assert.equal(made.json?.id, roleId(name));
  assert.equal(made.json?.properties?.['type'], 'CustomRole');
  assert.equal(made.json?.properties?.['createdBy'], null);
  assert.equal(made.json?.properties?.['updatedBy'], ids.owner);
  const sent = JSON.parse(body) as { properties: { permissions: unknown } };
  assert.deepEqual(made.json?.properties?.['permissions'], sent.properties.permissions);
  const second = guidOfText('second');
  const other = `/subscriptions/${ids.otherSubscription}`;
  await refusedWith(409, 'RoleDefinitionWithSameNameExists', () =>
    world.ask('PUT', definitionUrl(second, other), {
      as: ids.owner,
      body: seedRole(ids.otherSubscription),
    }),
  );
  const found = await world.ask('GET', definitionUrl(name), { as: ids.owner });
  assert.equal(found.json?.properties?.['createdBy'], ids.owner);
  const old = await world.ask('GET', definitionUrl(name).replace('2022-04-01', '2015-07-01'), {
    as: ids.owner,
  });
  assert.ok(!JSON.stringify(old.json).includes('dataActions'), 'data actions came later');
});

test('a custom role limits: what it grants is granted, all else is refused, until it is gone', async () => {
  const permissions = [{ actions: ['Microsoft.Batch/batchAccounts/read'] }];
  const body = role({ permissions });
  await world.ask('PUT', definitionUrl(name), { as: ids.owner, body });
  const id = guidOfText('assignment', name);
  const given = await world.ask('PUT', assignmentUrl(id), {
    as: ids.owner,
    body: assigning(ids.stranger, name),
  });
  assert.equal(given.status, 201);
  const url = `${account}?api-version=2023-11-01`;
  assert.equal((await world.ask('GET', url, { as: ids.stranger })).status, 404);
  const write = { as: ids.stranger, body: { location: 'westeurope' } };
  assert.equal((await world.ask('PUT', url, write)).status, 403);
  await refusedWith(400, 'RoleDefinitionHasAssignments', () =>
    world.ask('DELETE', definitionUrl(name), { as: ids.owner }),
  );
  const gone = await world.ask('DELETE', assignmentUrl(id), { as: ids.owner });
  assert.equal(gone.status, 200);
  assert.equal(gone.json?.properties?.['principalId'], ids.stranger);
  assert.equal((await world.ask('GET', url, { as: ids.stranger })).status, 403);
  assert.equal((await world.ask('DELETE', assignmentUrl(id), { as: ids.owner })).status, 204);
  assert.equal((await world.ask('DELETE', definitionUrl(name), { as: ids.owner })).status, 200);
  assert.equal((await world.ask('DELETE', definitionUrl(name), { as: ids.owner })).status, 204);
});

test('roles are listed by name and by type, with an id below the subscription of the request', async () => {
  const filter = encodeURIComponent("roleName eq 'azure batch job submitter'");
  const listed = await world.ask(
    'GET',
    `${group}/${provider}/roleDefinitions?${version}&$filter=${filter}`,
    { as: ids.owner },
  );
  assert.deepEqual(
    listed.json?.value?.map(({ id }) => id),
    [roleId(roles.jobSubmitter)],
  );
  const custom = await world.ask(
    'GET',
    `${subscription}/${provider}/roleDefinitions?${version}&$filter=type+eq+'CustomRole'`,
    { as: ids.owner },
  );
  assert.ok(custom.json?.value?.every(({ properties }) => properties?.['type'] === 'CustomRole'));
  const odd = `${subscription}/${provider}/roleDefinitions?${version}&$filter=color+eq+'red'`;
  assert.equal((await world.ask('GET', odd, { as: ids.owner })).status, 400);
});

test('a role for one group is listed there, and above it only with atScopeAndBelow()', async () => {
  await world.ask('PUT', definitionUrl(name, group), {
    as: ids.owner,
    body: role({ assignableScopes: [group] }),
  });
  const names = async (scope: string, filter = ''): Promise<boolean> => {
    const url = `${scope}/${provider}/roleDefinitions?${version}${filter}`;
    const listed = await world.ask('GET', url, { as: ids.owner });
    return listed.json?.value?.some((one) => one.name === name) ?? false;
  };
  assert.equal(await names(group), true);
  assert.equal(await names(`${group}0`), false);
  assert.equal(await names(subscription), false);
  assert.equal(await names(subscription, '&$filter=atScopeAndBelow()'), true);
  await refusedWith(400, 'RoleAssignmentScopeNotAssignableToRoleDefinition', () =>
    world.ask('PUT', assignmentUrl(guidOfText('elsewhere'), `${group}0`), {
      as: ids.owner,
      body: assigning(ids.stranger, name),
    }),
  );
});

const badRoles: readonly (readonly [string, object, number, string])[] = [
  ['without a name', { roleName: '' }, 400, 'RoleDefinitionNameNullOrEmpty'],
  ["with a built-in role's name", { roleName: 'reader' }, 409, 'RoleDefinitionWithSameNameExists'],
  ['of the built-in type', { type: 'BuiltInRole' }, 400, 'InvalidRoleDefinitionType'],
  ['without assignable scopes', { assignableScopes: [] }, 400, 'MissingAssignableScopes'],
  [
    'with two wildcards in an action',
    { permissions: [{ actions: ['a.b/*/c/*'] }] },
    400,
    'InvalidActionOrNotAction',
  ],
  [
    'with an action that Batch lacks',
    { permissions: [{ actions: ['Microsoft.Batch/batchAccounts/fly/action'] }] },
    400,
    'InvalidActionOrNotAction',
  ],
  [
    'with a data action among its actions',
    { permissions: [{ actions: ['Microsoft.Batch/batchAccounts/jobs/read'] }] },
    400,
    'InvalidActionOrNotAction',
  ],
  ['with actions that are no list', { permissions: [{ actions: 'x' }] }, 400, 'BadRequestFormat'],
  ['with a name of 513 characters', { roleName: 'x'.repeat(513) }, 400, 'RoleDefinitionInvalid'],
];

for (const [what, more, status, code] of badRoles) {
  test(`a custom role ${what} is refused with ${code}`, async () => {
    const how = { as: ids.owner, body: role(more) };
    await refusedWith(status, code, () => world.ask('PUT', definitionUrl(name), how));
  });
}

test('a built-in role can neither be replaced nor removed, and an id must be a GUID', async () => {
  const how = { as: ids.owner, body: role() };
  await refusedWith(409, 'RoleDefinitionExists', () =>
    world.ask('PUT', definitionUrl(roles.reader), how),
  );
  await refusedWith(409, 'RoleDefinitionExists', () =>
    world.ask('DELETE', definitionUrl(roles.reader), how),
  );
  await refusedWith(400, 'InvalidRoleDefinitionId', () =>
    world.ask('PUT', definitionUrl('nice'), how),
  );
  const missing = await refusedWith(404, 'RoleDefinitionDoesNotExist', () =>
    world.ask('GET', definitionUrl(name), { as: ids.owner }),
  );
  assert.equal(
    missing,
    `The specified role definition with ID '${name.replaceAll('-', '')}' does not exist.`,
  );
});

const foreignScopes: readonly (readonly [string, string])[] = [
  ['a subscription nobody has', `/subscriptions/${guidOfText('nobody')}`],
  ["another tenant's subscription", `/subscriptions/${ids.foreignSubscription}`],
  ['the root', '/'],
];

for (const [what, scope] of foreignScopes) {
  test(`a role assignable at ${what} is refused: the linked scope was not granted`, async () => {
    const how = { as: ids.owner, body: role({ assignableScopes: [subscription, scope] }) };
    const message = await refusedWith(403, 'LinkedAuthorizationFailed', () =>
      world.ask('PUT', definitionUrl(name), how),
    );
    assert.ok(message.includes(`on the linked scope(s) '${scope}'`), message);
  });
}

test('who may write roles in one group only cannot make one for the subscription', async () => {
  await world.write((tx) => giveRole(tx, ids.stranger, roles.owner, `${group}0`));
  const made = await world.ask('PUT', definitionUrl(name, `${group}0`), {
    as: ids.stranger,
    body: role({ assignableScopes: [`${group}0`] }),
  });
  assert.equal(made.status, 201);
  await refusedWith(403, 'LinkedAuthorizationFailed', () =>
    world.ask('PUT', definitionUrl(name, `${group}0`), { as: ids.stranger, body: role() }),
  );
});

test('a role cannot be taken over through a scope that it will no longer be assignable at', async () => {
  await world.ask('PUT', definitionUrl(name), { as: ids.owner, body: role() });
  await world.write((tx) => giveRole(tx, ids.stranger, roles.accessAdministrator, `${group}0`));
  const body = role({ assignableScopes: [`${group}0`], permissions: [{ actions: ['*'] }] });
  await refusedWith(403, 'LinkedAuthorizationFailed', () =>
    world.ask('PUT', definitionUrl(name, `${group}0`), { as: ids.stranger, body }),
  );
  await refusedWith(403, 'LinkedAuthorizationFailed', () =>
    world.ask('DELETE', definitionUrl(name, `${group}0`), { as: ids.stranger }),
  );
});

test('an assignment answers as recorded, and the identical PUT is 201 again', async () => {
  const url = assignmentUrl(name);
  const body = assigning(ids.reader, roles.contributor, { principalType: 'User' });
  const made = await world.ask('PUT', url, { as: ids.owner, body });
  assert.equal(made.status, 201);
  assert.deepEqual(made.json, {
    properties: {
      roleDefinitionId: roleId(roles.contributor),
      principalId: ids.reader,
      principalType: 'User',
      scope: group,
      condition: null,
      conditionVersion: null,
      createdOn: '2027-01-15T08:00:00Z',
      updatedOn: '2027-01-15T08:00:00Z',
      createdBy: null,
      updatedBy: ids.owner,
      delegatedManagedIdentityResourceId: null,
      description: null,
    },
    id: `${group}/${provider}/roleAssignments/${name}`,
    type: 'Microsoft.Authorization/roleAssignments',
    name,
  });
  const again = await world.ask('PUT', url, { as: ids.owner, body });
  assert.equal(again.status, 201);
  assert.equal(again.json?.properties?.['createdBy'], ids.owner);
  await refusedWith(409, 'RoleAssignmentUpdateNotPermitted', () =>
    world.ask('PUT', url, { as: ids.owner, body: assigning(ids.owner, roles.contributor) }),
  );
  await refusedWith(409, 'RoleAssignmentUpdateNotPermitted', () =>
    world.ask('PUT', assignmentUrl(name, subscription), { as: ids.owner, body }),
  );
  const exists = await refusedWith(409, 'RoleAssignmentExists', () =>
    world.ask('PUT', assignmentUrl(guidOfText('same again')), { as: ids.owner, body }),
  );
  assert.equal(exists, 'The role assignment already exists.');
});

const unknown = guidOfText('unknown principal');
const badAssignments: readonly (readonly [string, object, number, string, string])[] = [
  [
    'for a principal nobody knows',
    assigning(unknown, roles.reader),
    400,
    'PrincipalNotFound',
    `Principal ${unknown.replaceAll('-', '')} does not exist in the directory ${ids.tenant}.`,
  ],
  [
    'for a principal that is no GUID',
    assigning('me', roles.reader),
    400,
    'InvalidPrincipalId',
    "The Principal ID 'me' is not valid. Principal ID must be a GUID.",
  ],
  [
    'for a principal of another type',
    assigning(ids.reader, roles.owner, { principalType: 'Group' }),
    400,
    'UnmatchedPrincipalType',
    `The PrincipalId '${ids.reader}' has type 'User' , which is different from specified PrinciaplType 'Group'.`,
  ],
  [
    'of a role by its bare GUID',
    { properties: { roleDefinitionId: roles.reader, principalId: ids.owner } },
    400,
    'BadRequestFormat',
    'The request was incorrectly formatted.',
  ],
  [
    'of a role nobody made',
    assigning(ids.owner, unknown),
    404,
    'RoleDefinitionDoesNotExist',
    `The specified role definition with ID '${unknown.replaceAll('-', '')}' does not exist.`,
  ],
  [
    'with a condition',
    assigning(ids.owner, roles.reader, { condition: '@Resource', conditionVersion: '2.0' }),
    501,
    'NotImplemented',
    'Batten does not have this yet: properties.condition.',
  ],
  ['without properties', {}, 400, 'BadRequestFormat', 'The request was incorrectly formatted.'],
];

for (const [what, body, status, code, message] of badAssignments) {
  test(`an assignment ${what} is refused with ${code}`, async () => {
    const ask = () => world.ask('PUT', assignmentUrl(name), { as: ids.owner, body });
    assert.equal(await refusedWith(status, code, ask), message);
  });
}

test('an assignment whose name is no GUID, or whose group is not there, is refused', async () => {
  const how = { as: ids.owner, body: assigning(ids.stranger, roles.reader) };
  await refusedWith(400, 'InvalidRoleAssignmentId', () =>
    world.ask('PUT', assignmentUrl('mine'), how),
  );
  await refusedWith(404, 'ResourceGroupNotFound', () =>
    world.ask('PUT', assignmentUrl(name, `${subscription}/resourceGroups/nothing`), how),
  );
});

test('a principal that is not known yet is assigned when the caller names its type', async () => {
  const body = assigning(unknown, roles.reader, { principalType: 'ServicePrincipal' });
  const made = await world.ask('PUT', assignmentUrl(name), { as: ids.owner, body });
  assert.equal(made.status, 201);
});

test('who may only read cannot assign, and who may assign cannot give what she does not hold rights over', async () => {
  const body = assigning(ids.stranger, roles.owner);
  await refusedWith(403, 'AuthorizationFailed', () =>
    world.ask('PUT', assignmentUrl(name), { as: ids.reader, body }),
  );
  await refusedWith(403, 'AuthorizationFailed', () =>
    world.ask('PUT', assignmentUrl(name, subscription), { as: ids.stranger, body }),
  );
});

test('assignments are listed at, above and below a scope, by principal and through groups', async () => {
  const at = `${group}0`;
  const below = `${at}/providers/Microsoft.Batch/batchAccounts/x`;
  const own = guidOfText('own');
  const deep = guidOfText('deep');
  const put = (id: string, scope: string, principalId: string) =>
    world.ask('PUT', assignmentUrl(id, scope), {
      as: ids.owner,
      body: assigning(principalId, roles.jobSubmitter),
    });
  await put(own, at, ids.innerGroup);
  await put(deep, below, ids.reader);
  const listed = async (filter: string): Promise<readonly (string | undefined)[]> => {
    const url = `${at}/${provider}/roleAssignments?${version}&$filter=${encodeURIComponent(filter)}`;
    const answer = await world.ask('GET', url, { as: ids.owner });
    return answer.json?.value?.map((one) => one.name) ?? [];
  };
  const above = guidOfText('assignment', ids.owner, roles.owner, subscription);
  const everything = await listed('');
  for (const one of [own, deep, above]) assert.ok(everything.includes(one));
  const here = await listed('atScope()');
  assert.ok(here.includes(own) && here.includes(above) && !here.includes(deep));
  assert.deepEqual(await listed(`principalId eq '${ids.reader}'`), [deep]);
  assert.deepEqual(
    (await listed(`assignedTo('${ids.reader}')`)).toSorted(),
    [own, deep].toSorted(),
  );
  assert.deepEqual(await listed(`atScope() and assignedTo('${ids.reader}')`), [own]);
});

test('the caller reads her own permissions', async () => {
  const url = `${group}/${provider}/permissions?${version}`;
  const own = await world.ask('GET', url, { as: ids.owner });
  assert.deepEqual(own.json?.value?.[0], {
    actions: ['*'],
    notActions: [],
    dataActions: [],
    notDataActions: [],
  });
});

test('the operations of a provider can be read, and those of an unknown one not', async () => {
  const url = `/${provider}/providerOperations`;
  const found = await world.ask('GET', `${url}/microsoft.batch?${version}`, { as: ids.stranger });
  assert.ok(JSON.stringify(found.json).includes('Microsoft.Batch/batchAccounts/jobs/write'));
  await refusedWith(404, 'ProviderNotFound', () =>
    world.ask('GET', `${url}/Nothing?${version}`, { as: ids.stranger }),
  );
});

test('the last Owner of a subscription cannot be removed, and one of two can', async () => {
  const other = `/subscriptions/${ids.otherSubscription}`;
  const only = guidOfText('assignment', ids.owner, roles.owner, other);
  const remove = () => world.ask('DELETE', assignmentUrl(only, other), { as: ids.owner });
  const message = await refusedWith(400, 'LastRbacAdminAssignmentCannotBeDeleted', remove);
  assert.equal(message, 'Cannot delete the last RBAC admin assignment');
  await world.write((tx) => giveRole(tx, ids.stranger, roles.owner, other));
  assert.equal((await remove()).status, 200);
});

test('there are no deny assignments', async () => {
  const url = `${group}/${provider}/denyAssignments?${version}`;
  assert.deepEqual((await world.ask('GET', url, { as: ids.owner })).json, { value: [] });
});
