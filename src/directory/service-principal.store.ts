import { fold } from '#kernel/ids.ts';
import type { Instant } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';
import type { Application, AppRole, DelegatedPermission, SignInAudience } from './application.ts';
import { removeCredentials } from './credential.store.ts';
import { indexNames } from './object-name.store.ts';
import { removePrincipal } from './principal-removal.store.ts';

/** What a service principal stands for. */
export type ServicePrincipalType = 'Application' | 'ManagedIdentity';

/**
 * What stands for an application in one tenant; only it signs in, holds roles and is found as a resource.
 * Source: https://learn.microsoft.com/graph/api/resources/serviceprincipal
 */
export interface ServicePrincipal {
  readonly tenantId: string;
  readonly objectId: string;
  readonly appId: string;
  readonly displayName: string;
  /** Name of the application, which the principal's own name may leave. */
  readonly appDisplayName: string;
  readonly accountEnabled: boolean;
  /** When true, tokens for it need an app role assignment. */
  readonly appRoleAssignmentRequired: boolean;
  /** The identifier URIs and the appId: every text by which the resource is known. */
  readonly servicePrincipalNames: readonly string[];
  /** Home tenant of the application. */
  readonly appOwnerTenantId: string;
  readonly servicePrincipalType: ServicePrincipalType;
  readonly signInAudience?: SignInAudience;
  readonly requestedAccessTokenVersion?: 1 | 2;
  readonly appRoles: readonly AppRole[];
  readonly oauth2PermissionScopes: readonly DelegatedPermission[];
  readonly replyUrls: readonly string[];
  readonly createdAt: Instant;
  /** Graph properties that are kept and read back and decide nothing, by their wire names. */
  readonly profile: JsonObject;
}

/** The service principal that stands for an application in a tenant, before it is stored. */
export function servicePrincipalOf(
  application: Application,
  place: Pick<ServicePrincipal, 'tenantId' | 'objectId' | 'createdAt'>,
): ServicePrincipal {
  return {
    tenantId: fold(place.tenantId),
    objectId: fold(place.objectId),
    appId: application.appId,
    displayName: application.displayName,
    accountEnabled: true,
    appRoleAssignmentRequired: false,
    servicePrincipalType: 'Application',
    createdAt: place.createdAt,
    profile: {},
    ...reflected(application),
  };
}

/** Stores a service principal. Undefined when the tenant already has one with its appId or one of its names. */
export async function addServicePrincipal(
  tx: WriteTransaction,
  principal: ServicePrincipal,
): Promise<ServicePrincipal | undefined> {
  const { tenantId, objectId, appId } = principal;
  for (const name of principal.servicePrincipalNames) {
    const holder = await tx.one(selectName, tenantId, fold(name));
    if (holder !== undefined) return undefined;
  }
  await tx.run(insertOne, tenantId, objectId, appId, JSON.stringify(principal));
  await insertNames(tx, principal);
  await indexNames(tx, 'servicePrincipal', principal);
  return principal;
}

/** Stores a changed service principal under its object id. */
export async function updateServicePrincipal(
  tx: WriteTransaction,
  principal: ServicePrincipal,
): Promise<void> {
  const { tenantId, objectId } = principal;
  await tx.run(updateDocument, JSON.stringify(principal), tenantId, objectId);
  await tx.run(deleteNames, tenantId, objectId);
  await insertNames(tx, principal);
  await indexNames(tx, 'servicePrincipal', principal);
}

/** Removes a service principal with everything that names it in the directory. False when there is none. */
export async function deleteServicePrincipal(
  tx: WriteTransaction,
  tenantId: string,
  objectId: string,
): Promise<boolean> {
  const keys = [fold(tenantId), fold(objectId)] as const;
  if ((await tx.run(deleteOne, ...keys)) === 0) return false;
  await tx.run(deleteNames, ...keys);
  await removeCredentials(tx, ...keys);
  await removePrincipal(tx, ...keys);
  return true;
}

/** The service principal of a tenant with this object id. */
export async function findServicePrincipal(
  tx: ReadTransaction,
  tenantId: string,
  objectId: string,
): Promise<ServicePrincipal | undefined> {
  return read(await tx.one(selectOne, fold(tenantId), fold(objectId)));
}

/** The service principal that stands for an application in a tenant. */
export function findServicePrincipalByAppId(
  tx: ReadTransaction,
  tenantId: string,
  appId: string,
): Promise<ServicePrincipal | undefined> {
  const keys = [fold(tenantId), fold(appId)] as const;
  return tx.remembered(['servicePrincipal.byAppId', ...keys], async () =>
    read(await tx.one(selectByAppId, ...keys)),
  );
}

/**
 * The service principal known by a name: its appId or an identifier URI, as written or with one slash more or less at its end.
 * UNVERIFIED: that case does not matter; a recorded token request for a resource in capitals would settle it.
 */
export function findServicePrincipalByName(
  tx: ReadTransaction,
  tenantId: string,
  name: string,
): Promise<ServicePrincipal | undefined> {
  const exact = fold(name);
  return tx.remembered(['servicePrincipal.byName', fold(tenantId), exact], async () => {
    const twin = exact.endsWith('/') ? exact.slice(0, -1) : `${exact}/`;
    for (const text of [exact, twin]) {
      const holder = await tx.one(selectName, fold(tenantId), text);
      if (holder !== undefined) return findServicePrincipal(tx, tenantId, holder.object_id);
    }
    return undefined;
  });
}

/** Object id of the service principal of a tenant that has exactly this name. */
export async function holderOfName(
  tx: ReadTransaction,
  tenantId: string,
  name: string,
): Promise<string | undefined> {
  return (await tx.one(selectName, fold(tenantId), fold(name)))?.object_id;
}

/** The service principals of a tenant in the order of their object ids. */
export async function listServicePrincipals(
  tx: ReadTransaction,
  tenantId: string,
): Promise<readonly ServicePrincipal[]> {
  const rows = await tx.all(selectAll, fold(tenantId));
  return rows.map((row) => JSON.parse(row.document) as ServicePrincipal);
}

/** Carries a changed application over to the service principals that stand for it, in every tenant. */
export async function reflectApplication(
  tx: WriteTransaction,
  application: Application,
): Promise<void> {
  for (const row of await tx.all(selectEverywhere, application.appId)) {
    const old = JSON.parse(row.document) as ServicePrincipal;
    const { requestedAccessTokenVersion: _, ...rest } = old;
    const renamed = old.displayName === old.appDisplayName;
    const displayName = renamed ? application.displayName : old.displayName;
    await updateServicePrincipal(tx, { ...rest, ...reflected(application), displayName });
  }
}

/** What a service principal takes over from its application. */
function reflected(application: Application) {
  const version = application.requestedAccessTokenVersion;
  return {
    appDisplayName: application.displayName,
    appOwnerTenantId: application.tenantId,
    servicePrincipalNames: [...application.identifierUris, application.appId],
    signInAudience: application.signInAudience,
    appRoles: application.appRoles,
    oauth2PermissionScopes: application.oauth2PermissionScopes,
    replyUrls: application.webRedirectUris,
    ...(version === undefined ? {} : { requestedAccessTokenVersion: version }),
  };
}

/** A name that another principal of the tenant already has stays with that one. */
async function insertNames(tx: WriteTransaction, principal: ServicePrincipal): Promise<void> {
  for (const name of principal.servicePrincipalNames) {
    await tx.run(insertName, principal.tenantId, fold(name), principal.objectId);
  }
}

function read(row: { readonly document: string } | undefined): ServicePrincipal | undefined {
  return row === undefined ? undefined : (JSON.parse(row.document) as ServicePrincipal);
}

const insertOne = statement(
  'servicePrincipal.insert',
  'INSERT INTO service_principal (tenant_id, object_id, app_id, document) VALUES (?, ?, ?, ?)',
);

const updateDocument = statement(
  'servicePrincipal.update',
  'UPDATE service_principal SET document = ? WHERE tenant_id = ? AND object_id = ?',
);

const deleteOne = statement(
  'servicePrincipal.delete',
  'DELETE FROM service_principal WHERE tenant_id = ? AND object_id = ?',
);

const selectOne = statement<{ document: string }>(
  'servicePrincipal.select',
  'SELECT document FROM service_principal WHERE tenant_id = ? AND object_id = ?',
);

const selectByAppId = statement<{ document: string }>(
  'servicePrincipal.selectByAppId',
  'SELECT document FROM service_principal WHERE tenant_id = ? AND app_id = ?',
);

const selectAll = statement<{ document: string }>(
  'servicePrincipal.selectAll',
  'SELECT document FROM service_principal WHERE tenant_id = ? ORDER BY object_id',
);

const selectEverywhere = statement<{ document: string }>(
  'servicePrincipal.selectEverywhere',
  'SELECT document FROM service_principal WHERE app_id = ?',
);

const insertName = statement(
  'servicePrincipal.insertName',
  `INSERT INTO service_principal_name (tenant_id, name_folded, object_id) VALUES (?, ?, ?)
   ON CONFLICT DO NOTHING`,
);

const selectName = statement<{ object_id: string }>(
  'servicePrincipal.selectName',
  'SELECT object_id FROM service_principal_name WHERE tenant_id = ? AND name_folded = ?',
);

const deleteNames = statement(
  'servicePrincipal.deleteNames',
  'DELETE FROM service_principal_name WHERE tenant_id = ? AND object_id = ?',
);
