import { createPublicKey, type KeyObject } from 'node:crypto';
import type { FetchDocument } from '#http/outbound.ts';
import type { Clock } from '#kernel/clock.ts';
import { isJsonObject, type JsonObject } from '#kernel/json.ts';

/** Issuers whose keys are remembered; above that the one that was asked longest ago is forgotten. */
const issuersMax = 100;
/** Keys that are read of one issuer. */
const keysMax = 100;
/** After this time keys are fetched anew, in milliseconds: what an issuer withdrew ends here too. */
const freshMilliseconds = 3_600_000;
/** While an issuer cannot be reached its keys still hold this long, in milliseconds: a day. */
const heldMilliseconds = 86_400_000;
/** A key that nobody knows has the keys fetched again at most this often per issuer, in milliseconds. */
const unknownKeyMilliseconds = 60_000;
/** How long an issuer that did not answer is left alone, in milliseconds. */
const failureMilliseconds = 5_000;
/** Shortest RSA key that is believed, in bits (RFC 7518, 3.3). */
const modulusBitsMin = 2_048;

/** Why a key cannot be had; the reason of an unreachable issuer is for the operator. */
export type ForeignKeyProblem =
  | { readonly problem: 'unknownKey' }
  | { readonly problem: 'unreachable'; readonly reason: string };

/** The public keys of other issuers. */
export interface ForeignKeys {
  /**
   * A key of an issuer by its id; without an id, the only key that the issuer has. Waits for the
   * network when nothing is remembered, so it is not asked within a transaction.
   */
  find(issuer: string, keyId: string | undefined): Promise<KeyObject | ForeignKeyProblem>;
}

/** Where documents come from, and the steady clock that says how old they are. */
export interface ForeignKeyParts {
  readonly fetchDocument: FetchDocument;
  readonly clock: Pick<Clock, 'steadyMilliseconds'>;
}

/** What is remembered of one issuer. */
interface Remembered {
  keys?: ReadonlyMap<string, KeyObject>;
  fetchedAt: number;
  failure?: { readonly reason: string; readonly at: number };
  /** When an unknown key had the keys fetched last. */
  unknownAt: number;
  fetching?: Promise<void>;
}

/**
 * Reads and remembers the keys of other issuers: from the issuer's metadata, which must name exactly
 * this issuer, and the https address of keys in it. A key that is not known yet is looked for at
 * once, so that an issuer may change its keys at any time, but not for every wrong token.
 * Source: https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig
 */
export function openForeignKeys({ fetchDocument, clock }: ForeignKeyParts): ForeignKeys {
  const issuers = new Map<string, Remembered>();
  const recall = (issuer: string): Remembered => {
    const never = Number.NEGATIVE_INFINITY;
    const one = issuers.get(issuer) ?? { fetchedAt: never, unknownAt: never };
    issuers.delete(issuer);
    issuers.set(issuer, one);
    const [oldest] = issuers.keys();
    if (issuers.size > issuersMax && oldest !== undefined) issuers.delete(oldest);
    return one;
  };
  const refresh = (issuer: string, one: Remembered): Promise<void> => {
    one.fetching ??= fetchInto(issuer, one).finally(() => {
      delete one.fetching;
    });
    return one.fetching;
  };
  const fetchInto = async (issuer: string, one: Remembered): Promise<void> => {
    if (one.failure !== undefined && isWithin(one.failure.at, failureMilliseconds)) return;
    const found = await keysOf(issuer, fetchDocument);
    const at = clock.steadyMilliseconds();
    if (typeof found === 'string') {
      one.failure = { reason: found, at };
      return;
    }
    one.keys = found;
    one.fetchedAt = at;
    delete one.failure;
  };
  const isWithin = (since: number, milliseconds: number): boolean =>
    clock.steadyMilliseconds() - since < milliseconds;
  const mayLookAgain = (one: Remembered): boolean => {
    if (one.failure !== undefined) return true;
    if (isWithin(one.unknownAt, unknownKeyMilliseconds)) return false;
    one.unknownAt = clock.steadyMilliseconds();
    return true;
  };
  return {
    async find(issuer, keyId) {
      const one = recall(issuer);
      const isFresh = isWithin(one.fetchedAt, freshMilliseconds);
      const isKnown = keyNamed(one.keys, keyId) !== undefined;
      if (!isFresh || (!isKnown && mayLookAgain(one))) await refresh(issuer, one);
      const isHeld = isWithin(one.fetchedAt, heldMilliseconds);
      const found = isHeld ? keyNamed(one.keys, keyId) : undefined;
      if (found !== undefined) return found;
      if (one.failure === undefined) return { problem: 'unknownKey' };
      return { problem: 'unreachable', reason: one.failure.reason };
    },
  };
}

function keyNamed(
  keys: ReadonlyMap<string, KeyObject> | undefined,
  keyId: string | undefined,
): KeyObject | undefined {
  if (keyId !== undefined) return keys?.get(keyId);
  return keys?.size === 1 ? [...keys.values()][0] : undefined;
}

/** The keys of an issuer by id, or why they cannot be had. */
async function keysOf(
  issuer: string,
  fetchDocument: FetchDocument,
): Promise<ReadonlyMap<string, KeyObject> | string> {
  const base = issuer.endsWith('/') ? issuer.slice(0, -1) : issuer;
  const metadata = await fetchDocument(`${base}/.well-known/openid-configuration`);
  if (metadata.kind === 'failure') return `metadata: ${metadata.reason}`;
  const described = isJsonObject(metadata.json) ? metadata.json : {};
  const address = described['jwks_uri'];
  if (described['issuer'] !== issuer) return 'metadata: it names another issuer';
  if (typeof address !== 'string') return 'metadata: it names no keys';
  const document = await fetchDocument(address);
  if (document.kind === 'failure') return `keys: ${document.reason}`;
  const listed = isJsonObject(document.json) ? document.json['keys'] : undefined;
  if (!Array.isArray(listed)) return 'keys: there is no list';
  const keys = new Map<string, KeyObject>();
  for (const jwk of listed.slice(0, keysMax)) {
    const key = isJsonObject(jwk) ? signingKeyOf(jwk) : undefined;
    if (key !== undefined) keys.set(key.keyId, key.publicKey);
  }
  return keys;
}

/** A key that RS256 may be verified with; undefined for what is meant for something else. */
function signingKeyOf(
  jwk: JsonObject,
): { readonly keyId: string; readonly publicKey: KeyObject } | undefined {
  const { kty, use = 'sig', alg = 'RS256', kid = '', n, e } = jwk;
  if (kty !== 'RSA' || use !== 'sig' || alg !== 'RS256' || typeof kid !== 'string')
    return undefined;
  if (typeof n !== 'string' || typeof e !== 'string') return undefined;
  try {
    const publicKey = createPublicKey({ key: { kty, n, e }, format: 'jwk' });
    const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
    return bits < modulusBitsMin ? undefined : { keyId: kid, publicKey };
  } catch {
    return undefined;
  }
}
