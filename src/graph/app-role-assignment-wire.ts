import type { AppRoleAssignment } from '#directory/app-role-assignment.store.ts';
import { findPrincipal } from '#directory/principal.store.ts';
import { findServicePrincipal } from '#directory/service-principal.store.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { ReadTransaction } from '#store/store.ts';
import { wholeSeconds } from './application-wire.ts';

/** An app role assignment as Graph shows it, with the names of both parties. */
export async function assignmentJson(
  tx: ReadTransaction,
  assignment: AppRoleAssignment,
): Promise<JsonObject> {
  const { tenantId, principalId, resourceId } = assignment;
  const principal = await findPrincipal(tx, tenantId, principalId);
  const resource = await findServicePrincipal(tx, tenantId, resourceId);
  return {
    id: assignment.assignmentId,
    deletedDateTime: null,
    appRoleId: assignment.appRoleId,
    createdDateTime: wholeSeconds(assignment.createdAt),
    principalDisplayName: principal?.displayName ?? null,
    principalId,
    principalType: principal?.principalType ?? null,
    resourceDisplayName: resource?.displayName ?? null,
    resourceId,
  };
}
