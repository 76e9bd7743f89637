import { isPassword } from '#directory/password.ts';
import { findUser, passwordHashOfUser } from '#directory/user.store.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { limitPasswords } from './limits.ts';
import { afterFailure, failureMarkOf, isLocked } from './lockout.ts';
import { accountLocked, wrongPassword } from './password.faults.ts';
import type { AuthorityRoom } from './room.ts';
import {
  findSignInFailures,
  putSignInFailures,
  removeSignInFailures,
} from './sign-in-failure.store.ts';
import { signInMarkOf } from './sign-in-mark.ts';

/** What checking a password works with. */
type PasswordRoom = Pick<AuthorityRoom, 'store' | 'clock' | 'limits'>;

/** Longest password, in characters. Source: Entra's own limit is 256. */
const passwordCharactersMax = 256;

/**
 * Checks a user's password and counts the wrong ones. While the account is locked nothing is
 * compared, and the right password is refused as well; so it is while too many wrong ones come from
 * the address. The answer is a fault or the password's mark.
 */
export async function checkUserPassword(
  room: PasswordRoom,
  { tenantId, userId }: { readonly tenantId: string; readonly userId: string },
  password: string,
  remoteAddress: string,
): Promise<{ readonly passwordMark: string } | Fault> {
  return limitPasswords(room.limits, remoteAddress, isProved, () =>
    compareAndCount(room, { tenantId, userId }, password),
  );
}

function isProved(checked: { readonly passwordMark: string } | Fault): boolean {
  return !isFault(checked);
}

async function compareAndCount(
  room: PasswordRoom,
  { tenantId, userId }: { readonly tenantId: string; readonly userId: string },
  password: string,
): Promise<{ readonly passwordMark: string } | Fault> {
  const now = room.clock.civil();
  const known = await room.store.read(async (tx) => ({
    failures: await findSignInFailures(tx, tenantId, userId),
    user: await findUser(tx, tenantId, userId),
    hash: await passwordHashOfUser(tx, tenantId, userId),
  }));
  if (isLocked(known.failures, now)) return accountLocked();
  if (password.length > passwordCharactersMax) return wrongPassword();
  const isRight = await isPassword(password, known.hash);
  const verdict = await room.store.write(async (tx) => {
    const failures = await findSignInFailures(tx, tenantId, userId);
    // Others may have tried meanwhile.
    if (isLocked(failures, now)) return 'locked';
    if (isRight) {
      if (failures.count > 0) await removeSignInFailures(tx, tenantId, userId);
      return 'right';
    }
    const next = afterFailure(failures, failureMarkOf(known.hash, password), now);
    await putSignInFailures(tx, tenantId, userId, next);
    return 'wrong';
  });
  switch (verdict) {
    case 'locked':
      return accountLocked();
    case 'wrong':
      return wrongPassword();
    case 'right':
      return { passwordMark: signInMarkOf(known.hash, known.user ?? {}) };
  }
}

/**
 * Takes the time of a check, for a user who is not there: the clock tells nobody who is. It counts as
 * a wrong password of the address; a fault when that had too many.
 */
export async function spendPasswordCheck(
  room: PasswordRoom,
  password: string,
  remoteAddress: string,
): Promise<Fault | undefined> {
  const isWrong = () => false;
  return limitPasswords(room.limits, remoteAddress, isWrong, async () => {
    if (password.length <= passwordCharactersMax) await isPassword(password, undefined);
    return undefined;
  });
}
