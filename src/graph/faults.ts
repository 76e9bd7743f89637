import { firstPartyAppIds } from '#directory/first-party.ts';
import { type Fault, fault } from '#kernel/fault.ts';

/**
 * Microsoft Graph's refusals over the directory.
 * Source: https://learn.microsoft.com/graph/errors; the 404 is recorded (azure-cli role tests, 2022 to 2024).
 */

/** Why a token was not taken. */
export type TokenRefusal =
  | 'missing'
  | 'malformed'
  | 'badSignature'
  | 'issuerUnreachable'
  | 'wrongAudience'
  | 'outsideLifetime'
  | 'unknownCaller';

const tokenTexts: Readonly<Record<TokenRefusal, string>> = {
  missing: 'Access token is empty.',
  malformed: 'CompactToken parsing failed with error code: 80049217',
  badSignature: 'Signature is invalid.',
  issuerUnreachable: 'Access token validation failure. The keys of the issuer cannot be had.',
  wrongAudience: 'Access token validation failure. Invalid audience.',
  outsideLifetime: 'Lifetime validation failed, the token is expired.',
  unknownCaller: 'The identity of the calling application could not be established.',
};

/** Batten alone asks issuers for keys, and nobody reported a caller who was disabled. */
const guessed: ReadonlySet<TokenRefusal> = new Set(['issuerUnreachable', 'unknownCaller']);

/**
 * 401. The texts for no token, a wrong audience, an expired token and a bad signature are those of public issue reports.
 * Source: https://github.com/wazuh/wazuh-documentation/issues/7620 (signature).
 * UNVERIFIED: that a disabled caller is refused like a vanished one; a request with such a token would settle it.
 */
export function invalidToken(why: TokenRefusal, authorizationUri: string, reason: string): Fault {
  const challenge = `Bearer realm="", authorization_uri="${authorizationUri}", client_id="${firstPartyAppIds.graph}"`;
  const code =
    why === 'unknownCaller' ? 'Authorization_IdentityNotFound' : 'InvalidAuthenticationToken';
  return fault(401, code, tokenTexts[why], {
    headers: { 'WWW-Authenticate': challenge },
    evidence: guessed.has(why) ? 'unverified' : 'documented',
    reason,
  });
}

/** 403: the token and its holder's roles do not allow it. */
export function requestDenied(reason: string): Fault {
  const message = 'Insufficient privileges to complete the operation.';
  return fault(403, 'Authorization_RequestDenied', message, { evidence: 'documented', reason });
}

/** 404: nothing of that name in the caller's tenant, or not of that kind. */
export function resourceNotFound(name: string): Fault {
  const message = `Resource '${name}' does not exist or one of its queried reference-property objects are not present.`;
  return fault(404, 'Request_ResourceNotFound', message, { evidence: 'recorded' });
}

/** 400: the path names no resource that Graph or Batten has. */
export function unknownSegment(segment: string): Fault {
  const message = `Resource not found for the segment '${segment}'.`;
  return fault(400, 'BadRequest', message, { evidence: 'documented' });
}

/**
 * 400: neither v1.0 nor beta.
 * Source: https://github.com/microsoftgraph/msgraph-sample-blazor-clientside/issues/94
 */
export function unknownGraphVersion(version: string): Fault {
  return fault(400, 'BadRequest', 'Invalid version.', { evidence: 'documented', reason: version });
}

/** 405. Source: https://github.com/microsoftgraph/microsoft-graph-docs/issues/119 */
export function methodNotAllowed(allowed: readonly string[]): Fault {
  const message = 'Specified HTTP method is not allowed for the request target.';
  const headers = { Allow: allowed.join(', ') };
  return fault(405, 'Request_BadRequest', message, { headers, evidence: 'documented' });
}

/** 400: an escape in the path cannot be decoded. */
export function malformedUrl(): Fault {
  return fault(400, 'BadRequest', 'Bad Request - Invalid URL.', { evidence: 'unverified' });
}

/** 413: the body is larger than is read. */
export function bodyTooLarge(bytesMax: number): Fault {
  const message = `The size of the request body exceeds the limit of ${bytesMax} bytes.`;
  return fault(413, 'RequestEntityTooLarge', message, { evidence: 'unverified' });
}

/** 400: the body is no JSON object. */
export function unreadableBody(reason: string): Fault {
  const message =
    'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.';
  return fault(400, 'BadRequest', message, { evidence: 'documented', reason });
}

/** 400: the resource has no such property. */
export function invalidProperty(name: string): Fault {
  return badRequest(`Invalid property '${name}'.`);
}

/** 400: the property is set by the service alone. */
export function readOnlyProperty(name: string): Fault {
  return badRequest(`Property '${name}' is read-only and cannot be set.`);
}

/** 400: the property has a value that it cannot have. */
export function invalidValue(name: string, resource: string): Fault {
  return badRequest(`Invalid value specified for property '${name}' of resource '${resource}'.`);
}

/** 400: a property that must be there is not. */
export function missingValue(name: string, resource: string): Fault {
  return badRequest(`A value is required for property '${name}' of resource '${resource}'.`);
}

/** 400: another object of the tenant has the value already. */
export function sameValueExists(property: string): Fault {
  const message = `Another object with the same value for property ${property} already exists.`;
  return fault(400, 'Request_MultipleObjectsWithSameKeyValue', message, {
    evidence: 'documented',
    target: property,
  });
}

/** 409: the tenant already has a service principal of that application, or of one of its names. */
export function servicePrincipalNameInUse(name: string): Fault {
  const message = `The service principal cannot be created, updated, or restored because the service principal name ${name} is already in use.`;
  return fault(409, 'Request_MultipleObjectsWithSameKeyValue', message, { evidence: 'documented' });
}

/** 400: no application of that id may be used in this tenant; az waits and tries again on this text. */
export function applicationNotUsable(appId: string): Fault {
  const message = `The appId '${appId}' of the service principal does not reference a valid application object.`;
  return fault(400, 'Request_BadRequest', message, { evidence: 'documented', target: 'appId' });
}

/** 400: the holder has no secret of that key id. */
export function noPasswordCredential(keyId: string): Fault {
  return badRequest(`No password credential found with keyId ${keyId}.`);
}

/** 400: the holder has no certificate of that key id. */
export function noKeyCredential(keyId: string): Fault {
  return badRequest(`No key credential found with keyId ${keyId}.`);
}

/**
 * 401: nobody proved that she holds a key of the object. A wrong audience is reported to be refused like a wrong key.
 * Source: https://github.com/microsoftgraph/microsoft-graph-docs/issues/10686
 */
export function notProven(): Fault {
  return fault(401, 'Authentication_MissingOrMalformed', 'Access Token missing or malformed.', {
    evidence: 'documented',
    reason: 'the proof is not signed with a valid certificate of the object, or not for it',
  });
}

/** 400: what was sent as a certificate is none. */
export function invalidKeyValue(): Fault {
  return badRequest('Key credential value is invalid certificate');
}

/** 400: a certificate or secret is to end before it starts, or after its certificate does. */
export function invalidKeyDates(): Fault {
  return fault(400, 'KeyCredentialsInvalidEndDate', 'Key credential end date is invalid.', {
    evidence: 'documented',
  });
}

/** 400: the same reference is there already. */
export function referenceExists(property: string): Fault {
  return badRequest(
    `One or more added object references already exist for the following modified properties: '${property}'.`,
  );
}

/** 400: the principal already has the app role. */
export function appRoleAlreadyAssigned(): Fault {
  return badRequest('Permission being assigned already exists on the object');
}

/** 400: the resource has no such app role, or it cannot be given to this kind of principal. */
export function appRoleNotFound(): Fault {
  return badRequest('Permission being assigned was not found on application');
}

/** 409: these parties have a consent already. */
export function permissionGrantExists(): Fault {
  return fault(409, 'Request_MultipleObjectsWithSameKeyValue', 'Permission entry already exists.', {
    evidence: 'documented',
  });
}

/** 400: `/me` needs a user. */
export function meNeedsUser(): Fault {
  const message = '/me request is only valid with delegated authentication flow.';
  return fault(400, 'BadRequest', message, { evidence: 'documented' });
}

/** 501: Graph has it, Batten does not yet; nothing was changed. */
export function notImplemented(what: string): Fault {
  return fault(501, 'NotImplemented', `Batten does not implement ${what} of Microsoft Graph yet.`);
}

/** 500: a bug was caught. */
export function internalError(): Fault {
  const message =
    'An internal server error occurred. The operator finds the details under the request id.';
  return fault(500, 'Service_InternalServerError', message);
}

/** 503: the directory cannot answer now. */
export function unavailable(): Fault {
  const message = 'The service is temporarily unavailable. Please retry after some time.';
  return fault(503, 'Service_ServiceUnavailable', message, { headers: { 'Retry-After': '1' } });
}

function badRequest(message: string): Fault {
  return fault(400, 'Request_BadRequest', message, { evidence: 'documented' });
}
