import type { Caller } from '#directory/caller.ts';
import type { PlaneAction } from '#http/operation.ts';
import { type Fault, fault } from '#kernel/fault.ts';
import type { Instant } from '#kernel/instant.ts';

/**
 * A refusal by Resource Manager itself rather than by a provider behind it: it says so in a header.
 */
function gateway(
  status: number,
  code: string,
  message: string,
  more: Parameters<typeof fault>[3] = {},
): Fault {
  const headers = { 'x-ms-failure-cause': 'gateway', ...more.headers };
  return fault(status, code, message, { ...more, headers });
}

/** A 401 of the token family, with the authority to ask for another token. */
function unauthorized(code: string, message: string, authorizationUri: string): Fault {
  const challenge = `Bearer authorization_uri="${authorizationUri}", error="invalid_token", error_description="${message}"`;
  return gateway(401, code, message, {
    headers: { 'WWW-Authenticate': challenge },
    evidence: 'documented',
  });
}

/**
 * Every refusal of Resource Manager itself. Texts marked recorded are those of real answers.
 * Source: https://learn.microsoft.com/azure/role-based-access-control/troubleshooting
 */
export const armFaults = {
  missingApiVersion: (): Fault =>
    gateway(
      400,
      'MissingApiVersionParameter',
      'The api-version query parameter (?api-version=) is required for all requests.',
      { evidence: 'documented' },
    ),

  // UNVERIFIED: the text; an answer to a malformed api-version would settle it.
  invalidApiVersion: (version: string, supported: readonly string[]): Fault =>
    gateway(
      400,
      'InvalidApiVersionParameter',
      `The api-version '${version}' is invalid. The supported versions are '${supported.join(',')}'.`,
      { evidence: 'unverified' },
    ),

  unsupportedApiVersion: (
    type: string,
    namespace: string,
    version: string,
    supported: readonly string[],
  ): Fault =>
    gateway(
      404,
      'InvalidResourceType',
      `The resource type '${type}' could not be found in the namespace '${namespace}' for api version '${version}'. The supported api-versions are '${supported.join(',')}'.`,
      { evidence: 'recorded' },
    ),

  unknownType: (type: string, namespace: string): Fault =>
    gateway(
      404,
      'InvalidResourceType',
      `The resource type '${type}' could not be found in the namespace '${namespace}'.`,
      { evidence: 'unverified' },
    ),

  unknownNamespace: (namespace: string): Fault =>
    gateway(404, 'InvalidResourceNamespace', `The resource namespace '${namespace}' is invalid.`, {
      evidence: 'documented',
    }),

  // UNVERIFIED: what a path that names nothing is answered with.
  noRoute: (path: string): Fault =>
    gateway(404, 'NotFound', `No HTTP resource was found that matches the request URI '${path}'.`, {
      evidence: 'unverified',
    }),

  noMethod: (method: string): Fault =>
    gateway(
      405,
      'HttpMethodNotAllowed',
      `The requested resource does not support http method '${method}'.`,
      { evidence: 'documented' },
    ),

  malformedTarget: (): Fault =>
    gateway(400, 'BadRequest', 'The request URI is not valid.', { evidence: 'unverified' }),

  tokenMissing: (authorizationUri: string): Fault =>
    gateway(
      401,
      'AuthenticationFailed',
      "Authentication failed. The 'Authorization' header is missing.",
      {
        headers: {
          'WWW-Authenticate': `Bearer authorization_uri="${authorizationUri}", error="invalid_token", error_description="The authorization header is missing access token."`,
        },
        evidence: 'documented',
      },
    ),

  tokenInvalid: (authorizationUri: string): Fault =>
    unauthorized('InvalidAuthenticationToken', 'The access token is invalid.', authorizationUri),

  tokenExpired: (expiresAt: Instant, now: Instant, authorizationUri: string): Fault =>
    unauthorized(
      'ExpiredAuthenticationToken',
      `The access token expiry UTC time '${usTimeOf(expiresAt)}' is earlier than current UTC time '${usTimeOf(now)}'.`,
      authorizationUri,
    ),

  // UNVERIFIED: the text for a token whose time has not come.
  tokenNotYetValid: (notBefore: Instant, now: Instant, authorizationUri: string): Fault =>
    unauthorized(
      'InvalidAuthenticationToken',
      `The access token is not valid before UTC time '${usTimeOf(notBefore)}'; current UTC time is '${usTimeOf(now)}'.`,
      authorizationUri,
    ),

  tokenAudience: (audience: string, allowed: readonly string[], authorizationUri: string): Fault =>
    unauthorized(
      'InvalidAuthenticationTokenAudience',
      `The access token has been obtained for wrong audience or resource '${audience}'. It should exactly match with one of the allowed audiences ${allowed.map((one) => `'${one}'`).join(',')}.`,
      authorizationUri,
    ),

  /** Batten's own: Azure trusts no other issuer. */
  tokenIssuer: (issuer: string, authorizationUri: string): Fault =>
    unauthorized(
      'InvalidAuthenticationToken',
      `The access token cannot be validated: the keys of its issuer '${issuer}' cannot be had.`,
      authorizationUri,
    ),

  tokenTenant: (issuer: string, expectedIssuer: string, authorizationUri: string): Fault =>
    unauthorized(
      'InvalidAuthenticationTokenTenant',
      `The access token is from the wrong issuer '${issuer}'. It must match the tenant '${expectedIssuer}' associated with this subscription. Please use the authority (URL) '${authorizationUri}' to get the token. Note, if the subscription is transferred to another tenant there is no impact to the services, but information about new tenant could take time to propagate (up to an hour). If you just transferred your subscription and see this error message, please try back later.`,
      authorizationUri,
    ),

  malformedSubscription: (id: string): Fault =>
    gateway(
      400,
      'InvalidSubscriptionId',
      `The provided subscription identifier '${id}' is malformed or invalid.`,
      { evidence: 'documented' },
    ),

  subscriptionNotFound: (id: string): Fault =>
    gateway(404, 'SubscriptionNotFound', `The subscription '${id}' could not be found.`, {
      evidence: 'documented',
    }),

  authorizationFailed: (caller: Caller, missing: PlaneAction, scope: string): Fault =>
    gateway(
      403,
      'AuthorizationFailed',
      `The client '${caller.displayName}' with object id '${caller.objectId}' does not have authorization to perform action '${missing.action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
      { evidence: 'recorded' },
    ),

  resourceGroupNotFound: (name: string): Fault =>
    gateway(404, 'ResourceGroupNotFound', `Resource group '${name}' could not be found.`, {
      evidence: 'recorded',
    }),

  resourceGroupCharacters: (name: string, invalid: string): Fault =>
    gateway(
      400,
      'InvalidResourceGroup',
      `The provided resource group name '${name}' has these invalid characters: '${invalid}'. The name can only be a letter, digit, '-', '.', '(', ')' or '_'.`,
      { evidence: 'recorded' },
    ),

  // UNVERIFIED: the text for a name that is too long or ends with a period.
  resourceGroupName: (name: string): Fault =>
    gateway(
      400,
      'InvalidResourceGroup',
      `The provided resource group name '${name}' is not valid. It has at most 90 characters and does not end with a period.`,
      { evidence: 'unverified' },
    ),

  resourceGroupMoved: (name: string, is: string, asked: string): Fault =>
    gateway(
      409,
      'InvalidResourceGroupLocation',
      `Invalid resource group location '${asked}'. The Resource group already exists in location '${is}'.`,
      { target: name, evidence: 'documented' },
    ),

  locationMissing: (): Fault =>
    gateway(400, 'LocationRequired', 'The location property is required for this definition.', {
      evidence: 'documented',
    }),

  locationOfGroup: (location: string, available: readonly string[]): Fault =>
    gateway(
      400,
      'LocationNotAvailableForResourceGroup',
      `The provided location '${location}' is not available for resource group. List of available regions is '${available.join(',')}'.`,
      { evidence: 'documented' },
    ),

  locationOfType: (location: string, type: string, available: readonly string[]): Fault =>
    gateway(
      400,
      'LocationNotAvailableForResourceType',
      `The provided location '${location}' is not available for resource type '${type}'. List of available regions for the resource type is '${available.join(',')}'.`,
      { evidence: 'documented' },
    ),

  tooManyTags: (limit: number): Fault =>
    gateway(
      400,
      'TooManyTags',
      `The resource has too many tags. The maximum number of tags is ${limit}.`,
      { evidence: 'unverified' },
    ),

  resourceNotFound: (type: string, name: string, resourceGroup: string): Fault =>
    gateway(
      404,
      'ResourceNotFound',
      `The Resource '${type}/${name}' under resource group '${resourceGroup}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
      { evidence: 'documented' },
    ),

  operationNotFound: (id: string): Fault =>
    gateway(404, 'NotFound', `The operation '${id}' could not be found.`, {
      evidence: 'unverified',
    }),

  bodyTooLarge: (bytesMax: number): Fault =>
    gateway(
      413,
      'RequestEntityTooLarge',
      `The request content size exceeds the maximum size of ${bytesMax} bytes.`,
      { evidence: 'unverified' },
    ),

  malformedBody: (reason: string): Fault =>
    gateway(
      400,
      'InvalidRequestContent',
      `The request content was invalid and could not be deserialized: '${reason}'.`,
      { evidence: 'documented' },
    ),

  notImplemented: (what: string): Fault =>
    fault(501, 'NotImplemented', `Batten does not have this yet: ${what}.`, { target: what }),

  internal: (): Fault =>
    fault(
      500,
      'InternalServerError',
      'The server encountered an internal error. Please retry the request.',
      { evidence: 'documented' },
    ),

  unavailable: (): Fault =>
    fault(503, 'ServerUnavailable', 'The service is temporarily unavailable. Please retry.', {
      evidence: 'unverified',
    }),
};

/** `11/21/2026 1:05:09 PM`: how Resource Manager writes the times of a token. */
function usTimeOf(at: Instant): string {
  const date = new Date(Math.floor(at / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const hour = date.getUTCHours();
  const day = `${date.getUTCMonth() + 1}/${date.getUTCDate()}/${date.getUTCFullYear()}`;
  const time = `${hour % 12 === 0 ? 12 : hour % 12}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  return `${day} ${time} ${hour < 12 ? 'AM' : 'PM'}`;
}
