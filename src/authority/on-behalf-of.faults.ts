import type { Fault } from '#kernel/fault.ts';
import { type Instant, isoSevenDigits } from '#kernel/instant.ts';
import { signatureReason, type UnprovedSignature } from './assertion.faults.ts';
import { refusal, shown } from './faults.ts';

/**
 * 50013, seen in public issues: the assertion is not signed by a key of this cloud's authority, which
 * is no application's and stands under an id of zeros.
 * Source: https://github.com/microsoftgraph/msgraph-sdk-php/issues/1585
 */
export function unsignedUserAssertion(unproved: UnprovedSignature): Fault {
  return refusal(
    400,
    50013,
    'invalid_grant',
    `Assertion failed signature validation. ${signatureReason(unproved, noApplication)}`,
    'documented',
  );
}

const noApplication = '00000000-0000-0000-0000-000000000000';

/**
 * 50013: the assertion is of a user of another tenant. UNVERIFIED: the text; an exchange of a guest's
 * token at the wrong tenant would settle it.
 */
export function userAssertionOfOtherTenant(issuer: string): Fault {
  return refusal(
    400,
    50013,
    'invalid_grant',
    `Assertion is not valid: the issuer '${shown(issuer)}' is not that of this tenant.`,
    'unverified',
  );
}

/**
 * 500131, seen in public issues since 2019: the assertion was issued for another application.
 * Source: https://github.com/OfficeDev/microsoft-teams-apps-company-communicator/issues/214
 */
export function userAssertionForOtherClient(
  audience: string,
  appId: string,
  appName: string,
): Fault {
  return refusal(
    400,
    500131,
    'invalid_grant',
    'Assertion audience does not match the Client app presenting the assertion. The audience in ' +
      `the assertion was '${shown(audience)}' and the expected audience is '${appId}' or one of ` +
      `the Application Uris of this application with App ID '${appId}'(${shown(appName)}). The ` +
      'downstream client must request a token for the expected audience (the application that ' +
      'made the OBO request) and this application should use that token as the assertion.',
    'documented',
  );
}

/**
 * 500133, seen in public issues: the assertion has expired or is not valid yet, to the second.
 * Source: https://github.com/microsoftgraph/msgraph-sdk-dotnet/issues/2551
 */
export function userAssertionOutsideTime(now: Instant, expiresAt: Instant): Fault {
  return refusal(
    400,
    500133,
    'invalid_grant',
    'Assertion is not within its valid time range. Ensure that the access token is not expired ' +
      `before using it for user assertion, or request a new token. Current time: ${isoSevenDigits(now)}, ` +
      `expiry time of assertion ${isoSevenDigits(expiresAt)}.`,
    'documented',
  );
}

/**
 * 240002: an id token says who signed in, and opens nothing. UNVERIFIED: the error, which was
 * `invalid_request` on v1 in 2018; an exchange at Entra's v2 endpoint would settle it.
 * Source: https://github.com/microsoft/azure-spring-boot/issues/333
 */
export function idTokenAsUserAssertion(grantType: string): Fault {
  return refusal(
    400,
    240002,
    'invalid_grant',
    `Input id_token cannot be used as '${grantType}' grant.`,
    'unverified',
  );
}

/**
 * 7000114, seen in public issues as unauthorized_client: no user is behind the assertion.
 * Source: https://github.com/AzureAD/microsoft-authentication-library-for-dotnet/issues/2130
 */
export function appTokenAsUserAssertion(appId: string): Fault {
  return refusal(
    400,
    7000114,
    'unauthorized_client',
    `Application '${appId}' is not allowed to make application on-behalf-of calls.`,
    'documented',
  );
}

/**
 * 50196: more applications than allowed asked on behalf of the user one after the other. UNVERIFIED:
 * the code; Entra documents no such limit.
 */
export function onBehalfOfTooDeep(depthMax: number): Fault {
  return refusal(
    400,
    50196,
    'invalid_grant',
    'The server terminated an operation because it encountered a loop while processing a request: ' +
      `no more than ${depthMax} applications ask on behalf of a user one after the other.`,
    'unverified',
  );
}

/** 90023: the token is wanted for a use that there is not. UNVERIFIED: the code. */
export function unsupportedTokenUse(use: string): Fault {
  return refusal(
    400,
    90023,
    'invalid_request',
    `The value '${shown(use)}' of the parameter 'requested_token_use' is not supported.`,
    'unverified',
  );
}
