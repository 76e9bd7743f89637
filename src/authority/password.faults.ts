import type { Fault } from '#kernel/fault.ts';
import { refusal, shown } from './faults.ts';

/** 50055: the password is right, and has to be changed before it opens anything. */
export function passwordExpired(): Fault {
  return refusal(
    400,
    50055,
    'invalid_grant',
    'The password is expired.',
    'documented',
    'user_password_expired',
  );
}

/**
 * 50056, seen in public issues: the user has no password, so nobody signs in with one.
 * Source: https://github.com/MicrosoftDocs/azure-docs/issues/49763
 */
export function noPassword(): Fault {
  return refusal(
    400,
    50056,
    'invalid_grant',
    'Invalid or missing password: password does not exist in the directory for this user.',
    'documented',
  );
}

/**
 * 50128: no tenant is named, and none has the domain of the user. UNVERIFIED: when
 * Entra says 50059 instead, which public clients expect beside it; password requests for unknown
 * domains would settle it.
 */
export function unknownDomain(userName: string): Fault {
  const refused = refusal(
    400,
    50128,
    'invalid_request',
    'Invalid domain name - No tenant-identifying information found in either the request or ' +
      'implied by any provided credentials.',
    'documented',
  );
  return { ...refused, reason: shown(userName) };
}

/** 50053: too many wrong passwords. The right one is refused too. */
export function accountLocked(): Fault {
  return refusal(
    400,
    50053,
    'invalid_grant',
    "The account is locked, you've tried to sign in too many times with an incorrect user ID or " +
      'password.',
    'documented',
  );
}

/** 50126: the password is wrong. */
export function wrongPassword(): Fault {
  return refusal(
    400,
    50126,
    'invalid_grant',
    'Error validating credentials due to invalid username or password.',
    'documented',
  );
}
