import { lookup } from 'node:dns';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { getCACertificates } from 'node:tls';
import { egressRefusal, ownAddresses } from './egress.ts';
import { type FetchLimits, openFetchTurns } from './fetch-turns.ts';

/** Largest document that is read, in bytes. */
export const documentBytesMax = 65_536;
/** Longest fetch of one document, from the wait for a place to its last byte, in milliseconds. */
const documentMillisecondsMax = 10_000;
/** How many documents are fetched at once by one process. */
const defaultLimits: FetchLimits = { runningMax: 32, runningPerHostMax: 4, waitingMax: 128 };

/** A JSON document, or why there is none, in words for the operator. */
export type OutboundDocument =
  | { readonly kind: 'document'; readonly json: unknown }
  | { readonly kind: 'failure'; readonly reason: string };

/** Fetches a JSON document from outside of this process. It never throws. */
export type FetchDocument = (address: string) => Promise<OutboundDocument>;

export interface OutboundParts {
  /** Certificates, in PEM, that are trusted beside those that the machine trusts. */
  readonly issuerRoots?: string;
  /** Ports on which Batten listens now: it does not ask itself. */
  readonly ownPorts: () => readonly number[];
  readonly limits?: FetchLimits;
  /** Longest fetch in milliseconds, when not ten seconds. */
  readonly millisecondsMax?: number;
  /** How names are looked up, when not as the machine does. */
  readonly lookup?: typeof lookup;
}

/**
 * The one way to other servers: https alone, with a certificate that is verified, without a
 * redirect, 64 KiB and ten seconds at most, and never to a link-local address, where clouds keep
 * their secrets. Loopback and private addresses are allowed: the issuer may run beside Batten.
 * Whoever calls decides what is fetched, so that few are fetched at once and few wait.
 */
export function outboundDocuments(parts: OutboundParts): FetchDocument {
  const { issuerRoots, limits = defaultLimits, millisecondsMax = documentMillisecondsMax } = parts;
  const turns = openFetchTurns(limits);
  const ca = issuerRoots === undefined ? undefined : [...getCACertificates('default'), issuerRoots];
  return async (address) => {
    const url = URL.parse(address);
    if (url === null || url.protocol !== 'https:') return failure('its address is not https');
    if (`${url.username}${url.password}` !== '') return failure('its address names a user');
    const rule = { refusedPorts: parts.ownPorts(), ownAddresses: ownAddresses() };
    const port = url.port === '' ? 443 : Number(url.port);
    const isAllowed = (ip: string): boolean => egressRefusal(ip, port, rule) === undefined;
    const literal = url.hostname.replace(/^\[(.*)\]$/, '$1');
    if (isIP(literal) !== 0 && !isAllowed(literal)) return failure('its address is not allowed');
    const signal = AbortSignal.timeout(millisecondsMax);
    const names = guardedLookup(parts.lookup ?? lookup, isAllowed);
    let giveBack: (() => void) | undefined;
    try {
      giveBack = await turns.take(url.host, signal);
      if (giveBack === undefined) return failure('too many documents are fetched at once');
      const reply = await answerOf(url, { ca, signal, lookup: names.lookup });
      return await documentOf(reply);
    } catch (error) {
      return failure(reasonOf(error));
    } finally {
      if (giveBack !== undefined) void names.ended().then(giveBack);
    }
  };
}

interface Connecting {
  readonly ca: string[] | undefined;
  readonly signal: AbortSignal;
  readonly lookup: LookupFunction;
}

function answerOf(url: URL, { ca, signal, lookup }: Connecting): Promise<IncomingMessage> {
  const headers = { Accept: 'application/json', 'Accept-Encoding': 'identity' };
  const options = { agent: false, headers, signal, lookup } as const;
  return new Promise((resolve, reject) => {
    get(url, ca === undefined ? options : { ...options, ca }, resolve).on('error', reject);
  });
}

/** Reads an answer as far as it may go. A redirect is no 200. */
async function documentOf(reply: IncomingMessage): Promise<OutboundDocument> {
  const { statusCode, headers } = reply;
  const encoding = headers['content-encoding'] ?? 'identity';
  const refused =
    statusCode !== 200
      ? `it answered ${statusCode}`
      : encoding !== 'identity' || !isJsonType(headers['content-type'] ?? '')
        ? 'its content is not JSON'
        : undefined;
  if (refused !== undefined) {
    reply.destroy();
    return failure(refused);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of reply) {
    bytes += chunk.length;
    // Leaving the loop destroys the answer.
    if (bytes > documentBytesMax) return failure(`it is larger than ${documentBytesMax} bytes`);
    chunks.push(chunk);
  }
  const json: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  return { kind: 'document', json };
}

/** `application/json`, or a type of its own that is JSON too: `application/jwk-set+json`. */
function isJsonType(contentType: string): boolean {
  return /^application\/([\w.-]+\+)?json\s*(;|$)/i.test(contentType);
}

/**
 * Hands out only addresses that are allowed, so that a name cannot change its mind in between. A
 * look-up goes on in the machine when nobody waits for it any more, and says when it ended.
 */
function guardedLookup(
  lookUp: typeof lookup,
  isAllowed: (ip: string) => boolean,
): { readonly lookup: LookupFunction; ended(): Promise<void> } {
  let last = Promise.resolve();
  const guarded: LookupFunction = (hostname, options, done) => {
    const ended = Promise.withResolvers<void>();
    last = ended.promise;
    lookUp(hostname, { ...options, all: true }, (error, addresses) => {
      ended.resolve();
      if (error !== null) return done(error, '', 0);
      const allowed = addresses.filter(({ address }) => isAllowed(address));
      const [first] = allowed;
      if (first === undefined) {
        return done(Object.assign(new Error('refused'), { code: 'EGRESS' }), '', 0);
      }
      if (options.all === true) return done(null, allowed);
      done(null, first.address, first.family);
    });
  };
  return { lookup: guarded, ended: () => last };
}

function failure(reason: string): OutboundDocument {
  return { kind: 'failure', reason };
}

/** The code of an error, or its name: never a text of the other server. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'it failed';
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : error.name;
}
