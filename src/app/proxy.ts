import {
  createServer,
  type IncomingMessage,
  request as requestHttp,
  type ServerResponse,
} from 'node:http';
import { request as requestHttps } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Random } from '#kernel/random.ts';
import { type ProxyRefusal, proxyUnreachable } from './faults.ts';
import {
  type InstanceMetadata,
  isProxyRefusal,
  type ProxyRoute,
  proxyRoute,
} from './proxy-route.ts';
import type { ServerRecord } from './server-record.ts';

/** The proxy of one `batten run`. */
export interface Proxy {
  /** `http://batten:CREDENTIAL@127.0.0.1:PORT`: whoever has it may use the proxy. */
  readonly url: string;
  close(): Promise<void>;
}

export interface ProxyParts {
  /** The Batten that answers for Azure's names. */
  readonly server: ServerRecord;
  /** Our roots in PEM, by which the proxy knows Batten when it speaks TLS itself. */
  readonly roots: string;
  readonly allowsInternet: boolean;
  readonly random: Random;
  /** Where a command that runs as a managed identity finds instance metadata. */
  readonly instanceMetadata?: InstanceMetadata | undefined;
  /** Told once for each refusal, so that a person sees what a client may hide. */
  readonly onRefusal: (refusal: ProxyRefusal) => void;
}

const credentialBytes = 24;
/** Longest wait for a connection to the other side, in milliseconds. */
const connectMillisecondsMax = 15_000;

/**
 * Opens a forward proxy on a free loopback port; `proxyRoute` says where a request goes. CONNECT and absolute-form targets are taken, since
 * some clients send the latter even for https. A tunnel to Batten is not looked into: Batten has a certificate for each of Azure's names.
 * One to instance metadata ends here, since its requests are plain and need the credential of the run: fetch of Node asks through a tunnel.
 */
export async function openProxy(parts: ProxyParts): Promise<Proxy> {
  const credential = `batten:${parts.random.bytes(credentialBytes).toString('base64url')}`;
  const { server: batten, allowsInternet, instanceMetadata } = parts;
  const metadata = instanceMetadata === undefined ? {} : { instanceMetadata };
  const rules = { server: batten, allowsInternet, credential, ...metadata };
  const told = new Set<string>();
  const routeOf = (request: IncomingMessage): ProxyRoute | ProxyRefusal => {
    const route = proxyRoute(rules, request);
    if (isProxyRefusal(route) && !told.has(route.text)) {
      told.add(route.text);
      parts.onRefusal(route);
    }
    return route;
  };
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const route = routeOf(request);
    if (isProxyRefusal(route)) refuse(response, route);
    else forward(route, parts.roots, request, response);
  });
  server.on('connection', (socket: Socket) => keep(sockets, socket));
  server.on('connect', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const route = routeOf(request);
    if (isProxyRefusal(route)) refuseTunnel(socket, route);
    else if (route.headers !== undefined) serveTunnel(route, parts.roots, socket, head);
    else keep(sockets, tunnel(route, socket, head));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${credential}@127.0.0.1:${port}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

const tunnelOpened = 'HTTP/1.1 200 Connection established\r\n\r\n';

/** Joins the client's connection to one of its own, and returns that. */
function tunnel(route: ProxyRoute, socket: Socket, head: Buffer): Socket {
  const far = connect({ host: route.address, port: route.port, noDelay: true });
  let isOpen = false;
  far.setTimeout(connectMillisecondsMax, () => far.destroy(new Error('no answer')));
  far.once('connect', () => {
    isOpen = true;
    far.setTimeout(0);
    socket.write(tunnelOpened);
    if (head.length > 0) far.write(head);
    far.pipe(socket);
    socket.pipe(far);
  });
  far.once('error', () => {
    if (isOpen) socket.destroy();
    else refuseTunnel(socket, proxyUnreachable(route.target.host));
  });
  socket.once('close', () => far.destroy());
  return far;
}

/** Takes the requests out of a tunnel and forwards each like one of absolute form. */
function serveTunnel(route: ProxyRoute, roots: string, socket: Socket, head: Buffer): void {
  const inner = createServer((request, response) => {
    const target = { ...route.target, form: 'http', path: request.url ?? '/' } as const;
    forward({ ...route, target }, roots, request, response);
  });
  socket.write(tunnelOpened);
  if (head.length > 0) socket.unshift(head);
  inner.emit('connection', socket);
}

/** Answers an absolute-form request by asking the other side itself. */
function forward(
  route: ProxyRoute,
  roots: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { target } = route;
  const isSecure = target.form === 'https';
  const far = (isSecure ? requestHttps : requestHttp)({
    host: route.address,
    port: route.port,
    method: request.method,
    path: target.path,
    headers: { ...endToEndHeaders(request), ...route.headers, host: target.authority },
    agent: false,
    ...(isSecure ? { servername: target.host } : {}),
    ...(isSecure && route.isBatten ? { ca: roots } : {}),
  });
  far.once('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, endToEndHeaders(answer));
    answer.pipe(response);
    answer.once('error', () => response.destroy());
  });
  far.once('error', () => {
    if (response.headersSent) response.destroy();
    else refuse(response, proxyUnreachable(target.host));
  });
  response.once('close', () => far.destroy());
  request.pipe(far);
}

/** Headers that belong to one connection and are not passed on. */
const hopHeaders: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'upgrade',
]);

function endToEndHeaders(message: IncomingMessage): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, values] of Object.entries(message.headersDistinct)) {
    if (values === undefined || hopHeaders.has(name)) continue;
    headers[name] = values.length === 1 ? (values[0] ?? '') : values;
  }
  return headers;
}

function refuse(response: ServerResponse, refusal: ProxyRefusal): void {
  response.writeHead(refusal.status, refusal.reason, refusalHeaders(refusal));
  response.end(refusal.text);
}

function refuseTunnel(socket: Socket, refusal: ProxyRefusal): void {
  const headers = Object.entries(refusalHeaders(refusal)).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  socket.end(
    `HTTP/1.1 ${refusal.status} ${refusal.reason}\r\n${headers.join('')}\r\n${refusal.text}`,
  );
}

function refusalHeaders(refusal: ProxyRefusal): Readonly<Record<string, string>> {
  return {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(refusal.text)),
    Connection: 'close',
    ...(refusal.status === 407 ? { 'Proxy-Authenticate': 'Basic realm="batten run"' } : {}),
  };
}

function keep(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
}
