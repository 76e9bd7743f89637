import { findServicePrincipal } from '#directory/service-principal.store.ts';
import type { ReadTransaction } from '#store/store.ts';
import { permissionNamed, type ResourcePermissions } from './consent.ts';
import type { ShownPermissions } from './sign-in-attempt.store.ts';
import { findUsablePrincipal, isStored } from './sign-in-client.ts';

/** Permissions as a page shows them, to be kept until they are accepted. */
export function shownOf(wanted: readonly ResourcePermissions[]): readonly ShownPermissions[] {
  return wanted.map(({ holder, resource, permissions, appRoles = [] }) => ({
    ...(holder === undefined ? {} : { holderAppId: holder.appId }),
    resourceAppId: resource.appId,
    resourceId: resource.objectId,
    oauthScopes: permissions.map(({ value }) => value),
    appRoleIds: appRoles.map(({ id }) => id),
  }));
}

/** What a page showed, as far as it is there by now. */
export async function permissionsShown(
  tx: ReadTransaction,
  tenantId: string,
  shown: readonly ShownPermissions[],
): Promise<readonly ResourcePermissions[]> {
  const found: ResourcePermissions[] = [];
  for (const { holderAppId, resourceAppId, resourceId, oauthScopes, appRoleIds = [] } of shown) {
    const resource = isStored({ objectId: resourceId })
      ? await findServicePrincipal(tx, tenantId, resourceId)
      : await findUsablePrincipal(tx, tenantId, resourceAppId);
    const holder =
      holderAppId === undefined ? undefined : await findUsablePrincipal(tx, tenantId, holderAppId);
    if (resource === undefined || (holderAppId !== undefined && holder === undefined)) continue;
    found.push({
      ...(holder === undefined ? {} : { holder }),
      resource,
      permissions: oauthScopes.flatMap((name) => permissionNamed(resource, name) ?? []),
      appRoles: resource.appRoles.filter((one) => one.isEnabled && appRoleIds.includes(one.id)),
    });
  }
  return found;
}
