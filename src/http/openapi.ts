import { STATUS_CODES } from 'node:http';
import type { BodyKind, Operation, Permission } from './operation.ts';
import { existsIn } from './operation.ts';

/** What a document is made of. */
export interface OpenApiParts {
  readonly title: string;
  /** Version of the document. */
  readonly version: string;
  readonly operations: readonly DocumentedOperation[];
  /** Only the operations of this api-version, which every request then names; absent: all, the latest where two share a path. */
  readonly apiVersion?: string;
}

/** What of an operation a document tells. */
export type DocumentedOperation = Pick<
  Operation<never, void>,
  | 'id'
  | 'method'
  | 'path'
  | 'from'
  | 'until'
  | 'permission'
  | 'query'
  | 'bodyKind'
  | 'body'
  | 'reply'
  | 'source'
> & { readonly handler?: unknown };

/** An OpenAPI 3.1 document, as far as Batten writes one. Source: https://spec.openapis.org/oas/v3.1.1.html */
export interface OpenApiDocument {
  readonly openapi: '3.1.1';
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: object;
}

export interface OpenApiOperation {
  readonly operationId: string;
  readonly externalDocs: { readonly url: string };
  readonly parameters: readonly OpenApiParameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, OpenApiResponse>>;
  readonly security: readonly object[];
  /** The actions that the caller needs, each in its plane; `anonymous` when she needs no token. */
  readonly 'x-permission': 'anonymous' | Permission['documented'];
}

export interface OpenApiParameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: object;
}

export interface OpenApiResponse {
  readonly description: string;
  readonly content?: Content;
}

type Content = Readonly<Record<string, { readonly schema: object }>>;

/**
 * Writes operations down as an OpenAPI document. An operation without a handler has 501 as its only answer. `{+scope}`, which takes
 * any number of segments, is written as `{scope}`, since OpenAPI knows no such parameter.
 */
export function openApiOf(parts: OpenApiParts): OpenApiDocument {
  const { title, version, apiVersion } = parts;
  const alive = parts.operations
    .filter((one) => apiVersion === undefined || existsIn(one, apiVersion))
    .toSorted((one, other) => (one.from ?? '').localeCompare(other.from ?? ''));
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const operation of alive) {
    const path = operation.path.replace('{+', '{');
    paths[path] = {
      ...paths[path],
      [operation.method.toLowerCase()]: operationOf(operation, apiVersion),
    };
  }
  return {
    openapi: '3.1.1',
    info: { title, version },
    paths,
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
  };
}

function operationOf(
  operation: DocumentedOperation,
  apiVersion: string | undefined,
): OpenApiOperation {
  const { permission } = operation;
  const requestBody = requestBodyOf(operation);
  return {
    operationId: operation.id,
    externalDocs: { url: operation.source },
    parameters: [
      ...pathParameters(operation.path),
      ...(apiVersion === undefined ? [] : [versionParameter(apiVersion)]),
      ...operation.query.filter((name) => name !== versionName).map(queryParameter),
    ],
    ...(requestBody === undefined ? {} : { requestBody }),
    responses: responsesOf(operation),
    security: permission === 'anonymous' ? [] : [{ bearer: [] }],
    'x-permission': permission === 'anonymous' ? permission : permission.documented,
  };
}

function pathParameters(path: string): readonly OpenApiParameter[] {
  return [...path.matchAll(/\{(\+?)(\w+)\}/g)].map(([, plus, name = '']) => ({
    name,
    in: 'path',
    required: true,
    ...(plus === '+' ? { description: 'Any number of segments.' } : {}),
    schema: { type: 'string' },
  }));
}

const versionName = 'api-version';

function versionParameter(apiVersion: string): OpenApiParameter {
  return { name: versionName, in: 'query', required: true, schema: { const: apiVersion } };
}

function queryParameter(name: string): OpenApiParameter {
  return { name, in: 'query', required: false, schema: { type: 'string' } };
}

const mediaTypes: Readonly<Record<Exclude<BodyKind, 'none'>, string>> = {
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
  stream: 'application/octet-stream',
};

function requestBodyOf({ bodyKind, body }: DocumentedOperation): OpenApiOperation['requestBody'] {
  if (bodyKind === 'none') return undefined;
  const content = { [mediaTypes[bodyKind]]: { schema: body ?? {} } };
  return { required: body !== undefined, content };
}

function responsesOf(operation: DocumentedOperation): OpenApiOperation['responses'] {
  const refusal = { description: 'A refusal, in the shape of the surface.' };
  if (operation.handler === undefined) {
    return { 501: { description: 'Batten does not have this operation yet.' } };
  }
  const successes = Object.entries(operation.reply).map(([status, reply]) => {
    const description = STATUS_CODES[status] ?? status;
    if (reply === 'empty') return [status, { description }] as const;
    const type = reply === 'stream' ? mediaTypes.stream : mediaTypes.json;
    const schema = typeof reply === 'object' ? reply : {};
    return [status, { description, content: { [type]: { schema } } }] as const;
  });
  return { ...Object.fromEntries(successes), default: refusal };
}
