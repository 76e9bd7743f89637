import type { Fault } from '#kernel/fault.ts';
import { type NamedApplication, refusal, shown } from './faults.ts';

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

/** 50058: `prompt=none`, and nobody is signed in. */
export function nobodySignedIn(): Fault {
  return refusal(
    400,
    50058,
    'login_required',
    'A silent sign-in request was sent but no user is signed in.',
    'documented',
  );
}

/**
 * 50058, seen in public issues: `prompt=none`, and none of those who are signed in is the one who is
 * hinted at.
 * Source: https://github.com/SharePoint/sp-dev-docs/issues/3147
 */
export function nobodyHinted(): Fault {
  return refusal(
    400,
    50058,
    'login_required',
    'A silent sign-in request was sent but none of the currently signed in user(s) match the ' +
      'requested login hint.',
    'documented',
  );
}

/**
 * 16000: `prompt=none`, and several of those who are signed in may be meant.
 * Source: https://learn.microsoft.com/entra/identity-platform/msal-js-sso#without-user-hint
 */
export function severalSignedIn(): Fault {
  return refusal(
    400,
    16000,
    'interaction_required',
    'Either multiple user identities are available for the current request or selected account ' +
      'is not supported for the scenario.',
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

/**
 * 65001 as `interaction_required`, as the page on `prompt=none` says and as seen in a public
 * repository: a page of consent, or of an administrator's approval, would be needed.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow (`prompt`)
 */
export function consentPageNeeded(appId: string, appName: string): Fault {
  return refusal(
    400,
    65001,
    'interaction_required',
    'The user or administrator has not consented to use the application with ID ' +
      `'${appId}' named '${shown(appName)}'. Send an interactive authorization request for this ` +
      'user and resource.',
    'documented',
    'consent_required',
  );
}

/**
 * 65004: the user said no on the page of consent. Reports differ in the error: `access_denied` in
 * https://github.com/MicrosoftDocs/azure-docs/issues/114009, `consent_required` in
 * https://github.com/PuzzleServer/mainpuzzleserver/issues/571.
 */
export function consentDeclined(): Fault {
  return cancelled(declined);
}

/**
 * 65004 without a text: who was told that an administrator must approve goes back to the application.
 * Sources: https://github.com/xorbitsai/xagent/pull/2510, and for the fields
 * https://github.com/AzureAD/azure-activedirectory-library-for-js/issues/804
 */
export function wentBack(): Fault {
  return { ...cancelled(''), reason: 'went back from the page that asks for an administrator' };
}

function cancelled(text: string): Fault {
  const error = 'access_denied';
  const values = [
    { key: 'error', value: error },
    { key: 'error_subcode', value: 'cancel' },
  ];
  return { ...refusal(400, 65004, error, text, 'documented'), values };
}

/**
 * 650051, seen in public questions: the tenant has something else under one of the application's
 * names.
 * Source: https://learn.microsoft.com/answers/questions/2337285
 */
export function namesTaken(appId: string, tenantId: string): Fault {
  return refusal(
    400,
    650051,
    'invalid_client',
    `Consent action for Application '${appId}' failed due to the following error: The '${appId}' ` +
      `service principal name is already present for the tenant '${tenantId}'. paramName: ` +
      `ServicePrincipalName, paramValue: '${appId}', objectType: System.String`,
    'documented',
  );
}

/** 65004 of the administrator's page, as seen in azure-docs issue 114009. */
export function adminConsentDeclined(): Fault {
  return refusal(400, 65004, 'access_denied', declined, 'documented');
}

const declined = 'User declined to consent to access the app.';

/** The same refusal where its error is `access_denied`, as for administrators who are asked to consent. */
export function deniedAccess(refused: Fault): Fault {
  return { ...refused, values: [{ key: 'error', value: 'access_denied' }] };
}

/**
 * 50020, seen in public repositories: a user of one tenant signs in at another, where she is no
 * guest.
 */
export function userOfOtherTenant(
  userName: string,
  homeTenantId: string,
  tenantName: string,
  client: NamedApplication,
): Fault {
  return refusal(
    400,
    50020,
    'invalid_grant',
    `User account '${shown(userName)}' from identity provider ` +
      `'https://sts.windows.net/${homeTenantId}/' does not exist in tenant '${tenantName}' and ` +
      `cannot access the application '${client.appId}'(${shown(client.displayName)}) in that ` +
      'tenant. The account needs to be added as an external user in the tenant first. Sign out ' +
      'and sign in again with a different Azure Active Directory user account.',
    'documented',
  );
}

/**
 * 90094, seen in public issues: only an administrator may consent to this.
 * Source: https://github.com/pnp/cli-microsoft365/issues/534
 */
export function adminConsentRequired(): Fault {
  return refusal(
    400,
    90094,
    'consent_required',
    'The grant requires admin permission.',
    'documented',
  );
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

/** 50089: the form is of another browser, was sent before, or came too late. */
export function attemptOver(): Fault {
  return refusal(
    400,
    50089,
    'invalid_request',
    'Authentication failed due to flow token expired: the sign-in has ended, was begun in another ' +
      'browser, or took too long. Go back to the application and sign in again.',
    'documented',
  );
}

/**
 * Refusals that the person or her administrator can do something about: they are shown to her and
 * not sent on. UNVERIFIED: the list.
 */
export const shownCodes: ReadonlySet<string> = new Set([
  ...[
    'AADSTS50020',
    'AADSTS50034',
    'AADSTS50057',
    'AADSTS50089',
    'AADSTS50105',
    'AADSTS50173',
    'AADSTS90094',
  ],
  ...['AADSTS650051', 'AADSTS700016', 'AADSTS7000112', 'AADSTS7000229', 'NotImplemented'],
]);
