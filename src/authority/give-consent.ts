import { addAppRoleAssignment } from '#directory/app-role-assignment.store.ts';
import { grantIdOf } from '#directory/guid-bytes.ts';
import {
  addPermissionGrant,
  permissionGrantsOf,
  updatePermissionGrant,
} from '#directory/permission-grant.store.ts';
import type { ServicePrincipal } from '#directory/service-principal.store.ts';
import type { Tenant } from '#directory/tenant.store.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import type { WriteTransaction } from '#store/store.ts';
import type { ResourcePermissions } from './consent.ts';
import type { AuthorityRoom } from './room.ts';
import { makePrincipal } from './sign-in-client.ts';

/** Who consents to what. */
export interface Consent {
  readonly tenant: Tenant;
  /** The application that is consented to. */
  readonly clientId: string;
  /** Object id of the user for whom it counts; absent: everybody. */
  readonly principalId?: string;
  readonly permissions: readonly ResourcePermissions[];
}

type ConsentRoom = Pick<AuthorityRoom, 'clock' | 'random'>;

/**
 * Writes consent down: permission grants, added to what was granted before, and app role assignments
 * of the applications themselves, whose service principals are made where the tenant has none. Answers
 * with those that were consented to, the client first.
 */
export async function giveConsent(
  tx: WriteTransaction,
  { tenant, clientId, principalId, permissions }: Consent,
  room: ConsentRoom,
): Promise<readonly ServicePrincipal[] | Fault> {
  const client = await makePrincipal(tx, clientId, tenant, room);
  if (isFault(client)) return client;
  const given = new Map([[client.appId, client]]);
  for (const one of permissions) {
    const resource = await makePrincipal(tx, one.resource.appId, tenant, room);
    if (isFault(resource)) return resource;
    const holder = await makePrincipal(tx, one.holder?.appId ?? clientId, tenant, room);
    if (isFault(holder)) return holder;
    given.set(holder.appId, holder);
    await giveOne(tx, { ...one, holder, resource }, principalId, room);
  }
  return [...given.values()];
}

/** Length of an assignment's id before it is written in base64url. */
const assignmentIdBytes = 32;

/** Gives a stored application permissions of a stored resource. */
async function giveOne(
  tx: WriteTransaction,
  given: ResourcePermissions & { readonly holder: ServicePrincipal },
  principalId: string | undefined,
  room: ConsentRoom,
): Promise<void> {
  const { holder, resource, permissions, appRoles = [] } = given;
  const { tenantId, objectId: clientId } = holder;
  const resourceId = resource.objectId;
  const oauthScopes = permissions.map(({ value }) => value);
  const grants = await permissionGrantsOf(tx, tenantId, clientId);
  const earlier = grants.find(
    (one) => one.resourceId === resourceId && one.principalId === principalId,
  );
  if (earlier !== undefined) {
    const all = [...new Set([...earlier.oauthScopes, ...oauthScopes])];
    await updatePermissionGrant(tx, tenantId, earlier.grantId, all);
  } else if (oauthScopes.length > 0) {
    const grantId = grantIdOf(clientId, resourceId, principalId);
    const whose = principalId === undefined ? {} : { principalId };
    const parties = { clientId, resourceId, ...whose };
    await addPermissionGrant(tx, { tenantId, grantId, ...parties, oauthScopes });
  }
  for (const { id: appRoleId } of appRoles) {
    const assignmentId = room.random.bytes(assignmentIdBytes).toString('base64url');
    const parties = { principalId: clientId, resourceId, appRoleId };
    const createdAt = room.clock.civil();
    await addAppRoleAssignment(tx, { tenantId, assignmentId, ...parties, createdAt });
  }
}
