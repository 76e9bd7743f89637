import assert from 'node:assert/strict';
import { test } from 'node:test';
import { directoryRoleTemplates } from '#directory/directory-role.ts';
import { addSeconds } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';
import {
  admin,
  appCaller,
  contoso,
  errorOf,
  fabrikam,
  type GraphWorld,
  known,
  openWorld,
  userCaller,
  valuesOf,
} from './world.test.ts';

const audits = '/v1.0/auditLogs/directoryAudits';
const signIns = '/v1.0/auditLogs/signIns';

async function listed(world: GraphWorld, path: string): Promise<readonly JsonObject[]> {
  return valuesOf(await world.send(admin, `GET ${path}`));
}

/** Five sign-ins, each a minute behind the one before: granted, refused, of an application, of a stranger, of another tenant. */
function noteSignIns(world: GraphWorld): void {
  const note = (minute: number, id: string, code: string, facts: JsonObject, tenantId = contoso) =>
    world.note({
      id,
      at: addSeconds(world.clock.civil(), minute * 60),
      kind: 'signIn',
      surface: 'authority',
      tenantId,
      principalId: known.member,
      code,
      facts: { ipAddress: '127.0.0.1', ...facts },
    });
  const member = { client_id: known.appId, userPrincipalName: 'member@contoso.example' };
  note(0, 'first', '', { ...member, isInteractive: true, correlationId: known.innerGroup });
  note(1, 'second', 'AADSTS50126', { ...member, message: 'Invalid username or password.' });
  world.note({
    id: 'third',
    at: addSeconds(world.clock.civil(), 120),
    kind: 'signIn',
    surface: 'authority',
    tenantId: contoso,
    principalId: known.principal,
    code: '',
    facts: { client_id: known.appId, grant_type: 'client_credentials' },
  });
  note(3, 'fourth', 'AADSTS50034', { client_id: known.appId, username: 'nobody@contoso.example' });
  note(4, 'foreign', '', member, fabrikam);
}

test('beta tells the types of sign-ins and is asked for them, v1.0 knows none', async (context) => {
  const world = await openWorld(context);
  noteSignIns(world);
  const asked = (type: string) => {
    const filter = `signInEventTypes/any(t: t eq '${type}')`;
    return `auditLogs/signIns?$filter=${encodeURIComponent(filter)}`;
  };
  for (const [type, ids] of [
    ['interactiveUser', ['first']],
    ['nonInteractiveUser', ['fourth', 'second']],
    ['servicePrincipal', ['third']],
    ['managedIdentity', []],
  ] as const) {
    const found = await listed(world, `/beta/${asked(type)}`);
    assert.deepEqual(
      found.map(({ id }) => id),
      ids,
      type,
    );
    assert.ok(
      found.every((one) => String(one['signInEventTypes']) === type),
      type,
    );
  }
  const one = await world.send(admin, 'GET /beta/auditLogs/signIns/third');
  assert.deepEqual(one.json['signInEventTypes'], ['servicePrincipal']);
  const old = await world.send(admin, `GET /v1.0/${asked('servicePrincipal')}`);
  assert.equal(old.status, 400);
  const shown = await listed(world, signIns);
  assert.ok(shown.every((sign) => !('signInEventTypes' in sign)));
});

test('a sign-in is shown with who, from where, with what and why not', async (context) => {
  const world = await openWorld(context);
  noteSignIns(world);
  const [stranger, application, refused, granted] = await listed(world, signIns);
  assert.deepEqual(granted, {
    id: 'first',
    createdDateTime: '2026-11-20T09:00:00.25Z',
    userDisplayName: 'Max Member',
    userPrincipalName: 'member@contoso.example',
    userId: known.member,
    appId: known.appId,
    appDisplayName: 'Nightly jobs',
    ipAddress: '127.0.0.1',
    clientAppUsed: 'Browser',
    correlationId: known.innerGroup,
    conditionalAccessStatus: 'notApplied',
    isInteractive: true,
    resourceDisplayName: null,
    resourceId: null,
    status: { errorCode: 0, failureReason: null, additionalDetails: null },
  });
  assert.deepEqual(refused?.['status'], {
    errorCode: 50126,
    failureReason: 'Invalid username or password.',
    additionalDetails: null,
  });
  assert.equal(application?.['servicePrincipalId'], known.principal);
  assert.equal(application?.['userId'], null);
  assert.equal(stranger?.['userPrincipalName'], 'nobody@contoso.example');
  assert.equal(stranger?.['userId'], null);
});

const filters: readonly (readonly [string, readonly string[]])[] = [
  ['', ['fourth', 'third', 'second', 'first']],
  ['$orderby=createdDateTime', ['first', 'second', 'third', 'fourth']],
  ["$filter=userPrincipalName eq 'MEMBER@contoso.example'", ['second', 'first']],
  ["$filter=startswith(userPrincipalName,'nobody')", ['fourth']],
  ['$filter=status/errorCode eq 50126', ['second']],
  [`$filter=appId eq '${known.appId}' and isInteractive eq true`, ['first']],
  ['$filter=createdDateTime ge 2026-11-20T09:02:00Z', ['fourth', 'third']],
  [
    '$filter=createdDateTime ge 2026-11-20T09:01:00Z and createdDateTime le 2026-11-20T09:02:00Z&$orderby=createdDateTime desc',
    ['second'],
  ],
  ["$filter=userPrincipalName eq 'ana@fabrikam.example'", []],
];

for (const [query, ids] of filters) {
  test(`sign-ins ${query === '' ? 'without a filter' : `by ${query}`} are ${ids.join(', ') || 'none'}, also page by page`, async (context) => {
    const world = await openWorld(context);
    noteSignIns(world);
    const found = await listed(world, `${signIns}?${query}`);
    assert.deepEqual(
      found.map((one) => one['id']),
      ids,
    );
    const paged: unknown[] = [];
    let line = `${signIns}?${query}&$top=1`;
    for (;;) {
      const answer = await world.send(admin, `GET ${line}`);
      paged.push(...valuesOf(answer).map((one) => one['id']));
      const next = answer.json['@odata.nextLink'];
      if (typeof next !== 'string') break;
      line = next.slice('https://graph.microsoft.com'.length);
    }
    assert.deepEqual(paged, ids);
  });
}

test('one sign-in is found by its id, in its own tenant only', async (context) => {
  const world = await openWorld(context);
  noteSignIns(world);
  const one = await world.send(admin, `GET ${signIns}/second?$select=id,status`);
  assert.deepEqual(Object.keys(one.json), ['@odata.context', 'id', 'status']);
  for (const id of ['foreign', 'nowhere']) {
    assert.equal((await world.send(admin, `GET ${signIns}/${id}`)).status, 404, id);
  }
});

test('what is no question to a log is refused', async (context) => {
  const world = await openWorld(context);
  for (const query of [
    "$filter=riskState eq 'none'",
    '$orderby=ipAddress',
    "$filter=userId ne 'x'",
    '$skiptoken=bm93aGVyZQ',
    '$search="userDisplayName:x"',
  ]) {
    assert.equal((await world.send(admin, `GET ${signIns}?${query}`)).status, 400, query);
  }
});

test('the logs are for those who report, and for no mere member', async (context) => {
  const world = await openWorld(context);
  const scoped = { oauthScopes: ['AuditLog.Read.All'] };
  const { globalReader, reportsReader, securityReader, directoryReaders } = directoryRoleTemplates;
  const allowed = [
    appCaller(['AuditLog.Read.All']),
    ...[globalReader, reportsReader, securityReader].map((role) =>
      userCaller({ ...scoped, directoryRoleIds: [role] }),
    ),
  ];
  const refused = [
    userCaller(),
    userCaller(scoped),
    userCaller({ ...scoped, directoryRoleIds: [directoryReaders] }),
    userCaller({ oauthScopes: ['Directory.Read.All'], directoryRoleIds: [reportsReader] }),
    appCaller(['Directory.ReadWrite.All']),
  ];
  for (const path of [signIns, audits]) {
    for (const caller of allowed) {
      assert.equal((await world.send(caller, `GET ${path}`)).status, 200, path);
    }
    for (const caller of refused) {
      const answer = await world.send(caller, `GET ${path}`);
      assert.equal(answer.status, 403, path);
      assert.equal(errorOf(answer).code, 'Authorization_RequestDenied');
    }
  }
});

test('each change is in the log with who made it, what it was and how it went', async (context) => {
  const world = await openWorld(context);
  const body = { displayName: 'Fresh' };
  const { json } = await world.send(admin, 'POST /v1.0/applications', body);
  const path = `/v1.0/applications/${String(json['id'])}`;
  await world.send(admin, `PATCH ${path}`, { notes: 'n' });
  await world.send(admin, `PATCH ${path}`, { displayName: '' });
  await world.send(appCaller(['Application.ReadWrite.All']), `POST ${path}/addPassword`, {});
  await world.send(admin, `GET ${path}`);
  await world.send(userCaller(), `DELETE ${path}`);
  await world.send(admin, `DELETE ${path}`);
  const shown = await listed(world, `${audits}?$orderby=activityDateTime`);
  assert.deepEqual(
    shown.map((one) => [one['activityDisplayName'], one['operationType'], one['result']]),
    [
      ['Add application', 'Add', 'success'],
      ['Update application', 'Update', 'success'],
      ['Update application', 'Update', 'failure'],
      ['Update application – Certificates and secrets management', 'Update', 'success'],
      ['Delete application', 'Delete', 'success'],
    ],
  );
  const [added, , failed, secret] = shown;
  assert.deepEqual(added?.['initiatedBy'], {
    user: {
      id: known.admin,
      displayName: 'Ana Admin',
      userPrincipalName: 'admin@contoso.example',
      ipAddress: '127.0.0.1',
    },
    app: null,
  });
  assert.deepEqual(added?.['targetResources'], [
    { id: json['id'], displayName: 'Fresh', type: 'Application', modifiedProperties: [] },
  ]);
  assert.equal(failed?.['resultReason'], 'Request_BadRequest');
  assert.deepEqual(secret?.['initiatedBy'], {
    user: null,
    app: {
      appId: appCaller().appId,
      displayName: 'Nightly jobs',
      servicePrincipalId: known.principal,
      servicePrincipalName: null,
    },
  });
  assert.doesNotMatch(JSON.stringify(shown), /secretText/);
  const failures = await listed(world, `${audits}?$filter=result eq 'failure'`);
  assert.equal(failures.length, 1);
});

test('memberships, consents and owners have their own names in the log', async (context) => {
  const world = await openWorld(context);
  const reference = {
    '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${known.member}`,
  };
  await world.send(admin, `POST /v1.0/groups/${known.outerGroup}/members/$ref`, reference);
  await world.send(admin, `DELETE /v1.0/groups/${known.outerGroup}/members/${known.member}/$ref`);
  await world.send(admin, `POST /v1.0/applications/${known.application}/owners/$ref`, reference);
  const shown = await listed(world, `${audits}?$orderby=activityDateTime`);
  assert.deepEqual(
    shown.map((one) => [one['activityDisplayName'], one['category']]),
    [
      ['Add member to group', 'GroupManagement'],
      ['Remove member from group', 'GroupManagement'],
      ['Add owner to application', 'ApplicationManagement'],
    ],
  );
});
