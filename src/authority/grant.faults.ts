import type { Fault } from '#kernel/fault.ts';
import { type Instant, isoSevenDigits } from '#kernel/instant.ts';
import { refusal, shown } from './faults.ts';

/**
 * 70000, seen in public issues: no such code or refresh token, or no more.
 * Source: https://github.com/AzureAD/microsoft-identity-web/issues/1435
 */
export function unknownGrant(): Fault {
  return refusal(
    400,
    70000,
    'invalid_grant',
    'Provided grant is invalid or malformed.',
    'documented',
    'bad_token',
  );
}

/**
 * 9002313 as `invalid_grant`, seen in public issues: what was sent as a code or refresh token does
 * not even look like one.
 * Sources: https://github.com/AzureAD/microsoft-authentication-library-for-js/issues/3088,
 * https://github.com/AzureAD/microsoft-authentication-library-for-android/issues/558
 */
export function malformedGrant(): Fault {
  return refusal(
    400,
    9002313,
    'invalid_grant',
    'Invalid request. Request is malformed or invalid.',
    'documented',
  );
}

/**
 * 70000: the code or refresh token was issued to another client. Issues of 2023 show 700007 with
 * one client too, which is here for the family alone.
 * Source: text in https://github.com/dommilosz/minecraft-auth/issues/32
 */
export function grantOfOtherClient(): Fault {
  return refusal(
    400,
    70000,
    'invalid_grant',
    "The provided value for the input parameter 'code' or 'refresh_token' is not valid. The token " +
      'was issued for a different client id.',
    'documented',
  );
}

/**
 * 700007 with `client_mismatch`: a refresh token of the family of Microsoft's own clients, shown by
 * a client that is not of the family. MSAL then remembers that it is not.
 * Source: https://github.com/CompassSecurity/EntraFalcon/issues/6; the suberror is the one that
 * MSAL waits for.
 */
export function notOfFamily(): Fault {
  return refusal(
    400,
    700007,
    'invalid_grant',
    'The grant was issued for a different client id.',
    'documented',
    'client_mismatch',
  );
}

/** 54005: the code was redeemed before; what came from it is revoked. */
export function codeRedeemed(): Fault {
  return refusal(
    400,
    54005,
    'invalid_grant',
    'OAuth2 Authorization code was already redeemed, please retry with a new valid code or use ' +
      'an existing refresh token.',
    'documented',
  );
}

/** 70008: the code is older than ten minutes. */
export function codeExpired(): Fault {
  return refusal(
    400,
    70008,
    'invalid_grant',
    'The provided authorization code or refresh token has expired due to inactivity. Send a new ' +
      'interactive authorization request for this user and resource.',
    'documented',
  );
}

/** 700005: a code of one tenant was shown to another. */
export function codeOfOtherTenant(): Fault {
  return refusal(
    400,
    700005,
    'invalid_grant',
    'The provided authorization code is intended to use against other tenant, thus rejected.',
    'documented',
  );
}

/**
 * 500112: the redirect address of the redemption is not that of the request. UNVERIFIED: status and
 * error, for which public issues show `invalid_client` without a status; a redemption at Entra with
 * another address would settle them. RFC 6749 makes it `invalid_grant`.
 * Sources: text in https://github.com/snok/django-auth-adfs/issues/354,
 * https://www.rfc-editor.org/rfc/rfc6749#section-5.2
 */
export function otherReplyAddress(sent: string, expected: string): Fault {
  return refusal(
    400,
    500112,
    'invalid_grant',
    `The reply address '${shown(sent)}' does not match the reply address '${shown(expected)}' ` +
      'provided when requesting Authorization code.',
    'unverified',
  );
}

/**
 * 28003, seen in public issues: the sign-in was for several resources, and the redemption of its code
 * names none.
 * Sources: https://github.com/AzureAD/microsoft-authentication-library-for-python/issues/125,
 * https://github.com/SecureAuthCorp/oauth2c/issues/130
 */
export function scopeOfCodeMissing(): Fault {
  return refusal(
    400,
    28003,
    'invalid_request',
    'Provided value for the input parameter scope cannot be empty when requesting an access token ' +
      'using the provided authorization code. Please specify a valid scope.',
    'documented',
  );
}

/** 501481: PKCE fails. */
export function verifierMismatch(): Fault {
  return refusal(
    400,
    501481,
    'invalid_grant',
    'The Code_Verifier does not match the code_challenge supplied in the authorization request.',
    'documented',
  );
}

/**
 * 501491, which Entra says of challenges: the verifier has not the size or the characters of
 * RFC 7636. UNVERIFIED: that verifiers have no number of their own; a verifier of 42 characters
 * would settle it.
 */
export function malformedVerifier(): Fault {
  return refusal(
    400,
    501491,
    'invalid_grant',
    'Invalid size of Code_Verifier parameter: it has 43 to 128 unreserved characters.',
    'unverified',
  );
}

/**
 * 700082, seen in public issues: nobody used the refresh token for 90 days.
 * Source: https://github.com/microsoft/foundry-dev-tools/issues/707, of 2026, also for the space after
 * the first sentence, which does not break
 */
export function refreshTokenInactive(issuedAt: Instant): Fault {
  return refusal(
    400,
    700082,
    'invalid_grant',
    'The refresh token has expired due to inactivity.\u00a0The token was issued on ' +
      `${isoSevenDigits(issuedAt)} and was inactive for 90.00:00:00.`,
    'documented',
    'bad_token',
  );
}

/**
 * 700084, seen in public issues: the 24 hours of a single-page application are over.
 * Source: https://github.com/AzureAD/microsoft-authentication-library-for-js/issues/6765
 */
export function spaSessionOver(issuedAt: Instant): Fault {
  return refusal(
    400,
    700084,
    'invalid_grant',
    'The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited ' +
      'lifetime of 1.00:00:00, which cannot be extended. It is now expired and a new sign in ' +
      'request must be sent by the SPA to the sign in page. The token was issued on ' +
      `${isoSevenDigits(issuedAt)}.`,
    'documented',
  );
}

/**
 * 50173: the password was changed, or the sign-ins of the user were revoked.
 * Source: https://learn.microsoft.com/troubleshoot/entra/entra-id/app-integration/error-code-aadsts50173-grant-expired-revoked;
 * where only the password tells, `validFrom` is the moment at which it was set
 */
export function grantRevoked(grantedAt: Instant, validFrom: Instant): Fault {
  return refusal(
    400,
    50173,
    'invalid_grant',
    'The provided grant has expired due to it being revoked, a fresh auth token is needed. The ' +
      'user might have changed or reset their password. The grant was issued on ' +
      `'${isoSevenDigits(grantedAt)}' and the TokensValidFrom date (before which tokens are not ` +
      `valid) for this user is '${isoSevenDigits(validFrom)}'.`,
    'documented',
    'bad_token',
  );
}

/** 7000218: the code or refresh token is redeemed with the client's credential only. */
export function credentialRequired(): Fault {
  return refusal(
    401,
    7000218,
    'invalid_client',
    "The request body must contain the following parameter: 'client_assertion' or " +
      "'client_secret'.",
    'documented',
  );
}

/** 9002326: a page of another origin asks for what is not a single-page application's. */
export function crossOriginRedemption(origin: string): Fault {
  return refusal(
    400,
    9002326,
    'invalid_request',
    "Cross-origin token redemption is permitted only for the 'Single-Page Application' " +
      `client-type. Request origin: '${shown(origin)}'.`,
    'documented',
  );
}

/** 9002327: what was issued to a single-page application is redeemed by something else. */
export function sameOriginRedemption(): Fault {
  return refusal(
    400,
    9002327,
    'invalid_request',
    "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via " +
      'cross-origin requests.',
    'documented',
  );
}
