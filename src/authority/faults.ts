import { type Evidence, type Fault, fault } from '#kernel/fault.ts';
import { type Instant, isoOf } from '#kernel/instant.ts';

/**
 * Every refusal of the authority. A code is `AADSTS` and a number; the OAuth error, and the suberror where there is one, stand in the
 * values. Statuses and OAuth errors: https://learn.microsoft.com/entra/identity-platform/reference-error-codes and answers
 * that people pasted into public issues.
 */
function refusal(
  status: number,
  number: number,
  oauthError: string,
  message: string,
  evidence: Evidence,
): Fault {
  const values = [{ key: 'error', value: oauthError }];
  return fault(status, `AADSTS${number}`, message, { values, evidence });
}

/** The longest part of a text of the caller that a refusal repeats, in characters. */
const shownCharactersMax = 300;

function shown(text: string): string {
  return text.length <= shownCharactersMax ? text : `${text.slice(0, shownCharactersMax)}...`;
}

/** 90002 on metadata, recorded: the tenant is not here. */
export function unknownTenantMetadata(tenant: string): Fault {
  return refusal(400, 90002, 'invalid_tenant', tenantNotFound(tenant), 'recorded');
}

/** 90002 on the token endpoint: the tenant is not here. */
export function unknownTenant(tenant: string): Fault {
  return refusal(400, 90002, 'invalid_request', tenantNotFound(tenant), 'recorded');
}

function tenantNotFound(tenant: string): string {
  return (
    `Tenant '${shown(tenant)}' not found. Check to make sure you have the correct tenant ID and are signing into the ` +
    'correct cloud. Check with your subscription administrator, this may happen if there are no active ' +
    'subscriptions for the tenant.'
  );
}

/** 900023: the tenant in the path is neither an id nor a domain. */
export function malformedTenant(tenant: string): Fault {
  return refusal(
    400,
    900023,
    'invalid_request',
    `Specified tenant identifier '${shown(tenant)}' is neither a valid DNS name, nor a valid external domain.`,
    'recorded',
  );
}

/** 50059: an application signs in where no tenant is named. UNVERIFIED: the answer of today's Entra to common. */
export function tenantNotNamed(): Fault {
  return refusal(
    400,
    50059,
    'invalid_request',
    'No tenant-identifying information found in either the request or implied by any provided credentials.',
    'unverified',
  );
}

/** 9001023: the grant does not exist for personal accounts. */
export function notForConsumers(): Fault {
  return refusal(
    400,
    9001023,
    'invalid_request',
    'The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.',
    'unverified',
  );
}

/** 900144: a parameter of the body is missing. */
export function missingParameter(name: string): Fault {
  return refusal(
    400,
    900144,
    'invalid_request',
    `The request body must contain the following parameter: '${name}'.`,
    'documented',
  );
}

/** 70003: no such grant. */
export function unsupportedGrant(grantType: string): Fault {
  return refusal(
    400,
    70003,
    'unsupported_grant_type',
    `The app requested an unsupported grant type '${shown(grantType)}'.`,
    'documented',
  );
}

/** 9002313: the form cannot be read, or names a parameter twice. */
export function malformedRequest(): Fault {
  return refusal(
    400,
    9002313,
    'invalid_request',
    'Invalid request. Request is malformed or invalid.',
    'documented',
  );
}

/** 900561: the endpoint has other methods. UNVERIFIED: the status. */
export function wrongMethod(method: string, allowed: readonly string[]): Fault {
  const refused = refusal(
    405,
    900561,
    'invalid_request',
    `The endpoint only accepts ${allowed.join(', ')} requests. Received a ${method} request.`,
    'unverified',
  );
  return { ...refused, headers: { Allow: allowed.join(', ') } };
}

/** 700016: no such client in the tenant. */
export function unknownClient(clientId: string, tenantName: string): Fault {
  return refusal(
    400,
    700016,
    'unauthorized_client',
    `Application with identifier '${shown(clientId)}' was not found in the directory '${tenantName}'. This can happen if the ` +
      'application has not been installed by the administrator of the tenant or consented to by any user in the ' +
      'tenant. You may have sent your authentication request to the wrong tenant.',
    'documented',
  );
}

/** 7000229: the application is registered and has no service principal. Seen in Azure-sdk-for-net issue 46762 as invalid_client. */
export function missingServicePrincipal(appId: string, tenantId: string): Fault {
  return refusal(
    401,
    7000229,
    'invalid_client',
    `The client application ${appId} is missing service principal in the tenant ${tenantId}. ` +
      'See instructions here: https://go.microsoft.com/fwlink/?linkid=2225119',
    'documented',
  );
}

/** 7000112: the service principal of the client is disabled. */
export function disabledClient(appId: string, displayName: string): Fault {
  return refusal(
    400,
    7000112,
    'unauthorized_client',
    `Application '${appId}'(${displayName}) is disabled.`,
    'unverified',
  );
}

/** 7000216: client credentials without a secret and without an assertion. */
export function missingClientCredential(grantType: string): Fault {
  return refusal(
    401,
    7000216,
    'invalid_client',
    `'client_assertion', 'client_secret' or 'request' is required for the '${grantType}' grant type.`,
    'documented',
  );
}

/** 70002: two different clients in one request. UNVERIFIED: code and text. */
export function twoClients(): Fault {
  return refusal(
    401,
    70002,
    'invalid_client',
    "The client in the 'Authorization' header is not the one in the parameter 'client_id'.",
    'unverified',
  );
}

/** 7000215, recorded: the secret is not one of the application's. A removed secret is simply wrong. */
export function wrongSecret(appId: string): Fault {
  return refusal(
    401,
    7000215,
    'invalid_client',
    'Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the ' +
      `client secret ID, for a secret added to app '${appId}'.`,
    'recorded',
  );
}

/** 7000222: the secret is right and its time is over. */
export function expiredSecret(appId: string): Fault {
  return refusal(
    401,
    7000222,
    'invalid_client',
    `The provided client secret keys for app '${appId}' are expired. Visit the Azure portal to create new keys for ` +
      'your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: ' +
      'https://aka.ms/certCreds.',
    'documented',
  );
}

/** 700025: a public client showed a credential. */
export function publicClient(): Fault {
  return refusal(
    401,
    700025,
    'invalid_client',
    "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
    'documented',
  );
}

/** 50027: the assertion is no token. The status was recorded, the text was not. */
export function malformedAssertion(): Fault {
  return refusal(400, 50027, 'invalid_request', 'JWT token is invalid or malformed.', 'documented');
}

/** 700021: the issuer of the assertion is another application. */
export function assertionOfOtherClient(): Fault {
  return refusal(
    401,
    700021,
    'invalid_client',
    `Client assertion application identifier doesn't match 'client_id' parameter. ${assertionGuide}`,
    'unverified',
  );
}

/** 50048: the subject of the assertion is not its issuer. */
export function assertionOfOtherSubject(): Fault {
  return refusal(
    401,
    50048,
    'invalid_client',
    'Subject in the token does not match the issuer.',
    'unverified',
  );
}

/** 700023: the assertion was made for someone else. */
export function assertionForOtherAudience(): Fault {
  return refusal(
    401,
    700023,
    'invalid_client',
    `Client assertion audience claim does not match Realm issuer. ${assertionGuide}`,
    'unverified',
  );
}

/** 700024: the assertion is not valid yet or no longer. */
export function assertionOutsideTime(
  now: Instant,
  validFrom: Instant | undefined,
  expiresAt: Instant,
): Fault {
  return refusal(
    401,
    700024,
    'invalid_client',
    `Client assertion is not within its valid time range. Current time: ${isoOf(now)}, assertion valid from ` +
      `${isoOf(validFrom ?? expiresAt)}, expiry time of assertion ${isoOf(expiresAt)}. ${assertionGuide}`,
    'documented',
  );
}

const assertionGuide =
  'Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials .';

/** 700027: the key of the assertion is not the application's, or the signature is not that key's. */
export function unprovedAssertion(
  appId: string,
  why: 'unknownKey' | 'wrongSignature' | 'expiredKey' | 'wrongAlgorithm',
  thumbprint: string,
): Fault {
  const reason = {
    unknownKey: 'The key was not found.',
    wrongSignature: 'The provided signature value did not match the expected signature value.',
    expiredKey: 'The key used is expired.',
    wrongAlgorithm: 'The algorithm is not supported.',
  }[why];
  return refusal(
    401,
    700027,
    'invalid_client',
    `The certificate with identifier used to sign the client assertion is not registered on application. [Reason - ${reason}, ` +
      `Thumbprint of key used by client: '${shown(thumbprint)}', Please visit the Azure Portal, Graph Explorer or directly use MS ` +
      `Graph to see configured keys for app Id '${appId}'.]`,
    'documented',
  );
}

/** 901002: `resource` belongs to the v1 endpoint. */
export function resourceNotSupported(): Fault {
  return refusal(
    400,
    901002,
    'invalid_request',
    "The 'resource' request parameter is not supported.",
    'documented',
  );
}

/** 70011: the scope is no scope. */
export function invalidScope(scope: string): Fault {
  return refusal(
    400,
    70011,
    'invalid_scope',
    "The provided request must include a 'scope' input parameter. The provided value for the input parameter " +
      `'scope' is not valid. The scope ${shown(scope)} is not valid.`,
    'documented',
  );
}

/** 1002012: an application alone asks for `.default` and nothing else. */
export function notDefaultScope(scope: string): Fault {
  return refusal(
    400,
    1002012,
    'invalid_scope',
    `The provided value for scope ${shown(scope)} is not valid. Client credential flows must have a scope value with ` +
      '/.default suffixed to the resource identifier (application ID URI).',
    'documented',
  );
}

/** 700022: scopes of two resources in one request. */
export function severalResources(): Fault {
  return refusal(
    400,
    700022,
    'invalid_scope',
    "The provided value for the input parameter 'scope' is not valid because it contains more than one resource.",
    'documented',
  );
}

/** 500011: nothing in the tenant has this name. */
export function unknownResource(resource: string, tenantName: string): Fault {
  return refusal(
    400,
    500011,
    'invalid_resource',
    `The resource principal named ${shown(resource)} was not found in the tenant named ${tenantName}. This can happen if the ` +
      'application has not been installed by the administrator of the tenant or consented to by any user in the ' +
      'tenant. You might have sent your authentication request to the wrong tenant.',
    'documented',
  );
}

/** 500014: the resource's service principal is disabled. */
export function disabledResource(resource: string): Fault {
  return refusal(
    400,
    500014,
    'invalid_resource',
    `The service principal for resource '${shown(resource)}' is disabled. This indicates that a subscription within the tenant has ` +
      'lapsed, or that the administrator for this tenant has disabled the application, preventing tokens from being ' +
      'issued for it.',
    'unverified',
  );
}

/** 501051: the resource wants an app role assignment, and the client has none. */
export function notAssigned(clientAppId: string, resource: string): Fault {
  return refusal(
    400,
    501051,
    'invalid_grant',
    `Application '${clientAppId}' is not assigned to a role for the application '${shown(resource)}'.`,
    'documented',
  );
}

/** 50049 as `invalid_instance`: instance discovery was asked about a host that is no authority. */
export function unknownInstance(): Fault {
  return refusal(400, 50049, 'invalid_instance', 'Unknown or invalid instance.', 'documented');
}

/** 90014: a query parameter is missing. UNVERIFIED for discovery. */
export function missingField(name: string): Fault {
  return refusal(
    400,
    90014,
    'invalid_request',
    `The required field '${name}' is missing from the request. Ensure that you have all the necessary parameters for the request.`,
    'unverified',
  );
}

/** There is nothing at this path. Without a body. UNVERIFIED: what Entra answers. */
export function nothingHere(): Fault {
  return fault(404, 'NotFound', '', { evidence: 'unverified' });
}

/** 413: the form is larger than anything a client sends. UNVERIFIED. */
export function requestTooLarge(bytesMax: number): Fault {
  return refusal(
    413,
    9002313,
    'invalid_request',
    `The request body is longer than ${bytesMax} bytes.`,
    'unverified',
  );
}

/** 501: Entra has it, Batten does not yet. */
export function notImplemented(what: string): Fault {
  return fault(501, 'NotImplemented', `Batten does not implement ${shown(what)} yet.`, {
    values: [{ key: 'error', value: 'NotImplemented' }],
  });
}

/** 500: a bug was caught. UNVERIFIED: the text. */
export function internalError(): Fault {
  return refusal(
    500,
    90033,
    'server_error',
    'A transient error has occurred. Please try again.',
    'unverified',
  );
}

/** 503: the store could not answer. */
export function unavailable(): Fault {
  return refusal(
    503,
    90033,
    'temporarily_unavailable',
    'A transient error has occurred. Please try again.',
    'documented',
  );
}
