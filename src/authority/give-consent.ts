import { addAppRoleAssignment } from '#directory/app-role-assignment.store.ts';
import { grantIdOf } from '#directory/guid-bytes.ts';
import {
  addPermissionGrant,
  permissionGrantsOf,
  updatePermissionGrant,
} from '#directory/permission-grant.store.ts';
import type { WriteTransaction } from '#store/store.ts';
import type { AuthorityRoom } from './room.ts';
import type { ShownPermissions } from './sign-in-attempt.store.ts';

/** Who consents to what. */
export interface Consent {
  readonly tenantId: string;
  /** Object id of the client's service principal. */
  readonly clientId: string;
  /** The user for whom it counts; absent: everybody. */
  readonly principalId?: string;
  readonly shown: readonly ShownPermissions[];
}

/** Length of an assignment's id before it is written in base64url. */
const assignmentIdBytes = 32;

/**
 * Writes consent down: permission grants, added to what was granted before, and app role
 * assignments of the client itself.
 */
export async function giveConsent(
  tx: WriteTransaction,
  consent: Consent,
  room: Pick<AuthorityRoom, 'clock' | 'random'>,
): Promise<void> {
  const { tenantId, clientId, principalId, shown } = consent;
  const earlier = await permissionGrantsOf(tx, tenantId, clientId);
  for (const { resourceId, oauthScopes, appRoleIds = [] } of shown) {
    const found = earlier.find(
      (one) => one.resourceId === resourceId && one.principalId === principalId,
    );
    const parties = { clientId, resourceId, ...(principalId === undefined ? {} : { principalId }) };
    if (found !== undefined) {
      const all = [...new Set([...found.oauthScopes, ...oauthScopes])];
      await updatePermissionGrant(tx, tenantId, found.grantId, all);
    } else if (oauthScopes.length > 0) {
      const grantId = grantIdOf(clientId, resourceId, principalId);
      await addPermissionGrant(tx, { tenantId, grantId, ...parties, oauthScopes });
    }
    for (const appRoleId of appRoleIds) {
      const assignmentId = room.random.bytes(assignmentIdBytes).toString('base64url');
      const given = { principalId: clientId, resourceId, appRoleId };
      const createdAt = room.clock.civil();
      await addAppRoleAssignment(tx, { tenantId, assignmentId, ...given, createdAt });
    }
  }
}
