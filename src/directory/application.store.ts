import { fold, sameName } from '#kernel/ids.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';
import { type Application, applicationOf, type NewApplication } from './application.ts';
import { removeCredentials } from './credential.store.ts';
import { forgetNames, indexedTextOf, indexNames, namePlaces } from './object-name.store.ts';
import { removeOwners } from './owner.store.ts';
import { reflectApplication } from './service-principal.store.ts';

/** A name that something else already has; nothing was stored. */
export interface NameConflict {
  readonly conflict:
    | 'appId'
    | 'identifierUri'
    | 'servicePrincipalName'
    | 'uniqueName'
    | 'userPrincipalName';
  readonly value: string;
}

/** Tells a conflict from what was stored. */
export function isNameConflict(outcome: object): outcome is NameConflict {
  return 'conflict' in outcome;
}

/** Stores an application. An appId is unique among all tenants, an identifier URI and a uniqueName within its tenant. */
export async function addApplication(
  tx: WriteTransaction,
  basis: NewApplication,
): Promise<Application | NameConflict> {
  const application = applicationOf(basis);
  const { tenantId, objectId, appId } = application;
  if ((await findApplicationByAppId(tx, appId)) !== undefined) {
    return { conflict: 'appId', value: appId };
  }
  const taken = await takenUri(tx, application);
  if (taken !== undefined) return { conflict: 'identifierUri', value: taken };
  const { uniqueName } = application.profile;
  if (typeof uniqueName === 'string') {
    const holder = await findApplicationByUniqueName(tx, tenantId, uniqueName);
    if (holder !== undefined) return { conflict: 'uniqueName', value: uniqueName };
  }
  await tx.run(insertApplication, tenantId, objectId, appId, JSON.stringify(application));
  await insertUris(tx, application);
  await indexNames(tx, 'application', application);
  return application;
}

/** Stores a changed application under its object id; the service principals that stand for it follow. */
export async function updateApplication(
  tx: WriteTransaction,
  application: Application,
): Promise<Application | NameConflict> {
  const { tenantId, objectId } = application;
  const taken = await takenUri(tx, application);
  if (taken !== undefined) return { conflict: 'identifierUri', value: taken };
  await tx.run(updateDocument, JSON.stringify(application), tenantId, objectId);
  await tx.run(deleteUris, tenantId, objectId);
  await insertUris(tx, application);
  await indexNames(tx, 'application', application);
  await reflectApplication(tx, application);
  return application;
}

/** Removes an application with its credentials and owners. False when there is none. */
export async function deleteApplication(
  tx: WriteTransaction,
  tenantId: string,
  objectId: string,
): Promise<boolean> {
  const keys = [fold(tenantId), fold(objectId)] as const;
  if ((await tx.run(deleteOne, ...keys)) === 0) return false;
  await tx.run(deleteUris, ...keys);
  await removeCredentials(tx, ...keys);
  await removeOwners(tx, ...keys);
  await forgetNames(tx, ...keys);
  return true;
}

/** The application of a tenant with this object id or appId. */
export async function findApplication(
  tx: ReadTransaction,
  tenantId: string,
  objectIdOrAppId: string,
): Promise<Application | undefined> {
  const id = fold(objectIdOrAppId);
  return read(await tx.one(selectOne, fold(tenantId), id, id));
}

/** The application with this appId, in whatever tenant it was registered. */
export async function findApplicationByAppId(
  tx: ReadTransaction,
  appId: string,
): Promise<Application | undefined> {
  return read(await tx.one(selectByAppId, fold(appId)));
}

/** The application of a tenant that was registered under this uniqueName, in whatever case. */
export async function findApplicationByUniqueName(
  tx: ReadTransaction,
  tenantId: string,
  uniqueName: string,
): Promise<Application | undefined> {
  const named = { tenantId, kind: 'application', property: 'uniqueName' } as const;
  const range = { ...named, start: indexedTextOf(uniqueName), match: 'whole' } as const;
  for (const { objectId } of await namePlaces(tx, { ...range, of: 'property' }, undefined, 2)) {
    const found = await findApplication(tx, tenantId, objectId);
    if (sameName(String(found?.profile['uniqueName']), uniqueName)) return found;
  }
  return undefined;
}

/** Object id of the application of a tenant that has an identifier URI. */
export async function holderOfUri(
  tx: ReadTransaction,
  tenantId: string,
  uri: string,
): Promise<string | undefined> {
  return (await tx.one(selectUri, fold(tenantId), fold(uri)))?.object_id;
}

/** The first identifier URI that another application of the tenant has. */
async function takenUri(
  tx: ReadTransaction,
  application: Application,
): Promise<string | undefined> {
  for (const uri of application.identifierUris) {
    const holder = await tx.one(selectUri, application.tenantId, fold(uri));
    if (holder !== undefined && holder.object_id !== application.objectId) return uri;
  }
  return undefined;
}

async function insertUris(tx: WriteTransaction, application: Application): Promise<void> {
  const { tenantId, objectId, identifierUris } = application;
  for (const [index, uri] of identifierUris.entries()) {
    const repeated = identifierUris.slice(0, index).some((earlier) => sameName(earlier, uri));
    if (!repeated) await tx.run(insertUri, tenantId, fold(uri), objectId);
  }
}

function read(row: { readonly document: string } | undefined): Application | undefined {
  return row === undefined ? undefined : (JSON.parse(row.document) as Application);
}

const insertApplication = statement(
  'application.insert',
  'INSERT INTO application (tenant_id, object_id, app_id, document) VALUES (?, ?, ?, ?)',
);

const updateDocument = statement(
  'application.update',
  'UPDATE application SET document = ? WHERE tenant_id = ? AND object_id = ?',
);

const deleteOne = statement(
  'application.delete',
  'DELETE FROM application WHERE tenant_id = ? AND object_id = ?',
);

const selectOne = statement<{ document: string }>(
  'application.select',
  'SELECT document FROM application WHERE tenant_id = ? AND (object_id = ? OR app_id = ?)',
);

const selectByAppId = statement<{ document: string }>(
  'application.selectByAppId',
  'SELECT document FROM application WHERE app_id = ?',
);

const insertUri = statement(
  'application.insertUri',
  'INSERT INTO application_uri (tenant_id, uri_folded, object_id) VALUES (?, ?, ?)',
);

const selectUri = statement<{ object_id: string }>(
  'application.selectUri',
  'SELECT object_id FROM application_uri WHERE tenant_id = ? AND uri_folded = ?',
);

const deleteUris = statement(
  'application.deleteUris',
  'DELETE FROM application_uri WHERE tenant_id = ? AND object_id = ?',
);
