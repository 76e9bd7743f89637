import type { SignInAudience } from '#directory/application.ts';
import {
  addKey,
  type CredentialHolder,
  listKeys,
  listPasswords,
  removeKey,
} from '#directory/credential.store.ts';
import type { Fault } from '#kernel/fault.ts';
import { type Instant, instantOfMilliseconds, parseInstant } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { Random } from '#kernel/random.ts';
import type { ReadTransaction, WriteTransaction } from '#store/store.ts';
import type { KeyCredentialBody } from './application-body.ts';
import { keyJson, passwordJson, type WireCredentials } from './application-wire.ts';
import { invalidKeyDates, invalidKeyValue, notImplemented } from './faults.ts';
import { type KeyProblem, keysAfter } from './key-credential.ts';

/** The credentials of one object as Graph shows them; secrets by their hints only. */
export async function credentialsOf(
  tx: ReadTransaction,
  holder: CredentialHolder,
): Promise<WireCredentials> {
  return {
    keyCredentials: (await listKeys(tx, holder)).map(keyJson),
    passwordCredentials: (await listPasswords(tx, holder)).map((one) => passwordJson(one)),
  };
}

/** Adds to each wire object of a page the credentials that it holds. */
export async function withCredentials(
  tx: ReadTransaction,
  tenantId: string,
  page: readonly JsonObject[],
): Promise<readonly JsonObject[]> {
  const finished: JsonObject[] = [];
  for (const one of page) {
    const holder = { tenantId, appObjectId: String(one['id']) };
    finished.push({ ...one, ...(await credentialsOf(tx, holder)) });
  }
  return finished;
}

/** Makes a list of certificates the only ones of an object. A fault leaves them as they were. */
export async function setKeys(
  tx: WriteTransaction,
  holder: CredentialHolder,
  bodies: readonly KeyCredentialBody[],
  random: Random,
): Promise<Fault | undefined> {
  const present = await listKeys(tx, holder);
  const keys = keysAfter(present, bodies, random);
  if ('problem' in keys) return keyFault(keys);
  for (const key of present) await removeKey(tx, holder, key.keyId);
  for (const key of keys) await addKey(tx, { ...holder, ...key });
  return undefined;
}

/**
 * Secrets that one object may have: two where personal accounts sign in, else as many as an application may have entries in all.
 * Source: https://learn.microsoft.com/entra/identity-platform/supported-accounts-validation,
 * https://learn.microsoft.com/entra/identity-platform/reference-app-manifest (1,200 entries)
 */
export function secretsMax(audience: SignInAudience | undefined): number {
  return audience === 'AzureADandPersonalMicrosoftAccount' ? 2 : 1_200;
}

/** Start and end of a new secret. */
export interface Validity {
  readonly startAt: Instant;
  readonly endAt: Instant;
}

/**
 * From now for two years unless the client says otherwise; undefined when a text is no date or the end is not after the start.
 * Source: https://learn.microsoft.com/graph/api/application-addpassword
 */
export function validityOf(
  asked: { readonly start?: string | null; readonly end?: string | null },
  now: Instant,
): Validity | undefined {
  const startAt = asked.start ? parseInstant(asked.start) : now;
  if (startAt === undefined) return undefined;
  const endAt = asked.end ? parseInstant(asked.end) : twoYearsAfter(startAt);
  return endAt === undefined || endAt <= startAt ? undefined : { startAt, endAt };
}

function twoYearsAfter(at: Instant): Instant {
  const date = new Date(Math.floor(at / 1000));
  date.setUTCFullYear(date.getUTCFullYear() + 2);
  return instantOfMilliseconds(date.getTime());
}

/** Why a certificate is not taken, in Graph's words. */
export function keyFault(problem: KeyProblem): Fault {
  switch (problem.problem) {
    case 'certificate':
      return invalidKeyValue();
    case 'dates':
      return invalidKeyDates();
    case 'notImplemented':
      return notImplemented(problem.what);
  }
}
