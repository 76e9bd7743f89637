import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { checkUserPassword } from '#authority/check-password.ts';
import { passwordRule } from '#authority/limits.ts';
import { openUserWorld, password, type UserWorld } from '#authority/user-world.test.ts';
import { contoso } from '#authority/world.test.ts';
import { clouds } from '#cloud/cloud.ts';
import { firstPartyAppIds } from '#directory/first-party.ts';
import { quickPasswordHash } from '#directory/test-password.ts';
import { addUser, passwordHashOfUser, type User } from '#directory/user.store.ts';
import { parseTarget } from '#http/target.ts';
import { silentLog } from '#kernel/log.ts';
import { guidOfText, seededRandom } from '#kernel/random.ts';
import { graphSurface } from './surface.ts';
import { userCaller } from './world.test.ts';

/*
 * One address has so many wrong passwords, wherever they are shown: at Graph's changePassword or where people sign in. The clock stands
 * still, so that no try comes back unasked.
 */

/** Longer than any password: it is wrong, and comparing it costs nothing. */
const neverRight = 'p'.repeat(300);

const newPassword = 'Another-of-contoso-2';

interface LimitedWorld extends UserWorld {
  readonly bob: User;
  /** The error code, or nothing when she is signed in. */
  signIn(username: string, text: string): Promise<string | undefined>;
  /** The status of Graph's answer to a user. */
  change(user: User, currentPassword: string): Promise<number>;
  hashOf(user: User): Promise<string | undefined>;
}

async function openLimitedWorld(t: TestContext): Promise<LimitedWorld> {
  const world = await openUserWorld(t);
  const { store, clock, limits } = world;
  const { tenantId } = contoso;
  const bob: User = {
    tenantId,
    objectId: guidOfText('bob'),
    userPrincipalName: 'bob@contoso.example',
    displayName: 'Bob',
    accountEnabled: true,
    createdAt: clock.civil(),
  };
  await store.write((tx) => addUser(tx, bob, quickPasswordHash(password)));
  let caller = userCaller();
  const surface = graphSurface({
    guard: {
      caller: async () => caller,
      authorize: () => Promise.reject(new Error('Graph decides by its own rule')),
    },
    ...{ store, clock, random: seededRandom('password-limit'), log: silentLog, clouds },
    checkPassword: (user, text, remoteAddress) =>
      checkUserPassword({ store, clock, limits }, user, text, remoteAddress),
    consentForAll: () => Promise.reject(new Error('nobody consents here')),
    recorder: { note: () => {}, list: async () => [], ofRequest: async () => [] },
  });
  return {
    ...world,
    bob,
    async signIn(username, text) {
      const path = `/${tenantId}/oauth2/v2.0/token`;
      const scope = 'https://graph.microsoft.com/.default';
      const who = { client_id: firstPartyAppIds.azureCli, username, password: text };
      const { json } = await world.send({ path, form: { grant_type: 'password', scope, ...who } });
      return json.error_codes === undefined ? undefined : json.error_description.split(':')[0];
    },
    async change({ objectId }, currentPassword) {
      caller = userCaller({ tenantId, objectId, principalIds: [objectId] });
      const target = parseTarget('/v1.0/me/changePassword');
      assert(target !== undefined);
      const host = 'graph.microsoft.com';
      const origin = `https://${host}`;
      const reach = { surface: 'graph', cloud: 'public', origin, host } as const;
      const reply = await surface.handle({
        ...{ method: 'POST', target, route: target, query: [], headers: { host } },
        reach: { ...reach, base: [], labels: {}, explicit: false },
        requestId: guidOfText('request'),
        receivedAt: clock.civil(),
        receivedReal: clock.real(),
        remoteAddress: '127.0.0.1',
        stream: Readable.from([Buffer.from(JSON.stringify({ currentPassword, newPassword }))]),
      });
      return reply.status;
    },
    hashOf: ({ objectId }) => store.read((tx) => passwordHashOfUser(tx, tenantId, objectId)),
  };
}

test('wrong passwords in Graph use up what sign-ins from the address may get wrong', async (t) => {
  const world = await openLimitedWorld(t);
  const { alice, bob } = world;
  for (let index = 0; index < passwordRule.burst; index += 1) {
    assert.equal(await world.change(alice, neverRight), 400);
  }
  assert.equal(await world.signIn(bob.userPrincipalName, password), 'AADSTS50053');
  world.clock.advanceSeconds(1);
  // One try came back, and the right password gives it back each time.
  assert.equal(await world.signIn(bob.userPrincipalName, password), undefined);
  assert.equal(await world.signIn(bob.userPrincipalName, password), undefined);
  assert.notEqual(await world.signIn(bob.userPrincipalName, neverRight), undefined);
  assert.equal(await world.signIn(bob.userPrincipalName, password), 'AADSTS50053');
});

test('wrong passwords at sign-ins use up what Graph lets an address try', async (t) => {
  const world = await openLimitedWorld(t);
  const { bob } = world;
  const hash = await world.hashOf(bob);
  for (let index = 0; index < passwordRule.burst; index += 1) {
    assert.notEqual(await world.signIn(`user${index}@contoso.example`, neverRight), undefined);
  }
  assert.equal(await world.change(bob, password), 400);
  assert.equal(await world.hashOf(bob), hash);
  world.clock.advanceSeconds(1);
  assert.equal(await world.change(bob, password), 204);
  assert.notEqual(await world.hashOf(bob), hash);
});

test('an account that is locked in Graph is locked where its user signs in', async (t) => {
  const world = await openLimitedWorld(t);
  const { alice } = world;
  for (let index = 0; index < 10; index += 1) {
    assert.equal(await world.change(alice, `wrong ${index}`), 400);
  }
  assert.equal(await world.signIn(alice.userPrincipalName, password), 'AADSTS50053');
  assert.equal(await world.change(alice, password), 400);
  assert.equal(await world.signIn(world.bob.userPrincipalName, password), undefined);
});
