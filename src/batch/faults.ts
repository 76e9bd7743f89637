import { type Fault, fault } from '#kernel/fault.ts';

/**
 * The refusals of the Batch service that any request may meet; what a resource refuses is in the file
 * of its name. Texts marked recorded are of real answers; the others are the user messages of
 * https://learn.microsoft.com/rest/api/batchservice/batch-status-and-error-codes
 */

const recorded = { evidence: 'recorded' } as const;
const documented = { evidence: 'documented' } as const;
const unverified = { evidence: 'unverified' } as const;

/** The api-version is missing, which is looked at before the caller. */
export const missingVersion = (): Fault => missingQuery('api-version');

/** A version of the service that Batten does not speak. UNVERIFIED: that Azure uses its own code. */
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
