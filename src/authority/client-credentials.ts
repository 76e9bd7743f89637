import { isAssignedTo } from '#directory/app-role-assignment.store.ts';
import type { Tenant } from '#directory/tenant.store.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import type { ReadTransaction } from '#store/store.ts';
import { signAccessToken } from './access-token.ts';
import {
  type AppTokenFacts,
  appTokenClaimsV1,
  appTokenClaimsV2,
  tokenIdOf,
} from './access-token-claims.ts';
import { readClaimsRequest } from './claims-parameter.ts';
import {
  authenticateClient,
  type PresentedClient,
  presentClient,
} from './client-authentication.ts';
import { notForConsumers, tenantNotNamed } from './faults.ts';
import { findResource, judgeOwnName } from './find-resource.ts';
import { crossOriginRedemption } from './grant.faults.ts';
import type { Grant, GrantedTokens, TokenRequest } from './grant.ts';
import { graphNonce } from './microsoft-claims.ts';
import { requestedResource } from './requested-resource.ts';
import { notAssigned } from './resource.faults.ts';
import type { AuthorityRoom } from './room.ts';
import { readTokenTerms } from './token-terms.ts';

const grantType = 'client_credentials';

/**
 * An application signs in as itself. It needs no permission to get a token for a resource of its
 * tenant; what it may do there is decided by roles.
 * A page of another origin cannot keep a secret, and is refused.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow,
 * https://github.com/MicrosoftDocs/azure-docs/issues/76480 (the refused page)
 */
export const clientCredentials: Grant = {
  grantType,
  parameters: ['scope', 'resource'],
  handler: async (request, room) => {
    const { tenancy } = request;
    if (tenancy.kind === 'alias') {
      return tenancy.alias === 'consumers' ? notForConsumers() : tenantNotNamed();
    }
    const presented = await presentClient(request, room);
    if (isFault(presented)) return presented;
    const facts = await room.store.read((tx) =>
      judge(tx, presented, request, tenancy.tenant, room),
    );
    return isFault(facts) ? facts : issue(facts, room);
  },
};

/** The checks in Entra's order: origin, client, proof, capability, scope, resource, assignment. */
async function judge(
  tx: ReadTransaction,
  presented: PresentedClient,
  request: TokenRequest,
  tenant: Tenant,
  room: AuthorityRoom,
): Promise<AppTokenFacts | Fault> {
  const { http, cloud, parameters } = request;
  const issuedAt = room.clock.civil();
  const origin = http.headers['origin'];
  if (origin !== undefined) return crossOriginRedemption(origin);
  const client = await authenticateClient(tx, presented, {
    cloud,
    reach: http.reach,
    tenant,
    grantType,
    civilNow: issuedAt,
    realNow: room.clock.real(),
  });
  if (isFault(client)) return client;
  const claims = readClaimsRequest(parameters.get('claims'));
  if (isFault(claims)) return claims;
  const audience = requestedResource(parameters, request.endpoint);
  if (isFault(audience)) return audience;
  const resource = await findResource(tx, audience, tenant, { cloud, reach: http.reach });
  if (isFault(resource)) return resource;
  const { servicePrincipal, provedBy } = client;
  const misnamed = judgeOwnName(servicePrincipal, resource, audience);
  if (misnamed !== undefined) return misnamed;
  const held = [tenant.tenantId, servicePrincipal.objectId, resource.objectId] as const;
  if (resource.appRoleAssignmentRequired && !(await isAssignedTo(tx, ...held))) {
    return notAssigned(servicePrincipal, audience, resource.displayName);
  }
  const { challengeCapability } = claims;
  const holder = { ...servicePrincipal, isUser: false };
  return {
    ...(await readTokenTerms(tx, resource, 'accessToken', holder)),
    cloud,
    reach: http.reach,
    tenant,
    client: servicePrincipal,
    provedBy,
    resource,
    audience,
    ...(challengeCapability === undefined ? {} : { challengeCapability }),
    requestId: http.requestId,
    issuedAt,
  };
}

async function issue(facts: AppTokenFacts, room: AuthorityRoom): Promise<GrantedTokens> {
  const format = facts.resource.requestedAccessTokenVersion ?? 1;
  const claimsOf = format === 1 ? appTokenClaimsV1 : appTokenClaimsV2;
  const claims = claimsOf(facts, room.random);
  const key = room.keys.signingKey(facts.cloud.name);
  const nonce = graphNonce(facts.resource, room.random);
  return {
    accessToken: await signAccessToken(claims, format, key, nonce),
    resource: facts.audience,
    tenantId: facts.tenant.tenantId,
    principalId: facts.client.objectId,
    lifetimeSeconds: facts.lifetimeSeconds,
    expiresOn: Number(claims['exp']),
    notBefore: Number(claims['nbf']),
    facts: {
      tokenId: tokenIdOf(facts.requestId),
      provedBy: facts.provedBy,
      appDisplayName: facts.client.displayName,
      resourceAppId: facts.resource.appId,
      appRoles: facts.appRoles,
    },
  };
}
