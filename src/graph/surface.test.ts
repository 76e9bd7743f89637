import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clouds } from '#cloud/cloud.ts';
import type { BearerProblem } from '#guard/bearer.ts';
import { graphOperations } from './surface.ts';
import { admin, appCaller, contoso, errorOf, known, openWorld, userCaller } from './world.test.ts';

/** A path of an operation with ids of the world in it. */
function pathOf(template: string): string {
  const ids: Readonly<Record<string, string>> = {
    graphVersion: 'v1.0',
    applicationKey: known.application,
    servicePrincipalKey: known.principal,
    userKey: known.member,
    groupKey: known.innerGroup,
    objectKey: known.member,
    ownerKey: known.member,
    memberKey: known.member,
    tenantKey: contoso,
    assignmentKey: 'none',
    grantKey: 'none',
    credentialKey: 'none',
    deletedKey: 'none',
    roleKey: 'none',
    templateKey: 'none',
    domainKey: 'contoso.example',
    policyKey: 'none',
    eventKey: 'none',
    appId: known.appId,
  };
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = ids[name];
    assert(value !== undefined, `the tests know no ${name}`);
    return value;
  });
}

const lines = graphOperations.map((one) => ({
  id: one.id,
  line: `${one.method} ${pathOf(one.path)}`,
  anonymous: one.permission === 'anonymous',
  action: one.permission === 'anonymous' ? '' : (one.permission.documented[0]?.action ?? ''),
  handled: one.handler !== undefined,
}));

/** What every token may ask, since each request within is judged by itself. */
const ofAnyToken: readonly string[] = ['batch'];
const judged = lines.filter((one) => !ofAnyToken.includes(one.id));

/** What an application alone is refused at the door. */
const ofUsers: readonly string[] = [
  'RegisteredApplications_Consent',
  ...lines.filter((one) => / \/v1\.0\/me(\/|$)/.test(one.line)).map((one) => one.id),
];

const tokenProblems: readonly BearerProblem['problem'][] = [
  'missing',
  'malformed',
  'badSignature',
  'unknownIssuer',
  'issuerUnreachable',
  'wrongAudience',
  'wrongCloud',
  'expired',
  'notYetValid',
  'unknownPrincipal',
  'disabled',
];

test('no operation is anonymous, and every one but the batch names its action', () => {
  assert.deepEqual(
    lines.filter((one) => one.anonymous),
    [],
  );
  for (const { id, action } of judged) assert.match(action, /^microsoft\.directory\/\w/, id);
  assert.equal(new Set(lines.map((one) => one.id)).size, lines.length);
});

test('every operation refuses every token that has a flaw, and nothing changes', async (context) => {
  const world = await openWorld(context);
  const before = await world.snapshot();
  for (const { id, line } of lines) {
    for (const problem of tokenProblems) {
      const answer = await world.send(problem, line, {});
      assert.equal(answer.status, 401, `${id} with ${problem}`);
      const isCaller = problem === 'unknownPrincipal' || problem === 'disabled';
      const code = isCaller ? 'Authorization_IdentityNotFound' : 'InvalidAuthenticationToken';
      assert.equal(errorOf(answer).code, code);
      assert.match(
        answer.headers['WWW-Authenticate'] ?? '',
        /^Bearer realm="", authorization_uri=/,
      );
    }
  }
  assert.deepEqual(await world.snapshot(), before);
});

test('every operation refuses an application without any permission, and nothing changes', async (context) => {
  const world = await openWorld(context);
  // Not the one that the paths name: each may roll its own keys.
  const stranger = appCaller([], { objectId: known.admin, principalIds: [known.admin] });
  const before = await world.snapshot();
  const ofAll = judged.filter((one) => !ofUsers.includes(one.id));
  for (const { id, line, action } of ofAll) {
    const answer = await world.send(stranger, line, {});
    assert.equal(answer.status, 403, `${id} was answered ${answer.status}`);
    assert.deepEqual(errorOf(answer), {
      code: 'Authorization_RequestDenied',
      message: 'Insufficient privileges to complete the operation.',
    });
    const event = world.events.at(-1);
    assert.equal(event?.kind, 'refusal');
    const [request] = event.facts['requests'] as { action: string }[];
    assert.equal(request?.action, action);
  }
  assert.equal(world.events.length, ofAll.length);
  assert.deepEqual(await world.snapshot(), before);
});

test('an application has no self to ask for, whatever its token allows', async (context) => {
  const world = await openWorld(context);
  const mine = lines.filter((one) => / \/v1\.0\/me(\/|$)/.test(one.line));
  assert.ok(mine.length > 5);
  for (const caller of [appCaller(), appCaller(['Directory.ReadWrite.All'])]) {
    for (const { id, line } of mine) {
      const answer = await world.send(caller, line, {});
      assert.equal(answer.status, 400, id);
      assert.equal(
        errorOf(answer).message,
        '/me request is only valid with delegated authentication flow.',
      );
    }
  }
});

test('every operation refuses a user whose token has no delegated permission', async (context) => {
  const world = await openWorld(context);
  for (const { id, line } of judged) {
    const answer = await world.send({ ...admin, oauthScopes: [] }, line, {});
    assert.equal(answer.status, 403, `${id} was answered ${answer.status}`);
  }
});

test('an allowed change is recorded once, and reading is not', async (context) => {
  const world = await openWorld(context);
  const path = `/v1.0/applications/${known.application}`;
  await world.send(admin, `GET ${path}`);
  assert.equal(world.events.length, 0);
  await world.send(admin, `PATCH ${path}`, { notes: 'x' });
  assert.deepEqual(
    world.events.map((one) => [one.kind, one.code, one.principalId]),
    [['activity', '', known.admin]],
  );
});

test('what Batten does not do yet is 501 for whom it would be allowed, and says its name', async (context) => {
  const world = await openWorld(context);
  const before = await world.snapshot();
  const missing = lines.filter((one) => !one.handled);
  assert.notEqual(missing.length, 0);
  for (const { id, line } of missing) {
    const answer = await world.send(admin, line, {});
    assert.equal(answer.status, 501, id);
    assert.match(String(errorOf(answer).message), new RegExp(id));
  }
  assert.deepEqual(await world.snapshot(), before);
});

test('an object of another tenant is not found, not even by its administrator', async (context) => {
  const world = await openWorld(context);
  const paths = [
    `applications/${known.foreignApplication}`,
    `applications(appId='${known.foreignAppId}')`,
    `users/${known.foreigner}`,
    'users/ana@fabrikam.example',
    `directoryObjects/${known.foreigner}`,
  ];
  for (const path of paths) {
    const answer = await world.send(admin, `GET /v1.0/${path}`);
    assert.equal(answer.status, 404, path);
    assert.equal(errorOf(answer).code, 'Request_ResourceNotFound');
  }
  const removed = await world.send(admin, `DELETE /v1.0/${paths[0] ?? ''}`);
  assert.equal(removed.status, 404);
});

test('each cloud expects its own audiences', async (context) => {
  for (const cloud of clouds) {
    const world = await openWorld(context, cloud.name);
    await world.send(admin, 'GET /v1.0/users');
    const [expectation] = world.expectations;
    assert.equal(expectation?.cloud, cloud.name);
    for (const audience of cloud.graphAudiences) {
      assert.equal(expectation?.audiences.includes(audience), true, audience);
    }
    const others = clouds.filter((one) => one !== cloud).flatMap((one) => one.graphAudiences);
    assert.equal(
      expectation?.audiences.some((one) => others.includes(one)),
      false,
    );
  }
});

test('paths that Graph does not have are refused in its shape', async (context) => {
  const world = await openWorld(context);
  const refusals: readonly (readonly [string, number, string])[] = [
    ['GET /v1.0/spaceships', 400, 'BadRequest'],
    ['GET /v3.0/applications', 400, 'BadRequest'],
    ['GET /', 400, 'BadRequest'],
    ['PUT /v1.0/applications', 405, 'Request_BadRequest'],
    ['GET /v1.0/applications/%ff', 400, 'BadRequest'],
    [`GET /v1.0//applications/${known.application}`, 400, 'BadRequest'],
    [`GET /v1.0/applications%2f${known.application}`, 400, 'BadRequest'],
  ];
  for (const [line, status, code] of refusals) {
    const answer = await world.send(admin, line);
    assert.equal(answer.status, status, line);
    assert.equal(errorOf(answer).code, code, line);
  }
});

test('a refusal has the recorded shape', async (context) => {
  const world = await openWorld(context);
  const line = `GET /v1.0/applications/${known.member}`;
  const answer = await world.send(admin, line);
  const requestId = answer.headers['request-id'];
  assert.equal(answer.status, 404);
  assert.equal(answer.contentType, 'application/json');
  assert.equal(answer.headers['OData-Version'], undefined);
  assert.deepEqual(answer.json, {
    error: {
      code: 'Request_ResourceNotFound',
      message: `Resource '${known.member}' does not exist or one of its queried reference-property objects are not present.`,
      innerError: {
        date: '2026-11-20T09:00:00',
        'request-id': requestId,
        'client-request-id': requestId,
      },
    },
  });
});

test('beta serves the same operations and names itself in the context', async (context) => {
  const world = await openWorld(context);
  const answer = await world.send(userCaller(), 'GET /beta/me');
  assert.equal(answer.status, 200);
  assert.equal(
    answer.json['@odata.context'],
    'https://graph.microsoft.com/beta/$metadata#users/$entity',
  );
});
