import { fold } from '#kernel/ids.ts';
import { type Instant, instant } from '#kernel/instant.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';
import { removeFederatedCredentials } from './federated-credential.store.ts';
import { hintOf, sameSecretHash, secretHashOf } from './secret.ts';

/** The object that a credential hangs on. An application's credential signs in as each of its service principals. */
export interface CredentialHolder {
  readonly tenantId: string;
  /** Object id of the application or of the service principal. */
  readonly appObjectId: string;
}

/** What is known of a client secret after it was shown. */
export interface PasswordCredential {
  readonly keyId: string;
  readonly displayName?: string;
  /** First three characters of the secret; empty when nobody is shown them. */
  readonly hint: string;
  readonly startAt: Instant;
  /** The secret is refused from this instant on. */
  readonly endAt: Instant;
}

/** A certificate whose private key signs client assertions. */
export interface KeyCredential {
  readonly keyId: string;
  readonly displayName?: string;
  /** Free text of the client, base64; Entra's own default is the SHA-1 thumbprint. */
  readonly customKeyIdentifier?: string;
  readonly certificateDer: Uint8Array;
  /** Unpadded base64url. */
  readonly thumbprintSha1: string;
  readonly thumbprintSha256: string;
  readonly startAt: Instant;
  readonly endAt: Instant;
  /** `AsymmetricX509Cert` for what signs assertions. */
  readonly type: string;
  /** `Verify` for what signs assertions. */
  readonly usage: string;
}

/** Stores one SHA-256 of the secret and returns what may be known of it, its first characters unless `hasHint` is false. */
export async function addPassword(
  tx: WriteTransaction,
  password: CredentialHolder & Omit<PasswordCredential, 'hint'> & { readonly hasHint?: boolean },
  secretText: string,
): Promise<PasswordCredential> {
  const { tenantId, appObjectId, hasHint = true, ...rest } = password;
  const hint = hasHint ? hintOf(secretText) : '';
  const stored = { ...rest, keyId: fold(password.keyId), hint };
  await tx.run(
    insertPassword,
    fold(tenantId),
    fold(appObjectId),
    stored.keyId,
    stored.displayName ?? null,
    stored.hint,
    secretHashOf(secretText),
    stored.startAt,
    stored.endAt,
  );
  return stored;
}

/** Removes a secret; the next token request with it is refused. False when the holder has no such secret. */
export async function removePassword(
  tx: WriteTransaction,
  holder: CredentialHolder,
  keyId: string,
): Promise<boolean> {
  const keys = [fold(holder.tenantId), fold(holder.appObjectId), fold(keyId)];
  return (await tx.run(deletePassword, ...keys)) > 0;
}

/** The secrets of one holder, the newest first, as Graph lists them. */
export async function listPasswords(
  tx: ReadTransaction,
  holder: CredentialHolder,
): Promise<readonly PasswordCredential[]> {
  const rows = await tx.all(selectPasswords, fold(holder.tenantId), fold(holder.appObjectId));
  return rows.map(passwordOf);
}

/** How a secret fared: `expired` also before it starts, `none` when there is no secret at all. */
export type PasswordCheck = 'ok' | 'wrong' | 'expired' | 'none';

/**
 * Checks a client secret against every secret of the application and of its service principal in the tenant. All of them are compared
 * whatever is found, in constant time.
 */
export async function checkPassword(
  tx: ReadTransaction,
  tenantId: string,
  appId: string,
  secretText: string,
  now: Instant,
): Promise<PasswordCheck> {
  const keys = [fold(appId), fold(tenantId), fold(appId)] as const;
  const rows = await tx.remembered(['credential.passwordsOfApp', ...keys], () =>
    tx.all(selectPasswordsOfApp, ...keys),
  );
  const presented = secretHashOf(secretText);
  const matching = rows.filter((row) => sameSecretHash(row.secret_hash, presented));
  if (rows.length === 0) return 'none';
  if (matching.length === 0) return 'wrong';
  return matching.some((row) => row.start_at <= now && now < row.end_at) ? 'ok' : 'expired';
}

/** Stores a certificate. */
export async function addKey(
  tx: WriteTransaction,
  key: CredentialHolder & KeyCredential,
): Promise<void> {
  await tx.run(
    insertKey,
    fold(key.tenantId),
    fold(key.appObjectId),
    fold(key.keyId),
    key.displayName ?? null,
    key.customKeyIdentifier ?? null,
    key.certificateDer,
    key.thumbprintSha1,
    key.thumbprintSha256,
    key.startAt,
    key.endAt,
    key.type,
    key.usage,
  );
}

/** Removes one certificate of a holder. False when there is none. */
export async function removeKey(
  tx: WriteTransaction,
  holder: CredentialHolder,
  keyId: string,
): Promise<boolean> {
  const keys = [fold(holder.tenantId), fold(holder.appObjectId), fold(keyId)];
  return (await tx.run(deleteKey, ...keys)) > 0;
}

/** The certificates of one holder. */
export async function listKeys(
  tx: ReadTransaction,
  holder: CredentialHolder,
): Promise<readonly KeyCredential[]> {
  const rows = await tx.all(selectKeys, fold(holder.tenantId), fold(holder.appObjectId));
  return rows.map(keyOf);
}

/** The certificates with which an application may sign in to a tenant: its own and its service principal's there. */
export async function findKeys(
  tx: ReadTransaction,
  tenantId: string,
  appId: string,
): Promise<readonly KeyCredential[]> {
  const rows = await tx.all(selectKeysOfApp, fold(appId), fold(tenantId), fold(appId));
  return rows.map(keyOf);
}

/** Removes every credential of a holder that is being deleted. */
export async function removeCredentials(
  tx: WriteTransaction,
  tenantId: string,
  objectId: string,
): Promise<void> {
  await tx.run(deletePasswords, fold(tenantId), fold(objectId));
  await tx.run(deleteKeys, fold(tenantId), fold(objectId));
  await removeFederatedCredentials(tx, { tenantId, appObjectId: objectId });
}

type PasswordRow = {
  key_id: string;
  display_name: string | null;
  hint: string;
  secret_hash: Uint8Array;
  start_at: number;
  end_at: number;
};

type KeyRow = {
  key_id: string;
  display_name: string | null;
  custom_key_identifier: string | null;
  certificate_der: Uint8Array;
  thumbprint_sha1: string;
  thumbprint_sha256: string;
  start_at: number;
  end_at: number;
  type: string;
  usage: string;
};

function passwordOf(row: PasswordRow): PasswordCredential {
  return {
    keyId: row.key_id,
    ...(row.display_name === null ? {} : { displayName: row.display_name }),
    hint: row.hint,
    startAt: instant(row.start_at),
    endAt: instant(row.end_at),
  };
}

function keyOf(row: KeyRow): KeyCredential {
  return {
    keyId: row.key_id,
    ...(row.display_name === null ? {} : { displayName: row.display_name }),
    ...(row.custom_key_identifier === null
      ? {}
      : { customKeyIdentifier: row.custom_key_identifier }),
    certificateDer: row.certificate_der,
    thumbprintSha1: row.thumbprint_sha1,
    thumbprintSha256: row.thumbprint_sha256,
    startAt: instant(row.start_at),
    endAt: instant(row.end_at),
    type: row.type,
    usage: row.usage,
  };
}

/** The objects whose credentials count for an application in a tenant; takes appId, tenantId, appId. */
const holdersOfApp = `
  SELECT tenant_id, object_id FROM application WHERE app_id = ?
  UNION ALL SELECT tenant_id, object_id FROM service_principal WHERE tenant_id = ? AND app_id = ?`;

const insertPassword = statement(
  'credential.insertPassword',
  `INSERT INTO password_credential
     (tenant_id, holder_id, key_id, display_name, hint, secret_hash, start_at, end_at)
   VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
);

const deletePassword = statement(
  'credential.deletePassword',
  'DELETE FROM password_credential WHERE tenant_id = ? AND holder_id = ? AND key_id = ?',
);

const deletePasswords = statement(
  'credential.deletePasswords',
  'DELETE FROM password_credential WHERE tenant_id = ? AND holder_id = ?',
);

const selectPasswords = statement<PasswordRow>(
  'credential.selectPasswords',
  `SELECT * FROM password_credential WHERE tenant_id = ? AND holder_id = ?
   ORDER BY start_at DESC, key_id`,
);

const selectPasswordsOfApp = statement<PasswordRow>(
  'credential.selectPasswordsOfApp',
  `SELECT * FROM password_credential WHERE (tenant_id, holder_id) IN (${holdersOfApp})`,
);

const insertKey = statement(
  'credential.insertKey',
  `INSERT INTO key_credential
     (tenant_id, holder_id, key_id, display_name, custom_key_identifier, certificate_der,
      thumbprint_sha1, thumbprint_sha256, start_at, end_at, type, usage)
   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
);

const deleteKey = statement(
  'credential.deleteKey',
  'DELETE FROM key_credential WHERE tenant_id = ? AND holder_id = ? AND key_id = ?',
);

const deleteKeys = statement(
  'credential.deleteKeys',
  'DELETE FROM key_credential WHERE tenant_id = ? AND holder_id = ?',
);

const selectKeys = statement<KeyRow>(
  'credential.selectKeys',
  `SELECT * FROM key_credential WHERE tenant_id = ? AND holder_id = ?
   ORDER BY start_at DESC, key_id`,
);

const selectKeysOfApp = statement<KeyRow>(
  'credential.selectKeysOfApp',
  `SELECT * FROM key_credential WHERE (tenant_id, holder_id) IN (${holdersOfApp})`,
);
