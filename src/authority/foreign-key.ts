import type { KeyObject } from 'node:crypto';
import type { FetchDocument } from '#http/outbound.ts';
import type { Clock } from '#kernel/clock.ts';
import { isJsonObject } from '#kernel/json.ts';
import { type ForeignAlgorithm, type ForeignKey, foreignKeyOf } from './foreign-signature.ts';

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

/**
 * Why a key cannot be had: the issuer has none of this name, or has one that is for other
 * signatures. The reason of an unreachable issuer is for the operator.
 */
export type ForeignKeyProblem =
  | { readonly problem: 'unknownKey' | 'unfitKey' }
  | { readonly problem: 'unreachable'; readonly reason: string };

/** The public keys of other issuers. */
export interface ForeignKeys {
  /**
   * A key of an issuer by its id, for signatures of one algorithm; without an id, the only key that
   * the issuer has for them. Waits for the network when nothing is remembered, so it is not asked
   * within a transaction.
   */
  find(
    issuer: string,
    keyId: string | undefined,
    algorithm: ForeignAlgorithm,
  ): Promise<KeyObject | ForeignKeyProblem>;
}

/** Where documents come from, and the steady clock that says how old they are. */
export interface ForeignKeyParts {
  readonly fetchDocument: FetchDocument;
  readonly clock: Pick<Clock, 'steadyMilliseconds'>;
}

/** What is remembered of one issuer. */
interface Remembered {
  keys?: readonly ForeignKey[];
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
  const heldKeys = (one: Remembered, keyId: string | undefined): readonly ForeignKey[] =>
    isWithin(one.fetchedAt, heldMilliseconds) ? keysNamed(one.keys, keyId) : [];
  const mayLookAgain = (one: Remembered): boolean => {
    if (one.failure !== undefined) return true;
    if (isWithin(one.unknownAt, unknownKeyMilliseconds)) return false;
    one.unknownAt = clock.steadyMilliseconds();
    return true;
  };
  return {
    async find(issuer, keyId, algorithm) {
      const one = recall(issuer);
      const isKnown = heldKeys(one, keyId).length > 0;
      const isFresh = isWithin(one.fetchedAt, freshMilliseconds);
      // Who did not answer is asked again, and nobody whose key is held waits for that.
      const mayGoOn = isKnown && one.failure !== undefined;
      if (!isFresh || (!isKnown && mayLookAgain(one))) {
        const refreshed = refresh(issuer, one);
        if (!mayGoOn) await refreshed;
      }
      const named = heldKeys(one, keyId);
      const [fit, another] = named.filter(({ algorithms }) => algorithms.includes(algorithm));
      if (fit !== undefined && another === undefined) return fit.publicKey;
      if (named.length > 0) return { problem: fit === undefined ? 'unfitKey' : 'unknownKey' };
      if (one.failure === undefined) return { problem: 'unknownKey' };
      return { problem: 'unreachable', reason: one.failure.reason };
    },
  };
}

/** The keys of an id, which may be one for each type; without an id all. */
function keysNamed(
  keys: readonly ForeignKey[] | undefined,
  keyId: string | undefined,
): readonly ForeignKey[] {
  return (keys ?? []).filter((one) => keyId === undefined || one.keyId === keyId);
}

/** The keys of an issuer, or why they cannot be had. */
async function keysOf(
  issuer: string,
  fetchDocument: FetchDocument,
): Promise<readonly ForeignKey[] | string> {
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
  return listed
    .slice(0, keysMax)
    .map((jwk) => (isJsonObject(jwk) ? foreignKeyOf(jwk) : undefined))
    .filter((key) => key !== undefined);
}
