import { createHmac, timingSafeEqual } from 'node:crypto';
import type { QueryParameter, RawTarget } from '#http/target.ts';
import { type Instant, parseInstant } from '#kernel/instant.ts';

/** How far the date of a signed request may be from real time, either way, in seconds. */
export const skewSecondsMax = 900;

/** What of a request a shared key signs. Header names are lower-case. */
export interface SignedRequest {
  readonly method: string;
  /** The whole raw target: the path is signed as it stood on the wire. */
  readonly target: RawTarget;
  readonly query: readonly QueryParameter[];
  readonly headers: Readonly<Record<string, string>>;
}

/** The two parts of `Authorization: SharedKey account:signature`. */
export interface SharedKeyHeader {
  readonly account: string;
  readonly signature: string;
}

/** Why a signature was not accepted. */
export type SharedKeyProblem = 'noDate' | 'stale' | 'wrongSignature';

/** Reads the header; undefined when it is not of this form. */
export function parseSharedKey(authorization: string): SharedKeyHeader | undefined {
  const match = /^SharedKey\s+([^:\s]{1,64}):([A-Za-z0-9+/]{1,128}={0,2})$/i.exec(authorization);
  const [, account, signature] = match ?? [];
  return account === undefined || signature === undefined ? undefined : { account, signature };
}

/**
 * Verifies a signature with any of an account's keys (base64 text), in constant time per candidate.
 * Clients disagree on three lines, and each reading is accepted: the length of an empty body (as
 * sent, absent, or 0), the case of query names, blank query values. `now` is real time, since the
 * client dated the request. Undefined means accepted.
 * Source: https://learn.microsoft.com/rest/api/batchservice/authenticate-requests-to-the-azure-batch-service
 */
export function verifySharedKey(
  request: SignedRequest,
  header: SharedKeyHeader,
  keys: readonly string[],
  now: Instant,
): SharedKeyProblem | undefined {
  const date = request.headers['ocp-date'] ?? request.headers['date'];
  const at = date === undefined ? undefined : parseInstant(date);
  if (at === undefined) return 'noDate';
  if (Math.abs(now - at) > skewSecondsMax * 1_000_000) return 'stale';
  const claimed = Buffer.from(header.signature, 'base64');
  let accepted = false;
  for (const text of stringsToSign(request, header.account)) {
    for (const key of keys) {
      const computed = createHmac('sha256', Buffer.from(key, 'base64'))
        .update(text, 'utf8')
        .digest();
      if (claimed.length === computed.length && timingSafeEqual(claimed, computed)) accepted = true;
    }
  }
  return accepted ? undefined : 'wrongSignature';
}

/**
 * Every string that an honest client may have signed for this request, the likeliest first, without
 * repetitions.
 */
export function stringsToSign(request: SignedRequest, account: string): readonly string[] {
  const resource = `/${account}${request.target.path}`;
  const queries = queryTexts(request.query);
  const texts = lengthTexts(request.headers).flatMap((length) =>
    queries.map((query) => `${headerLines(request, length)}${resource}${query}`),
  );
  return [...new Set(texts)];
}

/** The headers of the second to the twelfth line, in the order in which they are signed. */
const signedHeaders = [
  'content-encoding',
  'content-language',
  'content-length',
  'content-md5',
  'content-type',
  'date',
  'if-modified-since',
  'if-match',
  'if-none-match',
  'if-unmodified-since',
  'range',
];

function headerLines({ method, headers }: SignedRequest, length: string): string {
  const lines = [method.toUpperCase()];
  for (const name of signedHeaders) {
    if (name === 'content-length') lines.push(length);
    else if (name === 'date' && headers['ocp-date'] !== undefined) lines.push('');
    else lines.push(headers[name] ?? '');
  }
  const own = Object.keys(headers).filter((name) => name.startsWith('ocp-'));
  for (const name of own.sort()) lines.push(`${name}:${headers[name]?.trim() ?? ''}`);
  return `${lines.join('\n')}\n`;
}

function lengthTexts(headers: Readonly<Record<string, string>>): readonly string[] {
  const sent = headers['content-length'];
  if (sent !== undefined && sent !== '0') return [sent];
  return sent === undefined ? ['', '0'] : ['0', ''];
}

function queryTexts(query: readonly QueryParameter[]): readonly string[] {
  const filled = query.filter(({ value }) => value !== '');
  const readings = filled.length === query.length ? [query] : [query, filled];
  return readings.flatMap((parameters) => [
    queryText(parameters),
    queryText(parameters.map(({ name, value }) => ({ name: name.toLowerCase(), value }))),
  ]);
}

function queryText(parameters: readonly QueryParameter[]): string {
  const values = new Map<string, string[]>();
  for (const { name, value } of parameters) {
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  const names = [...values.keys()].sort();
  return names.map((name) => `\n${name}:${(values.get(name) ?? []).sort().join(',')}`).join('');
}
