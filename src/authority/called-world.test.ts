import assert from 'node:assert/strict';
import { knownHost } from '#cloud/cloud.ts';
import type { DelegatedPermission } from '#directory/application.ts';
import { addPermissionGrant } from '#directory/permission-grant.store.ts';
import type { ServicePrincipal } from '#directory/service-principal.store.ts';
import { guidOfText } from '#kernel/random.ts';
import { openUserWorld, site, type UserWorld } from './user-world.test.ts';
import { contoso } from './world.test.ts';

/*
 * The world of the tests in which the site is called with a user's token and calls Azure Batch in
 * turn. This file holds no test of its own.
 */

export const siteUri = 'api://site';

const callMe: DelegatedPermission = {
  id: guidOfText('call me'),
  value: 'call_me',
  type: 'User',
  isEnabled: true,
  adminConsentDisplayName: 'Call',
  adminConsentDescription: 'Call',
  userConsentDisplayName: 'Call',
  userConsentDescription: 'Call',
};

export interface CalledWorld extends UserWorld {
  /** A public client that everybody consented to, and that calls the site. */
  readonly caller: ServicePrincipal;
  /** A token of alice for the site, as the caller gets it; elsewhere, or for another scope of it. */
  assertion(more?: { readonly origin?: string; readonly scope?: string }): Promise<string>;
}

export async function openCalledWorld(
  t: Parameters<typeof openUserWorld>[0],
  startAt?: Parameters<typeof openUserWorld>[2],
): Promise<CalledWorld> {
  const called = { identifierUris: [siteUri], oauth2PermissionScopes: [callMe] };
  const world = await openUserWorld(t, called, startAt);
  await world.grant(world.batchPrincipal, 'user_impersonation');
  const caller = await world.register('Caller', { isFallbackPublicClient: true });
  await letCall(world, caller, world.sitePrincipal);
  return { ...world, caller, assertion: (more = {}) => assertionOf(world, caller, more) };
}

/** Consents for everybody that a client calls the site. */
export async function letCall(
  { store }: UserWorld,
  client: ServicePrincipal,
  resource: ServicePrincipal,
): Promise<void> {
  const { tenantId } = contoso;
  const grantId = guidOfText(client.objectId, resource.objectId);
  const parties = { clientId: client.objectId, resourceId: resource.objectId };
  const grant = { tenantId, grantId, ...parties, oauthScopes: ['call_me'] };
  await store.write((tx) => addPermissionGrant(tx, grant));
}

async function assertionOf(
  world: UserWorld,
  { appId: clientId }: ServicePrincipal,
  { scope = `${siteUri}/call_me`, ...place }: { readonly origin?: string; readonly scope?: string },
): Promise<string> {
  const cloud = knownHost(new URL(place.origin ?? 'https://localhost').hostname)?.cloud ?? 'public';
  const code = await world.issueCode({ cloud, clientId, redirectKind: 'publicClient' });
  const redirect = { redirect_uri: site.redirectUri, code };
  const form = { grant_type: 'authorization_code', client_id: clientId, ...redirect, scope };
  const path = `/${contoso.tenantId}/oauth2/v2.0/token`;
  const { json } = await world.send({ ...place, path, form });
  assert.ok(json.access_token !== undefined, json.error_description);
  return json.access_token;
}
