import type { FederatedCredential } from '#directory/federated-credential.ts';
import type { JsonObject } from '#kernel/json.ts';

/** A federated credential as Graph shows it, in the recorded order. */
export function federatedCredentialJson(credential: FederatedCredential): JsonObject {
  const { credentialId, name, issuer, subject, description = null, audiences } = credential;
  return { id: credentialId, name, issuer, subject, description, audiences };
}
