import { findTenant, type Tenant } from '#directory/tenant.store.ts';
import { findUser, type User } from '#directory/user.store.ts';
import { isFault } from '#kernel/fault.ts';
import { addSeconds, type Instant } from '#kernel/instant.ts';
import type { ReadTransaction } from '#store/store.ts';
import { findSignInSessions, type SignInSession } from './sign-in-session.store.ts';
import type { Tenancy } from './tenancy.ts';
import { grantingUser } from './user-tokens.ts';

/** The user of an account name: in the tenant of the path, or in the one that has her domain. */
export async function findNamedUser(
  tx: ReadTransaction,
  tenancy: Tenancy,
  name: string,
): Promise<User | undefined> {
  const at = name.lastIndexOf('@');
  if (at < 1) return undefined;
  const tenant =
    tenancy.kind === 'tenant' ? tenancy.tenant : await findTenant(tx, name.slice(at + 1));
  return tenant === undefined ? undefined : findUser(tx, tenant.tenantId, name);
}

/**
 * The user whom someone names on a page: also who is at home in another tenant than that of the
 * path. She proves who she is before she hears that she is no guest here.
 */
export async function findTypedUser(
  tx: ReadTransaction,
  tenancy: Tenancy,
  name: string,
): Promise<User | undefined> {
  const own = await findNamedUser(tx, tenancy, name);
  return own ?? findNamedUser(tx, { kind: 'alias', alias: 'organizations' }, name);
}

/** Someone who is signed in in a browser. */
export interface SignedInUser {
  readonly session: SignInSession;
  readonly user: User;
}

/** Who is signed in in the browser and may be asked here: enabled, not revoked, of the tenant. */
export async function findSignedInUsers(
  tx: ReadTransaction,
  cookie: string,
  tenancy: Tenancy,
  now: Instant,
): Promise<readonly SignedInUser[]> {
  const found: SignedInUser[] = [];
  for (const session of await findSignInSessions(tx, cookie, now)) {
    const tenant = await tenantOf(tx, session, tenancy);
    const user = tenant && (await grantingUser(tx, session, tenant));
    if (user !== undefined && !isFault(user)) found.push({ session, user });
  }
  return found;
}

async function tenantOf(
  tx: ReadTransaction,
  { tenantId }: SignInSession,
  tenancy: Tenancy,
): Promise<Tenant | undefined> {
  if (tenancy.kind === 'alias') return findTenant(tx, tenantId);
  return tenancy.tenant.tenantId === tenantId ? tenancy.tenant : undefined;
}

/**
 * Whether who is signed in proved it lately enough; an age of nothing always asks again.
 * Source: https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest (`max_age`)
 */
export function isRecent(
  { session }: SignedInUser,
  maxAgeSeconds: number | undefined,
  now: Instant,
): boolean {
  return maxAgeSeconds === undefined || now < addSeconds(session.authenticatedAt, maxAgeSeconds);
}
