import { isAssignedTo } from '#directory/app-role-assignment.store.ts';
import { findApplicationByAppId } from '#directory/application.store.ts';
import { firstPartyAppIds } from '#directory/first-party.ts';
import type { ServicePrincipal } from '#directory/service-principal.store.ts';
import type { Tenant } from '#directory/tenant.store.ts';
import { findUser, passwordHashOfUser, type User } from '#directory/user.store.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { addSeconds, secondsOf } from '#kernel/instant.ts';
import type { ReadTransaction, WriteTransaction } from '#store/store.ts';
import { readClaimsRequest } from './claims-parameter.ts';
import type { AuthenticatedClient } from './client-authentication.ts';
import { decideConsent } from './consent.ts';
import { readConsentBasis } from './consent-basis.ts';
import { findResource, judgeOwnName } from './find-resource.ts';
import { grantRevoked, unknownGrant } from './grant.faults.ts';
import type { TokenRequest } from './grant.ts';
import { newOpaqueText } from './opaque-text.ts';
import {
  addRefreshToken,
  type RefreshToken,
  refreshLifetimeSeconds,
} from './refresh-token.store.ts';
import { type RequestedPermissions, readPermissions } from './requested-permissions.ts';
import type { AuthorityRoom } from './room.ts';
import { signInMarkOf } from './sign-in-mark.ts';
import { readTokenTerms } from './token-terms.ts';
import type { UserGrant } from './user-grant.ts';
import type { UserTokenFacts } from './user-token-claims.ts';
import {
  consentRequired,
  disabledUser,
  singleTenantApplication,
  unknownUser,
  userNotAssigned,
} from './user-tokens.faults.ts';

/**
 * Microsoft's own clients that may redeem each other's refresh tokens.
 * Source: https://github.com/secureworks/family-of-client-ids-research
 */
const familyClients: ReadonlySet<string> = new Set([
  firstPartyAppIds.azureCli,
  firstPartyAppIds.azurePowerShell,
]);

/** True when the client is one of the family. */
export function isOfFamily(appId: string): boolean {
  return familyClients.has(appId);
}

/** A grant of a user that is being redeemed, by a client that proved itself. */
export interface Redemption {
  readonly request: TokenRequest;
  readonly tenant: Tenant;
  readonly client: AuthenticatedClient;
  readonly grant: UserGrant;
  readonly nonce?: string;
  /** The id token says when she proved who she is. */
  readonly wantsAuthTime?: boolean;
  /** The refresh token that is being redeemed. */
  readonly renewed?: RefreshToken;
  /** Nothing renews these tokens. */
  readonly isWithoutRefresh?: boolean;
  /** The tokens go to a redirect address in a fragment. */
  readonly inFragment?: boolean;
}

/** What will be signed, with the refresh token that is stored by now. */
export interface JudgedTokens {
  readonly facts: UserTokenFacts;
  readonly asked: RequestedPermissions;
  readonly refreshToken: NewRefreshToken | undefined;
}

/** A refresh token as its client hears of it. */
interface NewRefreshToken {
  readonly text: string;
  /** Only of a single-page application, whose tokens all end when the first one does. */
  readonly secondsLeft?: number;
}

/** Cloud, user, permissions, resource, assignment, consent; then the next refresh token is stored. */
export async function judgeUserTokens(
  tx: WriteTransaction,
  redemption: Redemption,
  room: AuthorityRoom,
): Promise<JudgedTokens | Fault> {
  const { request, tenant, client, grant } = redemption;
  const { http, cloud, endpoint, parameters } = request;
  if (grant.cloud !== cloud.name) return unknownGrant();
  const user = await grantingUser(tx, grant, tenant);
  if (isFault(user)) return user;
  const claims = readClaimsRequest(parameters.get('claims'));
  if (isFault(claims)) return claims;
  const read = readPermissions(endpoint, {
    scope: parameters.get('scope') ?? grant.scope,
    resource: parameters.get('resource') ?? (endpoint === 'v2' ? undefined : grant.resource),
  });
  if (isFault(read)) return read;
  const asked = isRefresh(request) ? read : withSignInOf(grant, read);
  const resource = await findResource(tx, asked.resource, tenant, { cloud, reach: http.reach });
  if (isFault(resource)) return resource;
  const { servicePrincipal, provedBy } = client;
  const oauthScopes =
    (await judgeTenancy(tx, request, servicePrincipal)) ??
    (asked.isDefault ? judgeOwnName(servicePrincipal, resource, asked.resource) : undefined) ??
    (await judgeAssignment(tx, user, servicePrincipal)) ??
    (await judgeAssignment(tx, user, resource)) ??
    (await consentedScopes(tx, asked, user, servicePrincipal, resource));
  if (isFault(oauthScopes)) return oauthScopes;
  const { challengeCapability } = claims;
  const ofSignIn = redemption.wantsAuthTime === true ? ['auth_time'] : [];
  const askedIdClaims = [...claims.idToken, ...ofSignIn];
  const holder = { ...user, isUser: true };
  const facts: UserTokenFacts = {
    cloud,
    reach: http.reach,
    tenant,
    user,
    client: servicePrincipal,
    provedBy,
    resource,
    audience: asked.resource,
    oauthScopes,
    accessTerms: await readTokenTerms(tx, resource, 'accessToken', holder),
    idTerms: await readTokenTerms(tx, servicePrincipal, 'idToken', holder),
    signIn: asked.signIn,
    askedIdClaims,
    ...(redemption.nonce === undefined ? {} : { nonce: redemption.nonce }),
    ...(challengeCapability === undefined ? {} : { challengeCapability }),
    ...(redemption.inFragment === true ? { inFragment: true } : {}),
    ...(asked.isForUserInfo === true ? { isForUserInfo: true } : {}),
    authenticatedAt: grant.authenticatedAt,
    remoteAddress: http.remoteAddress,
    sessionId: grant.sessionId,
    ...(grant.staysSignedIn === true ? { staysSignedIn: true } : {}),
    ...(grant.onBehalfOfDepth === undefined ? {} : { onBehalfOfDepth: grant.onBehalfOfDepth }),
    requestId: http.requestId,
    issuedAt: room.clock.civil(),
  };
  return { facts, asked, refreshToken: await nextRefreshToken(tx, redemption, asked, room) };
}

function isRefresh({ parameters }: TokenRequest): boolean {
  return parameters.get('grant_type') === 'refresh_token';
}

/** A code carries what was asked of the sign-in, also when the redemption names other scopes. */
function withSignInOf(grant: UserGrant, asked: RequestedPermissions): RequestedPermissions {
  const before = readPermissions('v2', { scope: grant.scope });
  if (isFault(before)) return asked;
  return { ...asked, signIn: [...new Set([...asked.signIn, ...before.signIn])] };
}

/** The user of a grant, if she is still there, enabled, and has not taken her sign-ins back. */
export async function grantingUser(
  tx: ReadTransaction,
  grant: Pick<UserGrant, 'tenantId' | 'userId' | 'passwordMark' | 'authenticatedAt'>,
  tenant: Tenant,
): Promise<User | Fault> {
  const { tenantId, userId } = grant;
  const user = await findUser(tx, tenantId, userId);
  if (user === undefined) return unknownUser(userId, tenant.displayName);
  if (!user.accountEnabled) return disabledUser();
  const mark = signInMarkOf(await passwordHashOfUser(tx, tenantId, userId), user);
  if (mark === grant.passwordMark) return user;
  const changedAt = user.lastPasswordChangeAt ?? user.createdAt;
  return grantRevoked(grant.authenticatedAt, user.signInSessionsValidFrom ?? changedAt);
}

/** An application of one tenant is not used through common and organizations. */
async function judgeTenancy(
  tx: ReadTransaction,
  { tenancy }: TokenRequest,
  client: ServicePrincipal,
): Promise<Fault | undefined> {
  if (tenancy.kind === 'tenant') return undefined;
  const application = await findApplicationByAppId(tx, client.appId);
  return application?.signInAudience === 'AzureADMyOrg'
    ? singleTenantApplication(client.appId, client.displayName)
    : undefined;
}

/** An application may want its users assigned, as a client and as a resource. */
export async function judgeAssignment(
  tx: ReadTransaction,
  user: User,
  application: ServicePrincipal,
): Promise<Fault | undefined> {
  const { objectId, appId, displayName, appRoleAssignmentRequired } = application;
  if (!appRoleAssignmentRequired) return undefined;
  const isAssigned = await isAssignedTo(tx, user.tenantId, user.objectId, objectId);
  return isAssigned ? undefined : userNotAssigned(user.userPrincipalName, appId, displayName);
}

async function consentedScopes(
  tx: ReadTransaction,
  asked: RequestedPermissions,
  user: User,
  client: ServicePrincipal,
  resource: ServicePrincipal,
): Promise<readonly string[] | Fault> {
  const { tenantId, objectId: userId } = user;
  const basis = await readConsentBasis(tx, { tenantId, userId, client, resource });
  const decision = decideConsent(asked, basis);
  if (isFault(decision)) return decision;
  if (decision.kind === 'granted') return decision.oauthScopes;
  return consentRequired(client.appId, client.displayName);
}

/**
 * Every refresh gives a new refresh token; a code does when `offline_access` was asked for, and
 * always on v1. That of a single-page application ends when the first one does.
 */
async function nextRefreshToken(
  tx: WriteTransaction,
  { request, grant, renewed, isWithoutRefresh }: Redemption,
  asked: RequestedPermissions,
  room: AuthorityRoom,
): Promise<NewRefreshToken | undefined> {
  if (isWithoutRefresh === true) return undefined;
  if (!isRefresh(request) && !asked.signIn.includes('offline_access')) return undefined;
  const now = room.clock.civil();
  const keepsEnd = grant.redirectKind === 'spa' && renewed !== undefined;
  const ownEnd = addSeconds(now, refreshLifetimeSeconds[grant.redirectKind]);
  const expiresAt = keepsEnd ? renewed.expiresAt : ownEnd;
  const token = newOpaqueText(room.random, '1.');
  await addRefreshToken(tx, token, { ...onlyGrant(grant), expiresAt }, now);
  const isSpa = grant.redirectKind === 'spa';
  return { text: token, ...(isSpa ? { secondsLeft: secondsOf(expiresAt) - secondsOf(now) } : {}) };
}

/** A grant without what only its code or its last refresh token had. */
function onlyGrant(grant: UserGrant): UserGrant {
  const { grantId, cloud, tenantId, userId, clientId, redirectKind, scope, resource } = grant;
  const { authenticatedAt, passwordMark, sessionId, staysSignedIn, onBehalfOfDepth } = grant;
  return {
    grantId,
    cloud,
    tenantId,
    userId,
    clientId,
    redirectKind,
    scope,
    ...(resource === undefined ? {} : { resource }),
    authenticatedAt,
    passwordMark,
    sessionId,
    ...(staysSignedIn === undefined ? {} : { staysSignedIn }),
    ...(onBehalfOfDepth === undefined ? {} : { onBehalfOfDepth }),
  };
}
