import { isJsonObject, type JsonObject } from '#kernel/json.ts';
import { hasTwinNames } from './twin-names.ts';

/** Longest token that is read, in characters; the longest that Azure issues are near 8 KiB. */
export const tokenCharactersMax = 16_384;

/** A compact JSON web signature, taken apart and not yet believed. */
export interface UnverifiedToken {
  readonly header: JsonObject;
  readonly claims: JsonObject;
  /** The text that was signed. */
  readonly signed: string;
  readonly signature: Buffer;
}

/**
 * Takes `header.claims.signature` apart. Undefined when it is longer than allowed or is none, also
 * when a name in it comes twice.
 */
export function parseToken(token: string): UnverifiedToken | undefined {
  if (token.length > tokenCharactersMax) return undefined;
  const parts = token.split('.');
  if (parts.length !== 3) return undefined;
  const [headerText = '', claimsText = '', signatureText = ''] = parts;
  const header = jsonOf(headerText);
  const claims = jsonOf(claimsText);
  if (header === undefined || claims === undefined || !isBase64Url(signatureText)) return undefined;
  const signature = Buffer.from(signatureText, 'base64url');
  return { header, claims, signed: `${headerText}.${claimsText}`, signature };
}

/** The part of a token that is signed. */
export function tokenHead(header: JsonObject, claims: JsonObject): string {
  return `${segmentOf(header)}.${segmentOf(claims)}`;
}

/** What is signed when the token shows another header than was signed. */
export function signedUnder(header: JsonObject, { signed }: UnverifiedToken): string {
  return segmentOf(header) + signed.slice(signed.indexOf('.'));
}

function segmentOf(value: JsonObject): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function jsonOf(segment: string): JsonObject | undefined {
  if (segment === '' || !isBase64Url(segment)) return undefined;
  try {
    const text = Buffer.from(segment, 'base64url').toString('utf8');
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) && !hasTwinNames(text) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isBase64Url(text: string): boolean {
  return /^[A-Za-z0-9_-]*$/.test(text);
}
