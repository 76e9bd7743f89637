import { type Fault, fault } from '#kernel/fault.ts';

/**
 * 400: an identifier URI with a host name that is no verified domain of the tenant, or with an id that is neither the application's nor
 * the tenant's.
 */
export function hostNameNotVerified(uri: string): Fault {
  const message = `Values of identifierUris property must use a verified domain of the organization or its subdomain: '${uri}'`;
  return fault(400, 'HostNameNotOnVerifiedDomain', message, { evidence: 'documented' });
}

/** 400: an identifier URI that ends with a slash. Source: https://github.com/hashicorp/terraform-provider-azuread/issues/1728 */
export function identifierUriEndsWithSlash(uri: string): Fault {
  const message = `Application alias '${uri}' value is invalid.`;
  return fault(400, 'IdentifierUrisEndsWithSlash', message, { evidence: 'documented' });
}

/** 400: a list names something twice. Source: https://github.com/microsoftgraph/msgraph-sdk-python/issues/233 */
export function duplicateValues(property: string): Fault {
  const message = 'Request contains a property with duplicate values.';
  return fault(400, 'DuplicateValue', message, { evidence: 'documented', target: property });
}

/** 400: a list is longer than an application of its audience may have it. UNVERIFIED: code and text. */
export function tooManyValues(property: string, max: number): Fault {
  const message = `The property '${property}' may have at most ${max} values.`;
  return fault(400, 'Request_BadRequest', message, { evidence: 'unverified', target: property });
}

/**
 * 400: who may sign in asks for another form of token.
 * Source: https://github.com/hashicorp/terraform-provider-azuread/issues/1374
 */
export function needsTokenVersionTwo(): Fault {
  const message = 'Property api.requestedAccessTokenVersion is invalid.';
  return fault(400, 'Request_BadRequest', message, { evidence: 'documented' });
}

/** 400: an app role or delegated permission that is still enabled cannot be taken away. */
export function permissionStillEnabled(): Fault {
  const message = 'Permission (scope or role) cannot be deleted or updated unless disabled first.';
  return fault(400, 'CannotDeleteOrUpdateEnabledEntitlement', message, { evidence: 'documented' });
}
