import { findServicePrincipalByName } from '#directory/service-principal.store.ts';
import { findTenant, type Tenant } from '#directory/tenant.store.ts';
import { findUser, passwordHashOfUser } from '#directory/user.store.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { addSeconds } from '#kernel/instant.ts';
import type { ReadTransaction, WriteTransaction } from '#store/store.ts';
import type { VerifiedToken } from './access-token.ts';
import { backdateSeconds } from './access-token-claims.ts';
import { isTakenBack } from './access-token-mark.ts';
import {
  authenticateClient,
  type PresentedClient,
  presentClient,
} from './client-authentication.ts';
import { missingParameter, notForConsumers, notImplemented } from './faults.ts';
import type { Grant, TokenRequest } from './grant.ts';
import { unsupportedTokenUse, userAssertionOfOtherTenant } from './on-behalf-of.faults.ts';
import { depthOfClaim } from './on-behalf-of-depth.ts';
import type { AuthorityRoom } from './room.ts';
import { signInMarkOf } from './sign-in-mark.ts';
import { signUserTokens } from './sign-user-tokens.ts';
import { judgeUserAssertion, readUserAssertion } from './user-assertion.ts';
import type { UserGrant } from './user-grant.ts';
import { type JudgedTokens, judgeUserTokens } from './user-tokens.ts';

const grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** What may be asked for by `requested_token_type`, beside nothing: an access token. */
const accessTokenTypes: readonly string[] = [
  'urn:ietf:params:oauth:token-type:access_token',
  'urn:ietf:params:oauth:token-type:jwt',
];

/**
 * The types of tokens that Entra gives here beside those, and Batten does not.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow#saml-assertions-obtained-with-an-oauth20-obo-flow
 */
export const unbuiltTokenTypes: readonly string[] = [
  'urn:ietf:params:oauth:token-type:saml1',
  'urn:ietf:params:oauth:token-type:saml2',
];

/**
 * An application that was called with a user's token gets one for the next application, as the same
 * user.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow
 */
export const onBehalfOf: Grant = {
  grantType,
  parameters: [
    ...['assertion', 'requested_token_use', 'requested_token_type'],
    ...['scope', 'resource', 'client_info'],
  ],
  handler: async (request, room) => {
    const { parameters, cloud } = request;
    const presented = await presentClient(request, room);
    if (isFault(presented)) return presented;
    const assertion = parameters.get('assertion') ?? '';
    if (assertion === '') return missingParameter('assertion');
    const use = parameters.get('requested_token_use') ?? '';
    if (use === '') return missingParameter('requested_token_use');
    if (use !== 'on_behalf_of') return unsupportedTokenUse(use);
    const place = { keys: room.keys, cloud: cloud.name };
    const token = readUserAssertion(assertion, place, grantType);
    const judged = await room.store.write((tx) => exchange(tx, request, presented, token, room));
    return isFault(judged) ? judged : signUserTokens(judged, request, room);
  },
};

/** The client first, then the token, then what both may have. */
async function exchange(
  tx: WriteTransaction,
  request: TokenRequest,
  presented: PresentedClient,
  token: VerifiedToken | Fault,
  room: AuthorityRoom,
): Promise<JudgedTokens | Fault> {
  const tenant = await exchangeTenant(tx, request, token);
  if (isFault(tenant)) return tenant;
  const { http, cloud } = request;
  const now = room.clock.civil();
  const client = await authenticateClient(tx, presented, {
    cloud,
    reach: http.reach,
    tenant,
    grantType,
    civilNow: now,
    realNow: room.clock.real(),
  });
  if (isFault(client)) return client;
  if (isFault(token)) return token;
  const { servicePrincipal } = client;
  const audience = await findServicePrincipalByName(tx, tenant.tenantId, token.audience);
  const refused = judgeUserAssertion(token, { tenant, client: servicePrincipal, audience, now });
  if (refused !== undefined) return refused;
  const type = request.parameters.get('requested_token_type');
  if (type !== undefined && !accessTokenTypes.includes(type)) {
    return notImplemented(`the requested_token_type '${type}'`);
  }
  const { appId: clientId } = servicePrincipal;
  const grant = await grantOf(tx, token, clientId, request, room);
  return judgeUserTokens(tx, { request, tenant, client, grant }, room);
}

/** The tenant in the path, or that of the token; without either nobody knows whose client it is. */
async function exchangeTenant(
  tx: ReadTransaction,
  { tenancy }: TokenRequest,
  token: VerifiedToken | Fault,
): Promise<Tenant | Fault> {
  if (tenancy.kind === 'tenant') return tenancy.tenant;
  if (tenancy.alias === 'consumers') return notForConsumers();
  if (isFault(token)) return token;
  return (await findTenant(tx, token.tenantId)) ?? userAssertionOfOtherTenant(token.issuer);
}

/**
 * The token's user for its resource. A token says nothing of the password, only whether the user's
 * sign-ins were taken back since: then it opens nothing.
 */
async function grantOf(
  tx: ReadTransaction,
  token: VerifiedToken,
  clientId: string,
  { parameters, cloud }: TokenRequest,
  room: AuthorityRoom,
): Promise<UserGrant> {
  const { tenantId, objectId: userId, claims } = token;
  const resource = parameters.get('resource');
  const { sid, aio } = claims;
  const user = await findUser(tx, tenantId, userId);
  const isOpen = user !== undefined && !isTakenBack(aio, user);
  const hash = await passwordHashOfUser(tx, tenantId, userId);
  return {
    grantId: room.random.guid(),
    cloud: cloud.name,
    tenantId,
    userId,
    clientId,
    redirectKind: 'web',
    scope: parameters.get('scope') ?? '',
    ...(resource === undefined ? {} : { resource }),
    authenticatedAt: addSeconds(token.notBefore, backdateSeconds),
    passwordMark: isOpen ? signInMarkOf(hash, user) : '',
    sessionId: typeof sid === 'string' ? sid : room.random.guid(),
    onBehalfOfDepth: depthOfClaim(aio) + 1,
  };
}
