import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { pairwiseSubject } from '#directory/subject.ts';
import { updateUser } from '#directory/user.store.ts';
import { openUserWorld, site, type UserWorld } from './user-world.test.ts';
import { contoso, fabrikam } from './world.test.ts';

const v1 = `/${contoso.tenantId}/oauth2/token`;

/** A world in which alice signed in to the site at v1, and the answer that its code gave. */
async function signedIn(t: TestContext, more: Readonly<Record<string, string>> = {}) {
  const world = await openUserWorld(t);
  await world.grant(world.graphPrincipal, 'openid', 'profile', 'email', 'offline_access');
  await world.grant(world.batchPrincipal, 'user_impersonation');
  const code = await world.issueCode({ scope: 'openid' });
  const answer = await world.send({ path: v1, form: { ...redeeming(code), ...more } });
  assert.equal(answer.status, 200, answer.json.error_description);
  return { world, tokens: answer.json };
}

function redeeming(code: string) {
  return {
    ...{ grant_type: 'authorization_code', client_id: site.appId, client_secret: site.secretText },
    ...{ code, redirect_uri: site.redirectUri },
  };
}

function ask(
  world: UserWorld,
  authorization: string | undefined,
  { tenant = 'common', origin = 'https://login.microsoftonline.com', method = 'GET' } = {},
) {
  const headers = authorization === undefined ? {} : { authorization };
  return world.send({ method, origin, path: `/${tenant}/openid/userinfo`, headers });
}

test('a v1 sign-in without a resource gives a token that nobody can read, and that says who signed in', async (t) => {
  const { world, tokens } = await signedIn(t);
  assert.match(tokens.access_token, /^1\.[\w-]+$/);
  for (const method of ['GET', 'POST']) {
    const { status, json } = await ask(world, `Bearer ${tokens.access_token}`, { method });
    assert.equal(status, 200);
    assert.deepEqual(json, {
      family_name: 'Anders',
      given_name: 'Alice',
      name: 'Alice Anders',
      oid: world.alice.objectId,
      sub: pairwiseSubject(world.alice.objectId, site.appId),
      tid: contoso.tenantId,
      unique_name: 'Alice@contoso.example',
      upn: 'Alice@contoso.example',
    });
  }
  const [, payload = ''] = (tokens.id_token ?? '').split('.');
  const idClaims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  assert.equal(idClaims.sub, pairwiseSubject(world.alice.objectId, site.appId));
});

test('the refresh token of such a sign-in gives the same again, and a token for a resource when asked', async (t) => {
  const { world, tokens } = await signedIn(t);
  const renew = (more: Readonly<Record<string, string>>) =>
    world.send({
      path: v1,
      form: {
        ...{ grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' },
        ...{ client_id: site.appId, client_secret: site.secretText, ...more },
      },
    });
  const again = await renew({ scope: 'openid' });
  assert.equal((await ask(world, `Bearer ${again.json.access_token}`)).status, 200);
  const resource = 'https://batch.core.windows.net/';
  const named = await renew({ resource });
  assert.equal(named.json.access_token.split('.').length, 3);
});

test('a token for a resource is not one for the user info endpoint', async (t) => {
  const { world, tokens } = await signedIn(t, { resource: 'https://batch.core.windows.net/' });
  const { status, json } = await ask(world, `Bearer ${tokens.access_token}`);
  assert.deepEqual([status, json.error, json.error_codes], [400, 'invalid_request', [9001014]]);
});

const refused: readonly (readonly [
  what: string,
  code: number,
  token: (token: string) => string | undefined,
  place?: Parameters<typeof ask>[2],
])[] = [
  ['nothing', 9002313, () => undefined],
  ['another scheme', 9002313, (token) => `Basic ${token}`],
  ['two blanks', 9002313, (token) => `Bearer  ${token}`],
  ['no blank', 9002313, (token) => `Bearer${token}`],
  ['a spoilt token', 9001014, (token) => `Bearer ${token.slice(0, -2)}`],
  ['half of a token', 9001014, () => 'Bearer 1.AQ'],
  ['a word', 9001014, () => 'Bearer word'],
  ['the token at another tenant', 9001014, bearer, { tenant: fabrikam.tenantId }],
  ['the token in another cloud', 9001014, bearer, { origin: 'https://login.chinacloudapi.cn' }],
  ['the token at no tenant', 90002, bearer, { tenant: 'nowhere.example' }],
];

function bearer(token: string): string {
  return `Bearer ${token}`;
}

for (const [what, code, authorization, place] of refused) {
  test(`the user info endpoint refuses ${what} with AADSTS${code}`, async (t) => {
    const { world, tokens } = await signedIn(t);
    const { status, json } = await ask(world, authorization(tokens.access_token), place);
    assert.deepEqual([status, json.error_codes], [400, [code]]);
    assert.equal((await ask(world, bearer(tokens.access_token))).status, 200);
  });
}

test('such a token ends with its time, and with its user', async (t) => {
  const { world, tokens } = await signedIn(t);
  const codes = async () =>
    (await ask(world, bearer(tokens.access_token))).json.error_codes as unknown;
  const enable = (accountEnabled: boolean) =>
    world.store.write((tx) => updateUser(tx, { ...world.alice, accountEnabled }));
  await enable(false);
  assert.deepEqual(await codes(), [50057]);
  await enable(true);
  assert.equal(await codes(), undefined);
  world.clock.advanceSeconds(3_601);
  assert.deepEqual(await codes(), [500133]);
});
