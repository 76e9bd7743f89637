import type { SignInAudience } from '#directory/application.ts';
import {
  addKey,
  type CredentialHolder,
  listKeys,
  listPasswords,
  removeKey,
  removePassword,
} from '#directory/credential.store.ts';
import type { Fault } from '#kernel/fault.ts';
import { type Instant, instantOfMilliseconds, parseInstant } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { Random } from '#kernel/random.ts';
import type { ReadTransaction, WriteTransaction } from '#store/store.ts';
import type { KeyCredentialBody, PasswordListBody } from './application-body.ts';
import { keyJson, passwordJson, type WireCredentials } from './application-wire.ts';
import { credentialNotUpdatable, newPasswordRefused, objectTooLarge } from './credential.faults.ts';
import { invalidKeyDates, invalidKeyValue, notImplemented } from './faults.ts';
import { type KeyProblem, keysAfter, passwordsAfter } from './key-credential.ts';
import { type Asked, selectOf } from './odata-query.ts';

/** The credentials of one object as Graph shows them; secrets by their hints only, certificates with their bytes when asked. */
export async function credentialsOf(
  tx: ReadTransaction,
  holder: CredentialHolder,
  hasBytes = false,
): Promise<WireCredentials> {
  return {
    keyCredentials: (await listKeys(tx, holder)).map((one) => keyJson(one, hasBytes)),
    passwordCredentials: (await listPasswords(tx, holder)).map((one) => passwordJson(one)),
  };
}

/** Whether a request for one object selects its certificates, and so their bytes. */
export function selectsKeys(call: Asked): boolean {
  return selectOf(call)?.includes('keyCredentials') ?? false;
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

/** The lists of credentials that the body of an application or service principal may have. */
export interface CredentialLists {
  readonly keyCredentials?: readonly KeyCredentialBody[];
  readonly passwordCredentials?: readonly PasswordListBody[];
}

/**
 * Makes the certificates and secrets of a list, where there is one, the only ones of an object. A fault leaves it to the caller to
 * undo.
 */
export async function setCredentials(
  tx: WriteTransaction,
  holder: CredentialHolder,
  { keyCredentials, passwordCredentials }: CredentialLists,
  random: Random,
): Promise<Fault | undefined> {
  if (keyCredentials === undefined && passwordCredentials === undefined) return undefined;
  const refused =
    (keyCredentials && (await setKeys(tx, holder, keyCredentials, random))) ??
    (passwordCredentials && (await keepPasswords(tx, holder, passwordCredentials)));
  if (refused !== undefined) return refused;
  const { keyCredentials: keys, passwordCredentials: passwords } = await credentialsOf(tx, holder);
  return keys.length + passwords.length > credentialsMax ? objectTooLarge() : undefined;
}

async function setKeys(
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

async function keepPasswords(
  tx: WriteTransaction,
  holder: CredentialHolder,
  bodies: readonly PasswordListBody[],
): Promise<Fault | undefined> {
  const present = await listPasswords(tx, holder);
  const kept = passwordsAfter(present, bodies);
  if ('problem' in kept) return keyFault(kept);
  for (const { keyId } of present) {
    if (!kept.includes(keyId)) await removePassword(tx, holder, keyId);
  }
  return undefined;
}

/** Certificates and secrets of one object: about as many entries as it may have in all. Source: as below. */
export const credentialsMax = 1_000;

/**
 * Secrets that one object may have: two where personal accounts sign in, else as many as it may have credentials.
 * Source: https://learn.microsoft.com/entra/identity-platform/supported-accounts-validation
 */
export function secretsMax(audience: SignInAudience | undefined): number | undefined {
  return audience === 'AzureADandPersonalMicrosoftAccount' ? 2 : undefined;
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

/** Why a certificate or secret is not taken, in Graph's words. */
export function keyFault(problem: KeyProblem): Fault {
  switch (problem.problem) {
    case 'certificate':
      return invalidKeyValue();
    case 'dates':
      return invalidKeyDates();
    case 'newPassword':
      return newPasswordRefused();
    case 'notUpdatable':
      return credentialNotUpdatable(problem.keyId);
    case 'notImplemented':
      return notImplemented(problem.what);
  }
}
