import type { Fault } from '#kernel/fault.ts';
import type { AccessRequest, BoundOperation, Reply } from './operation.ts';
import type { HttpRequest } from './request.ts';

/** One finding of validation: where in the request, and what is wrong with it. */
export interface Issue {
  readonly kind: 'missing' | 'unknown' | 'type' | 'value';
  /** Property path with dots, or the name of a query parameter: `poolInfo.poolId`. */
  readonly path: string;
  /** The value as text where it may be shown. */
  readonly value?: string;
  readonly reason: string;
}

/** The steps between routing and handler. Every dialect names each once, in the order in which its service checks. */
export type Check = 'version' | 'route' | 'caller' | 'body' | 'permission' | 'validation';

/** What the pipeline knows of a request while it checks it. */
export interface Checked<Caller> {
  readonly request: HttpRequest;
  /** Undefined when the path or the method has no operation. */
  readonly operation: BoundOperation<Caller> | undefined;
}

/** What is particular to a surface; everything else about an operation is derived from its declaration. */
export interface Dialect<Caller> {
  readonly surface: string;
  readonly checks: readonly Check[];
  /** The api-version of the request, or the refusal; empty on surfaces without versions. */
  version(checked: Checked<Caller>): string | Fault;
  /** Who is calling. Not asked for anonymous operations. */
  caller(checked: Checked<Caller>): Promise<Caller | Fault>;
  /** The caller of an anonymous operation. */
  nobody(): Caller;
  /** The resource scope that the request is about, or why it has none. */
  scope(checked: Checked<Caller>, caller: Caller): Promise<string | Fault>;
  /** Decides the access requests of an operation; undefined when all are granted. */
  authorize(
    checked: Checked<Caller>,
    caller: Caller,
    requests: readonly AccessRequest[],
  ): Promise<Fault | undefined>;
  readonly refusals: Refusals;
  /** The fault in this surface's words: body, headers, status. */
  spell(fault: Fault, request: HttpRequest): Reply;
  /** Adds what every reply of this surface carries. Called for successes and refusals. */
  dress(reply: Reply, checked: Checked<Caller>): Reply;
}

/** The refusals that the pipeline itself makes, in this surface's codes and words. */
export interface Refusals {
  noRoute(request: HttpRequest): Fault;
  noMethod(request: HttpRequest, allowed: readonly string[]): Fault;
  malformedTarget(request: HttpRequest): Fault;
  bodyTooLarge(request: HttpRequest, bytesMax: number): Fault;
  malformedBody(request: HttpRequest, reason: string): Fault;
  invalid(request: HttpRequest, issues: readonly Issue[]): Fault;
  /** 501: Azure has it, Batten does not yet. `what` names the operation or the property. */
  notImplemented(request: HttpRequest, what: string): Fault;
  /** 500: a bug was caught; the details are in the log under the request id. */
  internal(request: HttpRequest): Fault;
  /** 503: the store or the machine could not do it now. */
  unavailable(request: HttpRequest): Fault;
}
