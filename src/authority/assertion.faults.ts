import type { Fault } from '#kernel/fault.ts';
import { type Instant, instant, isoOf, isoSevenDigits } from '#kernel/instant.ts';
import { refusal, shown } from './faults.ts';

/** 50027: the assertion is no token. Source: as of `assertionOfOtherClient`; the status is recorded. */
export function malformedAssertion(): Fault {
  return refusal(400, 50027, 'invalid_request', 'JWT token is invalid or malformed.', 'recorded');
}

/**
 * 5002738: the assertion is signed in a way that no certificate here signs.
 * Source: as of `assertionOfOtherClient`, where the list has no PS yet.
 */
export function unsupportedAssertionAlgorithm(
  algorithm: string,
  supported: readonly string[],
): Fault {
  return refusal(
    401,
    5002738,
    'invalid_client',
    `Invalid JWT token. '${shown(algorithm)}' is not a supported signature algorithm. Supported ` +
      `signing algorithms are: '${supported.join(',')}'`,
    'recorded',
  );
}

/** 5002723: the assertion does not say which key signed it. Source: as of `assertionOfOtherClient`. */
export function assertionWithoutKey(): Fault {
  return refusal(
    401,
    5002723,
    'invalid_client',
    'Invalid JWT token. No certificate SHA-1 thumbprint, certificate SHA-256 thumbprint, nor keyId ' +
      'specified in token header.',
    'recorded',
  );
}

/**
 * 700021: the issuer of the assertion is another application.
 * Source: the recorded refusals of 2023 in tests/Microsoft.Identity.Test.Common/TestConstants.cs of
 * https://github.com/AzureAD/microsoft-authentication-library-for-dotnet
 */
export function assertionOfOtherClient(): Fault {
  return refusal(
    401,
    700021,
    'invalid_client',
    `Client assertion application identifier doesn't match 'client_id' parameter. ${assertionGuide}`,
    'recorded',
  );
}

/** 50048: the subject of the assertion is not its issuer. */
export function assertionOfOtherSubject(): Fault {
  return refusal(
    401,
    50048,
    'invalid_client',
    'Subject in the token does not match the issuer.',
    'unverified',
  );
}

/**
 * 700023, seen in public issues: the assertion was made for someone else.
 * Sources: https://github.com/AzureAD/microsoft-authentication-library-for-dotnet/issues/2746, and for the
 * status, of the number before it,
 * https://github.com/AzureAD/azure-activedirectory-library-for-python/issues/79
 */
export function assertionForOtherAudience(): Fault {
  return refusal(
    401,
    700023,
    'invalid_client',
    `Client assertion audience claim does not match Realm issuer. ${assertionGuide}`,
    'documented',
  );
}

/**
 * 700024, seen in public issues: the assertion is not valid yet or no longer.
 * Source: https://github.com/AzureAD/microsoft-authentication-library-for-java/issues/984, of 2025
 */
export function assertionOutsideTime(
  now: Instant,
  validFrom: Instant | undefined,
  expiresAt: Instant,
): Fault {
  return refusal(
    401,
    700024,
    'invalid_client',
    `Client assertion is not within its valid time range. Current time: ${isoSevenDigits(now)}, assertion ` +
      `valid from ${isoSevenDigits(validFrom ?? epoch)}, expiry time of assertion ` +
      `${isoSevenDigits(expiresAt)}. ` +
      assertionGuide,
    'documented',
  );
}

const assertionGuide =
  'Review the documentation at ' +
  'https://learn.microsoft.com/entra/identity-platform/certificate-credentials .';

/** When an assertion begins that does not say it, as seen. */
const epoch = instant(0);

/** Why a signature proves nothing, and the key that it names or was checked with. */
export interface UnprovedSignature {
  readonly why:
    | 'unknownKey'
    | 'wrongSignature'
    | 'expiredKey'
    | 'wrongAlgorithm'
    | 'unknownExtension';
  /** Of the certificate, in hexadecimal. */
  readonly thumbprint: string;
  /** Absent when no such key is registered. */
  readonly key?: { readonly startAt: Instant; readonly endAt: Instant };
}

/**
 * 700027, seen in public repositories: the key of the assertion is not the application's, or the
 * signature is not that key's.
 * Sources: https://learn.microsoft.com/troubleshoot/entra/entra-id/user-prov-sync/troubleshoot-application-based-authentication,
 * and of 2021, for the first sentence of a wrong signature,
 * https://github.com/AzureAD/passport-azure-ad/issues/453
 */
export function unprovedAssertion(appId: string, unproved: UnprovedSignature): Fault {
  const said = {
    unknownKey: notOfCertificate('is not registered on application'),
    wrongSignature: 'Client assertion contains an invalid signature.',
    expiredKey: notOfCertificate('is expired on application'),
    wrongAlgorithm: 'Client assertion contains an invalid signature.',
    unknownExtension: 'Client assertion contains an invalid signature.',
  }[unproved.why];
  return refusal(
    401,
    700027,
    'invalid_client',
    `${said} ${signatureReason(unproved, appId)}`,
    'documented',
  );
}

function notOfCertificate(what: string): string {
  return `The certificate with identifier used to sign the client assertion ${what}.`;
}

/**
 * What Entra says in brackets of each signature that proves nothing: why, the key, and where the keys
 * of the application are seen.
 * Source: https://github.com/microsoftgraph/msgraph-sdk-php/issues/1585
 */
export function signatureReason(
  { why, thumbprint, key }: UnprovedSignature,
  appId: string,
): string {
  const reason = {
    unknownKey: 'The key was not found.',
    wrongSignature: 'Key was found, but use of the key to verify the signature failed.',
    expiredKey: 'The key used is expired.',
    wrongAlgorithm: 'The algorithm is not supported.',
    unknownExtension: 'A critical header parameter is not supported.',
  }[why];
  const found =
    key === undefined ? '' : ` Found key 'Start=${dateOf(key.startAt)}, End=${dateOf(key.endAt)}',`;
  return (
    `[Reason - ${reason}, Thumbprint of key used by client: '${shown(thumbprint)}',${found} Please ` +
    'visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys for ' +
    `app Id '${appId}'. Review the documentation at https://docs.microsoft.com/en-us/graph/deployments ` +
    'to determine the corresponding service endpoint and ' +
    'https://docs.microsoft.com/en-us/graph/api/application-get?view=graph-rest-1.0&tabs=http to ' +
    `build a query request URL, such as 'https://graph.microsoft.com/beta/applications/${appId}'].`
  );
}

/** `08/18/2024 19:33:23`, as seen. */
function dateOf(at: Instant): string {
  const [, year, month, day, time] = /^(\d+)-(\d\d)-(\d\d)T(\d\d:\d\d:\d\d)/.exec(isoOf(at)) ?? [];
  return `${month}/${day}/${year} ${time}`;
}
