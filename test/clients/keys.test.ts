import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRemoteJWKSet, customFetch, decodeProtectedHeader, jwtVerify } from 'jose';
import { askServer } from '#app/control-client.ts';
import { servicePrincipal } from '#client/client.ts';
import { ask } from '../lock/ask.ts';
import { startWorld } from './world.ts';

/*
 * A resource server that remembers the key document, beside a live Batten whose keys are rotated.
 */

const world = await startWorld('--dev-clock');
const { env, agent, dataFolder } = world.batten;
const word = (name: string): string => env[name] ?? '';
const keysPath = `/${world.tenantId}/discovery/v2.0/keys`;

let asked = 0;
/** As strict as jose allows: it asks again once a day, and never because of a key it does not know. */
const rememberedKeys = createRemoteJWKSet(new URL(`${word('AZURE_AUTHORITY_HOST')}${keysPath}`), {
  cacheMaxAge: Number.POSITIVE_INFINITY,
  cooldownDuration: Number.POSITIVE_INFINITY,
  [customFetch]: async () => {
    asked += 1;
    return new Response((await ask(world.batten, { target: keysPath })).body);
  },
});

async function newToken(): Promise<string> {
  return servicePrincipal({
    tenantId: world.tenantId,
    clientId: word('AZURE_CLIENT_ID'),
    clientSecret: word('AZURE_CLIENT_SECRET'),
    authorityHost: word('AZURE_AUTHORITY_HOST'),
    resource: 'https://batch.core.windows.net/',
    agent,
  })();
}

const batch = `/batch/${world.accountName}/jobs?api-version=2022-10-01.16.0`;
const statusOf = async (token: string) =>
  (await ask(world.batten, { target: batch, token })).status;
const keyOf = (token: string) => decodeProtectedHeader(token).kid;

test('a reader that remembers the key document never meets a key that it does not know', async (t) => {
  t.after(() => askServer(dataFolder, 'clock', { move: 'reset' }));
  const before = await newToken();
  const { keys } = (await askServer(dataFolder, 'keys', { now: false })) as {
    keys: { cloud: string; keyId: string }[];
  };
  const next = keys.find(({ cloud }) => cloud === 'public')?.keyId;
  await jwtVerify(before, rememberedKeys);
  assert.equal(keyOf(await newToken()), keyOf(before));
  await askServer(dataFolder, 'clock', { move: 'advance', value: '2d' });
  const after = await newToken();
  assert.equal(keyOf(after), next);
  const currentDate = new Date(Number((await claimsOf(after))['iat']) * 1000 + 600_000);
  await jwtVerify(after, rememberedKeys, { currentDate });
  assert.equal(asked, 1);
  assert.equal(await statusOf(after), 200);
});

test('a rotation at once leaves the tokens of the old key good on the live server', async () => {
  const before = await newToken();
  await askServer(dataFolder, 'keys', { now: true });
  const after = await newToken();
  assert.notEqual(keyOf(after), keyOf(before));
  assert.deepEqual([await statusOf(before), await statusOf(after)], [200, 200]);
});

async function claimsOf(token: string): Promise<Record<string, unknown>> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}
