import { findTenant } from '#directory/tenant.store.ts';
import type { User } from '#directory/user.store.ts';
import { fold } from '#kernel/ids.ts';
import { guidOfText } from '#kernel/random.ts';
import type { Seal } from '#kernel/seal.ts';
import type { ReadTransaction } from '#store/store.ts';
import type { AuthorityRoom } from './room.ts';
import type { SignInAttempt } from './sign-in-attempt.store.ts';
import { findTypedUser } from './sign-in-user.ts';
import type { Tenancy } from './tenancy.ts';

/** Longest account name, in characters. Source: https://learn.microsoft.com/graph/api/resources/user */
export const userNameCharactersMax = 113;

/**
 * Invented names that wrong passwords are counted of, in each tenant: that many rows at most, however
 * many names a guesser makes up. Names that fall together are locked together, and which ones do
 * follows from the house's key, so that nobody can choose two.
 */
export const inventedUsersMax = 16_384;

/** A tenant that is not there, of the length of one that is. */
const noTenantId = '00000000-0000-0000-0000-000000000000';

/**
 * The user whom an account name means, as an attempt names her. On the hardened side anybody may be
 * named, and is shown as typed: a user who is not there is asked for her password, which is wrong in
 * the same time, and is locked in the same way.
 */
export async function nameUser(
  tx: ReadTransaction,
  tenancy: Tenancy,
  name: string,
  { compat, seal }: Pick<AuthorityRoom, 'compat' | 'seal'>,
): Promise<SignInAttempt['user']> {
  const user = await findTypedUser(tx, tenancy, name);
  if (compat === 'azure') return user === undefined ? undefined : namedUser(user);
  if (user !== undefined) return { ...namedUser(user), name };
  const at = name.lastIndexOf('@');
  if (at < 1) return undefined;
  const home = await findTenant(tx, name.slice(at + 1));
  const near = tenancy.kind === 'tenant' ? tenancy.tenant : undefined;
  const tenantId = (home ?? near)?.tenantId ?? noTenantId;
  return { tenantId, userId: inventedUserIdOf(seal, name), name };
}

/** How an attempt names a user. */
export function namedUser(user: User): NonNullable<SignInAttempt['user']> {
  return { tenantId: user.tenantId, userId: user.objectId, name: user.userPrincipalName };
}

/** The id that a name of nobody has: one of so many. */
export function inventedUserIdOf(seal: Seal, name: string): string {
  const mark = Buffer.from(seal.markOf(`invented-user:${fold(name)}`), 'base64url');
  return guidOfText('nobody', `${mark.readUInt32BE() % inventedUsersMax}`);
}
