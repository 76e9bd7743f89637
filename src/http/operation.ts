import type { Readable } from 'node:stream';
import type { Static, TSchema } from 'typebox';
import type { Fault } from '#kernel/fault.ts';
import type { HttpRequest } from './request.ts';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';

/** Which of a role's two lists grants an action: `actions` (control) or `dataActions` (data). */
export type Plane = 'control' | 'data';

/** An action string in its plane: `Microsoft.Batch/batchAccounts/pools/read` in control. */
export interface PlaneAction {
  readonly action: string;
  readonly plane: Plane;
}

/**
 * One thing the caller must be allowed to do. It is granted when the action is, or when any of `umbrellas` is (Batch: the right
 * to list keys is enough for everything). The scope is a resource path in text.
 */
export interface AccessRequest extends PlaneAction {
  readonly scope: string;
  readonly umbrellas?: readonly PlaneAction[];
}

/** What a permission may look at: the parsed request, nothing that was read from a database. */
export interface AccessInput {
  readonly params: Readonly<Record<string, string>>;
  /** The parsed JSON body; not validated yet. */
  readonly body: unknown;
  /** The resource scope that the request is about, as the surface's dialect found it. */
  readonly scope: string;
}

/** The pure rule that says what a request needs; every AccessRequest it returns must be granted. */
export interface Permission {
  /** The part that never depends on the request; reference docs and denial tests read it. */
  readonly documented: readonly PlaneAction[];
  readonly requests: (input: AccessInput) => readonly AccessRequest[];
}

/** A reply before the dialect dresses it. At most one of `json`, `text` and `stream` is set. */
export interface Reply {
  readonly status: number;
  /** Names are spelled as sent. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Each is a `Set-Cookie` header of its own. */
  readonly cookies?: readonly string[];
  readonly json?: unknown;
  /** Text that is sent as it stands; `contentType` says what it is (JSON of the dialect when absent). */
  readonly text?: string;
  readonly stream?: Readable;
  readonly contentType?: string;
  /** Sent in chunks, so that its length is not told beforehand. */
  readonly isChunked?: boolean;
}

/** What a handler receives: everything parsed, validated and authorized. */
export interface Call<Caller, Params extends string = string, Body = unknown> {
  readonly request: HttpRequest;
  readonly caller: Caller;
  readonly params: Readonly<Record<Params, string>>;
  readonly body: Body;
  /** The api-version asked for; empty on surfaces without one. */
  readonly version: string;
  readonly scope: string;
}

/** How a body is read before the handler sees it. `stream` leaves `request.stream` to the handler. */
export type BodyKind = 'none' | 'json' | 'form' | 'stream';

/** An operation as it is declared. */
export interface OperationDeclaration<
  Caller,
  Room,
  Path extends string,
  Body extends TSchema | undefined,
> {
  /** Microsoft's own operation id where there is one. */
  readonly id: string;
  readonly method: Method;
  /** `/jobs/{jobId}`; `{+scope}` takes any number of segments, and only the first segment may be one. */
  readonly path: Path;
  /** First and last api-version that have the operation; absent means no bound. */
  readonly from?: string;
  readonly until?: string;
  readonly permission: 'anonymous' | Permission;
  /** Query parameters it understands; others are ignored unless the dialect refuses them. */
  readonly query?: readonly string[];
  readonly bodyKind?: BodyKind;
  readonly body?: Body;
  /** Status of each success with what its body is, for documents and tests. */
  readonly reply: Readonly<Record<number, TSchema | 'empty' | 'stream' | 'json'>>;
  /** Address of the page this operation imitates. */
  readonly source: string;
  /** Absent: Azure has the operation and Batten does not yet; it answers 501 after authorization. */
  readonly handler?: (
    call: Call<Caller, PathParam<Path>, Body extends TSchema ? Static<Body> : unknown>,
    room: Room,
  ) => Promise<Reply | Fault>;
}

/** An operation as its readers see it: router, guard, documents, denial tests, parity table. */
export interface Operation<Caller, Room> {
  readonly id: string;
  readonly method: Method;
  readonly path: string;
  readonly from?: string;
  readonly until?: string;
  readonly permission: 'anonymous' | Permission;
  readonly query: readonly string[];
  readonly bodyKind: BodyKind;
  readonly body?: TSchema;
  readonly reply: Readonly<Record<number, TSchema | 'empty' | 'stream' | 'json'>>;
  readonly source: string;
  readonly handler?: (call: Call<Caller>, room: Room) => Promise<Reply | Fault>;
}

/** An operation whose room is already filled in, so that a surface can hold operations of several rooms. */
export type BoundOperation<Caller> = Operation<Caller, void>;

/**
 * Makes the declare function of one room: `const operation = operationsOf<BatchCaller, BatchRoom>()`. It checks the handler against
 * path parameters and body schema, and freezes the value.
 */
export function operationsOf<Caller, Room>(): <
  const Path extends string,
  Body extends TSchema | undefined = undefined,
>(
  declaration: OperationDeclaration<Caller, Room, Path, Body>,
) => Operation<Caller, Room> {
  return (declaration) =>
    Object.freeze({
      query: [],
      bodyKind: declaration.body === undefined ? 'none' : 'json',
      ...declaration,
    }) as unknown as Operation<Caller, Room>;
}

/** Fills a room into its operations. */
export function bind<Caller, Room>(
  operations: readonly Operation<Caller, Room>[],
  room: Room,
): readonly BoundOperation<Caller>[] {
  return operations.map((operation) => {
    const { handler, ...rest } = operation;
    if (handler === undefined) return Object.freeze(rest);
    return Object.freeze({ ...rest, handler: (call: Call<Caller>) => handler(call, room) });
  });
}

/** True when the operation exists in an api-version; versions compare as text since they begin with a date. */
export function existsIn(
  operation: { readonly from?: string; readonly until?: string },
  version: string,
): boolean {
  if (operation.from !== undefined && version < operation.from) return false;
  return operation.until === undefined || version <= operation.until;
}

/** A permission that needs fixed actions at the request's own scope. */
export function needs(...actions: readonly PlaneAction[]): Permission {
  return {
    documented: actions,
    requests: ({ scope }) => actions.map((action) => ({ ...action, scope })),
  };
}

/** The names of the parameters in a path template. */
export type PathParam<Path extends string> = string extends Path
  ? string
  : Path extends `${string}{${infer Name}}${infer Rest}`
    ? (Name extends `+${infer Bare}` ? Bare : Name) | PathParam<Rest>
    : never;
