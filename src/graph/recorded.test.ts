import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { JsonObject } from '#kernel/json.ts';
import { type Answer, admin, contoso, known, openWorld } from './world.test.ts';

/** One recorded exchange with Microsoft Graph. */
interface Recorded {
  readonly name: string;
  readonly request: { readonly body: unknown };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: JsonObject;
  };
}

const file = new URL('../../test/vectors/graph-recorded.json', import.meta.url);
const { recorded } = JSON.parse(readFileSync(file, 'utf8')) as { recorded: readonly Recorded[] };

function exchange(name: string): Recorded {
  const found = recorded.find((one) => one.name === name);
  assert(found !== undefined, name);
  return found;
}

/** Ids, names of people and times are ours; everything else, order of the keys included, is as recorded. */
const volatile = [
  'id',
  'appId',
  'appOwnerOrganizationId',
  'createdDateTime',
  'renewedDateTime',
  'publisherDomain',
  'displayName',
  'description',
  'mailNickname',
  'appDisplayName',
  'userPrincipalName',
  'servicePrincipalNames',
  'securityIdentifier',
  'keyId',
  'hint',
  'secretText',
];

function settled(value: JsonObject): string {
  return JSON.stringify(value, (name, inner: unknown) => (volatile.includes(name) ? '*' : inner));
}

function assertAsRecorded(answer: Answer, { name, response }: Recorded): void {
  assert.equal(answer.status, response.status, `${name}: ${JSON.stringify(answer.json)}`);
  assert.equal(settled(answer.json), settled(response.body), name);
  assert.equal(answer.contentType, response.headers['content-type'], name);
  assert.equal(answer.headers['OData-Version'], response.headers['odata-version'], name);
  assert.equal(answer.headers['Cache-Control'], response.headers['cache-control'], name);
}

test('an application is created, changed and read as recorded', async (context) => {
  const world = await openWorld(context);
  const creation = exchange('POST /applications');
  const created = await world.send(admin, 'POST /v1.0/applications', creation.request.body);
  assertAsRecorded(created, creation);
  const id = String(created.json['id']);
  assert.equal(
    created.headers['Location'],
    `https://graph.microsoft.com/v2/${contoso}/directoryObjects/${id}/Microsoft.DirectoryServices.Application`,
  );
  assert.equal(created.json['createdDateTime'], '2026-11-20T09:00:00.25Z');
  const change = exchange('PATCH /applications/{id}');
  const path = `/v1.0/applications/${id}`;
  const changed = await world.send(admin, `PATCH ${path}`, change.request.body);
  assert.equal(changed.status, 204);
  const read = await world.send(admin, `GET ${path}`);
  assertAsRecorded(read, exchange('GET /applications/{id} after PATCH'));
  assert.equal(read.json['createdDateTime'], '2026-11-20T09:00:00Z');
});

test('a service principal is created as recorded', async (context) => {
  const world = await openWorld(context);
  const body = { displayName: 'x', signInAudience: 'AzureADandPersonalMicrosoftAccount' };
  const application = await world.send(admin, 'POST /v1.0/applications', body);
  const creation = exchange('POST /servicePrincipals');
  const created = await world.send(admin, 'POST /v1.0/servicePrincipals', {
    appId: application.json['appId'],
    accountEnabled: true,
  });
  assertAsRecorded(created, creation);
  assert.match(
    created.headers['Location'] ?? '',
    /\/Microsoft\.DirectoryServices\.ServicePrincipal$/,
  );
});

test('a secret is shown as recorded', async (context) => {
  const world = await openWorld(context);
  const addition = exchange('POST /applications/{id}/addPassword');
  const path = `/v1.0/applications/${known.application}`;
  const added = await world.send(admin, `POST ${path}/addPassword`, addition.request.body);
  assertAsRecorded(added, addition);
  assert.equal(added.headers['Location'], 'https://graph.microsoft.com');
  const removal = exchange('POST /applications/{id}/removePassword');
  const body = { keyId: added.json['keyId'] };
  const removed = await world.send(admin, `POST ${path}/removePassword`, body);
  assert.equal(removed.status, removal.response.status);
});

test('users, groups and memberships are read as recorded', async (context) => {
  const world = await openWorld(context);
  const user = await world.send(admin, 'GET /v1.0/users/member@contoso.example');
  assertAsRecorded(user, exchange('GET /users/{upn}'));
  const filter = "displayName eq 'Inner' and mailNickname eq 'Inner'";
  const groups = await world.send(admin, `GET /v1.0/groups?$filter=${filter}`);
  assertAsRecorded(groups, exchange('GET /groups'));
  const members = exchange('POST /groups/{id}/getMemberGroups');
  const line = `POST /v1.0/groups/${known.outerGroup}/getMemberGroups`;
  assertAsRecorded(await world.send(admin, line, members.request.body), members);
});

test('a user is created and changed as recorded', async (context) => {
  const world = await openWorld(context);
  const creation = exchange('POST /users');
  const created = await world.send(admin, 'POST /v1.0/users', creation.request.body);
  assertAsRecorded(created, creation);
  const id = String(created.json['id']);
  assert.equal(
    created.headers['Location'],
    `https://graph.microsoft.com/v2/${contoso}/directoryObjects/${id}/Microsoft.DirectoryServices.User`,
  );
  const change = exchange('PATCH /users/{id}');
  const changed = await world.send(admin, `PATCH /v1.0/users/${id}`, change.request.body);
  assert.equal(changed.status, change.response.status);
  const shown = await world.send(
    admin,
    `GET /v1.0/users/${id}?$select=mailNickname,accountEnabled`,
  );
  assert.equal(shown.json['mailNickname'], 'graphusertestupdate');
  assert.equal(shown.json['accountEnabled'], false);
});

test('what does not exist is refused as recorded', async (context) => {
  const world = await openWorld(context);
  const refusal = exchange('GET /applications/{id} of nothing');
  const answer = await world.send(admin, `GET /v1.0/applications/${known.member}`);
  const error = refusal.response.body['error'] as JsonObject;
  const ours = answer.json['error'] as JsonObject;
  assert.equal(answer.status, refusal.response.status);
  assert.equal(answer.contentType, refusal.response.headers['content-type']);
  assert.deepEqual(Object.keys(ours), Object.keys(error));
  assert.equal(ours['code'], error['code']);
  const text = String(error['message']).replace(/'[^']*'/, `'${known.member}'`);
  assert.equal(ours['message'], text);
});
