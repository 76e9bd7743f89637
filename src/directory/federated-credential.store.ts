import { fold } from '#kernel/ids.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';
import type { CredentialHolder } from './credential.store.ts';
import { type FederatedCredential, federatedCredentialsMax } from './federated-credential.ts';

/** Why a credential cannot be stored beside the others of its holder. */
export type FederatedCredentialConflict = 'tooMany' | 'sameName' | 'sameSubject';

/** Stores a new credential, unless it conflicts with one that its holder has. */
export async function addFederatedCredential(
  tx: WriteTransaction,
  holder: CredentialHolder,
  credential: FederatedCredential,
): Promise<FederatedCredentialConflict | undefined> {
  const present = await listFederatedCredentials(tx, holder);
  if (present.some((one) => fold(one.name) === fold(credential.name))) return 'sameName';
  if (present.some((one) => isSameSubject(one, credential))) return 'sameSubject';
  if (present.length >= federatedCredentialsMax) return 'tooMany';
  await tx.run(
    insert,
    ...keyOf(holder),
    fold(credential.name),
    credential.credentialId,
    credential.issuer,
    credential.subject,
    JSON.stringify(credential),
  );
  return undefined;
}

/** Stores what changed of a credential, unless it then conflicts with another of its holder. */
export async function updateFederatedCredential(
  tx: WriteTransaction,
  holder: CredentialHolder,
  credential: FederatedCredential,
): Promise<'sameSubject' | undefined> {
  const others = (await listFederatedCredentials(tx, holder)).filter(
    ({ credentialId }) => credentialId !== credential.credentialId,
  );
  if (others.some((one) => isSameSubject(one, credential))) return 'sameSubject';
  const { issuer, subject } = credential;
  const document = JSON.stringify(credential);
  await tx.run(update, issuer, subject, document, ...keyOf(holder), fold(credential.name));
  return undefined;
}

/** Removes a credential: the next token request that rests on it is refused. */
export async function removeFederatedCredential(
  tx: WriteTransaction,
  holder: CredentialHolder,
  credential: FederatedCredential,
): Promise<void> {
  await tx.run(removeOne, ...keyOf(holder), fold(credential.name));
}

/** Removes every federated credential of a holder that is being deleted. */
export async function removeFederatedCredentials(
  tx: WriteTransaction,
  holder: CredentialHolder,
): Promise<void> {
  await tx.run(removeAll, ...keyOf(holder));
}

/** The credentials of one holder by name; at most `federatedCredentialsMax`. */
export async function listFederatedCredentials(
  tx: ReadTransaction,
  holder: CredentialHolder,
): Promise<readonly FederatedCredential[]> {
  return (await tx.all(ofHolder, ...keyOf(holder))).map(credentialOf);
}

/** The credential of a holder that an id or a name in any case means. */
export async function findFederatedCredential(
  tx: ReadTransaction,
  holder: CredentialHolder,
  idOrName: string,
): Promise<FederatedCredential | undefined> {
  const present = await listFederatedCredentials(tx, holder);
  const wanted = fold(idOrName);
  return (
    present.find(({ credentialId }) => credentialId === wanted) ??
    present.find(({ name }) => fold(name) === wanted)
  );
}

/** A federated credential with the tenant of whoever has it. */
export interface HeldFederatedCredential extends FederatedCredential {
  readonly tenantId: string;
}

/**
 * The credentials with which an application or a managed identity may sign in to a tenant: those of
 * the application in its home tenant, and those of its service principal here.
 */
export async function federatedCredentialsOfApp(
  tx: ReadTransaction,
  tenantId: string | undefined,
  appId: string,
): Promise<readonly HeldFederatedCredential[]> {
  const rows = await tx.all(ofApp, fold(appId), fold(tenantId ?? ''), fold(appId));
  return rows.map((row) => ({ ...credentialOf(row), tenantId: row.tenant_id }));
}

function isSameSubject(left: FederatedCredential, right: FederatedCredential): boolean {
  return left.issuer === right.issuer && left.subject === right.subject;
}

function keyOf({ tenantId, appObjectId }: CredentialHolder): readonly [string, string] {
  return [fold(tenantId), fold(appObjectId)];
}

type Row = { readonly tenant_id: string; readonly document: string };

function credentialOf({ document }: Row): FederatedCredential {
  return JSON.parse(document) as FederatedCredential;
}

const insert = statement(
  'federatedCredential.insert',
  `INSERT INTO federated_credential
     (tenant_id, holder_id, name_folded, credential_id, issuer, subject, document)
   VALUES (?, ?, ?, ?, ?, ?, ?)`,
);

const update = statement(
  'federatedCredential.update',
  `UPDATE federated_credential SET issuer = ?, subject = ?, document = ?
   WHERE tenant_id = ? AND holder_id = ? AND name_folded = ?`,
);

const removeOne = statement(
  'federatedCredential.remove',
  'DELETE FROM federated_credential WHERE tenant_id = ? AND holder_id = ? AND name_folded = ?',
);

const removeAll = statement(
  'federatedCredential.removeAll',
  'DELETE FROM federated_credential WHERE tenant_id = ? AND holder_id = ?',
);

const ofHolder = statement<Row>(
  'federatedCredential.ofHolder',
  `SELECT tenant_id, document FROM federated_credential WHERE tenant_id = ? AND holder_id = ?
   ORDER BY name_folded`,
);

const ofApp = statement<Row>(
  'federatedCredential.ofApp',
  `SELECT tenant_id, document FROM federated_credential WHERE (tenant_id, holder_id) IN (
     SELECT tenant_id, object_id FROM application WHERE app_id = ?
     UNION ALL SELECT tenant_id, object_id FROM service_principal WHERE tenant_id = ? AND app_id = ?)
   ORDER BY holder_id, name_folded`,
);
