import { type Fault, fault } from '#kernel/fault.ts';
import { httpDateOf, type Instant, isoSevenDigits } from '#kernel/instant.ts';

/** How the Batch service refuses callers: who they are, how they say so, what they may. */

const recorded = { evidence: 'recorded' } as const;
const documented = { evidence: 'documented' } as const;
const unverified = { evidence: 'unverified' } as const;

const signedText =
  'Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.';
const bearerText =
  'Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly.';

/** A shared key that is not accepted, or an account that does not exist. */
const signatureRefused = (detail: string): Fault =>
  fault(403, 'AuthenticationFailed', signedText, {
    ...recorded,
    values: [{ key: 'AuthenticationErrorDetail', value: detail }],
  });

/** The account is not there, whatever the credential (recorded). */
export const unknownAccount = (name: string): Fault =>
  signatureRefused(
    `Cannot find the claimed account when trying to GetProperties for the account ${name}.`,
  );

/** What a signature was compared with; none where the caller is not told. */
export interface SignatureEcho {
  /** As the caller sent it, base64. */
  readonly signature: string;
  /** What should have been signed with one of the account's keys. */
  readonly stringToSign: string;
}

/**
 * The signature fits neither key. The text to sign is of the caller's own request and no secret; with
 * it a client's author sees what was signed differently.
 * Source: https://stackoverflow.com/questions/59024892 (an answer of Batch)
 */
export const wrongSignature = (echo?: SignatureEcho): Fault =>
  signatureRefused(
    echo === undefined
      ? 'The MAC signature found in the HTTP request is not the same as any computed signature.'
      : `The MAC signature found in the HTTP request '${echo.signature}' is not the same as any computed signature. Server used following string to sign: '${echo.stringToSign}'.`,
  );

/** The date of a signed request is missing or too far from real time. UNVERIFIED: the detail. */
export const staleSignature = (date: string, now: Instant): Fault =>
  signatureRefused(
    `The date header in the request is incorrect. Request date: '${date}', server date: '${httpDateOf(now)}'.`,
  );

/** The account does not allow this way of authenticating. */
export const modeNotAllowed = (mode: string): Fault =>
  fault(403, 'AuthenticationFailed', signedText, {
    ...documented,
    values: [
      {
        key: 'AuthenticationErrorDetail',
        value: `The specified type of authentication ${mode} is not allowed for this account.`,
      },
    ],
  });

/** An Authorization header of no known form. */
export const malformedAuthorization = (): Fault =>
  fault(
    400,
    'InvalidAuthenticationInfo',
    'The authentication information was not provided in the correct format. Verify the value of Authorization header.',
    documented,
  );

/** What a refused bearer token is answered with. */
export interface Challenge {
  readonly authorizationUri: string;
  readonly audience: string;
  readonly detail: string;
}

/**
 * A bearer token is not accepted. UNVERIFIED: the challenge, and every detail but the audience's; the
 * headers of one refused call to Azure would settle them.
 * Source: https://github.com/AzureAD/microsoft-authentication-library-for-js/issues/1735 (401 and body)
 */
export const bearerRefused = ({ authorizationUri, audience, detail }: Challenge): Fault =>
  fault(401, 'AuthenticationFailed', bearerText, {
    ...unverified,
    values: [{ key: 'AuthenticationErrorDetail', value: detail }],
    headers: {
      'WWW-Authenticate': `Bearer authorization_uri="${authorizationUri}", error="invalid_token", error_description="${quotable(detail)}", resource_id="${audience}"`,
    },
  });

/** How Azure explains a wrong audience, a missing slash above all. */
export const wrongAudienceDetail = (audience: string, expected: string): string =>
  `The access token has been obtained from wrong audience or resource '${audience}'. It should exactly match (including forward slash) with one of the allowed audiences '${expected}'`;

/** UNVERIFIED: no text of Azure's for these is public; they follow Resource Manager's analogues. */
export const authorizationDetails = {
  missing: 'The Authorization header is missing.',
  malformed: 'The access token is not well formed.',
  badSignature: 'The signature of the access token is not valid.',
  notYetValid: 'The access token is not yet valid.',
  issuerUnreachable: 'The access token cannot be validated: the keys of its issuer cannot be had.',
  disabled: 'The principal of the access token is not enabled in its tenant.',
  revoked: 'The access token was revoked.',
  unexplained: 'The access token is not accepted.',
  wrongTenant:
    'The access token is from the wrong issuer. It must match the tenant associated with the subscription of this account.',
} as const;

/** How an expired token is explained. */
export const expiredDetail = (expiresAt: Instant, now: Instant): string =>
  `The access token expiry UTC time '${isoSevenDigits(expiresAt)}' is earlier than current UTC time '${isoSevenDigits(now)}'.`;

/**
 * No role allows it. UNVERIFIED: that this is the denial by RBAC; such an answer was seen of a user who
 * could read the account (https://github.com/Azure/BatchExplorer/issues/2203), its cause was not.
 */
export const permissionDenied = (): Fault =>
  fault(
    403,
    'AuthorizationFailure',
    'This request is not authorized to perform this operation.',
    unverified,
  );

/** Makes text fit between the quotes of a header parameter. */
function quotable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').replaceAll('"', "'");
}
