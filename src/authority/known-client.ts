import type { Application, DelegatedPermission } from '#directory/application.ts';
import { permissionGrantsOf } from '#directory/permission-grant.store.ts';
import type { ServicePrincipal } from '#directory/service-principal.store.ts';
import type { User } from '#directory/user.store.ts';
import { sameName } from '#kernel/ids.ts';
import type { ReadTransaction } from '#store/store.ts';
import type { ResourcePermissions } from './consent.ts';
import { knownApisOf, registeredPermissions } from './registered-permissions.ts';

/** What the APIs that name an application as known ask for themselves, app roles included. */
export async function wantedByKnownApis(
  tx: ReadTransaction,
  tenantId: string,
  client: Application,
): Promise<readonly (ResourcePermissions & { readonly holder: ServicePrincipal })[]> {
  const found = [];
  for (const { application, principal: holder } of await knownApisOf(tx, tenantId, client)) {
    const all = await registeredPermissions(tx, tenantId, application);
    found.push(...all.map((one) => ({ ...one, holder })));
  }
  return found;
}

/**
 * The same, as far as a user is asked: delegated permissions, and none that an API has for her by now
 * unless all are shown again.
 */
export async function newToKnownApis(
  tx: ReadTransaction,
  { tenantId, objectId: userId }: User,
  client: Application,
  isForced: boolean,
): Promise<readonly ResourcePermissions[]> {
  const found: ResourcePermissions[] = [];
  for (const { holder, resource, permissions } of await wantedByKnownApis(tx, tenantId, client)) {
    const grants = await permissionGrantsOf(tx, tenantId, holder.objectId);
    const held = grants
      .filter((one) => (one.principalId ?? userId) === userId)
      .filter((one) => one.resourceId === resource.objectId)
      .flatMap((one) => (isForced ? [] : one.oauthScopes));
    const isNew = ({ value }: DelegatedPermission) => !held.some((one) => sameName(one, value));
    found.push({ holder, resource, permissions: permissions.filter(isNew) });
  }
  return found.filter(({ permissions }) => permissions.length > 0);
}
