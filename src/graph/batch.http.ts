import { Readable } from 'node:stream';
import { Type } from 'typebox';
import type { Caller } from '#directory/caller.ts';
import type { Operation, Reply } from '#http/operation.ts';
import type { HttpRequest } from '#http/request.ts';
import { parseQuery, parseTarget } from '#http/target.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { fold } from '#kernel/ids.ts';
import type { Json, JsonObject } from '#kernel/json.ts';
import { failedDependency, invalidBatch } from './batch.faults.ts';
import { type BatchStep, batchProblem, isDoomed, readySteps } from './batch.ts';
import { contextOf } from './reply.ts';
import { type GraphRoom, operation } from './room.ts';

const closed = { additionalProperties: false } as const;
const text = Type.String({ maxLength: 8_192 });

const stepBody = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: 256 }),
    method: Type.String({ maxLength: 16 }),
    url: text,
    headers: Type.Optional(Type.Record(Type.String(), text)),
    body: Type.Optional(Type.Unknown()),
    dependsOn: Type.Optional(Type.Array(Type.String({ maxLength: 256 }), { maxItems: 20 })),
    // UNVERIFIED: that Graph takes OData's word for requests that succeed or fail together, and does not hold them together; a batch with it
    // would settle it.
    atomicityGroup: Type.Optional(Type.String({ maxLength: 256 })),
  },
  closed,
);

const batchBody = Type.Object({ requests: Type.Array(stepBody) }, closed);

/**
 * Several requests in one. Each is a request of its own to this surface, with the token of the whole: it is authorized, answered and
 * recorded as if it had come alone.
 * Source: https://learn.microsoft.com/graph/json-batching
 */
const batch = operation({
  id: 'batch',
  method: 'POST',
  path: '/{graphVersion}/$batch',
  // Any token may ask; what it may have is decided for each request.
  permission: { documented: [], requests: () => [] },
  body: batchBody,
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/json-batching',
  handler: async ({ body, request, version }, room) => {
    const problem = batchProblem(body.requests);
    if (problem !== undefined) return invalidBatch(problem);
    const inner = innerRequests(request, version, body.requests, room);
    if (isFault(inner)) return inner;
    const answers = await answersOf(body.requests, inner, room);
    const responses = body.requests.flatMap(({ id }) => answers.get(id) ?? []);
    const context = contextOf(request, version, 'Microsoft.Graph.BatchResponseContent');
    return { status: 200, json: { '@odata.context': context, responses } };
  },
});

/** `POST /$batch`. */
export const batchOperations: readonly Operation<Caller, GraphRoom>[] = [batch];

/** The requests of a batch as the surface knows requests; all of them are readable, or none is sent. */
function innerRequests(
  outer: HttpRequest,
  version: string,
  steps: readonly BatchStep[],
  room: GraphRoom,
): ReadonlyMap<string, HttpRequest> | Fault {
  const inner = new Map<string, HttpRequest>();
  for (const step of steps) {
    const path = step.url.startsWith('/') ? step.url : `/${step.url}`;
    const target = parseTarget(`/${version}${path.replaceAll(' ', '%20')}`);
    const query = target === undefined ? undefined : parseQuery(target.query);
    if (target === undefined || query === undefined)
      return invalidBatch({ kind: 'url', id: step.id });
    const content = step.body === undefined ? [] : [Buffer.from(JSON.stringify(step.body), 'utf8')];
    inner.set(step.id, {
      ...outer,
      method: step.method.toUpperCase(),
      target,
      route: target,
      query,
      headers: headersOf(outer, step),
      requestId: room.random.guid(),
      stream: Readable.from(content),
    });
  }
  return inner;
}

/** Its own headers, but the token of the whole. */
function headersOf(outer: HttpRequest, step: BatchStep): Readonly<Record<string, string>> {
  const own = Object.entries(step.headers ?? {}).map(([name, value]) => [
    name.toLowerCase(),
    value,
  ]);
  const { authorization, host } = outer.headers;
  return {
    ...(Object.fromEntries(own) as Record<string, string>),
    ...(authorization === undefined ? {} : { authorization }),
    ...(host === undefined ? {} : { host }),
  };
}

/** Sends what depends on nothing that is still open, until everything is answered. */
async function answersOf(
  steps: readonly BatchStep[],
  inner: ReadonlyMap<string, HttpRequest>,
  room: GraphRoom,
): Promise<ReadonlyMap<string, JsonObject>> {
  const statuses = new Map<string, number>();
  const answers = new Map<string, JsonObject>();
  for (let ready = readySteps(steps, statuses); ready.length > 0; ) {
    const sent = ready.map(async (step) => {
      const request = inner.get(step.id);
      if (request === undefined) return;
      const reply = isDoomed(step, statuses)
        ? room.refuse(failedDependency(), request)
        : await room.dispatch(request);
      answers.set(step.id, answerJson(step.id, reply));
    });
    await Promise.all(sent);
    for (const { id } of ready) statuses.set(fold(id), Number(answers.get(id)?.['status']));
    ready = readySteps(steps, statuses);
  }
  return answers;
}

function answerJson(id: string, reply: Reply): JsonObject {
  const contentType = reply.contentType;
  return {
    id,
    status: reply.status,
    headers: {
      ...reply.headers,
      ...(contentType === undefined ? {} : { 'Content-Type': contentType }),
    },
    body: reply.text ?? (reply.json as Json | undefined),
  };
}
