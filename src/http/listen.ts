import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createNetServer, type Socket } from 'node:net';
import { createSecureContext, type SecureContext, type Server as TlsServer } from 'node:tls';
import fastify from 'fastify';

// Importing node:http evaluates every export, WebSocket and with it Node's whole fetch among them: 35 ms of each start.
const { createServer: createHttpServer } = process.getBuiltinModule('node:http');

/** Answers one request on the raw objects. Never rejects. */
export type RawHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** A leaf certificate followed by its issuer, and its private key, in PEM. */
export interface CertificatePair {
  readonly certificate: string;
  readonly privateKey: string;
}

export interface ListenerParts {
  /** Everything that comes over TLS. */
  readonly secure: RawHandler;
  /** Everything that comes in plain HTTP on the same port: only proxy and identity are ever served there. */
  readonly plain: RawHandler;
  /** A proxy's CONNECT in plain HTTP; absent, such a connection is closed. */
  readonly connect?: (request: IncomingMessage, socket: Socket, head: Buffer) => void;
  /** The certificate for a server name; undefined refuses the handshake. Asked with undefined when the client names none. */
  readonly certificateFor: (serverName: string | undefined) => Promise<CertificatePair | undefined>;
}

export interface Listener {
  readonly port: number;
  /** Hands over a connection that was accepted elsewhere (the tunnel of a proxy). */
  accept(socket: Socket): void;
  /** Stops accepting, lets running requests finish within the limit, then closes the rest. */
  close(drainMilliseconds: number): Promise<void>;
}

/** Longest head of a request in bytes: URL and headers together. */
const headBytesMax = 32_768;
/** Longest time to send a head, and to send a whole request, in milliseconds. */
const headMillisecondsMax = 10_000;
const requestMillisecondsMax = 300_000;
const idleMillisecondsMax = 65_000;
/** Server names whose secure context is kept. */
const contextsMax = 500;
const renewMilliseconds = 24 * 3600 * 1000;

const serverLimits = {
  maxHeaderSize: headBytesMax,
  headersTimeout: headMillisecondsMax,
  requestTimeout: requestMillisecondsMax,
  keepAliveTimeout: idleMillisecondsMax,
  connectionsCheckingInterval: 5000,
};

const tlsHandshakeByte = 0x16;

/** One port for TLS and plain HTTP: the first byte of a connection decides. Rejects when the port cannot be had. */
export async function listen(parts: ListenerParts, host: string, port: number): Promise<Listener> {
  const fallback = await parts.certificateFor(undefined);
  const contexts = new Map<string, KnownContext>();
  const secureServer = createHttpsServer({
    ...serverLimits,
    ...(fallback === undefined ? {} : { cert: fallback.certificate, key: fallback.privateKey }),
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
    SNICallback: (name, answer) => {
      contextFor(parts, contexts, name).then(
        (context) => answer(null, context),
        (error: Error) => answer(error),
      );
    },
  });
  const plainServer = createHttpServer(serverLimits);
  if (parts.connect !== undefined) {
    const { connect } = parts;
    plainServer.on('connect', (request, socket, head) => connect(request, socket as Socket, head));
  }
  await Promise.all([catchAll(secureServer, parts.secure), catchAll(plainServer, parts.plain)]);
  const listener = await bindPort(secureServer, plainServer, host, port);
  const renewal = renewDaily(parts, secureServer);
  return {
    ...listener,
    close(drainMilliseconds) {
      clearInterval(renewal);
      return listener.close(drainMilliseconds);
    },
  };
}

/**
 * Serves plain HTTP on a Unix socket (or named pipe), whose folder says who may connect. Used between Batten's own processes.
 */
export async function listenOnPath(handler: RawHandler, path: string): Promise<Listener> {
  const server = createHttpServer({ ...serverLimits, requestTimeout: 0 });
  await catchAll(server, handler);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve());
  });
  return {
    port: 0,
    accept: (socket) => server.emit('connection', socket),
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

/** A secure context with the certificate that it was made of. */
interface KnownContext {
  readonly pair: CertificatePair;
  readonly context: SecureContext;
}

/** The certificate is asked for at every handshake, so that a renewed one is used from then on. */
async function contextFor(
  parts: ListenerParts,
  contexts: Map<string, KnownContext>,
  name: string,
): Promise<SecureContext> {
  const pair = await parts.certificateFor(name);
  if (pair === undefined) throw new Error(`no certificate for ${name}`);
  const known = contexts.get(name);
  if (known?.pair === pair) return known.context;
  const context = createSecureContext({ cert: pair.certificate, key: pair.privateKey });
  if (contexts.size >= contextsMax) contexts.clear();
  contexts.set(name, { pair, context });
  return context;
}

/** The certificate for clients that name no server is asked for once a day. */
function renewDaily(parts: ListenerParts, server: TlsServer): NodeJS.Timeout {
  const renew = async (): Promise<void> => {
    const pair = await parts.certificateFor(undefined);
    if (pair === undefined) return;
    server.setSecureContext({ cert: pair.certificate, key: pair.privateKey });
  };
  // What cannot be renewed today is tried again tomorrow, long before it ends.
  return setInterval(() => void renew().catch(() => {}), renewMilliseconds).unref();
}

/** Fastify's own compilers would be loaded at each start, and nothing here gives Fastify a schema. */
const noCompilers = { buildValidator: compileNothing, buildSerializer: compileNothing };

function compileNothing(): never {
  throw new Error('a schema was given to Fastify');
}

/** Fastify behind one catch-all: it never sees the URL nor the body, both of which are read raw. */
async function catchAll(server: Server, handler: RawHandler): Promise<void> {
  const app = fastify({
    serverFactory: (listener) => {
      server.on('request', listener);
      return server;
    },
    rewriteUrl: (request) => {
      // The router must not normalise what is authorized; the raw target is kept aside.
      (request as { rawTarget?: string }).rawTarget = request.url ?? '/';
      return '/';
    },
    clientErrorHandler: (error, socket) => answerParserError(error, socket as Socket),
    exposeHeadRoutes: false,
    schemaController: { compilersFactory: noCompilers },
  });
  // Before Fastify looks at a content type: what it dislikes is for the surface to judge.
  app.addHook('onRequest', (request, reply) => {
    reply.hijack();
    void handler(request.raw, reply.raw);
  });
  app.all('/', answeredAlready);
  app.setNotFoundHandler(answeredAlready);
  await app.ready();
}

function answeredAlready(): never {
  throw new Error('a request came past the hook that answers it');
}

/** The raw target of a request that came through `listen`. */
export function rawTargetOf(request: IncomingMessage): string {
  return (request as { rawTarget?: string }).rawTarget ?? request.url ?? '/';
}

/** Connections that were told that their request cannot be parsed. */
const refusedSockets = new WeakSet<Socket>();
/** How long such a connection may stay silent before it is cut, in milliseconds. */
const lingerMilliseconds = 2000;

/** What could not be parsed has no surface yet; the answer is that of the web server in front of Azure's services. */
function answerParserError(error: Error & { code?: string }, socket: Socket): void {
  // Each further piece of what cannot be parsed comes here again. To close now would be to reset, and the client would never read the answer.
  if (refusedSockets.has(socket)) return;
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  refusedSockets.add(socket);
  socket.setTimeout(lingerMilliseconds, () => socket.destroy());
  const tooLong = error.code === 'HPE_HEADER_OVERFLOW';
  const late = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const status = tooLong
    ? '431 Request Header Fields Too Large'
    : late
      ? '408 Request Timeout'
      : '400 Bad Request';
  const body = `<HTML><HEAD><TITLE>${status.slice(4)}</TITLE></HEAD><BODY><h2>${status.slice(4)}</h2></BODY></HTML>\r\n`;
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: text/html; charset=us-ascii\r\nServer: Microsoft-HTTPAPI/2.0\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
}

function bindPort(secure: Server, plain: Server, host: string, port: number): Promise<Listener> {
  // Neither server listens itself; the event starts their watch over slow heads.
  secure.emit('listening');
  plain.emit('listening');
  const sockets = new Set<Socket>();
  const accept = (socket: Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setTimeout(headMillisecondsMax, () => socket.destroy());
    socket.once('readable', () => {
      socket.setTimeout(0);
      socket.removeAllListeners('timeout');
      const first: Buffer | null = socket.read(1);
      if (first === null) return;
      socket.unshift(first);
      (first[0] === tlsHandshakeByte ? secure : plain).emit('connection', socket);
    });
  };
  const door = createNetServer({ noDelay: true }, accept);
  const close = async (drainMilliseconds: number): Promise<void> => {
    const closed = new Promise<void>((resolve) => door.close(() => resolve()));
    for (let waited = 0; sockets.size > 0 && waited < drainMilliseconds; waited += 20) {
      secure.closeIdleConnections();
      plain.closeIdleConnections();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    secure.closeAllConnections();
    plain.closeAllConnections();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return new Promise((resolve, reject) => {
    door.once('error', reject);
    door.listen(port, host, () => {
      door.off('error', reject);
      door.on('error', () => {});
      resolve({ port: (door.address() as AddressInfo).port, accept, close });
    });
  });
}
