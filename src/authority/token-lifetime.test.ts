import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findApplicationByAppId } from '#directory/application.store.ts';
import type { ServicePrincipal } from '#directory/service-principal.store.ts';
import {
  addTokenLifetimePolicy,
  assignTokenLifetimePolicy,
} from '#directory/token-lifetime-policy.store.ts';
import { guidOfText } from '#kernel/random.ts';
import { batchScope, claimsOf, openUserWorld, site } from './user-world.test.ts';
import { contoso, openWorld, type World, worker } from './world.test.ts';

const { tenantId } = contoso;
const v1 = `/${tenantId}/oauth2/token`;
const v2 = `/${tenantId}/oauth2/v2.0/token`;

interface Held {
  readonly principal?: number;
  readonly application?: number;
  readonly organization?: number;
}

/** Gives an application policies, in hours. */
async function holdPolicies(world: World, api: ServicePrincipal, held: Held): Promise<void> {
  await world.store.write(async (tx) => {
    const application = await findApplicationByAppId(tx, api.appId);
    const holders = { principal: api.objectId, application: application?.objectId };
    for (const [kind, hours] of Object.entries(held)) {
      const policyId = guidOfText('policy', kind);
      const time = hours === 24 ? '1.00:00:00' : `${hours}:00:00`;
      const rules = { Version: 1, AccessTokenLifetime: time };
      await addTokenLifetimePolicy(tx, {
        tenantId,
        policyId,
        displayName: kind,
        definition: [JSON.stringify({ TokenLifetimePolicy: rules })],
        isOrganizationDefault: kind === 'organization',
      });
      const holder = holders[kind as keyof typeof holders];
      if (holder !== undefined) await assignTokenLifetimePolicy(tx, tenantId, holder, policyId);
    }
  });
}

const priorities: readonly (readonly [held: Held, hours: number])[] = [
  [{}, 1],
  [{ application: 5 }, 5],
  [{ organization: 4 }, 4],
  [{ organization: 4, application: 5 }, 4],
  [{ principal: 3, organization: 4, application: 5 }, 3],
  [{ principal: 24 }, 24],
];

for (const [held, hours] of priorities) {
  test(`with policies ${JSON.stringify(held)} a token lives ${hours} hours`, async (t) => {
    const world = await openWorld(t);
    const api = await world.register('Api', { identifierUris: ['api://frames'] });
    await holdPolicies(world, api, held);
    const client = { client_id: worker.appId, client_secret: worker.secretText };
    const form = { grant_type: 'client_credentials', ...client };
    const new2 = await world.send({ path: v2, form: { ...form, scope: 'api://frames/.default' } });
    const left = hours * 3600 - 1;
    const refresh = hours > 2 ? Math.floor(left / 2) : undefined;
    const { access_token, token_type: _, ...told } = new2.json;
    assert.deepEqual(told, {
      expires_in: left,
      ext_expires_in: left,
      ...(refresh === undefined ? {} : { refresh_in: refresh }),
    });
    const { exp, iat } = claimsOf(access_token);
    assert.equal(Number(exp) - Number(iat), hours * 3600 + 300);
    const old = await world.send({ path: v1, form: { ...form, resource: 'api://frames' } });
    const { expires_in, refresh_in } = old.json as typeof old.json & { refresh_in?: string };
    assert.deepEqual([expires_in, refresh_in], [String(left), refresh?.toString()]);
  });
}

test('a policy on the client is that of its id tokens and not of its access tokens', async (t) => {
  const world = await openUserWorld(t);
  await world.grant(world.batchPrincipal, 'user_impersonation');
  await holdPolicies(world, world.sitePrincipal, { principal: 8 });
  const { json } = await world.send({
    path: v2,
    form: {
      grant_type: 'authorization_code',
      client_id: site.appId,
      client_secret: site.secretText,
      redirect_uri: site.redirectUri,
      code: await world.issueCode({ scope: `${batchScope} openid` }),
    },
  });
  const lifeOf = (token: string | undefined): number => {
    const { exp, iat } = claimsOf(token);
    return Number(exp) - Number(iat) - 300;
  };
  assert.deepEqual([lifeOf(json.access_token), lifeOf(json.id_token)], [3600, 8 * 3600]);
  assert.equal(json.expires_in, 3599);
});
