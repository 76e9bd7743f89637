import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline as streamPipeline } from 'node:stream/promises';
import type { Clock } from '#kernel/clock.ts';
import type { Log } from '#kernel/log.ts';
import { guidInTime, type Random } from '#kernel/random.ts';
import { drain } from './body.ts';
import { type RawHandler, rawTargetOf } from './listen.ts';
import type { Reply } from './operation.ts';
import type { Surface } from './pipeline.ts';
import type { HttpRequest, Reach } from './request.ts';
import { below, parseQuery, parseTarget, type RawTarget } from './target.ts';

export interface FrontDoorParts {
  /** Which surface a Host (`name[:port]`, folded) and the raw first segments mean; undefined when none fits. */
  readonly reachOf: (host: string, segments: readonly string[]) => Reach | undefined;
  readonly surfaces: ReadonlyMap<string, Pick<Surface, 'handle'>>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** The way from a raw request to its surface: parse the target once, find the surface by host, serve, write. */
export function frontDoor(parts: FrontDoorParts): RawHandler {
  return async (raw, response) => {
    const requestId = guidInTime(parts.random.guid(), parts.clock.real());
    try {
      const reply = await replyTo(parts, raw, requestId);
      await write(raw, response, reply);
    } catch (error) {
      parts.log.error({ requestId, error: String(error) }, 'a reply could not be written');
      response.destroy();
    }
  };
}

function replyTo(
  parts: FrontDoorParts,
  raw: IncomingMessage,
  requestId: string,
): Promise<Reply> | Reply {
  if (hasRepeatedHeader(raw.rawHeaders)) return badRequest(requestId);
  const place = placeOf(rawTargetOf(raw), raw.headers.host);
  if (place === undefined) return badRequest(requestId);
  if (place === 'misdirected') return misdirected(requestId, raw.headers.host ?? '');
  const { host, target } = place;
  const reach = parts.reachOf(host, target.segments);
  const surface = reach === undefined ? undefined : parts.surfaces.get(reach.surface);
  if (reach === undefined || surface === undefined) {
    return misdirected(requestId, `${host}/${target.segments[0] ?? ''}`);
  }
  const query = parseQuery(target.query);
  if (query === undefined) return badRequest(requestId);
  const request: HttpRequest = {
    method: raw.method ?? 'GET',
    target,
    route: below(target, reach.base.length),
    query,
    headers: headersOf(raw),
    reach,
    requestId,
    receivedAt: parts.clock.civil(),
    receivedReal: parts.clock.real(),
    remoteAddress: raw.socket.remoteAddress ?? '',
    stream: raw,
  };
  return surface.handle(request);
}

/** Headers whose second line would let two readers of one request see different hosts or callers. */
const singleHeaders = ['host', 'authorization'];

/** Looks at names and values in turn, as they were sent. */
function hasRepeatedHeader(rawHeaders: readonly string[]): boolean {
  return singleHeaders.some((single) => {
    let count = 0;
    for (let index = 0; index < rawHeaders.length; index += 2) {
      const name = rawHeaders[index] ?? '';
      if (name.length === single.length && name.toLowerCase() === single) count += 1;
    }
    return count > 1;
  });
}

/** Host and origin-form target; an absolute-form target must name the same host as the Host header. */
function placeOf(
  rawTarget: string,
  hostHeader: string | undefined,
): { readonly host: string; readonly target: RawTarget } | 'misdirected' | undefined {
  const host = hostHeader?.toLowerCase();
  if (host === undefined || !/^[a-z0-9.\-_[\]:]+$/.test(host)) return undefined;
  const absolute = /^https?:\/\/([^/?#]*)(.*)$/i.exec(rawTarget);
  if (absolute !== null && absolute[1]?.toLowerCase() !== host) return 'misdirected';
  const origin = absolute === null ? rawTarget : absolute[2] || '/';
  const target = parseTarget(origin);
  return target === undefined ? undefined : { host, target };
}

function headersOf(raw: IncomingMessage): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(raw.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}

async function write(raw: IncomingMessage, response: ServerResponse, reply: Reply): Promise<void> {
  const headers: OutgoingHttpHeaders = { ...reply.headers };
  if (reply.cookies !== undefined) headers['Set-Cookie'] = [...reply.cookies];
  const text = reply.json === undefined ? reply.text : JSON.stringify(reply.json);
  if (reply.contentType !== undefined) headers['Content-Type'] = reply.contentType;
  const bodiless = raw.method === 'HEAD' || reply.status === 204 || reply.status === 304;
  const length = Buffer.byteLength(text ?? '');
  if (!bodiless && reply.stream === undefined && reply.isChunked !== true) {
    headers['Content-Length'] = String(length);
  }
  // A body that did not end would be taken for the next request.
  const isWhole = raw.readableEnded || !hasBody(raw) || (await drain(raw));
  if (!isWhole) headers['Connection'] = 'close';
  response.writeHead(reply.status, headers);
  if (reply.stream !== undefined && !bodiless) {
    await writeStream(reply.stream, response);
  } else {
    reply.stream?.destroy();
    if (bodiless || text === undefined) response.end();
    // ASCII is written as it stands, and most replies are nothing else.
    else response.end(text, length === text.length ? 'latin1' : 'utf8');
  }
}

async function writeStream(stream: Readable, response: ServerResponse): Promise<void> {
  try {
    await streamPipeline(stream, response);
  } catch {
    // The client went away, or the source broke after the head was sent: the cut connection says so.
    response.destroy();
  }
}

function hasBody(raw: IncomingMessage): boolean {
  return (
    raw.headers['transfer-encoding'] !== undefined || Number(raw.headers['content-length']) > 0
  );
}

function misdirected(requestId: string, place: string): Reply {
  const message = `This server does not answer at ${place.slice(0, 200)}. See the addresses that it printed at start.`;
  return plainError(421, 'MisdirectedRequest', message, requestId);
}

function badRequest(requestId: string): Reply {
  return plainError(400, 'BadRequest', 'The request target or its head is malformed.', requestId);
}

/** There is no surface yet, so no dialect: the shape that most Azure services share. */
function plainError(status: number, code: string, message: string, requestId: string): Reply {
  return {
    status,
    headers: { 'x-ms-request-id': requestId },
    contentType: 'application/json; charset=utf-8',
    json: { error: { code, message } },
  };
}
