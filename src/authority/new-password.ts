import { passwordHashOf } from '#directory/password.ts';
import { isStrongPassword } from '#directory/password-rule.ts';
import {
  findUser,
  passwordHashOfUser,
  setPasswordHash,
  updateUser,
} from '#directory/user.store.ts';
import { isFault } from '#kernel/fault.ts';
import { attemptOver } from './authorize.faults.ts';
import { checkUserPassword } from './check-password.ts';
import type { NewPasswordError } from './new-password-page.ts';
import type { Outcome, Sent } from './sign-in.http.ts';
import { proceed } from './sign-in.ts';
import { keepSignInAttempt } from './sign-in-attempt.store.ts';
import { noteInteractive } from './sign-in-record.ts';
import { passwordMarkOf } from './user-grant.ts';

/**
 * Takes a new password in the middle of a sign-in. The old one is asked for again, and wrong ones
 * count toward the lock; then the sign-in goes on under the new one, and every sign-in under the old
 * one is over.
 */
export async function submitNewPassword(sent: Sent): Promise<Outcome> {
  const { http, room, key, attempt, fields } = sent;
  const { user, authenticated } = attempt;
  if (user === undefined || authenticated?.by !== 'password') return attemptOver();
  const again = (error: NewPasswordError): Outcome => ({
    kind: 'page',
    key,
    attempt,
    step: { kind: 'newPassword', error },
  });
  const current = fields.get('oldpasswd') ?? '';
  const wanted = fields.get('newpasswd') ?? '';
  const checked = await checkUserPassword(room, user, current, http.remoteAddress);
  if (isFault(checked)) {
    noteInteractive(room.recorder, http, attempt.request.clientId, checked, user);
    return again(checked.code === 'AADSTS50053' ? 'locked' : 'wrong');
  }
  const problem = problemOf(current, wanted, fields.get('confirmnewpasswd'));
  if (problem !== undefined) return again(problem);
  const hash = await passwordHashOf(wanted, room.random);
  const at = room.clock.civil();
  const proved = {
    ...attempt,
    authenticated: { ...authenticated, at, passwordMark: passwordMarkOf(hash) },
  };
  const isChanged = await room.store.write(async (tx): Promise<boolean> => {
    const { tenantId, userId } = user;
    const found = await findUser(tx, tenantId, userId);
    const mark = passwordMarkOf(await passwordHashOfUser(tx, tenantId, userId));
    // An administrator may have set another one meanwhile.
    if (found === undefined || mark !== checked.passwordMark) return false;
    const { mustChangePassword: _, ...rest } = found;
    await updateUser(tx, { ...rest, lastPasswordChangeAt: at, signInSessionsValidFrom: at });
    await setPasswordHash(tx, found, hash);
    await keepSignInAttempt(tx, key, proved, room);
    return true;
  });
  if (!isChanged) return attemptOver();
  // Apart from the change, which stands whatever the application refuses her.
  return room.store.write((tx) => proceed(tx, http, key, proved, room));
}

function problemOf(
  current: string,
  wanted: string,
  confirmed: string | undefined,
): NewPasswordError | undefined {
  if (wanted !== confirmed) return 'mismatch';
  if (wanted === current) return 'same';
  return isStrongPassword(wanted) ? undefined : 'weak';
}
