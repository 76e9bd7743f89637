import { type Fault, isFault, UnavailableError } from '#kernel/fault.ts';
import type { Log } from '#kernel/log.ts';
import { bodyBytesMax, parseForm, parseJson, readBody } from './body.ts';
import type { Check, Checked, Dialect } from './dialect.ts';
import { type BoundOperation, type Call, existsIn, type Reply } from './operation.ts';
import type { HttpRequest } from './request.ts';
import { type Router, routerOf } from './router.ts';
import { issuesOf } from './validate.ts';

/** A surface that is ready to serve: its operations, and the way from a request to a dressed reply. */
export interface Surface {
  readonly name: string;
  readonly operations: readonly BoundOperation<never>[];
  /** Never rejects: a bug becomes the surface's own 500. */
  handle(request: HttpRequest): Promise<Reply>;
}

export interface SurfaceParts<Caller> {
  readonly dialect: Dialect<Caller>;
  readonly operations: readonly BoundOperation<Caller>[];
  readonly log: Log;
  /** Largest body in bytes; 1 MiB when absent. */
  readonly bodyBytesMax?: number;
}

/** Builds a surface: the router from its operations, the steps from its dialect. */
export function surfaceOf<Caller>(parts: SurfaceParts<Caller>): Surface {
  const router = routerOf(parts.operations);
  return {
    name: parts.dialect.surface,
    operations: parts.operations as readonly BoundOperation<never>[],
    async handle(request) {
      const progress = begin(parts, router, request);
      let outcome: Reply | Fault;
      try {
        outcome = await run(parts, progress);
      } catch (error) {
        parts.log.error(
          { requestId: request.requestId, error: describe(error) },
          error instanceof UnavailableError ? 'unavailable' : 'a bug was caught',
        );
        outcome =
          error instanceof UnavailableError
            ? parts.dialect.refusals.unavailable(request)
            : parts.dialect.refusals.internal(request);
      }
      const reply = isFault(outcome) ? parts.dialect.spell(outcome, request) : outcome;
      return parts.dialect.dress(reply, progress);
    },
  };
}

/** What is known so far; the checks fill it in. */
interface Progress<Caller> extends Checked<Caller> {
  operation: BoundOperation<Caller> | undefined;
  readonly candidates: readonly BoundOperation<Caller>[];
  readonly params: Readonly<Record<string, string>>;
  /** Why there is no operation, told at the step `route`. */
  routeFault: Fault | undefined;
  version: string;
  caller: Caller;
  scope: string | undefined;
  body: unknown;
}

function begin<Caller>(
  parts: SurfaceParts<Caller>,
  router: Router<Caller>,
  request: HttpRequest,
): Progress<Caller> {
  const { refusals } = parts.dialect;
  const base = { request, version: '', caller: parts.dialect.nobody(), scope: undefined };
  const found = router.find(request.route.segments);
  if (found === undefined || found === 'malformed') {
    const routeFault =
      found === undefined ? refusals.noRoute(request) : refusals.malformedTarget(request);
    return {
      ...base,
      operation: undefined,
      candidates: [],
      params: {},
      routeFault,
      body: undefined,
    };
  }
  const candidates = found.operations.filter((one) => one.method === request.method);
  const allowed = () => [...new Set(found.operations.map((one) => one.method))];
  const routeFault = candidates.length === 0 ? refusals.noMethod(request, allowed()) : undefined;
  const { params } = found;
  return { ...base, operation: candidates[0], candidates, params, routeFault, body: undefined };
}

async function run<Caller>(
  parts: SurfaceParts<Caller>,
  progress: Progress<Caller>,
): Promise<Reply | Fault> {
  for (const check of parts.dialect.checks) {
    const refused = await runCheck(check, parts, progress);
    if (refused !== undefined) return refused;
  }
  const { operation, request } = progress;
  if (operation === undefined) return parts.dialect.refusals.noRoute(request);
  if (operation.handler === undefined) {
    return parts.dialect.refusals.notImplemented(request, operation.id);
  }
  const call: Call<Caller> = {
    request,
    caller: progress.caller,
    params: progress.params,
    body: progress.body,
    version: progress.version,
    scope: progress.scope ?? '/',
  };
  return await operation.handler(call);
}

function runCheck<Caller>(
  check: Check,
  parts: SurfaceParts<Caller>,
  progress: Progress<Caller>,
): Promise<Fault | undefined> | Fault | undefined {
  switch (check) {
    case 'version':
      return checkVersion(parts.dialect, progress);
    case 'route':
      return progress.routeFault;
    case 'caller':
      return checkCaller(parts.dialect, progress);
    case 'body':
      return checkBody(parts, progress);
    case 'permission':
      return checkPermission(parts.dialect, progress);
    case 'validation':
      return checkValidation(parts.dialect, progress);
  }
}

function checkVersion<Caller>(
  dialect: Dialect<Caller>,
  progress: Progress<Caller>,
): Fault | undefined {
  const version = dialect.version(progress);
  if (isFault(version)) return version;
  progress.version = version;
  if (progress.routeFault !== undefined || version === '') return undefined;
  progress.operation = progress.candidates.find((one) => existsIn(one, version));
  if (progress.operation === undefined) {
    progress.routeFault = dialect.refusals.noRoute(progress.request);
  }
  return undefined;
}

async function checkCaller<Caller>(
  dialect: Dialect<Caller>,
  progress: Progress<Caller>,
): Promise<Fault | undefined> {
  if (progress.operation?.permission === 'anonymous') return undefined;
  const caller = await dialect.caller(progress);
  if (isFault(caller)) return caller;
  progress.caller = caller;
  return undefined;
}

async function checkBody<Caller>(
  parts: SurfaceParts<Caller>,
  progress: Progress<Caller>,
): Promise<Fault | undefined> {
  const { operation, request } = progress;
  if (operation === undefined || operation.bodyKind === 'stream') return undefined;
  const { refusals } = parts.dialect;
  const bytesMax = parts.bodyBytesMax ?? bodyBytesMax;
  const outcome = await readBody(request.stream, bytesMax);
  switch (outcome.kind) {
    case 'tooLarge':
      return refusals.bodyTooLarge(request, bytesMax);
    case 'aborted':
      return refusals.malformedBody(request, 'The request body ended early.');
    case 'read':
      break;
  }
  if (operation.bodyKind === 'none') return undefined;
  if (operation.bodyKind === 'form') {
    progress.body = parseForm(outcome.bytes);
    if (progress.body !== undefined) return undefined;
    return refusals.malformedBody(request, 'The request body is not a valid form.');
  }
  const parsed = parseJson(outcome.bytes);
  if (parsed.kind === 'malformed') return refusals.malformedBody(request, parsed.reason);
  progress.body = parsed.value;
  return undefined;
}

async function checkPermission<Caller>(
  dialect: Dialect<Caller>,
  progress: Progress<Caller>,
): Promise<Fault | undefined> {
  const { operation } = progress;
  if (operation === undefined || operation.permission === 'anonymous') return undefined;
  const scope = await dialect.scope(progress, progress.caller);
  if (isFault(scope)) return scope;
  progress.scope = scope;
  const input = { params: progress.params, body: progress.body, scope };
  return dialect.authorize(progress, progress.caller, operation.permission.requests(input));
}

function checkValidation<Caller>(
  dialect: Dialect<Caller>,
  progress: Progress<Caller>,
): Fault | undefined {
  const { operation, request } = progress;
  if (operation?.body === undefined || operation.handler === undefined) return undefined;
  const issues = issuesOf(operation.body, progress.body);
  return issues.length === 0 ? undefined : dialect.refusals.invalid(request, issues);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
