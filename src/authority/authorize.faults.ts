import type { Fault } from '#kernel/fault.ts';
import { refusal, shown } from './faults.ts';

/** 50011: the redirect address is not one of the application's. Never redirected. */
export function unknownReplyAddress(redirectUri: string, appId: string): Fault {
  return refusal(
    400,
    50011,
    'invalid_request',
    `The redirect URI '${shown(redirectUri)}' specified in the request does not match the ` +
      `redirect URIs configured for the application '${appId}'. Make sure the redirect URI sent ` +
      'in the request matches one added to your application in the Azure portal. Navigate to ' +
      'https://aka.ms/redirectUriMismatchError to learn more about how to fix this.',
    'documented',
  );
}

/**
 * 500113, seen in public repositories: the application has no redirect address at all. Never
 * redirected.
 */
export function noReplyAddress(): Fault {
  return refusal(
    400,
    500113,
    'invalid_request',
    'No reply address is registered for the application.',
    'documented',
  );
}

/** 500117, seen in questions to Microsoft: `http` is for loopback addresses only. Never redirected. */
export function insecureReplyAddress(): Fault {
  return refusal(
    400,
    500117,
    'invalid_request',
    "The reply uri specified in the request isn't using a secure scheme.",
    'documented',
  );
}

/** 900971: the request names no redirect address, and the application has none. */
export function missingReplyAddress(): Fault {
  return refusal(400, 900971, 'invalid_request', 'No reply address provided.', 'documented');
}

/**
 * 70005, seen in public issues: there is no such response type.
 * Source: https://github.com/OfficeDev/O365-jQuery-CORS/issues/2, of 2015
 */
export function unsupportedResponseType(responseType: string): Fault {
  return refusal(
    400,
    70005,
    'unsupported_response_type',
    `response_type '${shown(responseType)}' is not supported for the application.`,
    'documented',
  );
}

/** 700054: the application may not have id tokens from this endpoint. */
export function idTokenNotEnabled(): Fault {
  return refusal(
    400,
    700054,
    'unsupported_response_type',
    "response_type 'id_token' is not enabled for the application.",
    'documented',
  );
}

/** 70005: an id token is a sign-in, which `openid` asks for. UNVERIFIED: the text. */
export function idTokenWithoutOpenId(): Fault {
  return refusal(
    400,
    70005,
    'unsupported_response_type',
    "response_type 'id_token' requires the 'openid' scope.",
    'unverified',
  );
}

/** 700051: the application may not have access tokens from this endpoint. */
export function tokenNotEnabled(): Fault {
  return refusal(
    400,
    700051,
    'unsupported_response_type',
    "response_type 'token' is not enabled for the application.",
    'documented',
  );
}

/** 70007: there is no such response mode, or tokens would travel in the query. */
export function unsupportedResponseMode(responseMode: string): Fault {
  return refusal(
    400,
    70007,
    'invalid_request',
    `'${shown(responseMode)}' is not a supported value of 'response_mode' when requesting a token.`,
    'documented',
  );
}

/**
 * 90023, seen in public issues: there is no such prompt, or there are two.
 * Source: https://github.com/opencloud-eu/desktop/issues/871, of 2026
 */
export function unsupportedPrompt(): Fault {
  return refusal(400, 90023, 'invalid_request', "Unsupported 'prompt' value.", 'documented');
}

/**
 * 50149: a challenge is made by `S256` or is `plain`.
 * Source: https://github.com/MicrosoftDocs/entra-docs/pull/1538 (from Entra's own page of errors)
 */
export function unsupportedChallengeMethod(): Fault {
  return refusal(
    400,
    50149,
    'invalid_request',
    'Invalid Code_Challenge_method parameter.',
    'documented',
  );
}

/**
 * 90015, seen in public issues: a parameter is longer than anything that a client sends.
 * Source: https://github.com/atinux/nuxt-auth-utils/issues/249
 */
export function parameterTooLong(name: string): Fault {
  const refused = refusal(
    400,
    90015,
    'invalid_request',
    'Requested query string is too long.',
    'documented',
  );
  return { ...refused, reason: `the parameter '${name}'` };
}

/**
 * 501491, seen in public issues: the challenge has not the size or the characters of RFC 7636.
 * Source: https://github.com/MicrosoftDocs/azure-docs/issues/42906
 */
export function malformedChallenge(): Fault {
  return refusal(
    400,
    501491,
    'invalid_request',
    'Invalid size of Code_Challenge parameter.',
    'documented',
  );
}

/**
 * 50147, which the table of codes calls MissingCodeChallenge: a method of challenge, and no challenge.
 * Source: https://github.com/michaelmsonne/ManagedIdentityPermissionManager/issues/7, of 2024
 */
export function missingChallenge(): Fault {
  return refusal(
    400,
    50147,
    'invalid_request',
    'Invalid size of the code challenge parameter.',
    'documented',
  );
}

/** 9002325: a single-page application must send a challenge. */
export function challengeRequired(): Fault {
  return refusal(
    400,
    9002325,
    'invalid_request',
    'Proof Key for Code Exchange is required for cross-origin authorization code redemption.',
    'documented',
  );
}

/**
 * 90005, seen in public issues: an account is hinted at by its session and by its name.
 * Source: https://github.com/novotnyllc/UseMyCurrentAccount/issues/2
 * UNVERIFIED: that the application hears of it; one such request would settle it.
 */
export function hintedTwice(): Fault {
  return refusal(
    400,
    90005,
    'invalid_request',
    'Unable to complete request. The request was invalid since SID and login_hint cannot be used ' +
      'together.',
    'documented',
  );
}
