import assert from 'node:assert/strict';
import { Agent } from 'node:https';
import { after, test } from 'node:test';
import { decodeJwt } from 'jose';
import { openSeal, pathsIn } from '#app/data-folder.ts';
import { openHouse } from '#app/house.ts';
import { migrations } from '#app/schema.ts';
import { signAccessToken } from '#authority/access-token.ts';
import { openSigningKeys } from '#authority/keys.ts';
import { servicePrincipal } from '#client/client.ts';
import { machineClock } from '#kernel/clock.ts';
import { secondsOf } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';
import { machineRandom } from '#kernel/random.ts';
import { SqliteStore } from '#store/sqlite.ts';
import { ask } from './ask.ts';

/** Tokens that the authority's own key signed, with other times in them: only their time can be the reason to refuse. */

const house = await openHouse();
after(() => house.close());
const env = (await house.environment()) ?? {};
const batten = { env, agent: new Agent({ ca: house.certificates.roots }) };
const clock = machineClock();
const random = machineRandom();
const store = new SqliteStore(pathsIn(house.dataFolder).database, migrations);
after(() => store.close());
const seal = await openSeal(house.dataFolder, undefined, random);
const parts = { store, seal, random, clock };
const key = (await openSigningKeys(parts)).signingKey('public');
const word = (name: string): string => env[name] ?? '';

const surfaces = [
  {
    resource: 'https://batch.core.windows.net/',
    target: `/batch/${word('AZURE_BATCH_ACCOUNT')}/jobs?api-version=2022-10-01.16.0`,
    code: 'AuthenticationFailed',
  },
  {
    resource: 'https://management.azure.com/',
    target: `/subscriptions/${word('AZURE_SUBSCRIPTION_ID')}/resourceGroups?api-version=2022-09-01`,
    code: 'ExpiredAuthenticationToken',
  },
  {
    resource: 'https://graph.microsoft.com',
    target: '/v1.0/applications',
    code: 'InvalidAuthenticationToken',
  },
];

async function claimsFor(resource: string): Promise<JsonObject> {
  const token = await servicePrincipal({
    tenantId: word('AZURE_TENANT_ID'),
    clientId: word('AZURE_CLIENT_ID'),
    clientSecret: word('AZURE_CLIENT_SECRET'),
    authorityHost: word('AZURE_AUTHORITY_HOST'),
    resource,
    agent: batten.agent,
  })();
  return decodeJwt(token) as JsonObject;
}

for (const { resource, target, code } of surfaces) {
  test(`a token for ${resource} is accepted within its hour and refused after it`, async () => {
    const claims = await claimsFor(resource);
    const fresh = await signAccessToken(claims, 1, key);
    assert.equal((await ask(batten, { target, token: fresh })).status, 200);
    const now = secondsOf(clock.civil());
    const past = { ...claims, iat: now - 7900, nbf: now - 7900, exp: now - 4000 };
    const expired = await ask(batten, { target, token: await signAccessToken(past, 1, key) });
    assert.deepEqual([expired.status, expired.code], [401, code], expired.body);
  });

  test(`a token for ${resource} is refused before its time`, async () => {
    const claims = await claimsFor(resource);
    const now = secondsOf(clock.civil());
    const later = { ...claims, iat: now + 4000, nbf: now + 4000, exp: now + 8000 };
    const answer = await ask(batten, { target, token: await signAccessToken(later, 1, key) });
    assert.equal(answer.status, 401, answer.body);
  });
}
