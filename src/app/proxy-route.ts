import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { knownHost } from '#cloud/cloud.ts';
import { fold } from '#kernel/ids.ts';
import {
  type ProxyRefusal,
  proxyBadTarget,
  proxyForeignHost,
  proxyPlainAzure,
  proxyUnauthorized,
  proxyUnservedAzure,
} from './faults.ts';
import type { ServerRecord } from './server-record.ts';

/** What a request asks the proxy for. */
export interface ProxyTarget {
  /** Folded, without brackets. */
  readonly host: string;
  readonly port: number;
  readonly form: 'connect' | 'https' | 'http';
  /** Host and port as written. */
  readonly authority: string;
  /** Path and query of the absolute form; empty for CONNECT. */
  readonly path: string;
}

/** Where a connection goes. */
export interface ProxyRoute {
  readonly target: ProxyTarget;
  readonly address: string;
  readonly port: number;
  readonly isBatten: boolean;
  /** Headers that the proxy adds to each request, in place of the client's own; inside a tunnel, too. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Where instance metadata of this run answers on loopback, and what proves that the proxy asks. */
export interface InstanceMetadata {
  readonly port: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** By what the proxy decides. */
export interface ProxyRules {
  /** The Batten that answers for Azure's names. */
  readonly server: ServerRecord;
  readonly allowsInternet: boolean;
  /** `user:password`, as it stands in the proxy's URL. */
  readonly credential: string;
  /** Absent, nothing answers for a virtual machine's own address. */
  readonly instanceMetadata?: InstanceMetadata;
}

const tlsPort = 443;
const plainPort = 80;
/** Where a virtual machine of Azure gets real tokens. */
const instanceMetadataHost = '169.254.169.254';

/**
 * Where a request goes, or why it goes nowhere. Azure's host names (those of the cloud table, port 443) and Batten's own address lead to
 * Batten, and a virtual machine's own address to the endpoint of the run's managed identity. Nothing that was meant for Batten may leave for the real Azure, even when the internet is allowed.
 */
export function proxyRoute(
  rules: ProxyRules,
  request: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
): ProxyRoute | ProxyRefusal {
  if (!hasCredential(request.headers['proxy-authorization'], rules.credential)) {
    return proxyUnauthorized;
  }
  const target = targetOf(request.method ?? '', request.url ?? '');
  if (target === undefined) return proxyBadTarget;
  const { host, port, form } = target;
  const { server, instanceMetadata } = rules;
  const isAzure = knownHost(host) !== undefined;
  const isOwn =
    port === server.port && ['localhost', '127.0.0.1', '::1', server.address].includes(host);
  if (form === 'http' && isAzure) return proxyPlainAzure(host);
  if (isOwn || (isAzure && port === tlsPort)) {
    return { target, address: server.address, port: server.port, isBatten: true };
  }
  const isMetadata = host === instanceMetadataHost && form !== 'https' && port === plainPort;
  if (isMetadata && instanceMetadata !== undefined) {
    return { target, address: '127.0.0.1', ...instanceMetadata, isBatten: true };
  }
  if (isAzure || host === instanceMetadataHost) return proxyUnservedAzure(host, port);
  if (!rules.allowsInternet) return proxyForeignHost(host);
  return { target, address: host, port, isBatten: false };
}

/** Tells a refusal from a route. */
export function isProxyRefusal(route: ProxyRoute | ProxyRefusal): route is ProxyRefusal {
  return 'status' in route;
}

function targetOf(method: string, url: string): ProxyTarget | undefined {
  if (method === 'CONNECT') {
    const place = placeOf(url, undefined);
    return place && { ...place, form: 'connect', authority: url, path: '' };
  }
  const [, scheme = '', authority = '', rest = ''] =
    /^(https?):\/\/([^/?#]+)(.*)$/i.exec(url) ?? [];
  const form = scheme.toLowerCase() === 'https' ? 'https' : 'http';
  const place = placeOf(authority, form === 'https' ? tlsPort : plainPort);
  const path = rest.startsWith('/') ? rest : `/${rest}`;
  return place && { ...place, form, authority, path };
}

/** Parses `host:port`; the port may be absent where the scheme says it. */
function placeOf(
  authority: string,
  defaultPort: number | undefined,
): { readonly host: string; readonly port: number } | undefined {
  const found = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::(\d{1,5}))?$/i.exec(authority);
  const host = fold(found?.[1] ?? found?.[2] ?? '');
  const port = found?.[3] === undefined ? defaultPort : Number(found[3]);
  const isPort = port !== undefined && port > 0 && port <= 65_535;
  return host === '' || !isPort ? undefined : { host, port };
}

function hasCredential(header: string | undefined, credential: string): boolean {
  const [scheme = '', encoded = ''] = (header ?? '').split(' ');
  const presented = Buffer.from(encoded, 'base64');
  const expected = Buffer.from(credential);
  return (
    scheme.toLowerCase() === 'basic' &&
    presented.length === expected.length &&
    timingSafeEqual(presented, expected)
  );
}
