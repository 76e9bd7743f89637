import { type Fault, fault } from '#kernel/fault.ts';

/** The refusals of the Managed Identity resource provider about federated credentials. */
export const federatedCredentialFaults = {
  /** Source: https://github.com/zioproto/istio-aks-example/issues/6 */
  incomplete: (): Fault =>
    badRequest(
      "The request format was unexpected. Federated Identity Credential must specify 'issuer', 'subject' and 'audience'.",
      'documented',
    ),

  /** Source: as of `sameSubject`. */
  invalidName: (name: string): Fault =>
    badRequest(`Federated Identity Credential name '${name}' is invalid.`, 'documented'),

  /** Source: as of `sameSubject`. */
  notOneAudience: (): Fault =>
    badRequest('Federated identity credentials must have exactly 1 audience.', 'documented'),

  // UNVERIFIED: the text; a PUT with an issuer over plain HTTP would settle it.
  invalid: (property: string): Fault =>
    badRequest(
      `The request format was unexpected. The value of '${property}' of the Federated Identity Credential is not valid.`,
      'unverified',
    ),

  /**
   * Source: the table of errors in
   * https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations#errors;
   * the text also in https://github.com/Azure/bicep-types-az/issues/2054
   */
  sameSubject: (): Fault =>
    badRequest(
      'Issuer and subject combination already exists for this Managed Identity.',
      'documented',
    ),

  // UNVERIFIED: code and text; a twenty-first credential would settle them.
  tooMany: (limit: number): Fault =>
    badRequest(
      `The managed identity has reached the limit of ${limit} Federated Identity Credentials.`,
      'unverified',
    ),
};

function badRequest(message: string, evidence: 'documented' | 'unverified'): Fault {
  return fault(400, 'BadRequest', message, { evidence });
}
