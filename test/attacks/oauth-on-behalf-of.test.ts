import assert from 'node:assert/strict';
import { onBehalfOfDepthMax } from '#authority/on-behalf-of-depth.ts';
import type { Answer } from '../lock/ask.ts';
import { attack } from './attack.ts';
import { claimsOf, openForge } from './forge.ts';
import { batchScope, clients, openGrantWorld, type Tokens } from './grant-world.ts';

/*
 * Tokens that an application exchanges on behalf of a user, and that are not what they must be.
 */

const world = await openGrantWorld();
const forge = await openForge(world.dataFolder);
const { site, otherSite, native } = clients;

const siteScope = `api://${site.form.client_id}/call_me`;
const [siteObjectId, sitePrincipalId, nativePrincipalId] = [
  '51700000-0000-4000-8000-00000000000a',
  '51700000-0000-4000-8000-00000000000b',
  '9a710000-0000-4000-8000-00000000000b',
];

await letSiteBeCalled();
const assertion = (await world.tokens(native, { scope: siteScope })).access_token;

/** The site has a permission of its own, to which everybody consented for the native client and for the site. */
async function letSiteBeCalled(): Promise<void> {
  const permission = {
    id: 'ca11ca11-0000-4000-8000-000000000001',
    value: 'call_me',
    type: 'User',
    isEnabled: true,
    adminConsentDisplayName: 'Call',
    adminConsentDescription: 'Call',
    userConsentDisplayName: 'Call',
    userConsentDescription: 'Call',
  };
  await world.graph.call('PATCH', `/v1.0/applications/${siteObjectId}`, {
    identifierUris: [`api://${site.form.client_id}`],
    api: { oauth2PermissionScopes: [permission] },
  });
  for (const clientId of [nativePrincipalId, sitePrincipalId]) {
    await world.graph.call('POST', '/v1.0/oauth2PermissionGrants', {
      ...{ clientId, resourceId: sitePrincipalId },
      ...{ consentType: 'AllPrincipals', scope: 'call_me' },
    });
  }
}

function exchange(token: string, scope = batchScope, client = site): Promise<Answer> {
  return world.send(client, {
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    requested_token_use: 'on_behalf_of',
    ...{ assertion: token, scope },
  });
}

attack('OAU-42', async () => {
  const { id_token } = await world.tokens(site);
  await world.refuses([400, 'invalid_grant', 'AADSTS240002'], () => exchange(id_token));
  assert.equal((await exchange(assertion)).status, 200);
});

// 500131 for the audience: https://github.com/OfficeDev/microsoft-teams-apps-company-communicator/issues/214
attack('OAU-43', async () => {
  await world.later(Number(claimsOf(assertion)['exp']) - Math.floor(Date.now() / 1000), () =>
    world.refuses([400, 'invalid_grant', 'AADSTS500133'], () => exchange(assertion)),
  );
  const forBatch = (await world.tokens(native)).access_token;
  await world.refuses([400, 'invalid_grant', 'AADSTS500131'], () => exchange(forBatch));
  await world.refuses([400, 'invalid_grant', 'AADSTS500131'], () =>
    exchange(assertion, batchScope, otherSite),
  );
  const [head, claims, signature = ''] = assertion.split('.');
  const turned = [...signature].reverse().join('');
  const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
  for (const forged of [`${head}.${claims}.${turned}`, `${none}.${claims}.`]) {
    await world.refuses([400, 'invalid_grant', 'AADSTS50013'], () => exchange(forged));
  }
  const resigned = forge.sign(claimsOf(assertion));
  assert.equal((await exchange(resigned)).status, 200, 'the signature is all that was wrong');
});

attack('OAU-44', async () => {
  const appOnly = await world.send(site, {
    grant_type: 'client_credentials',
    scope: `api://${site.form.client_id}/.default`,
  });
  const { access_token } = appOnly.json as Tokens;
  await world.refuses([400, 'unauthorized_client', 'AADSTS7000114'], () => exchange(access_token));
  // The site calls itself, by its id as Entra wants it: the shortest loop there is.
  const ownScope = `${site.form.client_id}/call_me`;
  let token = assertion;
  for (let depth = 1; depth <= onBehalfOfDepthMax; depth += 1) {
    const answer = await exchange(token, ownScope);
    assert.equal(answer.status, 200, answer.body);
    token = (answer.json as Tokens).access_token;
  }
  assert.ok(onBehalfOfDepthMax < 20);
  for (const scope of [ownScope, batchScope]) {
    await world.refuses([400, 'invalid_grant', 'AADSTS50196'], () => exchange(token, scope));
  }
});
