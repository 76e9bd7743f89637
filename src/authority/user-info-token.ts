import { addSeconds, type Instant } from '#kernel/instant.ts';
import type { Seal } from '#kernel/seal.ts';
import type { UserTokenFacts } from './user-token-claims.ts';

/** Whom such a token lets a client read about, where, and until when. */
export interface UserInfoToken {
  /** The cloud whose authority issued it; no other opens it. */
  readonly cloud: string;
  readonly tenantId: string;
  readonly userId: string;
  /** The client's appId, which decides the subject. */
  readonly clientId: string;
  /** Civil time. */
  readonly expiresAt: Instant;
}

/** Stands before each, as before codes: people see that it is no token with claims. */
const prefix = '1.';
const purpose = 'user-info-token';

/**
 * The access token of a v1 sign-in that named no resource: for the user info endpoint alone, and
 * nothing that a client could read. It stands nowhere but in itself, sealed.
 * Source: https://blogs.aaddevsup.xyz/2019/07/retrieving-user-information-from-azure-ads-userinfo-endpoints/
 */
export function newUserInfoToken(
  facts: Pick<UserTokenFacts, 'cloud' | 'tenant' | 'user' | 'client' | 'issuedAt' | 'accessTerms'>,
  seal: Seal,
): string {
  const { cloud, tenant, user, client, issuedAt, accessTerms } = facts;
  const token: UserInfoToken = {
    cloud: cloud.name,
    tenantId: tenant.tenantId,
    userId: user.objectId,
    clientId: client.appId,
    expiresAt: addSeconds(issuedAt, accessTerms.lifetimeSeconds),
  };
  return `${prefix}${seal.derive(purpose).close(JSON.stringify(token), cloud.name)}`;
}

/** Opens one; undefined for every other text, and for one of another cloud. */
export function openUserInfoToken(
  text: string,
  cloud: string,
  seal: Seal,
): UserInfoToken | undefined {
  if (!/^1\.[\w-]+$/.test(text)) return undefined;
  try {
    const opened = seal.derive(purpose).open(text.slice(prefix.length), cloud);
    return JSON.parse(opened) as UserInfoToken;
  } catch {
    return undefined;
  }
}
