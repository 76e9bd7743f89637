import type { Fault } from '#kernel/fault.ts';
import { unsupportedAssertionAlgorithm } from './assertion.faults.ts';
import { refusal, shown } from './faults.ts';

const guide = 'https://learn.microsoft.com/entra/workload-id/workload-identity-federation';

const checkCredential =
  'Check your federated identity credential Subject, Audience and Issuer against the presented ' +
  'assertion.';

/**
 * 70025: an assertion of another issuer, and the client has no federated credential at all.
 * Source: https://github.com/Azure/login (its troubleshooting page)
 */
export function noFederatedCredential(appId: string, displayName: string): Fault {
  return refusal(
    401,
    70025,
    'invalid_client',
    `The client '${appId}'(${displayName}) has no configured federated identity credentials.`,
    'documented',
  );
}

/**
 * 700211: no federated credential of the client has the issuer of the assertion.
 * Source: https://github.com/Azure/azure-workload-identity/issues/1200
 */
export function noFederatedIssuer(issuer: string): Fault {
  return refusal(401, 700211, 'invalid_client', noMatch('issuer', issuer), 'documented');
}

/** 700212: the federated credential of this issuer and subject is for another audience. */
export function noFederatedAudience(audience: string): Fault {
  return refusal(401, 700212, 'invalid_client', noMatch('audience', audience), 'documented');
}

/**
 * 700213: a federated credential has the issuer, and none of these has the subject.
 * Source: https://github.com/Azure/login/issues/482
 */
export function noFederatedSubject(subject: string): Fault {
  return refusal(401, 700213, 'invalid_client', noMatch('subject', subject), 'documented');
}

function noMatch(property: 'issuer' | 'subject' | 'audience', value: string): string {
  return (
    `No matching federated identity record found for presented assertion ${property} ` +
    `'${shown(value)}'. ${checkCredential} ${guide}`
  );
}

/**
 * 7002138: a federated credential has the subject in another case.
 * Source: https://github.com/Azure/login/issues/515
 */
export function federatedSubjectInOtherCase(subject: string): Fault {
  return refusal(
    401,
    7002138,
    'invalid_client',
    `No matching federated identity record found for presented assertion subject ` +
      `'${shown(subject)}'. The subject matches with case-insensitive comparison, but not with ` +
      `case-sensitive comparison. ${checkCredential} See documentation at: ${guide}. See breaking ` +
      'change notification and remediation at: ' +
      'https://learn.microsoft.com/en-us/entra/identity-platform/reference-breaking-changes#august-2024.',
    'documented',
  );
}

/**
 * 50166: the issuer of the assertion cannot be asked for its keys, or answers with something else.
 * Source: https://github.com/Azure/azure-workload-identity/issues/642
 */
export function issuerUnreachable(issuer: string, reason: string): Fault {
  const refused = refusal(
    400,
    50166,
    'invalid_request',
    'Request to External OIDC endpoint failed.',
    'documented',
  );
  return { ...refused, reason: `${shown(issuer)}: ${reason}` };
}

/**
 * 7000272: the issuer publishes no key with the id that the assertion names.
 * Source: https://github.com/Azure/azure-workload-identity/issues/1232
 */
export function federatedKeyNotFound(issuer: string, keyId: string): Fault {
  return refusal(
    401,
    7000272,
    'invalid_client',
    `The certificate with identifier ${shown(keyId)} used to sign the federated credential could ` +
      `not be found in the metadata of identity provider ${shown(issuer)}. Please validate that ` +
      "your Identity Provider's metadata exposes the key used to sign the incoming token.",
    'documented',
  );
}

/**
 * 5002738: a federated assertion is signed with something else than RSA.
 * Source: https://github.com/AzureAD/microsoft-identity-web/issues/3467; the status and the list's
 * form are those of a client's own assertion.
 */
export function federatedAlgorithmUnsupported(
  algorithm: string,
  supported: readonly string[],
): Fault {
  return { ...unsupportedAssertionAlgorithm(algorithm, supported), evidence: 'documented' };
}

/**
 * 5002730: the key that a federated assertion names is for other signatures than its own.
 * Source: https://github.com/AzureAD/microsoft-authentication-library-for-dotnet/issues/4712, of a
 * client's own assertion.
 */
export function federatedKeyUnfit(): Fault {
  return refusal(
    400,
    5002730,
    'invalid_request',
    'Invalid JWT token. Unsupported key for the signing algorithm.',
    'documented',
  );
}

/**
 * 50012: the signature of a federated assertion is not that of the key. UNVERIFIED: the code of
 * today's Entra; a spoilt assertion of a known issuer would settle it.
 */
export function federatedSignatureInvalid(): Fault {
  return notValid('The provided signature value did not match the expected signature value.');
}

/** 50012: a federated assertion names an extension that must be understood. UNVERIFIED: as above. */
export function federatedExtensionUnknown(): Fault {
  return notValid('The token has an unsupported critical header.');
}

function notValid(reason: string): Fault {
  return refusal(
    401,
    50012,
    'invalid_client',
    `Client assertion contains an invalid signature. [Reason - ${reason}]`,
    'unverified',
  );
}

/**
 * 700229: a user's token of this Entra ID was shown where only an application's may be.
 * Source: https://github.com/MicrosoftDocs/azure-docs/issues/109083
 */
export function userTokenAsCredential(): Fault {
  return refusal(
    400,
    700229,
    'invalid_client',
    'Forbidden token type. Only app-only tokens may be used as Federated Identity Credentials for ' +
      'AAD issuer.',
    'documented',
  );
}

/**
 * 700226, seen in public repositories: an application's own token was shown where only a managed
 * identity's may be.
 * Source of the OAuth error: https://github.com/MicrosoftDocs/azure-docs/issues/116459, of 700222, which
 * Entra said of both until 2024
 */
export function appTokenAsCredential(): Fault {
  return refusal(
    401,
    700226,
    'invalid_client',
    'Only MSI tokens may be used as Federated Identity Credentials for AAD issuer.',
    'documented',
  );
}

/**
 * 700236, seen in public repositories: a managed identity of one tenant signs in as an application of
 * another. Source of the OAuth error: as of `appTokenAsCredential`.
 */
export function tenantMayNotFederate(issuer: string): Fault {
  return refusal(
    401,
    700236,
    'invalid_client',
    `Entra ID tokens issued by issuer '${shown(issuer)}' may not be used for federated identity ` +
      'credential flows for applications or managed identities registered in this tenant.',
    'documented',
  );
}
