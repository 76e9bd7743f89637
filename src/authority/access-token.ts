import { createHash, sign, verify } from 'node:crypto';
import { fold } from '#kernel/ids.ts';
import { type Instant, instantOfSeconds } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';
import { parseToken, signedUnder, tokenHead, type UnverifiedToken } from './json-web-signature.ts';
import type { SigningKey, SigningKeys } from './keys.ts';

/** The header of a token: v1 tokens name their key twice, v2 tokens once. */
export type AccessTokenFormat = 1 | 2;

/**
 * Signs claims with RS256 on the thread pool. Under a `nonce` the signature is of a header with its
 * hash, so that only who knows of it can verify the token.
 * Source: https://github.com/AzureAD/azure-activedirectory-identitymodel-extensions-for-dotnet/issues/609
 */
export function signAccessToken(
  claims: JsonObject,
  format: AccessTokenFormat,
  key: SigningKey,
  nonce?: string,
): Promise<string> {
  const thumbprint = format === 1 ? { x5t: key.keyId } : {};
  const headOf = (more: JsonObject): string =>
    tokenHead({ typ: 'JWT', ...more, alg: 'RS256', ...thumbprint, kid: key.keyId }, claims);
  const head = headOf(nonce === undefined ? {} : { nonce });
  const signed = nonce === undefined ? head : headOf({ nonce: nonceHashOf(nonce) });
  return new Promise((resolve, reject) => {
    sign('RSA-SHA256', Buffer.from(signed, 'latin1'), key.privateKey, (error, signature) => {
      if (error === null) resolve(`${head}.${signature.toString('base64url')}`);
      else reject(error);
    });
  });
}

function nonceHashOf(nonce: string): string {
  return createHash('sha256').update(nonce).digest('base64url');
}

/**
 * A token that a key of this cloud signed. Nothing else was judged: not its time, not its audience,
 * not its tenant.
 */
export interface VerifiedToken {
  readonly kind: 'token';
  readonly cloud: string;
  readonly keyId: string;
  readonly issuer: string;
  /** As written: a slash at the end matters. */
  readonly audience: string;
  /** Folded. */
  readonly tenantId: string;
  /** Object id of the user or service principal; folded. */
  readonly objectId: string;
  /** Application that the token was issued to; folded. */
  readonly appId: string;
  /** True when the application acts alone. */
  readonly isAppOnly: boolean;
  /** `scp`, taken apart. */
  readonly oauthScopes: readonly string[];
  /** `roles`. */
  readonly appRoles: readonly string[];
  readonly notBefore: Instant;
  readonly expiresAt: Instant;
  readonly claims: JsonObject;
}

/** Why a text is not a token of this cloud. */
export interface TokenProblem {
  readonly kind: 'problem';
  readonly problem:
    | 'malformed'
    | 'badAlgorithm'
    | 'unknownKey'
    | 'badSignature'
    | 'wrongCloud'
    | 'missingClaim';
  /** What the text claims, unverified, for the words of a refusal: audience, issuer, tenant. */
  readonly claimed: JsonObject;
}

/** Tokens whose signature is remembered, per set of keys. */
const verifiedTokensMax = 500;

const verifiedTokens = new WeakMap<SigningKeys, Map<string, VerifiedToken>>();

/**
 * Reads a bearer token: RS256 and nothing else, with a key of ours that the header may name but
 * never bring along (`jwk`, `jku`, `x5c` and `x5u` are not looked at). A valid token is remembered,
 * so that the next request with it costs no signature.
 */
export function readAccessToken(
  token: string,
  place: { readonly keys: SigningKeys; readonly cloud: string },
): VerifiedToken | TokenProblem {
  const remembered = verifiedTokens.get(place.keys) ?? new Map<string, VerifiedToken>();
  verifiedTokens.set(place.keys, remembered);
  const slot = `${place.cloud} ${token}`;
  const known = remembered.get(slot);
  const read = known ?? verifyToken(token, place.keys, place.cloud);
  if (read.kind === 'problem') return read;
  remembered.delete(slot);
  remembered.set(slot, read);
  if (remembered.size > verifiedTokensMax) {
    const oldest = remembered.keys().next().value;
    if (oldest !== undefined) remembered.delete(oldest);
  }
  return read;
}

function verifyToken(
  token: string,
  keys: SigningKeys,
  cloud: string,
): VerifiedToken | TokenProblem {
  const parsed = parseToken(token);
  if (parsed === undefined) return problemOf('malformed', {});
  const { header, claims } = parsed;
  if (header['alg'] !== 'RS256' || header['crit'] !== undefined) {
    return problemOf('badAlgorithm', claims);
  }
  const keyId = header['kid'];
  if (typeof keyId !== 'string') return problemOf('unknownKey', claims);
  const owner =
    keys.publicKey(cloud, keyId) === undefined ? keys.otherCloudOf(cloud, keyId) : cloud;
  if (owner === undefined) return problemOf('unknownKey', claims);
  if (!isSignedBy(parsed, keys, owner, keyId)) return problemOf('badSignature', claims);
  if (owner !== cloud) return problemOf('wrongCloud', claims);
  return tokenOf(claims, cloud, keyId) ?? problemOf('missingClaim', claims);
}

function isSignedBy(
  parsed: UnverifiedToken,
  keys: SigningKeys,
  cloud: string,
  keyId: string,
): boolean {
  const key = keys.publicKey(cloud, keyId);
  if (key === undefined) return false;
  const nonce = parsed.header['nonce'];
  const signed =
    typeof nonce === 'string'
      ? signedUnder({ ...parsed.header, nonce: nonceHashOf(nonce) }, parsed)
      : parsed.signed;
  return verify('RSA-SHA256', Buffer.from(signed), key.publicKey, parsed.signature);
}

function tokenOf(claims: JsonObject, cloud: string, keyId: string): VerifiedToken | undefined {
  const text = (name: string): string | undefined => {
    const value = claims[name];
    return typeof value === 'string' ? value : undefined;
  };
  const issuer = text('iss');
  const audience = text('aud');
  const tenantId = text('tid');
  const objectId = text('oid');
  const appId = text('appid') ?? text('azp');
  const notBefore = claims['nbf'];
  const expiresAt = claims['exp'];
  if (issuer === undefined || audience === undefined || tenantId === undefined) return undefined;
  if (objectId === undefined || appId === undefined) return undefined;
  if (!Number.isSafeInteger(notBefore) || !Number.isSafeInteger(expiresAt)) return undefined;
  const { scp, roles } = claims;
  return Object.freeze({
    kind: 'token',
    cloud,
    keyId,
    issuer,
    audience,
    tenantId: fold(tenantId),
    objectId: fold(objectId),
    appId: fold(appId),
    isAppOnly: scp === undefined,
    oauthScopes: typeof scp === 'string' ? scp.split(' ').filter((one) => one !== '') : [],
    appRoles: Array.isArray(roles) ? roles.filter((one) => typeof one === 'string') : [],
    notBefore: instantOfSeconds(notBefore as number),
    expiresAt: instantOfSeconds(expiresAt as number),
    claims,
  });
}

function problemOf(problem: TokenProblem['problem'], claims: JsonObject): TokenProblem {
  const claimed: Record<string, string> = {};
  for (const name of ['aud', 'iss', 'tid']) {
    const value = claims[name];
    if (typeof value === 'string') claimed[name] = value;
  }
  return { kind: 'problem', problem, claimed };
}
