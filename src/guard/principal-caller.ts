import type { Caller } from '#directory/caller.ts';
import { directoryRoleIdsOf } from '#directory/directory-role.store.ts';
import { principalIdsOf } from '#directory/principal.store.ts';
import type { ServicePrincipal } from '#directory/service-principal.store.ts';
import type { User } from '#directory/user.store.ts';
import type { ReadTransaction } from '#store/store.ts';

/** What a token adds to a principal of the directory. */
export interface CallerFacts extends Pick<Caller, 'appId' | 'oauthScopes' | 'appRoles' | 'claims'> {
  /** Groups that the directory does not know the principal in. */
  readonly groupIds?: readonly string[];
}

/** A principal as the caller of a request, with the groups and directory roles that it has now. */
export async function callerOfPrincipal(
  tx: ReadTransaction,
  principal: User | ServicePrincipal,
  { appId, oauthScopes, appRoles, claims, groupIds = [] }: CallerFacts,
): Promise<Caller> {
  const { tenantId, objectId } = principal;
  const own = await principalIdsOf(tx, tenantId, objectId);
  const principalIds = [...new Set([...own, ...groupIds])];
  const isUser = 'userPrincipalName' in principal;
  return {
    tenantId,
    objectId,
    principalType: isUser ? 'User' : 'ServicePrincipal',
    appId,
    displayName: isUser ? principal.userPrincipalName : objectId,
    principalIds,
    directoryRoleIds: await directoryRoleIdsOf(tx, tenantId, principalIds),
    oauthScopes,
    appRoles,
    claims,
  };
}
