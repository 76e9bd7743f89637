import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstPartyAppIds } from '#directory/first-party.ts';
import { fixedClock, machineClock } from '#kernel/clock.ts';
import { isFault } from '#kernel/fault.ts';
import { addSeconds, instantOfSeconds } from '#kernel/instant.ts';
import { addDeviceCode, deviceCodeLifetimeSeconds, deviceCodesMax } from './device-code.store.ts';
import { openDeviceWorld } from './device-world.test.ts';
import { limitPasswords, networkOf, openLimits, passwordRule, refusalRule } from './limits.ts';
import { readSignInPermissions } from './requested-permissions.ts';
import { batchScope, openUserWorld, password, site } from './user-world.test.ts';
import { type Asked, contoso, openWorld, reachOf, type World, worker } from './world.test.ts';

const path = `/${contoso.tenantId}/oauth2/v2.0/token`;
const right = {
  grant_type: 'client_credentials',
  client_id: worker.appId,
  client_secret: worker.secretText,
  scope: batchScope,
};
const wrong = { ...right, client_secret: 'guess' };

/** The same request so many times; how many of each status there were. */
async function repeat(
  world: Pick<World, 'send'>,
  count: number,
  asked: (nth: number) => Asked,
): Promise<Readonly<Record<number, number>>> {
  const counts: Record<number, number> = {};
  for (let nth = 0; nth < count; nth++) {
    const { status } = await world.send(asked(nth));
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

test('a thousand wrong secrets are refused, and from some hundred on told to wait', async (t) => {
  const world = await openWorld(t);
  const guesses = await repeat(world, 1000, (nth) => ({
    path,
    form: { ...wrong, client_secret: `guess ${nth}` },
  }));
  assert.deepEqual(guesses, { 401: refusalRule.burst, 429: 1000 - refusalRule.burst });
  const told = await world.send({ path, form: wrong });
  assert.equal(told.status, 429);
  assert.equal(told.headers['Retry-After'], '1');
  assert.deepEqual([told.json.error, told.json.error_codes], ['temporarily_unavailable', [90055]]);
  assert.ok(told.json.error_description.startsWith('AADSTS90055: There are too many'));
  // What was wrong is recorded of each, whatever the client was told.
  assert.equal(world.recorded.length, 1001);
  assert.ok(world.recorded.every(({ code }) => code === 'AADSTS7000215'));
});

test('guessing locks nobody out: the right secret, and every other application, is answered', async (t) => {
  const world = await openWorld(t);
  await repeat(world, refusalRule.burst + 1, () => ({ path, form: wrong }));
  assert.equal((await world.send({ path, form: right })).status, 200);
  const other = { ...wrong, client_id: contoso.tenantId };
  assert.equal((await world.send({ path, form: other })).status, 400);
  assert.equal((await world.send({ path, form: wrong })).status, 429);
});

test('a client that was told to wait and waits is told again what is wrong', async (t) => {
  const world = await openWorld(t);
  await repeat(world, refusalRule.burst + 1, () => ({ path, form: wrong }));
  world.clock.advanceSeconds(1);
  assert.equal((await world.send({ path, form: wrong })).status, 401);
  assert.equal((await world.send({ path, form: wrong })).status, 429);
});

test('granted requests are not limited unless the operator says so', async (t) => {
  const unlimited = await openWorld(t);
  const asked = () => ({ path, form: right });
  assert.deepEqual(await repeat(unlimited, refusalRule.burst + 1, asked), {
    200: refusalRule.burst + 1,
  });
  const limited = await openWorld(t, undefined, 'azure', { tokenRequestsPerMinute: 60 });
  assert.deepEqual(await repeat(limited, 70, asked), { 200: 60, 429: 10 });
  limited.clock.advanceSeconds(1);
  assert.deepEqual(await repeat(limited, 2, asked), { 200: 1, 429: 1 });
});

test('a password that is tried on everybody is soon tried on nobody', async (t) => {
  const world = await openUserWorld(t);
  const form = {
    grant_type: 'password',
    client_id: firstPartyAppIds.azureCli,
    scope: batchScope,
    // Nobody's, and too long to be compared: the limit is what is tested.
    password: 'x'.repeat(300),
  };
  const spray = (nth: number): Asked => ({
    path,
    form: {
      ...form,
      username: nth % 2 === 0 ? 'alice@contoso.example' : `user${nth}@contoso.example`,
    },
  });
  // More would be refused as requests of one application.
  await repeat(world, passwordRule.burst, spray);
  const blocked = await world.send(spray(0));
  assert.deepEqual([blocked.status, blocked.json.error_codes], [400, [50053]]);
  assert.match(blocked.json.error_description, /came from an IP address with malicious activity/);
  assert.equal(world.recorded.at(-1)?.code, 'AADSTS50053');
  const alice = { ...form, username: 'alice@contoso.example', password };
  const refused = await world.send({ path, form: alice });
  assert.deepEqual(refused.json.error_codes, [50053], 'nothing is compared meanwhile');
});

test('an address that waits may sign in again; a right password costs it nothing', async (t) => {
  const world = await openUserWorld(t);
  const form = {
    grant_type: 'password',
    client_id: firstPartyAppIds.azureCli,
    scope: batchScope,
    username: 'user@contoso.example',
    password: 'x'.repeat(300),
  };
  await repeat(world, passwordRule.burst + 1, () => ({ path, form }));
  world.clock.advanceSeconds(1);
  const alice = { ...form, username: 'alice@contoso.example', password };
  assert.equal((await world.send({ path, form: alice })).status, 200);
  assert.equal((await world.send({ path, form: alice })).status, 200);
  assert.deepEqual((await world.send({ path, form })).json.error_codes, [50034]);
  assert.deepEqual((await world.send({ path, form })).json.error_codes, [50053]);
});

const networks: readonly (readonly [string, string])[] = [
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2::7', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:3::7', '2001:db8:1:3::/64'],
  ['2001:db8::7', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['no address', 'no address'],
];

test('all addresses that one subscriber has are one to a limit', () => {
  assert.deepEqual(
    networks.map(([address]) => networkOf(address)),
    networks.map(([, network]) => network),
  );
});

test('who changes the address within a network guesses no more passwords', async () => {
  const limits = openLimits(fixedClock(instantOfSeconds(1_800_000_000)));
  const guess = (nth: number, network: string) =>
    limitPasswords(
      limits,
      `${network}::${nth.toString(16)}`,
      () => false,
      async () => undefined,
    );
  for (let nth = 0; nth < passwordRule.burst; nth++) {
    assert.equal(await guess(nth, '2001:db8:1:2'), undefined);
  }
  assert.equal((await guess(passwordRule.burst, '2001:db8:1:2'))?.code, 'AADSTS50053');
  assert.equal(await guess(0, '2001:db8:1:3'), undefined);
});

test('who has too many device codes out is told to wait, and nothing is kept', async (t) => {
  const world = await openDeviceWorld(t);
  const kept = async () => {
    const all = { name: 'test.deviceCode.all', sql: 'SELECT * FROM device_code ORDER BY 1' };
    return world.store.read((tx) => tx.all(all));
  };
  assert.equal((await world.start()).status, 200);
  const now = world.clock.civil();
  await world.store.write(async (tx) => {
    for (let nth = 1; nth < deviceCodesMax.ofAsker; nth++) {
      const facts = {
        endpoint: 'v2' as const,
        ...{ tenantName: contoso.tenantId, clientId: site.appId, scope: 'openid' },
        ...{ reach: reachOf('https://login.microsoftonline.com'), remoteAddress: '127.0.0.1' },
        expiresAt: addSeconds(now, deviceCodeLifetimeSeconds),
      };
      await addDeviceCode(tx, { deviceCode: `d${nth}`, userCode: `u${nth}` }, facts, now);
    }
  });
  const before = await kept();
  assert.equal(before.length, deviceCodesMax.ofAsker);
  const refused = await world.start();
  assert.deepEqual([refused.status, refused.json.error_codes], [429, [90055]]);
  assert.equal(refused.headers['Retry-After'], '60');
  assert.deepEqual(await kept(), before);
  const other = await world.start({ client_id: firstPartyAppIds.azureCli });
  assert.equal(other.status, 200, 'another application has its own');
  world.clock.advanceSeconds(2 * deviceCodeLifetimeSeconds);
  assert.equal((await world.start()).status, 200);
  assert.equal((await kept()).length, 1);
});

test('a device code for more permissions than anyone asks for is refused', async (t) => {
  const world = await openDeviceWorld(t);
  const scope = Array.from({ length: 30 }, (_, nth) => `${batchScope}${'x'.repeat(300)}${nth}`);
  const { status, json } = await world.start({ scope: scope.join(' ') });
  assert.deepEqual([status, json.error_codes], [400, [90015]]);
  const all = { name: 'test.deviceCode.none', sql: 'SELECT * FROM device_code' };
  assert.deepEqual(await world.store.read((tx) => tx.all(all)), []);
});

test('permissions by the ten thousand cost no more than reading them', () => {
  const clock = machineClock();
  const scopes = ['a '.repeat(32_000), 'https://r/a '.repeat(5_000), numbered(10_000)];
  for (const scope of scopes) {
    const began = clock.steadyMilliseconds();
    assert.ok(isFault(readSignInPermissions('v2', { scope })));
    const milliseconds = clock.steadyMilliseconds() - began;
    assert.ok(milliseconds < 1_000, `${milliseconds} ms for ${scope.slice(0, 12)}`);
  }
});

function numbered(count: number): string {
  return Array.from({ length: count }, (_, nth) => `${nth}/a`).join(' ');
}
