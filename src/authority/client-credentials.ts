import { isAssignedTo } from '#directory/app-role-assignment.store.ts';
import type { Tenant } from '#directory/tenant.store.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { ReadTransaction } from '#store/store.ts';
import { type AccessTokenFormat, signAccessToken } from './access-token.ts';
import {
  type AppTokenParties,
  appTokenFrame,
  fillClaims,
  type TokenOccasion,
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
import { issuerV2 } from './issuer.ts';
import { graphNonce } from './microsoft-claims.ts';
import { requestedResource } from './requested-resource.ts';
import { notAssigned } from './resource.faults.ts';
import type { AuthorityRoom } from './room.ts';
import { readTokenTerms, type TokenTerms } from './token-terms.ts';

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
    const judged = await room.store.read((tx) =>
      judge(tx, presented, request, tenancy.tenant, room),
    );
    return isFault(judged) ? judged : await issue(judged, room);
  },
};

/** What all tokens of a client for a resource have in common. */
interface TokenKind {
  readonly parties: AppTokenParties;
  readonly format: AccessTokenFormat;
  readonly frame: JsonObject;
}

interface Judged extends TokenKind, TokenOccasion {}

/** The checks in Entra's order: origin, client, proof, capability, scope, resource, assignment. */
async function judge(
  tx: ReadTransaction,
  presented: PresentedClient,
  request: TokenRequest,
  tenant: Tenant,
  room: AuthorityRoom,
): Promise<Judged | Fault> {
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
  const kind = await tokenKind(tx, {
    cloud,
    reach: http.reach,
    tenant,
    client: servicePrincipal,
    provedBy,
    resource,
    audience,
    ...(challengeCapability === undefined ? {} : { challengeCapability }),
  });
  const { lifetimeSeconds } = kind.parties;
  return { ...kind, lifetimeSeconds, requestId: http.requestId, issuedAt };
}

/** What all tokens of a client for a resource have in common, as both have it now. */
function tokenKind(
  tx: ReadTransaction,
  asked: Omit<AppTokenParties, keyof TokenTerms>,
): Promise<TokenKind> {
  const { cloud, reach, tenant, client, provedBy, resource, audience } = asked;
  const issuers = [cloud.name, issuerV2(cloud, reach, tenant.tenantId)];
  const ids = [tenant.tenantId, client.objectId, resource.objectId];
  const words = [...issuers, ...ids, provedBy, audience, asked.challengeCapability ?? ''];
  return tx.remembered(['appTokenKind', ...words], async () => {
    const holder = { ...client, isUser: false };
    const terms = await readTokenTerms(tx, resource, 'accessToken', holder);
    const parties = { ...asked, ...terms };
    const format = resource.requestedAccessTokenVersion ?? 1;
    return { parties, format, frame: appTokenFrame(format, parties) };
  });
}

async function issue(judged: Judged, room: AuthorityRoom): Promise<GrantedTokens> {
  const { parties, format, frame } = judged;
  const { cloud, tenant, client, resource } = parties;
  const claims = fillClaims(frame, judged, room.random);
  const key = room.keys.signingKey(cloud.name);
  const nonce = graphNonce(resource, room.random);
  return {
    accessToken: await signAccessToken(claims, format, key, nonce),
    resource: parties.audience,
    tenantId: tenant.tenantId,
    principalId: client.objectId,
    lifetimeSeconds: judged.lifetimeSeconds,
    expiresOn: Number(claims['exp']),
    notBefore: Number(claims['nbf']),
    facts: {
      tokenId: claims['uti'],
      provedBy: parties.provedBy,
      appDisplayName: client.displayName,
      resourceAppId: resource.appId,
      appRoles: parties.appRoles,
    },
  };
}
