import assert from 'node:assert/strict';
import { test } from 'node:test';
import { directoryRoleTemplates } from '#directory/directory-role.ts';
import { pairwiseSubject } from '#directory/subject.ts';
import { addUser } from '#directory/user.store.ts';
import { guidOfText } from '#kernel/random.ts';
import {
  appCaller,
  contoso,
  errorOf,
  type GraphWorld,
  openWorld,
  userCaller,
} from './world.test.ts';

const line = 'GET /oidc/userinfo';
const clientId = guidOfText('some client');

async function mika({ store, clock }: GraphWorld, ...oauthScopes: readonly string[]) {
  const objectId = guidOfText('mika');
  await store.write((tx) =>
    addUser(tx, {
      tenantId: contoso,
      objectId,
      userPrincipalName: 'mika@contoso.example',
      displayName: 'Mika Ollenburg',
      givenName: 'Mika',
      surname: 'Ollenburg',
      mail: 'mail@contoso.example',
      accountEnabled: true,
      createdAt: clock.civil(),
    }),
  );
  return userCaller({ objectId, principalIds: [objectId], oauthScopes, appId: clientId });
}

test('each scope of a sign-in opens its claims, and the subject is that of the id token', async (context) => {
  const sub = pairwiseSubject(guidOfText('mika'), clientId);
  const profile = {
    name: 'Mika Ollenburg',
    family_name: 'Ollenburg',
    given_name: 'Mika',
    picture: 'https://graph.microsoft.com/v1.0/me/photo/$value',
  };
  const email = { email: 'mail@contoso.example' };
  for (const [scopes, expected] of [
    [['openid'], { sub }],
    [['openid', 'profile'], { sub, ...profile }],
    [['openid', 'email', 'User.Read'], { sub, ...email }],
    [['openid', 'profile', 'email'], { sub, ...profile, ...email }],
  ] as const) {
    const world = await openWorld(context);
    const caller = await mika(world, ...scopes);
    for (const method of ['GET', 'POST']) {
      const answer = await world.send(caller, `${method} /oidc/userinfo`);
      assert.equal(answer.status, 200, JSON.stringify(answer.json));
      assert.deepEqual(JSON.parse(JSON.stringify(answer.json)), expected);
      assert.match(answer.contentType ?? '', /^application\/json/);
    }
  }
});

test('a token of Graph without openid is refused, and says so in the record', async (context) => {
  const world = await openWorld(context);
  const answer = await world.send(await mika(world, 'User.Read.All', 'profile'), line);
  assert.equal(answer.status, 403);
  assert.equal(errorOf(answer).code, 'Authorization_RequestDenied');
  assert.match(String(world.events.at(-1)?.facts['reason']), /userInfo/);
});

test('a token that cannot be read is refused with a challenge', async (context) => {
  const world = await openWorld(context);
  for (const problem of ['missing', 'expired', 'wrongAudience', 'wrongCloud'] as const) {
    const answer = await world.send(problem, line);
    assert.equal(answer.status, 401, problem);
    assert.match(answer.headers['WWW-Authenticate'] ?? '', /^Bearer /);
  }
});

test('an application alone is nobody, however much it may do', async (context) => {
  const world = await openWorld(context);
  const powerful = { directoryRoleIds: [directoryRoleTemplates.globalAdministrator] };
  assert.equal((await world.send(appCaller(['User.Read.All']), line)).status, 403);
  assert.equal((await world.send(appCaller([], powerful), line)).status, 400);
});

test('nothing else of Graph is reached without a version', async (context) => {
  const world = await openWorld(context);
  const caller = await mika(world, 'openid', 'Directory.AccessAsUser.All');
  for (const path of ['/oidc/users', '/oidc/userinfo/me', '/oidc', '/v1.0/userinfo']) {
    assert.equal((await world.send(caller, `GET ${path}`)).status, 400, path);
  }
  assert.equal((await world.send(caller, 'GET /OIDC/UserInfo')).status, 200);
});
