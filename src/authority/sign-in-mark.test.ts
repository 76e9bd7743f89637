import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { revokeSignIns } from '#directory/user.store.ts';
import { instant } from '#kernel/instant.ts';
import { isTakenBack, revocationMarkOf } from './access-token-mark.ts';
import { openCalledWorld, siteUri } from './called-world.test.ts';
import { signInMarkOf } from './sign-in-mark.ts';
import { batchScope, claimsOf, openUserWorld, password, site } from './user-world.test.ts';
import { contoso } from './world.test.ts';

const at = (microseconds: number) => ({ signInSessionsValidFrom: instant(microseconds) });

test('a mark follows the password and each time that sign-ins were taken back', () => {
  assert.equal(signInMarkOf('a', {}), signInMarkOf('a', {}));
  assert.equal(signInMarkOf('a', at(1)), signInMarkOf('a', at(1)));
  const marks = [
    signInMarkOf('a', {}),
    signInMarkOf(undefined, {}),
    signInMarkOf('b', {}),
    signInMarkOf('a', at(1)),
    signInMarkOf('a', at(2)),
  ];
  assert.equal(new Set(marks).size, marks.length);
});

test('a token stands as long as its mark is that of its user', () => {
  const aioOf = (user: Parameters<typeof revocationMarkOf>[0]) =>
    `E2Z${revocationMarkOf(user)}01234567890123456789012`;
  assert.equal(isTakenBack(aioOf({}), {}), false);
  assert.equal(isTakenBack(undefined, {}), false, 'nothing was ever taken back');
  assert.equal(isTakenBack(aioOf({}), at(1)), true);
  assert.equal(isTakenBack(aioOf(at(1)), at(1)), false);
  assert.equal(isTakenBack(aioOf(at(1)), at(2)), true);
  for (const aio of [undefined, null, 7, '', 'E2Z']) assert.equal(isTakenBack(aio, at(1)), true);
});

async function openSignIns(t: TestContext) {
  const world = await openUserWorld(t);
  const { batchPrincipal, graphPrincipal, alice, clock, store } = world;
  await world.grant(batchPrincipal, 'user_impersonation');
  await world.grant(graphPrincipal, 'openid', 'profile', 'offline_access');
  const path = `/${contoso.tenantId}/oauth2/v2.0/token`;
  const client = { client_id: site.appId, client_secret: site.secretText };
  const scope = `${batchScope} openid offline_access`;
  return {
    world,
    clock,
    signIn: async () => {
      const who = { grant_type: 'password', username: 'alice@contoso.example', password };
      const { status, json } = await world.send({ path, form: { ...client, ...who, scope } });
      assert.equal(status, 200, json.error_description);
      return json;
    },
    renew: (refreshToken = '') => {
      const form = { ...client, grant_type: 'refresh_token', refresh_token: refreshToken, scope };
      return world.send({ path, form });
    },
    revoke: () =>
      store.write((tx) => revokeSignIns(tx, contoso.tenantId, alice.objectId, clock.civil())),
  };
}

test('sign-ins end with their revocation while the clock stands, and the next one counts', async (t) => {
  const { world, signIn, renew, revoke } = await openSignIns(t);
  const before = await signIn();
  assert.equal((await renew(before.refresh_token)).status, 200);
  await revoke();
  const rows = await world.rows();
  const refused = await renew(before.refresh_token);
  assert.deepEqual([refused.status, refused.json.error_codes], [400, [50173]]);
  assert.deepEqual(await world.rows(), rows);
  const after = await signIn();
  assert.equal((await renew(after.refresh_token)).status, 200);
  const aio = (json: typeof before) => String(claimsOf(json.access_token)['aio']).slice(3, 9);
  assert.notEqual(aio(after), aio(before));
  await revoke();
  assert.equal((await renew(after.refresh_token)).status, 400, 'the second time, too');
  assert.equal((await renew(before.refresh_token)).status, 400);
});

test('sign-ins end with their revocation after the clock went back, and the next one counts', async (t) => {
  const { clock, signIn, renew, revoke } = await openSignIns(t);
  clock.advanceSeconds(3600);
  const before = await signIn();
  clock.advanceSeconds(-1800);
  await revoke();
  assert.equal((await renew(before.refresh_token)).status, 400);
  const after = await signIn();
  assert.equal((await renew(after.refresh_token)).status, 200);
  await revoke();
  assert.equal((await renew(after.refresh_token)).status, 400);
});

test('a revocation that the clock has yet to reach ends no later sign-in', async (t) => {
  const { clock, signIn, renew, revoke } = await openSignIns(t);
  clock.advanceSeconds(3600);
  await revoke();
  clock.advanceSeconds(-1800);
  assert.equal((await renew((await signIn()).refresh_token)).status, 200);
});

test('a token of the second in which sign-ins were revoked is exchanged when it is newer', async (t) => {
  const world = await openCalledWorld(t);
  const { alice, caller, clock, store } = world;
  await store.write((tx) => revokeSignIns(tx, alice.tenantId, alice.objectId, clock.civil()));
  const path = `/${contoso.tenantId}/oauth2/v2.0/token`;
  const who = { grant_type: 'password', username: 'alice@contoso.example', password };
  const asked = { ...who, client_id: caller.appId, scope: `${siteUri}/call_me` };
  const newer = await world.send({ path, form: asked });
  assert.equal(newer.status, 200, newer.json.error_description);
  const form = {
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    requested_token_use: 'on_behalf_of',
    ...{ client_id: site.appId, client_secret: site.secretText, scope: batchScope },
    assertion: newer.json.access_token,
  };
  const { status, json } = await world.send({ path, form });
  assert.equal(status, 200, json.error_description);
});
