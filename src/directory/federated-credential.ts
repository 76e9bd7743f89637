/**
 * Lets a workload sign in as an application or a managed identity with a token of another issuer.
 * Issuer, subject and audience are compared exactly, case and slash included.
 * Source: https://learn.microsoft.com/graph/api/resources/federatedidentitycredential
 */
export interface FederatedCredential {
  /** Folded. */
  readonly credentialId: string;
  /** Unique in its holder in any case; it never changes. */
  readonly name: string;
  readonly issuer: string;
  readonly subject: string;
  /** Exactly one, as Entra demands. */
  readonly audiences: readonly string[];
  readonly description?: string;
}

/**
 * Federated credentials that one application or identity may have.
 * Source: https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations
 */
export const federatedCredentialsMax = 20;

/** Longest issuer, subject, audience and description, in characters. */
const textCharactersMax = 600;

/** The first property with a value that Entra does not take; undefined when all are fine. */
export function invalidPropertyOf(
  credential: FederatedCredential,
): 'name' | 'issuer' | 'subject' | 'audiences' | 'description' | undefined {
  const { name, issuer, subject, audiences, description = '' } = credential;
  const [audience = ''] = audiences;
  if (!/^[a-z0-9][a-z0-9_-]{2,119}$/i.test(name)) return 'name';
  if (!/^https:\/\/[^\s?#]+$/.test(issuer) || !URL.canParse(issuer) || isLong(issuer))
    return 'issuer';
  if (subject.trim() === '' || isLong(subject)) return 'subject';
  if (audiences.length !== 1 || audience.trim() === '' || isLong(audience)) return 'audiences';
  return isLong(description) ? 'description' : undefined;
}

function isLong(text: string): boolean {
  return text.length > textCharactersMax;
}
