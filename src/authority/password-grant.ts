import { findTenant, type Tenant } from '#directory/tenant.store.ts';
import { passwordHashOfUser, type User } from '#directory/user.store.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import type { ReadTransaction } from '#store/store.ts';
import { checkUserPassword, spendPasswordCheck } from './check-password.ts';
import {
  type AuthenticatedClient,
  type PresentedClient,
  presentClient,
} from './client-authentication.ts';
import { missingParameter, notForConsumers, tenantNotNamed } from './faults.ts';
import type { Grant, TokenRequest } from './grant.ts';
import { noPassword, passwordExpired, unknownDomain } from './password.faults.ts';
import { proveClient } from './prove-client.ts';
import type { AuthorityRoom } from './room.ts';
import { findNamedUser } from './sign-in-user.ts';
import { signUserTokens } from './sign-user-tokens.ts';
import type { UserGrant } from './user-grant.ts';
import { unknownUser } from './user-tokens.faults.ts';
import { judgeUserTokens } from './user-tokens.ts';

/**
 * A client signs a user in with the password that she gave it. Wrong ones count toward the same lock
 * as on the pages, and neither scope nor consent is looked at before the password is right.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth-ropc
 */
export const resourceOwnerPassword: Grant = {
  grantType: 'password',
  parameters: ['username', 'password', 'scope', 'resource', 'client_info'],
  handler: async (request, room) => {
    const { parameters } = request;
    if (isOfPersonalAccounts(request)) return notForConsumers();
    const presented = await presentClient(request, room);
    if (isFault(presented)) return presented;
    const userName = parameters.get('username') ?? '';
    if (userName === '') return missingParameter('username');
    const password = parameters.get('password') ?? '';
    if (password === '') return missingParameter('password');
    const parties = await room.store.read((tx) =>
      findParties(tx, request, presented, userName, room),
    );
    if (isFault(parties)) return parties;
    const proved = await provePassword(parties, request, room);
    if (isFault(proved)) return proved;
    const { tenant, client } = parties;
    const grant = grantOf(request, client, proved, room);
    const judged = await room.store.write((tx) =>
      judgeUserTokens(tx, { request, tenant, client, grant }, room),
    );
    return isFault(judged) ? judged : signUserTokens(judged, request, room);
  },
};

/**
 * True where Entra takes no passwords: for consumers, and for common on the v2 endpoint; ADAL's v1
 * requests to common were always answered.
 * Source: https://github.com/AzureAD/microsoft-authentication-library-for-java/issues/382
 */
function isOfPersonalAccounts({ tenancy, endpoint }: TokenRequest): boolean {
  if (tenancy.kind === 'tenant') return false;
  return tenancy.alias === 'consumers' || (tenancy.alias === 'common' && endpoint === 'v2');
}

/** Who takes part in a password request; nobody has proved the password yet. */
interface Parties {
  readonly tenant: Tenant;
  readonly client: AuthenticatedClient;
  readonly user: User | undefined;
  readonly hasPassword: boolean;
}

/** The tenant of the path or of the user's domain, the client in it, and the user if she is there. */
async function findParties(
  tx: ReadTransaction,
  request: TokenRequest,
  presented: PresentedClient,
  userName: string,
  room: AuthorityRoom,
): Promise<Parties | Fault> {
  const tenant = await homeTenant(tx, request, userName);
  if (isFault(tenant)) return tenant;
  const { http, cloud, parameters } = request;
  const client = await proveClient(tx, presented, {
    cloud,
    reach: http.reach,
    tenant,
    grantType: parameters.get('grant_type') ?? '',
    civilNow: room.clock.civil(),
    realNow: room.clock.real(),
  });
  if (isFault(client)) return client;
  const user = await findNamedUser(tx, { kind: 'tenant', tenant }, userName);
  const hash =
    user === undefined ? undefined : await passwordHashOfUser(tx, user.tenantId, user.objectId);
  return { tenant, client, user, hasPassword: hash !== undefined };
}

/** Where no tenant is named, the domain of the user names it: never the first user of that name. */
async function homeTenant(
  tx: ReadTransaction,
  { tenancy }: TokenRequest,
  userName: string,
): Promise<Tenant | Fault> {
  if (tenancy.kind === 'tenant') return tenancy.tenant;
  const at = userName.lastIndexOf('@');
  if (at < 1) return tenantNotNamed();
  return (await findTenant(tx, userName.slice(at + 1))) ?? unknownDomain(userName);
}

/** Someone who proved her password. */
interface ProvedUser {
  readonly user: User;
  readonly passwordMark: string;
}

/**
 * Checks the password. A user who is not there, or has no password, costs the same time as a wrong
 * one.
 */
async function provePassword(
  { tenant, user, hasPassword }: Parties,
  { http: { remoteAddress }, parameters }: TokenRequest,
  room: AuthorityRoom,
): Promise<ProvedUser | Fault> {
  const userName = parameters.get('username') ?? '';
  const password = parameters.get('password') ?? '';
  if (user === undefined || !hasPassword) {
    const limited = await spendPasswordCheck(room, password, remoteAddress);
    if (limited !== undefined) return limited;
    return user === undefined ? unknownUser(userName, tenant.displayName) : noPassword();
  }
  const { tenantId, objectId: userId } = user;
  const checked = await checkUserPassword(room, { tenantId, userId }, password, remoteAddress);
  if (isFault(checked)) return checked;
  return user.mustChangePassword === true
    ? passwordExpired()
    : { user, passwordMark: checked.passwordMark };
}

function grantOf(
  { parameters, cloud }: TokenRequest,
  { servicePrincipal, provedBy }: AuthenticatedClient,
  { user, passwordMark }: ProvedUser,
  room: AuthorityRoom,
): UserGrant {
  const resource = parameters.get('resource');
  return {
    grantId: room.random.guid(),
    cloud: cloud.name,
    tenantId: user.tenantId,
    userId: user.objectId,
    clientId: servicePrincipal.appId,
    redirectKind: provedBy === 'none' ? 'publicClient' : 'web',
    scope: parameters.get('scope') ?? '',
    ...(resource === undefined ? {} : { resource }),
    authenticatedAt: room.clock.civil(),
    passwordMark,
    sessionId: room.random.guid(),
  };
}
