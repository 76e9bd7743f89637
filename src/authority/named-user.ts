import type { Compat } from '#cloud/compat.ts';
import type { User } from '#directory/user.store.ts';
import { fold } from '#kernel/ids.ts';
import { guidOfText } from '#kernel/random.ts';
import type { ReadTransaction } from '#store/store.ts';
import type { SignInAttempt } from './sign-in-attempt.store.ts';
import { findTypedUser } from './sign-in-user.ts';
import type { Tenancy } from './tenancy.ts';

/** Longest account name, in characters. Source: https://learn.microsoft.com/graph/api/resources/user */
export const userNameCharactersMax = 113;

/**
 * The user whom an account name means, as an attempt names her. On the hardened side anybody may be
 * named, and is shown as typed: a user who is not there is asked for her password, which is wrong in
 * the same time, and is locked in the same way.
 */
export async function nameUser(
  tx: ReadTransaction,
  tenancy: Tenancy,
  name: string,
  compat: Compat,
): Promise<SignInAttempt['user']> {
  const user = await findTypedUser(tx, tenancy, name);
  if (compat === 'azure') return user === undefined ? undefined : namedUser(user);
  if (user !== undefined) return { ...namedUser(user), name };
  return name.lastIndexOf('@') < 1 ? undefined : nobodyNamed(tenancy, name);
}

/** How an attempt names a user. */
export function namedUser(user: User): NonNullable<SignInAttempt['user']> {
  return { tenantId: user.tenantId, userId: user.objectId, name: user.userPrincipalName };
}

function nobodyNamed(tenancy: Tenancy, name: string): NonNullable<SignInAttempt['user']> {
  const tenantId = tenancy.kind === 'tenant' ? tenancy.tenant.tenantId : '';
  return { tenantId, userId: guidOfText('nobody', fold(name)), name };
}
