import { grantIdOf } from '#directory/guid-bytes.ts';
import {
  addPermissionGrant,
  permissionGrantsOf,
  updatePermissionGrant,
} from '#directory/permission-grant.store.ts';
import type { WriteTransaction } from '#store/store.ts';
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

/** Writes consent down as permission grants, added to what was granted before. */
export async function giveConsent(tx: WriteTransaction, consent: Consent): Promise<void> {
  const { tenantId, clientId, principalId, shown } = consent;
  const earlier = await permissionGrantsOf(tx, tenantId, clientId);
  for (const { resourceId, oauthScopes } of shown) {
    const found = earlier.find(
      (one) => one.resourceId === resourceId && one.principalId === principalId,
    );
    if (found === undefined) {
      const grantId = grantIdOf(clientId, resourceId, principalId);
      const parties = {
        clientId,
        resourceId,
        ...(principalId === undefined ? {} : { principalId }),
      };
      await addPermissionGrant(tx, { tenantId, grantId, ...parties, oauthScopes });
    } else {
      const all = [...new Set([...found.oauthScopes, ...oauthScopes])];
      await updatePermissionGrant(tx, tenantId, found.grantId, all);
    }
  }
}
