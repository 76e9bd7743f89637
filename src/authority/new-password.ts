import { passwordHashOf } from '#directory/password.ts';
import { isStrongPassword } from '#directory/password-rule.ts';
import {
  findUser,
  passwordHashOfUser,
  setPasswordHash,
  updateUser,
} from '#directory/user.store.ts';
import { strictlyAfter } from '#kernel/clock.ts';
import { isFault } from '#kernel/fault.ts';
import { checkUserPassword } from './check-password.ts';
import type { NewPasswordError } from './new-password-page.ts';
import { attemptOver } from './sign-in.faults.ts';
import type { Outcome, Sent } from './sign-in.http.ts';
import { proceed } from './sign-in.ts';
import { type KeyedAttempt, keepSignInAttempt } from './sign-in-attempt.store.ts';
import { signInMarkOf } from './sign-in-mark.ts';
import { noteInteractive } from './sign-in-record.ts';

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
  const changed = await room.store.write(async (tx): Promise<KeyedAttempt | undefined> => {
    const { tenantId, userId } = user;
    const found = await findUser(tx, tenantId, userId);
    if (found === undefined) return undefined;
    const mark = signInMarkOf(await passwordHashOfUser(tx, tenantId, userId), found);
    // An administrator may have set another one meanwhile.
    if (mark !== checked.passwordMark) return undefined;
    const { mustChangePassword: _, ...rest } = found;
    const signInSessionsValidFrom = strictlyAfter(found.signInSessionsValidFrom, at);
    await updateUser(tx, { ...rest, lastPasswordChangeAt: at, signInSessionsValidFrom });
    await setPasswordHash(tx, found, hash);
    const passwordMark = signInMarkOf(hash, { signInSessionsValidFrom });
    const proved = { ...attempt, authenticated: { ...authenticated, at, passwordMark } };
    return { key: await keepSignInAttempt(tx, key, proved, room), attempt: proved };
  });
  if (changed === undefined) return attemptOver();
  // Apart from the change, which stands whatever the application refuses her.
  return room.store.write((tx) => proceed(tx, http, changed.key, changed.attempt, room));
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
