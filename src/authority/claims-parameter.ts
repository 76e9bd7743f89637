import type { Fault } from '#kernel/fault.ts';
import { fold } from '#kernel/ids.ts';
import { isJsonObject, type Json } from '#kernel/json.ts';
import { malformedRequest } from './faults.ts';

/** Longest `claims` parameter that is read, in characters. */
const claimsCharactersMax = 8192;

/** What the `claims` parameter of a request asks for. */
export interface ClaimsRequest {
  /**
   * The client understands claims challenges: `cp1` as it spelt it, among the values of
   * `access_token.xms_cc`.
   */
  readonly challengeCapability?: string;
  /** Names under `id_token`. */
  readonly idToken: readonly string[];
}

/**
 * Reads the `claims` parameter, which MSAL always sends. What Entra does not know is ignored.
 * UNVERIFIED: the code for malformed JSON.
 * Source: https://learn.microsoft.com/entra/identity-platform/claims-challenge
 */
export function readClaimsRequest(claims: string | undefined): ClaimsRequest | Fault {
  if (claims === undefined || claims === '') return { idToken: [] };
  if (claims.length > claimsCharactersMax) return malformedRequest();
  let asked: unknown;
  try {
    asked = JSON.parse(claims);
  } catch {
    return malformedRequest();
  }
  if (!isJsonObject(asked)) return malformedRequest();
  const challengeCapability = capabilityIn(asked);
  const idToken = asked['id_token'];
  return {
    ...(challengeCapability === undefined ? {} : { challengeCapability }),
    idToken: isJsonObject(idToken) ? Object.keys(idToken) : [],
  };
}

function capabilityIn(asked: Json): string | undefined {
  const values = below(below(below(asked, 'access_token'), 'xms_cc'), 'values');
  if (!Array.isArray(values)) return undefined;
  const known = (value: Json): value is string =>
    typeof value === 'string' && fold(value) === 'cp1';
  return values.find(known);
}

function below(value: Json | undefined, name: string): Json | undefined {
  return isJsonObject(value) ? value[name] : undefined;
}
