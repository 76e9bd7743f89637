import type { Fault } from '#kernel/fault.ts';
import { refusal, shown } from './faults.ts';

/**
 * 50107, seen in public issues: no domain of the tenant is federated with the issuer of the assertion.
 * Source: https://github.com/MicrosoftDocs/azure-docs/issues/59746
 */
export function unknownFederationRealm(issuer: string): Fault {
  return refusal(
    400,
    50107,
    'invalid_request',
    `The requested federation realm object '${shown(issuer)}' does not exist.`,
    'documented',
  );
}

/**
 * 7500514: the assertion is of another version of SAML than the grant says.
 * Source: https://learn.microsoft.com/troubleshoot/entra/entra-id/app-integration/error-code-AADSTS7500514-supported-type-of-response-not-found
 */
export function unsupportedSamlResponse(): Fault {
  return refusal(
    400,
    7500514,
    'invalid_request',
    "A supported type of SAML response was not found. The supported response types are 'Response' " +
      "(in XML namespace 'urn:oasis:names:tc:SAML:2.0:protocol') or 'Assertion' (in XML namespace " +
      "'urn:oasis:names:tc:SAML:2.0:assertion').",
    'documented',
  );
}

/** 50008: the assertion is no SAML. UNVERIFIED: the OAuth error; a spoilt assertion would settle it. */
export function malformedSamlToken(): Fault {
  return refusal(400, 50008, 'invalid_grant', 'SAML token is invalid.', 'unverified');
}
