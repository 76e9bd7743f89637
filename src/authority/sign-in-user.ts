import { findTenant, type Tenant } from '#directory/tenant.store.ts';
import { findUser, type User } from '#directory/user.store.ts';
import { isFault } from '#kernel/fault.ts';
import { addSeconds, type Instant } from '#kernel/instant.ts';
import type { ReadTransaction } from '#store/store.ts';
import type { Prompt } from './authorize-request.ts';
import { findSignInSession, type SignInSession } from './sign-in-session.store.ts';
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
export async function findSignedInUser(
  tx: ReadTransaction,
  cookie: string | undefined,
  tenancy: Tenancy,
  now: Instant,
): Promise<SignedInUser | undefined> {
  const session = cookie === undefined ? undefined : await findSignInSession(tx, cookie, now);
  const tenant = session === undefined ? undefined : await tenantOf(tx, session, tenancy);
  if (session === undefined || tenant === undefined) return undefined;
  const user = await grantingUser(tx, session, tenant);
  return isFault(user) ? undefined : { session, user };
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
  signedIn: SignedInUser | undefined,
  maxAgeSeconds: number | undefined,
  now: Instant,
): boolean {
  if (signedIn === undefined || maxAgeSeconds === undefined) return true;
  return now < addSeconds(signedIn.session.authenticatedAt, maxAgeSeconds);
}

/** What the browser is shown first; `useSession` shows nothing, `nobody` is a refusal. */
export type FirstStep = 'useSession' | 'nobody' | 'account' | 'password' | 'userName';

/**
 * How a sign-in begins. `session` says whether the user who is signed in fits the login hint, where
 * there is one.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
 */
export function firstStep(
  prompt: Prompt | undefined,
  session: 'none' | 'fits' | 'other',
  isHintKnown: boolean,
): FirstStep {
  const byName = isHintKnown ? 'password' : 'userName';
  switch (prompt) {
    case 'none':
      return session === 'fits' ? 'useSession' : 'nobody';
    case 'login':
      return byName;
    case 'select_account':
      return session === 'none' ? byName : 'account';
    case 'consent':
    case 'admin_consent':
    case undefined:
      return session === 'fits' ? 'useSession' : byName;
  }
}
