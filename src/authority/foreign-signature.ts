import { constants, createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto';
import type { JsonObject } from '#kernel/json.ts';
import type { UnverifiedToken } from './json-web-signature.ts';

/** Shortest RSA key that is believed, in bits (RFC 7518, 3.3). */
const modulusBitsMin = 2_048;

/** How an algorithm signs, and with which keys. */
interface Scheme {
  readonly kty: 'RSA' | 'EC' | 'OKP';
  /** The only curve that it may have. */
  readonly crv?: string;
  /** Absent where the algorithm has its own. */
  readonly digest?: string;
  readonly hasSaltedPadding?: boolean;
}

/**
 * The algorithms that issuers sign with. Every one needs a private key: there is no `none` and no
 * shared secret among them.
 * Source: RFC 7518, 3.1; RFC 8037, 3.1
 */
const schemes = {
  RS256: { kty: 'RSA', digest: 'sha256' },
  RS384: { kty: 'RSA', digest: 'sha384' },
  RS512: { kty: 'RSA', digest: 'sha512' },
  PS256: { kty: 'RSA', digest: 'sha256', hasSaltedPadding: true },
  PS384: { kty: 'RSA', digest: 'sha384', hasSaltedPadding: true },
  PS512: { kty: 'RSA', digest: 'sha512', hasSaltedPadding: true },
  ES256: { kty: 'EC', crv: 'P-256', digest: 'sha256' },
  ES384: { kty: 'EC', crv: 'P-384', digest: 'sha384' },
  ES512: { kty: 'EC', crv: 'P-521', digest: 'sha512' },
  EdDSA: { kty: 'OKP', crv: 'Ed25519' },
} as const satisfies Readonly<Record<string, Scheme>>;

/** How a token of another issuer may be signed. */
export type ForeignAlgorithm = keyof typeof schemes;

const allAlgorithms = Object.keys(schemes) as readonly ForeignAlgorithm[];

const rsaAlgorithms = allAlgorithms.filter((one) => schemes[one].kty === 'RSA');

/**
 * Why a token that Batten did not sign is read: a tenant trusts its issuer, it is a credential, or a
 * client signed it with its own certificate.
 */
export type ForeignTrust = 'trustedIssuer' | 'federatedCredential' | 'clientCertificate';

/**
 * What each takes. A trusted issuer may be Kubernetes (RS256, ES256 and up), Dex (RS256, ES256) or
 * Keycloak (all of them). Of federated credentials and certificates Entra takes every RSA signature
 * and no elliptic curve.
 * Sources: https://www.keycloak.org/docs-api/latest/javadocs/ (`SignatureProvider`),
 * https://github.com/kubernetes/kubernetes/blob/master/pkg/serviceaccount/jwt.go,
 * https://github.com/AzureAD/microsoft-identity-web/issues/3467; Entra's documentation promises RS256
 * alone and leaves the rest open.
 */
export const acceptedAlgorithms: Readonly<Record<ForeignTrust, readonly ForeignAlgorithm[]>> = {
  trustedIssuer: allAlgorithms,
  federatedCredential: rsaAlgorithms,
  clientCertificate: rsaAlgorithms,
};

/** The algorithm that a header names, when it is accepted. */
export function algorithmNamed(named: unknown, trust: ForeignTrust): ForeignAlgorithm | undefined {
  return acceptedAlgorithms[trust].find((one) => one === named);
}

/** A public key as its issuer publishes it, for one kind of signature or for all of its type. */
export interface ForeignKey {
  /** Empty where the issuer names none. */
  readonly keyId: string;
  readonly publicKey: KeyObject;
  /** What tokens may be signed with it. */
  readonly algorithms: readonly ForeignAlgorithm[];
}

/**
 * Reads a key of a key document; undefined for what is not for signatures, what no algorithm here
 * can use, and RSA keys that are too short.
 * Source: RFC 7517, 4; RFC 7518, 6
 */
export function foreignKeyOf(jwk: JsonObject): ForeignKey | undefined {
  const { use = 'sig', key_ops: operations = ['verify'], alg, kid = '' } = jwk;
  const isForSigning = use === 'sig' && Array.isArray(operations) && operations.includes('verify');
  if (!isForSigning || typeof kid !== 'string') return undefined;
  const algorithms = allAlgorithms.filter(
    (one) => isSchemeOf(schemes[one], jwk) && (alg === undefined || alg === one),
  );
  if (algorithms.length === 0) return undefined;
  try {
    const publicKey = createPublicKey({ key: publicMembersOf(jwk), format: 'jwk' });
    const { modulusLength } = publicKey.asymmetricKeyDetails ?? {};
    if (modulusLength !== undefined && modulusLength < modulusBitsMin) return undefined;
    return { keyId: kid, publicKey, algorithms };
  } catch {
    return undefined;
  }
}

/** The members of a public key, whatever else the issuer publishes. */
function publicMembersOf(jwk: JsonObject): JsonWebKey {
  const members: JsonWebKey = {};
  for (const name of ['kty', 'n', 'e', 'crv', 'x', 'y']) {
    const value = jwk[name];
    if (typeof value === 'string') members[name] = value;
  }
  return members;
}

function isSchemeOf(scheme: Scheme, { kty, crv }: JsonObject): boolean {
  return scheme.kty === kty && (scheme.crv === undefined || scheme.crv === crv);
}

/** True when the key signed the token with the algorithm. */
export function isSignedWith(
  { signed, signature }: UnverifiedToken,
  algorithm: ForeignAlgorithm,
  key: KeyObject,
): boolean {
  const scheme: Scheme = schemes[algorithm];
  const padding =
    scheme.hasSaltedPadding === true
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : {};
  const encoding = scheme.kty === 'EC' ? { dsaEncoding: 'ieee-p1363' as const } : {};
  const how = { key, ...padding, ...encoding };
  return verify(scheme.digest ?? null, Buffer.from(signed), how, signature);
}
