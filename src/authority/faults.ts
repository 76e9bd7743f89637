import { type Evidence, type Fault, fault } from '#kernel/fault.ts';

/**
 * Makes a refusal of the authority; only constructors in files of faults call it.
 * The code is `AADSTS` and a number; the OAuth error stands in the values.
 * Source: https://learn.microsoft.com/entra/identity-platform/reference-error-codes for the
 * meaning; statuses and OAuth errors also from answers that people pasted into public issues.
 */
export function refusal(
  status: number,
  number: number,
  oauthError: string,
  message: string,
  evidence: Evidence,
  suberror?: string,
): Fault {
  const error = { key: 'error', value: oauthError };
  const values = suberror === undefined ? [error] : [error, { key: 'suberror', value: suberror }];
  return fault(status, `AADSTS${number}`, message, { values, evidence });
}

/** The longest part of a text of the caller that a refusal repeats, in characters. */
const shownCharactersMax = 300;

/** A text of the caller as a refusal repeats it: not longer than it is worth. */
export function shown(text: string): string {
  return text.length <= shownCharactersMax ? text : `${text.slice(0, shownCharactersMax)}...`;
}

/** An application as a refusal names it. */
export interface NamedApplication {
  readonly appId: string;
  readonly displayName: string;
}

/** 90002 on metadata, recorded: the tenant is not here. */
export function unknownTenantMetadata(tenant: string): Fault {
  return refusal(400, 90002, 'invalid_tenant', tenantNotFound(tenant), 'recorded');
}

/**
 * 90112 on metadata, seen in public issues: `appid` is no id.
 * Source: https://github.com/pluginsGLPI/oauthimap/issues/111, of 2025
 */
export function malformedAppId(): Fault {
  return refusal(
    400,
    90112,
    'invalid_request',
    'Application identifier is expected to be a GUID.',
    'documented',
  );
}

/** 90002 on the token endpoint: the tenant is not here. */
export function unknownTenant(tenant: string): Fault {
  return refusal(400, 90002, 'invalid_request', tenantNotFound(tenant), 'recorded');
}

function tenantNotFound(tenant: string): string {
  return (
    `Tenant '${shown(tenant)}' not found. Check to make sure you have the correct tenant ID and ` +
    'are signing into the correct cloud. Check with your subscription administrator, this may ' +
    'happen if there are no active subscriptions for the tenant.'
  );
}

/** 900023: the tenant in the path is neither an id nor a domain. */
export function malformedTenant(tenant: string): Fault {
  return refusal(
    400,
    900023,
    'invalid_request',
    `Specified tenant identifier '${shown(tenant)}' is neither a valid DNS name, nor a valid ` +
      'external domain.',
    'recorded',
  );
}

/**
 * 50059, seen in public issues: nobody says of which tenant the application or the user is.
 * Sources: https://github.com/AzureAD/microsoft-identity-web/issues/462,
 * https://github.com/AzureAD/microsoft-authentication-library-for-python/issues/141
 */
export function tenantNotNamed(): Fault {
  return refusal(
    400,
    50059,
    'invalid_request',
    'No tenant-identifying information found in either the request or implied by any provided ' +
      'credentials.',
    'documented',
  );
}

/**
 * 9001023, seen in public issues: the grant does not exist for personal accounts.
 * Source: https://github.com/AzureAD/microsoft-authentication-library-for-js/issues/3561
 */
export function notForConsumers(): Fault {
  return refusal(
    400,
    9001023,
    'invalid_request',
    'The grant type is not supported over the /common or /consumers endpoints. Please use the ' +
      '/organizations or tenant-specific endpoint.',
    'documented',
  );
}

/**
 * 90013, seen in public issues: the name of a tenant or an application is what stands in its place in
 * a sample.
 * Sources: https://github.com/Azure-Samples/active-directory-java-native-headless/issues/15,
 * https://github.com/AzureAD/azure-activedirectory-library-for-java/issues/268
 */
export function invalidInput(): Fault {
  return refusal(
    400,
    90013,
    'invalid_request',
    'Invalid input received from the user.',
    'documented',
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

/** 50049 as `invalid_instance`: instance discovery was asked about a host that is no authority. */
export function unknownInstance(): Fault {
  return refusal(400, 50049, 'invalid_instance', 'Unknown or invalid instance.', 'documented');
}

/**
 * 90014: a parameter of the query, a claim of an assertion, or the scope of an application's own
 * token is missing.
 * Sources: the refusal that the user realm of MSAL Go quotes (apps/internal/oauth/ops/authority),
 * https://github.com/mullerpeter/databricks-grafana/issues/99
 */
export function missingField(name: string): Fault {
  return refusal(
    400,
    90014,
    'invalid_request',
    `The required field '${name}' is missing from the credential. Ensure that you have all the ` +
      'necessary parameters for the login request.',
    'documented',
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
