import assert from 'node:assert/strict';
import { test } from 'node:test';
import { directoryRoleTemplates as roles } from '#directory/directory-role.ts';
import { firstPartyAppIds } from '#directory/first-party.ts';
import {
  appCaller,
  contoso,
  errorOf,
  type GraphWorld,
  known,
  openWorld,
  userCaller,
} from './world.test.ts';

const path = `/api/RegisteredApplications/${known.appId}/Consent`;
const line = `POST ${path}?onBehalfOfAll=true`;

/** A user with the one scope that tokens of this service have. */
function holderOf(...directoryRoleIds: readonly string[]) {
  return userCaller({ oauthScopes: ['user_impersonation'], directoryRoleIds });
}

const administrator = holderOf(roles.cloudApplicationAdministrator);

test('who may consent for everybody does, as herself and in her own tenant', async (context) => {
  for (const role of [
    roles.globalAdministrator,
    roles.privilegedRoleAdministrator,
    roles.applicationAdministrator,
    roles.cloudApplicationAdministrator,
  ]) {
    const world = await openWorld(context);
    const answer = await world.send(holderOf(role), line);
    assert.equal(answer.status, 204, JSON.stringify(answer.json));
    assert.deepEqual(world.consents, [
      { tenantId: contoso, userId: known.member, appId: known.appId },
    ]);
    assert.deepEqual(world.events, [], 'whoever gives the consent notes it');
    const [{ audiences } = {}] = world.expectations;
    assert.deepEqual(audiences, [firstPartyAppIds.registrations]);
  }
});

async function refused(
  world: GraphWorld,
  ...[as, asked = line, headers]: [
    as: Parameters<GraphWorld['send']>[0],
    asked?: string,
    headers?: Readonly<Record<string, string>>,
  ]
) {
  const answer = await world.send(as, asked, undefined, headers);
  assert.deepEqual(world.consents, []);
  return answer;
}

test('who is no administrator hears what az prints, and it is recorded', async (context) => {
  for (const caller of [
    holderOf(),
    holderOf(roles.globalReader),
    holderOf(roles.userAdministrator),
    userCaller({ oauthScopes: [], directoryRoleIds: [roles.globalAdministrator] }),
  ]) {
    const world = await openWorld(context);
    const sent = { 'x-ms-client-request-id': 'my-id' };
    const answer = await refused(world, caller, line, sent);
    assert.equal(answer.status, 403);
    assert.equal(answer.json['HttpStatusCode'], 403);
    assert.equal(answer.json['ClassName'], 'Microsoft.Portal.Framework.Exceptions.ClientException');
    assert.match(
      String(answer.json['Message']),
      /^Graph call failed with httpCode=Forbidden, errorCode=Authorization_RequestDenied, errorMessage=This operation can only be performed by an administrator\..*, reason=Forbidden, correlationId = my-id, response = \{"odata\.error":/,
    );
    assert.equal(errorOf(answer).code, 'Authorization_RequestDenied');
    assert.deepEqual(
      world.events.map(({ kind }) => kind),
      ['refusal'],
    );
  }
});

test('who may consent, but not to all of this, hears the same, and it is recorded', async (context) => {
  const world = await openWorld(context);
  const answer = await world.send({ ...administrator, objectId: known.admin }, line);
  assert.equal(answer.status, 403);
  assert.match(String(errorOf(answer).message), /performed by an administrator/);
  const [event] = world.events;
  assert.deepEqual([event?.kind, event?.principalId], ['refusal', known.admin]);
  assert.match(String(event?.facts['reason']), /all that the application asks for/);
});

test('an application alone consents to nothing, whatever it holds', async (context) => {
  const world = await openWorld(context);
  const directoryRoleIds = [roles.globalAdministrator];
  const asked = appCaller(['Directory.ReadWrite.All'], { directoryRoleIds });
  const answer = await refused(world, asked);
  assert.equal(answer.status, 400);
  assert.equal(errorOf(answer).code, 'AADSTS50058');
});

test('only consent for everybody is given here, and only to an application that is known', async (context) => {
  const world = await openWorld(context);
  for (const query of ['', '?onBehalfOfAll=false', '?onBehalfOfAll=']) {
    const answer = await refused(world, administrator, `POST ${path}${query}`);
    assert.equal(answer.status, 501, query);
  }
  const unknown = line.replace(known.appId, known.foreignAppId);
  const answer = await world.send(administrator, unknown);
  assert.equal(answer.status, 404);
  assert.equal(errorOf(answer).code, 'Request_ResourceNotFound');
});

test('each host serves its own: Graph has no consent, and this service no directory', async (context) => {
  const world = await openWorld(context);
  const atGraph = await refused(world, administrator, line, { host: 'graph.microsoft.com' });
  assert.equal(atGraph.status, 400);
  const host = 'main.iam.ad.ext.azure.com';
  const users = await refused(world, userCaller(), 'GET /v1.0/users', { host });
  assert.equal(users.status, 400);
  assert.deepEqual(errorOf(users).message, 'Invalid version.');
});
