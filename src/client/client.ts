/** The public door of `batten/client`: every name that users of the package may rely on. */

export { type Cloud, type CloudName, cloudNamed, clouds } from '#cloud/cloud.ts';
export {
  type AuthorizationCodeOptions,
  authorizationCode,
  type SignedInUser,
  type WebSignIn,
} from './authorization-code.ts';
export { BatchClient, type BatchClientOptions } from './batch-client.ts';
export type { ClientProof } from './client-proof.ts';
export type { PendingSignIn } from './code-sign-in.ts';
export {
  type BatchCredentials,
  BatchSharedKeyCredentials,
  BatchTokenCredentials,
  type SignableRequest,
  type TokenProvider,
} from './credentials.ts';
export { type DeviceCodeOptions, type DeviceCodePrompt, deviceCode } from './device-code.ts';
export { AddTasksError, DeadlineError, ServiceError, SignInError } from './faults.ts';
export type { FileFacts, FileOperations, FileOptions } from './files.ts';
export type { Environment, IdentityName } from './identity-place.ts';
export { type InteractiveBrowserOptions, interactiveBrowser } from './interactive-browser.ts';
export type { JobOperations } from './jobs.ts';
export { type ManagedIdentityOptions, managedIdentity } from './managed-identity.ts';
export type { NodeOperations } from './nodes.ts';
export type { GetOptions, ListOptions, WriteOptions } from './options.ts';
export type { PoolOperations } from './pools.ts';
export type { Proof } from './prove.ts';
export { type RestClient, type RestReply, restClient } from './rest.ts';
export { type ServicePrincipalOptions, servicePrincipal } from './service-principal.ts';
export type { SignInOptions } from './sign-in.ts';
export type { AddAllOptions, TaskOperations } from './tasks.ts';
export { cloudOfAccount, type TokenCredential, tokensOf } from './token-credential.ts';
export type { SignInCache, UserSignInOptions } from './user-tokens.ts';
export { type WaitOptions, waitUntil } from './wait.ts';
export type * from './wire.gen.ts';
export { wireApiVersion } from './wire.gen.ts';
