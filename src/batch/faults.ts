import { type Fault, fault } from '#kernel/fault.ts';
import { httpDateOf, type Instant, isoSevenDigits } from '#kernel/instant.ts';

/**
 * Every refusal of the Batch service. Texts marked recorded are of real answers; the others are the
 * user messages of https://learn.microsoft.com/rest/api/batchservice/batch-status-and-error-codes
 */

const recorded = { evidence: 'recorded' } as const;
const documented = { evidence: 'documented' } as const;
const unverified = { evidence: 'unverified' } as const;

/** The api-version is missing, which is looked at before the caller. */
export const missingVersion = (): Fault => missingQuery('api-version');

/** UNVERIFIED: the code for an api-version that nobody knows; one call to Azure would settle it. */
export const unsupportedVersion = (): Fault =>
  fault(
    400,
    'UnsupportedRequestVersion',
    'The specified request version is not supported.',
    unverified,
  );

/** A query parameter that the operation cannot do without. */
export const missingQuery = (name: string): Fault =>
  fault(
    400,
    'MissingRequiredQueryParameter',
    "A query parameter that's mandatory for this request is not specified.",
    { ...recorded, values: [{ key: 'QueryParameterName', value: name }] },
  );

/** A query parameter whose value cannot be used, and why. */
export const invalidQuery = (name: string, value: string, reason: string): Fault =>
  fault(
    400,
    'InvalidQueryParameterValue',
    'Value for one of the query parameters specified in the request URI is invalid.',
    {
      ...recorded,
      values: [
        { key: 'QueryParameterName', value: name },
        { key: 'QueryParameterValue', value },
        { key: 'Reason', value: reason },
      ],
    },
  );

/** A header that cannot be read. */
export const invalidHeader = (name: string, value: string): Fault =>
  fault(
    400,
    'InvalidHeaderValue',
    'The value provided for one of the HTTP headers was not in the correct format.',
    {
      ...documented,
      values: [
        { key: 'HeaderName', value: name },
        { key: 'HeaderValue', value },
      ],
    },
  );

/** Conditional headers that do not go together. */
export const multipleConditions = (): Fault =>
  fault(
    400,
    'MultipleConditionHeadersNotSupported',
    'Multiple condition headers are not supported.',
    documented,
  );

/** The entity is not as the conditional header wants it. */
export const conditionNotMet = (): Fault =>
  fault(
    412,
    'ConditionNotMet',
    'The condition specified using HTTP conditional header(s) is not met.',
    recorded,
  );

/** A read asked for news and there are none. 304 has no body. */
export const notModified = (): Fault =>
  fault(
    304,
    'ConditionNotMet',
    'The condition specified using HTTP conditional header(s) is not met.',
    documented,
  );

const invalidPropertyText =
  'The value provided for one of the properties in the request body is invalid.';

/** A value that Azure names: bad enum, vmSize. */
export const invalidProperty = (name: string, value: string, reason = invalidPropertyText): Fault =>
  fault(400, 'InvalidPropertyValue', invalidPropertyText, {
    ...recorded,
    values: [
      { key: 'PropertyName', value: name },
      { key: 'PropertyValue', value },
      { key: 'Reason', value: reason },
    ],
  });

/** Metadata whose name is empty. */
export const emptyMetadataKey = (): Fault =>
  fault(
    400,
    'EmptyMetadataKey',
    'The key for one of the metadata key-value pairs is empty.',
    documented,
  );

/** An image that Azure does not list. */
export const unsupportedImage = (publisher: string, offer: string, sku: string): Fault =>
  fault(400, 'InvalidPropertyValue', invalidPropertyText, {
    ...recorded,
    values: [
      { key: 'PropertyName', value: 'imageReference' },
      {
        key: 'Reason',
        value: `The specified imageReference with publisher ${publisher} offer ${offer} sku ${sku} is not supported.`,
      },
    ],
  });

/** A property that the body cannot do without. */
export const missingProperty = (name: string): Fault =>
  fault(
    400,
    'MissingRequiredProperty',
    'A required property was not specified in the request body.',
    { ...documented, values: [{ key: 'PropertyName', value: name }] },
  );

/**
 * UNVERIFIED: code and reason of a property that no type has; a recorded answer would settle it.
 */
export const unknownProperty = (name: string): Fault =>
  malformedBody(
    `The property '${name}' does not exist. Make sure to only use property names that are defined by the type.`,
  );

/** A body that is no JSON, or not of its type. */
export const malformedBody = (reason: string): Fault =>
  fault(400, 'InvalidRequestBody', 'The specified Request Body is not syntactically valid.', {
    ...documented,
    values: [{ key: 'Reason', value: reason }],
  });

/** A body over the limit, in bytes. */
export const bodyTooLarge = (bytesMax: number): Fault =>
  fault(
    413,
    'RequestBodyTooLarge',
    'The request body is too large and exceeds the maximum permissible limit.',
    { ...recorded, values: [{ key: 'MaxLimit', value: String(bytesMax) }] },
  );

/** A path that is no resource, in this api-version or at all. */
export const invalidUri = (): Fault =>
  fault(
    400,
    'InvalidUri',
    'The requested URI does not represent any resource on the server.',
    documented,
  );

/** A resource that does not know the method. */
export const unsupportedVerb = (allowed: readonly string[]): Fault =>
  fault(405, 'UnsupportedHttpVerb', "The resource doesn't support the specified HTTP verb.", {
    ...documented,
    headers: { Allow: allowed.join(', ') },
  });

/** Batten's own refusal: Azure has it and Batten does not yet. Nothing was changed. */
export const notImplemented = (what: string): Fault =>
  fault(
    501,
    'NotImplemented',
    'The requested operation is not implemented on the specified resource.',
    {
      ...unverified,
      values: [{ key: 'NotImplemented', value: what }],
    },
  );

/** A bug; the log has it under the request id. */
export const internalError = (): Fault =>
  fault(
    500,
    'InternalError',
    'The server encountered an internal error. Please retry the request.',
    documented,
  );

/** The store or the machine could not do it now. */
export const serverBusy = (): Fault => fault(503, 'ServerBusy', 'The server is busy.', recorded);

const signedText =
  'Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.';
const bearerText =
  'Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly.';

/** A shared key that is not accepted, or an account that does not exist. */
export const signatureRefused = (detail: string): Fault =>
  fault(403, 'AuthenticationFailed', signedText, {
    ...recorded,
    values: [{ key: 'AuthenticationErrorDetail', value: detail }],
  });

/** The account is not there, whatever the credential (recorded). */
export const unknownAccount = (name: string): Fault =>
  signatureRefused(
    `Cannot find the claimed account when trying to GetProperties for the account ${name}.`,
  );

/** The signature fits neither key. UNVERIFIED: the detail; Storage words it so. */
export const wrongSignature = (): Fault =>
  signatureRefused(
    'The MAC signature found in the HTTP request is not the same as any computed signature.',
  );

/** The date of a signed request is missing or too far from real time. UNVERIFIED: the detail. */
export const staleSignature = (date: string, now: Instant): Fault =>
  signatureRefused(
    `The date header in the request is incorrect. Request date: '${date}', server date: '${httpDateOf(now)}'.`,
  );

/** The account does not allow this way of authenticating. */
export const modeNotAllowed = (mode: string): Fault =>
  fault(403, 'AuthenticationFailed', signedText, {
    ...documented,
    values: [
      {
        key: 'AuthenticationErrorDetail',
        value: `The specified type of authentication ${mode} is not allowed for this account.`,
      },
    ],
  });

/** An Authorization header of no known form. */
export const malformedAuthorization = (): Fault =>
  fault(
    400,
    'InvalidAuthenticationInfo',
    'The authentication information was not provided in the correct format. Verify the value of Authorization header.',
    documented,
  );

/** What a refused bearer token is answered with. */
export interface Challenge {
  readonly authorizationUri: string;
  readonly audience: string;
  readonly detail: string;
}

/**
 * UNVERIFIED: status, challenge and most details of a refused bearer token are in no public text;
 * only the audience's detail is (https://github.com/Azure/azure-sdk-for-net/issues/8026). One
 * refused call to Azure would settle them.
 */
export const bearerRefused = ({ authorizationUri, audience, detail }: Challenge): Fault =>
  fault(401, 'AuthenticationFailed', bearerText, {
    ...unverified,
    values: [{ key: 'AuthenticationErrorDetail', value: detail }],
    headers: {
      'WWW-Authenticate': `Bearer authorization_uri="${authorizationUri}", error="invalid_token", error_description="${quotable(detail)}", resource_id="${audience}"`,
    },
  });

/** How Azure explains a wrong audience, a missing slash above all. */
export const wrongAudienceDetail = (audience: string, expected: string): string =>
  `The access token has been obtained from wrong audience or resource '${audience}'. It should exactly match (including forward slash) with one of the allowed audiences '${expected}'`;

/** UNVERIFIED: no text of Azure's for these is public; they follow Resource Manager's analogues. */
export const authorizationDetails = {
  missing: 'The Authorization header is missing.',
  malformed: 'The access token is not well formed.',
  badSignature: 'The signature of the access token is not valid.',
  notYetValid: 'The access token is not yet valid.',
  issuerUnreachable: 'The access token cannot be validated: the keys of its issuer cannot be had.',
  disabled: 'The principal of the access token is not enabled in its tenant.',
  revoked: 'The access token was revoked.',
  unexplained: 'The access token is not accepted.',
  wrongTenant:
    'The access token is from the wrong issuer. It must match the tenant associated with the subscription of this account.',
} as const;

/** How an expired token is explained. */
export const expiredDetail = (expiresAt: Instant, now: Instant): string =>
  `The access token expiry UTC time '${isoSevenDigits(expiresAt)}' is earlier than current UTC time '${isoSevenDigits(now)}'.`;

/** UNVERIFIED: a denial by RBAC on the data plane was seen once, without its cause. */
export const permissionDenied = (): Fault =>
  fault(
    403,
    'AuthorizationFailure',
    'This request is not authorized to perform this operation.',
    unverified,
  );

/** There is no such pool. */
export const poolNotFound = (): Fault =>
  fault(404, 'PoolNotFound', 'The specified pool does not exist.', recorded);
/** The pool id is taken, in whatever case. */
export const poolExists = (): Fault =>
  fault(409, 'PoolExists', 'The specified pool already exists.', documented);
/** The pool still has nodes, and goes with the last of them. */
export const poolBeingDeleted = (): Fault =>
  fault(
    409,
    'PoolBeingDeleted',
    'The specified pool has been marked for deletion and is being reclaimed.',
    recorded,
  );
/** The pool is not steady. */
export const poolBeingResized = (): Fault =>
  fault(409, 'PoolBeingResized', 'The specified pool is being resized', documented);
/** The account's pools are as many as it may have. */
export const poolQuotaReached = (): Fault =>
  fault(409, 'PoolQuotaReached', 'Pool quota for the account has been reached.', documented);
/** The pool has no such node. */
export const nodeNotFound = (): Fault =>
  fault(404, 'NodeNotFound', 'The specified node does not exist.', documented);

/** There is no such job. */
export const jobNotFound = (): Fault =>
  fault(404, 'JobNotFound', 'The specified job does not exist.', documented);
/** The job id is taken, in whatever case. */
export const jobExists = (): Fault =>
  fault(409, 'JobExists', 'The specified job already exists.', documented);
/** The job is over. */
export const jobCompleted = (): Fault =>
  fault(409, 'JobCompleted', 'The specified job is already in a completed state.', documented);
/** The job is about to be over. */
export const jobBeingTerminated = (): Fault =>
  fault(409, 'JobBeingTerminated', 'The specified job is being terminated.', documented);
/** The job is about to be gone. */
export const jobBeingDeleted = (): Fault =>
  fault(
    409,
    'JobBeingDeleted',
    'The specified job has been marked for deletion and is being garbage collected.',
    documented,
  );
/** The account's jobs that are not completed are as many as it may have. */
export const jobQuotaReached = (): Fault =>
  fault(
    409,
    'ActiveJobAndScheduleQuotaReached',
    'Active job and schedule quota for the account has been reached.',
    documented,
  );

/** UNVERIFIED: which code moving a job to another pool has while it is not disabled. */
export const operationInvalid = (): Fault =>
  fault(
    409,
    'OperationInvalidForCurrentState',
    'The specified operation is not valid for the current state of the resource.',
    documented,
  );

/** The job has no such task. */
export const taskNotFound = (): Fault =>
  fault(404, 'TaskNotFound', 'The specified task does not exist.', recorded);
/** The task id is taken, in whatever case. */
export const taskExists = (): Fault =>
  fault(409, 'TaskExists', 'The specified task already exists.', documented);
/** The task is over. */
export const taskCompleted = (): Fault =>
  fault(409, 'TaskCompleted', 'The specified task is already in a completed state.', documented);

/** The task has no such file. */
export const fileNotFound = (): Fault =>
  fault(404, 'FileNotFound', 'The specified file does not exist.', documented);
/** The task has not run on a node, so that there are no files. */
export const filesUnavailable = (reason: string): Fault =>
  fault(409, 'TaskFilesUnavailable', 'The files of the specified task are unavailable.', {
    ...documented,
    reason,
  });
/** UNVERIFIED: which code reading a directory has. */
export const notAFile = (): Fault =>
  fault(403, 'IOError', 'An I/O error occurred when accessing the specified resource.', unverified);
/** The node could not read it. */
export const ioError = (reason: string): Fault =>
  fault(403, 'IOError', 'An I/O error occurred when accessing the specified resource.', {
    ...documented,
    reason,
  });
/** A range that begins after the end of the file. */
export const invalidRange = (): Fault =>
  fault(
    416,
    'InvalidRange',
    'The range specified is invalid for the current size of the resource.',
    documented,
  );
/** UNVERIFIED: which code a file operation has that needs the node while it cannot be reached. */
export const nodeUnavailable = (reason: string): Fault =>
  fault(
    409,
    'OperationInvalidForCurrentState',
    'The specified operation is not valid for the current state of the resource.',
    { ...unverified, reason },
  );

/** Makes text fit between the quotes of a header parameter. */
function quotable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').replaceAll('"', "'");
}
