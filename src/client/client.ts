/** The public door of `batten/client`: every name that users of the package may rely on. */

export { type Cloud, type CloudName, cloudNamed, clouds } from '#cloud/cloud.ts';
export { BatchClient, type BatchClientOptions } from './batch-client.ts';
export {
  type BatchCredentials,
  BatchSharedKeyCredentials,
  BatchTokenCredentials,
  type SignableRequest,
  type TokenProvider,
} from './credentials.ts';
export { AddTasksError, DeadlineError, ServiceError, SignInError } from './faults.ts';
export type { FileFacts, FileOperations, FileOptions } from './files.ts';
export type { JobOperations } from './jobs.ts';
export type { NodeOperations } from './nodes.ts';
export type { GetOptions, ListOptions, WriteOptions } from './options.ts';
export type { PoolOperations } from './pools.ts';
export { type RestClient, type RestReply, restClient } from './rest.ts';
export { type ServicePrincipalOptions, servicePrincipal } from './service-principal.ts';
export type { AddAllOptions, TaskOperations } from './tasks.ts';
export { type WaitOptions, waitUntil } from './wait.ts';
export type * from './wire.gen.ts';
export { wireApiVersion } from './wire.gen.ts';
