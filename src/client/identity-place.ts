import { httpOnlyIdentity, unsupportedIdentityPlace } from './sign-in.faults.ts';

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Which of the identities of a machine is meant; its only or its system-assigned one when nothing is named. */
export interface IdentityName {
  readonly clientId?: string;
  /** Object id of its service principal. */
  readonly objectId?: string;
  /** ARM id of a user-assigned identity. */
  readonly resourceId?: string;
}

/** One request for a token of a managed identity. */
export interface IdentityRequest {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** True for the address of virtual machines, at which nothing may listen or not yet. */
  readonly isInstanceMetadata: boolean;
}

/** Parameters that name an identity, in the order clientId, objectId, resourceId. */
type NameParameters = readonly [client: string, object: string, resource: string];

/**
 * How a token is asked for where this program runs, by what the platform set: App Service (Functions, Container Apps), Azure Machine
 * Learning, Cloud Shell, else the instance metadata of a virtual machine. Throws `SignInError` on Service Fabric and Azure Arc.
 * Source: https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
 * Source: https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
 * Source: the managed identity sources of MSAL, for Azure Machine Learning and Cloud Shell
 */
export function identityRequest(
  environment: Environment,
  resource: string,
  name: IdentityName,
): IdentityRequest {
  const { IDENTITY_ENDPOINT: hosted, IDENTITY_HEADER: header } = environment;
  const { MSI_ENDPOINT: older, MSI_SECRET: secret } = environment;
  if (environment['IDENTITY_SERVER_THUMBPRINT']) throw unsupportedIdentityPlace('Service Fabric');
  if (hosted && header) {
    const query = { 'api-version': '2019-08-01', resource };
    const named = parametersOf(name, ['client_id', 'principal_id', 'mi_res_id']);
    return get(hosted, { ...query, ...named }, { 'x-identity-header': header });
  }
  if (hosted && environment['IMDS_ENDPOINT']) throw unsupportedIdentityPlace('Azure Arc');
  if (older && secret) {
    const clientid = environment['DEFAULT_IDENTITY_CLIENT_ID'];
    const usual = clientid ? { clientid } : {};
    const named = parametersOf(name, ['clientid', 'object_id', 'mi_res_id']);
    const query = { 'api-version': '2017-09-01', resource, ...usual, ...named };
    return get(older, query, { secret });
  }
  return older ? cloudShell(older, resource, name) : instanceMetadata(environment, resource, name);
}

function cloudShell(endpoint: string, resource: string, name: IdentityName): IdentityRequest {
  const named = parametersOf(name, ['client_id', 'object_id', 'mi_res_id']);
  const body = new URLSearchParams({ resource, ...named }).toString();
  const headers = { metadata: 'true', 'content-type': 'application/x-www-form-urlencoded' };
  const url = plainAddress(endpoint);
  return { method: 'POST', url, headers, body, isInstanceMetadata: false };
}

const instanceMetadataOrigin = 'http://169.254.169.254';

function instanceMetadata(
  environment: Environment,
  resource: string,
  name: IdentityName,
): IdentityRequest {
  const origin = environment['AZURE_POD_IDENTITY_AUTHORITY_HOST'] || instanceMetadataOrigin;
  const address = `${origin.replace(/\/+$/, '')}/metadata/identity/oauth2/token`;
  const named = parametersOf(name, ['client_id', 'object_id', 'msi_res_id']);
  const query = { 'api-version': '2018-02-01', resource, ...named };
  return { ...get(address, query, { metadata: 'true' }), isInstanceMetadata: true };
}

function get(
  endpoint: string,
  query: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>>,
): IdentityRequest {
  const url = plainAddress(endpoint);
  for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
  return { method: 'GET', url, headers, isInstanceMetadata: false };
}

/** The endpoints are on the machine or beside it and speak plain HTTP; what is written otherwise is a mistake. */
function plainAddress(endpoint: string): URL {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url?.protocol !== 'http:') throw httpOnlyIdentity();
  return url;
}

function parametersOf(
  { clientId, objectId, resourceId }: IdentityName,
  [client, object, resource]: NameParameters,
): Readonly<Record<string, string>> {
  return {
    ...(clientId === undefined ? {} : { [client]: clientId }),
    ...(objectId === undefined ? {} : { [object]: objectId }),
    ...(resourceId === undefined ? {} : { [resource]: resourceId }),
  };
}
