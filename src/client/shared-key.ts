import { createHmac } from 'node:crypto';
import type { SignableRequest } from './credentials.ts';

/** Headers that are signed by value alone, in this order; `date` is empty when `ocp-date` is sent. */
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

/**
 * The text that a Batch shared key signs: method, standard headers, `ocp-` headers, the raw path below the account's name, and
 * the decoded query sorted by name.
 * Source: https://learn.microsoft.com/rest/api/batchservice/authenticate-requests-to-the-azure-batch-service
 */
export function stringToSign(request: SignableRequest, accountName: string): string {
  const { method, target, headers } = request;
  const standard = signedHeaders.map((name) => headers[name] ?? '');
  const own = Object.keys(headers)
    .filter((name) => name.startsWith('ocp-'))
    .sort()
    .map((name) => `${name}:${headers[name]}`);
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? '' : target.slice(mark + 1);
  const resource = `/${accountName}${path}${canonicalQuery(query)}`;
  return [method, ...standard, ...own, resource].join('\n');
}

/** Base64 of HMAC-SHA256 over the text in UTF-8. */
export function signatureOf(text: string, key: Uint8Array): string {
  return createHmac('sha256', key).update(text, 'utf8').digest('base64');
}

function canonicalQuery(query: string): string {
  const byName = new Map<string, string[]>();
  for (const part of query.split('&')) {
    if (part === '') continue;
    const mark = part.indexOf('=');
    const name = decodeURIComponent(mark < 0 ? part : part.slice(0, mark));
    const value = mark < 0 ? '' : decodeURIComponent(part.slice(mark + 1));
    byName.set(name, [...(byName.get(name) ?? []), value]);
  }
  const sorted = [...byName].sort(([left], [right]) => (left < right ? -1 : 1));
  return sorted.map(([name, values]) => `\n${name}:${values.sort().join(',')}`).join('');
}
