import type { Fault } from '#kernel/fault.ts';
import { refusal } from './faults.ts';
import type { TokenEndpoint } from './grant.ts';

/** 70016, recorded: the person has not decided yet. Never `slow_down`, which stops most clients. */
export function deviceCodePending(): Fault {
  return refusal(
    400,
    70016,
    'authorization_pending',
    'OAuth 2.0 device flow error. Authorization is pending. Continue polling.',
    'recorded',
  );
}

/**
 * 70018: no such device code, or one that was given to another client. UNVERIFIED: the text; a poll
 * with a made-up code would settle it.
 */
export function unknownDeviceCode(): Fault {
  return refusal(
    400,
    70018,
    'bad_verification_code',
    'Invalid verification code: the device code was not recognized, or was issued to another ' +
      'client.',
    'unverified',
  );
}

/**
 * 70020: nobody signed in within fifteen minutes. On v1 the error is `code_expired`, at which ADAL
 * stops. Source: text and both errors in https://github.com/Azure/azure-cli/issues/22251 and 22252.
 */
export function deviceCodeExpired(endpoint: TokenEndpoint): Fault {
  return refusal(
    400,
    70020,
    endpoint === 'v1' ? 'code_expired' : 'expired_token',
    "The provided value for the input parameter 'device_code' is not valid. This device code has " +
      'expired.',
    'documented',
  );
}

/**
 * 90120 as `authorization_declined`: the person said no. UNVERIFIED: number and text, which no public
 * issue shows; a poll after Cancel on Entra's page would settle them.
 * Source of the error: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code#expected-errors
 */
export function deviceCodeDeclined(): Fault {
  return refusal(
    400,
    90120,
    'authorization_declined',
    'The end user has denied the authorization request of the device.',
    'unverified',
  );
}

/**
 * 54005: the device code gave its tokens before. UNVERIFIED: the number, which is that of codes; a
 * second poll after success would settle it.
 */
export function deviceCodeRedeemed(): Fault {
  return refusal(
    400,
    54005,
    'invalid_grant',
    'The device code was already redeemed, please start a new device sign-in or use an existing ' +
      'refresh token.',
    'unverified',
  );
}

/** 70018 on the page: there is no such user code, or it was used. The page says so in its own words. */
export function unknownUserCode(): Fault {
  return refusal(
    400,
    70018,
    'bad_verification_code',
    'Invalid verification code due to the user typing in a wrong user code for the device code ' +
      'flow.',
    'documented',
  );
}

/** 70019 on the page: the user code is older than fifteen minutes. */
export function userCodeExpired(): Fault {
  return refusal(
    400,
    70019,
    'expired_token',
    'Verification code expired. Have the user retry the sign-in.',
    'documented',
  );
}
