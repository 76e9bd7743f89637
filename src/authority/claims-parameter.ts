import type { Fault } from '#kernel/fault.ts';
import { fold } from '#kernel/ids.ts';
import { isJsonObject, type Json } from '#kernel/json.ts';
import { malformedRequest } from './faults.ts';

/** Longest `claims` parameter that is read, in characters. */
const claimsCharactersMax = 8192;

/**
 * True when the `claims` parameter says that the client understands claims challenges: `cp1`, in
 * any case, among the values of `access_token.xms_cc`. Everything else in it is ignored, as MSAL
 * always sends some. UNVERIFIED: the code for malformed JSON.
 * Source: https://learn.microsoft.com/entra/identity-platform/claims-challenge
 */
export function readChallengeCapability(claims: string | undefined): boolean | Fault {
  if (claims === undefined || claims === '') return false;
  if (claims.length > claimsCharactersMax) return malformedRequest();
  let asked: unknown;
  try {
    asked = JSON.parse(claims);
  } catch {
    return malformedRequest();
  }
  if (!isJsonObject(asked)) return malformedRequest();
  const values = below(below(below(asked, 'access_token'), 'xms_cc'), 'values');
  if (!Array.isArray(values)) return false;
  return values.some((value) => typeof value === 'string' && fold(value) === 'cp1');
}

function below(value: Json | undefined, name: string): Json | undefined {
  return isJsonObject(value) ? value[name] : undefined;
}
