import type { Fault } from '#kernel/fault.ts';
import { type NamedApplication, refusal, shown } from './faults.ts';

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

/**
 * 70011: the scope is no scope, or an application alone wants two resources.
 * Source: https://github.com/AzureAD/microsoft-authentication-library-for-js/issues/6069
 */
export function invalidScope(scope: string): Fault {
  return wrongScope(scope, '');
}

/** 70011: `.default` beside permissions by name. */
export function defaultMixed(scope: string): Fault {
  return wrongScope(scope, " .default scope can't be combined with resource-specific scopes.");
}

function wrongScope(scope: string, why: string): Fault {
  return refusal(
    400,
    70011,
    'invalid_scope',
    "The provided request must include a 'scope' input parameter. The provided value for the " +
      `input parameter 'scope' is not valid. The scope ${shown(scope)} is not valid.${why}`,
    'documented',
  );
}

/** 1002012: an application alone asks for `.default` and nothing else. */
export function notDefaultScope(scope: string): Fault {
  return refusal(
    400,
    1002012,
    'invalid_scope',
    `The provided value for scope ${shown(scope)} is not valid. Client credential flows must ` +
      'have a scope value with /.default suffixed to the resource identifier (application ID URI).',
    'documented',
  );
}

/**
 * 28000, seen in public issues where the table of codes says 700022: a user's token is wanted for two
 * resources.
 * Sources: https://github.com/Earlybyte/aad_oauth/issues/328, and for the OAuth error, of 28003,
 * https://github.com/AzureAD/microsoft-authentication-library-for-python/issues/125
 */
export function severalResources(scope: string): Fault {
  return refusal(
    400,
    28000,
    'invalid_request',
    'Provided value for the input parameter scope is not valid because it contains more than one ' +
      `resource. Scope ${shown(scope)} is not valid.`,
    'documented',
  );
}

/**
 * 500013, seen in public issues: on the v1 endpoints an access token was asked for, and for no
 * resource. Source: https://github.com/MicrosoftDocs/azure-docs/issues/67544
 */
export function resourceNotProvided(): Fault {
  return refusal(
    400,
    500013,
    'invalid_resource',
    'Resource identifier is not provided.',
    'documented',
  );
}

/** 500011: nothing in the tenant has this name. */
export function unknownResource(resource: string, tenantName: string): Fault {
  return refusal(
    400,
    500011,
    'invalid_resource',
    `The resource principal named ${shown(resource)} was not found in the tenant named ` +
      `${tenantName}. This can happen if the application has not been installed by the ` +
      'administrator of the tenant or consented to by any user in the tenant. You might have sent ' +
      'your authentication request to the wrong tenant.',
    'documented',
  );
}

/**
 * 90009, seen in public issues: an application wants a token for itself and names itself by a URI.
 * Sources: https://github.com/Azure-Samples/ms-identity-javascript-react-tutorial/issues/94 for the
 * error, https://github.com/Azure-Samples/azure-search-openai-demo/issues/1534
 */
export function tokenForItself({ appId, displayName }: NamedApplication): Fault {
  return refusal(
    400,
    90009,
    'invalid_request',
    `Application '${appId}'(${shown(displayName)}) is requesting a token for itself. This scenario ` +
      'is supported only if resource is specified using the GUID based App Identifier.',
    'documented',
  );
}

/**
 * 500014, seen in public issues: the resource's service principal is disabled.
 * Source: https://github.com/AzureAD/microsoft-authentication-library-for-dotnet/issues/4905
 */
export function disabledResource(resource: string): Fault {
  return refusal(
    400,
    500014,
    'invalid_resource',
    `The service principal for resource '${shown(resource)}' is disabled. This indicate that a ` +
      'subscription within the tenant has lapsed, or that the administrator for this tenant has ' +
      'disabled the application, preventing tokens from being issued for it.',
    'documented',
  );
}

/**
 * 501051, seen in public repositories as invalid_grant: the resource, named as it was asked for,
 * wants an app role assignment, and the client has none.
 * Source: https://learn.microsoft.com/troubleshoot/entra/entra-id/app-integration/error-code-AADSTS501051-app-not-assigned-role
 */
export function notAssigned(
  client: NamedApplication,
  resource: string,
  resourceName: string,
): Fault {
  return refusal(
    400,
    501051,
    'invalid_grant',
    `Application '${client.appId}'(${shown(client.displayName)}) is not assigned to a role for ` +
      `the application '${shown(resource)}'(${shown(resourceName)}).`,
    'documented',
  );
}
