import type { ErrorBody, TaskAddResult } from './wire.gen.ts';

/** The client refuses by throwing, as every Azure SDK does; this file holds what it throws and every text of it. */

/** A refusal that a service sent. `code` is what programs compare, for example `JobNotFound` or `AuthorizationFailed`. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly status: number;
  readonly code: string;
  /** The service's own id of the request, which support and `batten why` ask for; empty when it sent none. */
  readonly requestId: string;
  /** Named details in the order sent. */
  readonly values: readonly { readonly key: string; readonly value: string }[];

  constructor(parts: {
    readonly status: number;
    readonly code: string;
    readonly text: string;
    readonly requestId: string;
    readonly values?: readonly { readonly key: string; readonly value: string }[];
  }) {
    const values = parts.values ?? [];
    const details = values.map(({ key, value }) => `${key}: ${value}`).join('; ');
    super(`${parts.code}: ${parts.text}${details === '' ? '' : ` (${details})`}`);
    this.status = parts.status;
    this.code = parts.code;
    this.requestId = parts.requestId;
    this.values = values;
  }
}

/**
 * Sign-in was refused or could not be asked for. `code` is Entra's, for example `AADSTS7000215`; where Entra said nothing it is that of OAuth, MSAL
 * or this package, for example `timed_out`. The message is Entra's text, with what to do about it on the next line where that is known. No
 * secret, token or key stands in it.
 */
export class SignInError extends Error {
  override readonly name = 'SignInError';
  readonly code: string;
  /** What support and `batten why` ask for; empty when nothing was asked. */
  readonly correlationId: string;
  /** What to do next; absent when that depends on more than the code. */
  readonly advice?: string;

  constructor(parts: {
    readonly code: string;
    readonly text: string;
    readonly advice?: string | undefined;
    readonly correlationId?: string | undefined;
    readonly cause?: unknown;
  }) {
    const { code, text, advice, correlationId = '', cause } = parts;
    super(advice === undefined ? text : `${text}\n${advice}`, { cause });
    this.code = code;
    this.correlationId = correlationId;
    if (advice !== undefined) this.advice = advice;
  }
}

/** Some tasks of a collection were refused; the others were added. */
export class AddTasksError extends Error {
  override readonly name = 'AddTasksError';
  readonly failed: readonly TaskAddResult[];
  readonly added: readonly TaskAddResult[];

  constructor(failed: readonly TaskAddResult[], added: readonly TaskAddResult[]) {
    const [first] = failed;
    const reason = `${first?.taskId}: ${first?.error?.code ?? first?.status}`;
    super(`${failed.length} of ${failed.length + added.length} tasks were not added (${reason})`);
    this.failed = failed;
    this.added = added;
  }
}

/** The awaited state was not reached in time. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';

  constructor(what: string, deadlineSeconds: number) {
    super(`${what} was not reached within ${deadlineSeconds} s`);
  }
}

/** Reads the OData error of the Batch service; a body that is none (a proxy's page, a HEAD) still gives an error. */
export function batchRefusal(status: number, requestId: string, body: string): ServiceError {
  const parsed = parsedObject(body) as ErrorBody | undefined;
  const code = parsed?.code ?? `Http${status}`;
  const text = textOf(parsed?.message?.value) ?? statusText(status);
  const values = (parsed?.values ?? []).map(({ key, value }) => ({
    key: key ?? '',
    value: value ?? '',
  }));
  return new ServiceError({ status, code, text, requestId, values });
}

/** Reads the error of Resource Manager and of Microsoft Graph. */
export function restRefusal(status: number, requestId: string, body: string): ServiceError {
  const outer = parsedObject(body);
  const inner = outer?.['error'] ?? outer;
  const error = (typeof inner === 'object' && inner !== null ? inner : {}) as {
    readonly code?: unknown;
    readonly message?: unknown;
  };
  const code = typeof error.code === 'string' ? error.code : `Http${status}`;
  const text = typeof error.message === 'string' ? error.message : statusText(status);
  return new ServiceError({ status, code, text, requestId });
}

/** A bearer token or a signature would travel in clear, or the text is no address. */
export function insecureAddress(accountUrl: string): TypeError {
  return new TypeError(`the account URL must begin with https:// and is ${accountUrl}`);
}

/** The key itself is never shown. */
export function malformedAccountKey(): TypeError {
  return new TypeError('the account key is not base64');
}

/** A list's next page points away from the account, where the credentials must not go. */
export function foreignLink(origin: string): Error {
  return new Error(`the next page is at ${origin}, which is not the account's address`);
}

/** A wait without an end is a bug of the caller. */
export function emptyDeadline(seconds: number): RangeError {
  return new RangeError(`a deadline is a positive number of seconds and not ${seconds}`);
}

function statusText(status: number): string {
  return `the service answered ${status} without a readable error`;
}

/** The message without the two lines that repeat request id and time. */
function textOf(value: string | undefined): string | undefined {
  return value?.replace(/\r?\nRequestId:[^\n]*\r?\nTime:[^\n]*$/, '');
}

/** The JSON object of a body; undefined when it is none. */
export function parsedObject(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body.replace(/^\uFEFF/, ''));
    return typeof value === 'object' && value !== null
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
