import { accountKeys } from '#batch/account.store.ts';
import { type Cloud, type CloudName, cloudNamed } from '#cloud/cloud.ts';
import { fold } from '#kernel/ids.ts';
import type { Seal } from '#kernel/seal.ts';
import type { Store } from '#store/store.ts';
import { findReadyIdentity, type ReadyIdentity } from './ready-identity.store.ts';

/** Names and values for the environment of a client program; the names are a contract. */
export type ClientEnvironment = Readonly<Record<string, string>>;

/** What the variables are made of. */
export interface Readiness {
  readonly identity: ReadyIdentity;
  /** Primary key of the ready Batch account; absent when the account was deleted. */
  readonly accountKey?: string;
}

/** Where the certificate files of a data folder are. */
export interface TrustFiles {
  readonly rootsFile: string;
  readonly bundleFile: string;
}

/** Reads the ready identity and the present key of its account; undefined when the folder has none. */
export function readReadiness(
  store: Pick<Store, 'read'>,
  seal: Seal,
): Promise<Readiness | undefined> {
  return store.read(async (tx) => {
    const identity = await findReadyIdentity(tx, seal);
    if (identity === undefined) return undefined;
    const keys = await accountKeys(tx, seal, identity.batchAccount);
    return { identity, ...(keys === undefined ? {} : { accountKey: keys.primary }) };
  });
}

/** The variables with explicit addresses: everything below Batten's own URL. Without readiness, the addresses alone. */
export function explicitEnvironment(
  readiness: Readiness | undefined,
  url: string,
  trust: TrustFiles,
): ClientEnvironment {
  return {
    ...(readiness && identityVariables(readiness)),
    AZURE_AUTHORITY_HOST: url,
    ...(readiness && { AZURE_BATCH_ENDPOINT: `${url}/batch/${readiness.identity.batchAccount}` }),
    BATTEN_URL: url,
    BATTEN_ARM_ENDPOINT: url,
    BATTEN_GRAPH_ENDPOINT: url,
    ...(readiness && placeVariables(readiness.identity)),
    ...trustVariables(trust),
  };
}

/** The same variables with the host names of one of Azure's clouds; only `BATTEN_URL` stays explicit. */
export function cloudEnvironment(
  readiness: Readiness | undefined,
  url: string,
  trust: TrustFiles,
  name: CloudName,
): ClientEnvironment {
  const cloud = cloudNamed(name);
  return {
    ...explicitEnvironment(readiness, url, trust),
    AZURE_AUTHORITY_HOST: `https://${cloud.loginHosts[0]}`,
    ...(readiness && { AZURE_BATCH_ENDPOINT: accountUrl(readiness.identity, cloud) }),
    BATTEN_ARM_ENDPOINT: `https://${cloud.armHosts[0]}`,
    BATTEN_GRAPH_ENDPOINT: `https://${cloud.graphHosts[0]}`,
  };
}

/** Variables that say who calls, which `batten run --no-credentials` leaves out. */
export const credentialVariables: readonly string[] = [
  'AZURE_CLIENT_ID',
  'AZURE_CLIENT_SECRET',
  'AZURE_BATCH_ACCESS_KEY',
  'BATTEN_USERNAME',
  'BATTEN_PASSWORD',
];

/** Variables by which Azure's clients find another identity than ours; never passed on to a command that Batten answers. */
export const foreignCredentialVariables: readonly string[] = [
  'AZURE_CLIENT_CERTIFICATE_PATH',
  'AZURE_CLIENT_CERTIFICATE_PASSWORD',
  'AZURE_CLIENT_SEND_CERTIFICATE_CHAIN',
  'AZURE_USERNAME',
  'AZURE_PASSWORD',
  'AZURE_FEDERATED_TOKEN_FILE',
  'AZURE_POD_IDENTITY_AUTHORITY_HOST',
  'DEFAULT_IDENTITY_CLIENT_ID',
  'IDENTITY_ENDPOINT',
  'IDENTITY_HEADER',
  'IDENTITY_SERVER_THUMBPRINT',
  'IMDS_ENDPOINT',
  'MSI_ENDPOINT',
  'MSI_SECRET',
];

function identityVariables({ identity, accountKey }: Readiness): ClientEnvironment {
  const { userPrincipalName, password } = identity;
  return {
    AZURE_TENANT_ID: identity.tenantId,
    AZURE_CLIENT_ID: identity.clientId,
    AZURE_CLIENT_SECRET: identity.clientSecret,
    AZURE_SUBSCRIPTION_ID: identity.subscriptionId,
    AZURE_BATCH_ACCOUNT: identity.batchAccount,
    ...(accountKey === undefined ? {} : { AZURE_BATCH_ACCESS_KEY: accountKey }),
    ...(userPrincipalName === undefined ? {} : { BATTEN_USERNAME: userPrincipalName }),
    ...(password === undefined ? {} : { BATTEN_PASSWORD: password }),
  };
}

function accountUrl({ batchAccount, location }: ReadyIdentity, cloud: Cloud): string {
  return `https://${fold(batchAccount)}.${fold(location)}${cloud.batchSuffix}`;
}

function placeVariables(identity: ReadyIdentity): ClientEnvironment {
  return { BATTEN_RESOURCE_GROUP: identity.resourceGroup, BATTEN_LOCATION: identity.location };
}

/** Node adds its file to the roots it has; Python and OpenSSL replace theirs, so theirs holds the system's too. */
function trustVariables(trust: TrustFiles): ClientEnvironment {
  return {
    BATTEN_CA_FILE: trust.rootsFile,
    NODE_EXTRA_CA_CERTS: trust.rootsFile,
    REQUESTS_CA_BUNDLE: trust.bundleFile,
    SSL_CERT_FILE: trust.bundleFile,
  };
}
