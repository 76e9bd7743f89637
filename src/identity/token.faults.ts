import { type Fault, fault } from '#kernel/fault.ts';

/**
 * The refusals of the endpoints that give tokens to managed identities: OAuth errors, none of them
 * 404, which clients take for an endpoint that is not ready yet and ask again.
 */
export const tokenFaults = {
  metadataMissing: (): Fault =>
    fault(400, 'invalid_request', 'Required metadata header not specified', {
      evidence: 'recorded',
    }),

  // UNVERIFIED: the text for a request that a proxy passed on; one with the header from a virtual machine would settle it.
  forwarded: (): Fault =>
    fault(400, 'invalid_request', 'X-Forwarded-For header is not allowed', {
      evidence: 'unverified',
    }),

  // UNVERIFIED: status and text; a request without the header from an app of App Service would settle them.
  credentialMissing: (): Fault =>
    fault(401, 'unauthorized_client', 'The identity header is missing or wrong.', {
      evidence: 'unverified',
    }),

  /**
   * UNVERIFIED: the text for an api-version that is missing or that the form does not have; one request
   * at each place would settle it. Instance metadata beside the token says "Bad request. api-version was
   * not specified in the request." and which are newest.
   */
  invalidVersion: (): Fault =>
    fault(400, 'invalid_request', 'api-version is invalid or was not specified in the request', {
      evidence: 'unverified',
    }),

  /** Source: https://github.com/Azure/aad-pod-identity/pull/450 */
  resourceMissing: (): Fault =>
    fault(400, 'invalid_request', "Required query variable 'resource' is missing", {
      evidence: 'documented',
    }),

  /**
   * Another identity than the endpoint has, and the sentence of App Service.
   * Sources: https://github.com/Azure/terraform-provider-azapi/issues/669 and
   * https://github.com/dotnet/performance/issues/3501
   */
  identityNotFound: (): Fault =>
    fault(400, 'invalid_request', 'Identity not found', {
      evidence: 'documented',
      values: [
        {
          key: 'appService',
          value:
            'No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.',
        },
      ],
    }),

  /**
   * What the authority says of the resource, with its own code in the text. App Service keeps that to
   * itself, and Cloud Shell has a code of its own.
   * Source: https://github.com/AzureAD/microsoft-authentication-library-for-dotnet/issues/3979, and
   * MSAL's tests of managed identities (MsiErrorResponse, CloudShellErrorResponse)
   */
  invalidResource: (description: string, resource: string): Fault =>
    fault(400, 'invalid_resource', description, {
      evidence: 'documented',
      values: [
        { key: 'appServiceStatus', value: '500' },
        { key: 'appService', value: 'An unexpected error occured while fetching the AAD Token.' },
        { key: 'cloudShellCode', value: 'AudienceNotSupported' },
        {
          key: 'cloudShell',
          value: `Audience ${resource} is not a supported MSI token audience.`,
        },
      ],
    }),

  // UNVERIFIED: what the endpoints make of AADSTS501051; a token for a resource that wants assignment would settle it.
  notAssigned: (clientId: string, resource: string): Fault =>
    fault(
      400,
      'invalid_request',
      `AADSTS501051: Application '${clientId}' is not assigned to a role for the application '${resource}'.`,
      { evidence: 'unverified' },
    ),

  // UNVERIFIED: what a path that names nothing is answered with; /metadata/nothing on a virtual machine would settle it.
  nothingHere: (): Fault =>
    fault(400, 'invalid_request', 'The path is not one of a managed identity endpoint', {
      evidence: 'unverified',
    }),

  wrongMethod: (method: string): Fault =>
    fault(405, 'invalid_request', `The method ${method} is not allowed`, {
      evidence: 'unverified',
    }),

  malformed: (): Fault =>
    fault(400, 'invalid_request', 'The request is malformed', { evidence: 'unverified' }),

  tooLarge: (bytesMax: number): Fault =>
    fault(413, 'invalid_request', `The request body exceeds ${bytesMax} bytes`, {
      evidence: 'unverified',
    }),

  notImplemented: (what: string): Fault =>
    fault(501, 'not_implemented', `Batten does not have this yet: ${what}.`, { target: what }),

  internal: (): Fault =>
    fault(500, 'server_error', 'The request could not be answered', { evidence: 'unverified' }),

  unavailable: (): Fault =>
    fault(503, 'temporarily_unavailable', 'The request cannot be answered now', {
      evidence: 'unverified',
    }),
};
