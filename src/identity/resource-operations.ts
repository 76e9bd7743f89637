import { federatedCredentialOperations } from './federated-credential.http.ts';
import { systemAssignedIdentityOperations } from './system-assigned-identity.http.ts';
import { userAssignedIdentityOperations } from './user-assigned-identity.http.ts';

/** Every ARM operation of the Managed Identity resource provider. */
export const identityOperations = [
  ...userAssignedIdentityOperations,
  ...federatedCredentialOperations,
  ...systemAssignedIdentityOperations,
];
