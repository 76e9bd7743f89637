import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { type Agent, request as httpsRequest } from 'node:https';

/** One request as it goes on the wire. */
export interface WireRequest {
  readonly method: string;
  /** `https://host[:port]`. */
  readonly origin: string;
  /** Raw path and query: sent as they stand, never normalised. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

export interface WireReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly stream: IncomingMessage;
}

export interface TransportOptions {
  /** Keeps connections, trusts extra roots, goes through a proxy; Node's global agent when absent. */
  readonly agent?: Agent | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Longest silence on a connection before the request fails, in milliseconds. */
const silenceMillisecondsMax = 60_000;

/**
 * Sends one request and resolves with the head of its answer; the body is still to be read. Node's https and not fetch, because
 * fetch rewrites targets, and a `nextLink` must go back exactly as it came.
 */
export function send(request: WireRequest, options: TransportOptions): Promise<WireReply> {
  const { hostname, port } = new URL(request.origin);
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest({
      method: request.method,
      hostname: hostname.replace(/^\[|\]$/g, ''),
      ...(port === '' ? {} : { port }),
      path: request.target,
      headers: request.headers,
      ...(options.agent === undefined ? {} : { agent: options.agent }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    outgoing.setTimeout(silenceMillisecondsMax, () => {
      outgoing.destroy(Object.assign(new Error('the service is silent'), { code: 'ETIMEDOUT' }));
    });
    outgoing.on('response', (stream) => {
      resolve({ status: stream.statusCode ?? 0, headers: stream.headers, stream });
    });
    outgoing.on('error', reject);
    outgoing.end(request.body);
  });
}

/** The whole body as text. */
export async function textOfReply(reply: WireReply): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of reply.stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** Lets a body pass that nobody reads, so that its connection serves again; if it breaks off, nothing is lost. */
export function discard(reply: WireReply): void {
  reply.stream.on('error', () => {}).resume();
}

/** Origin and raw target of an address, cut without normalising it; undefined when it is not https. */
export function splitAddress(
  address: string,
): { readonly origin: string; readonly target: string } | undefined {
  const found = /^(https:\/\/[^/?#]+)([^#]*)/i.exec(address);
  if (found === null) return undefined;
  const target = found[2] ?? '';
  return {
    origin: (found[1] ?? '').toLowerCase(),
    target: target.startsWith('/') ? target : `/${target}`,
  };
}
