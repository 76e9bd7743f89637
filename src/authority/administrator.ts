import { directoryRoleIdsOf } from '#directory/directory-role.store.ts';
import { directoryRoleTemplates as roles } from '#directory/directory-role.ts';
import { principalIdsOf } from '#directory/principal.store.ts';
import type { User } from '#directory/user.store.ts';
import type { ReadTransaction } from '#store/store.ts';
import type { ResourcePermissions } from './consent.ts';
import { graphAppId } from './requested-resource.ts';

/** What an administrator may consent to for everybody. */
export interface ConsentRights {
  /** Delegated permissions, and app roles of everything but Microsoft Graph. */
  readonly mayConsent: boolean;
  /** App roles of Microsoft Graph, too. */
  readonly mayGrantGraphRoles: boolean;
  /** Is offered to consent for everybody while she signs in. */
  readonly isAskedForEverybody: boolean;
}

/**
 * What the directory roles of a user let her consent to.
 * Source: https://learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent
 */
export function consentRights(roleIds: readonly string[]): ConsentRights {
  const holds = (...wanted: readonly string[]) => roleIds.some((id) => wanted.includes(id));
  const mayGrantGraphRoles = holds(roles.globalAdministrator, roles.privilegedRoleAdministrator);
  const managesApplications = holds(
    roles.applicationAdministrator,
    roles.cloudApplicationAdministrator,
  );
  return {
    mayConsent: mayGrantGraphRoles || managesApplications,
    mayGrantGraphRoles,
    isAskedForEverybody: holds(roles.globalAdministrator),
  };
}

/** Reads the directory roles of a user, also those that a group gives her. */
export async function consentRightsOf(
  tx: ReadTransaction,
  { tenantId, objectId }: User,
): Promise<ConsentRights> {
  const principalIds = await principalIdsOf(tx, tenantId, objectId);
  return consentRights(await directoryRoleIdsOf(tx, tenantId, principalIds));
}

/** True when an administrator with these rights may consent to all of it. */
export function mayConsentTo(
  rights: ConsentRights,
  wanted: readonly ResourcePermissions[],
): boolean {
  const hasGraphRoles = wanted.some(
    ({ resource, appRoles = [] }) => resource.appId === graphAppId && appRoles.length > 0,
  );
  return rights.mayConsent && (rights.mayGrantGraphRoles || !hasGraphRoles);
}

/** True when a permission among these is an administrator's to give. */
export function isAdminOnly(wanted: readonly ResourcePermissions[]): boolean {
  return wanted.some((one) => one.permissions.some(({ type }) => type === 'Admin'));
}
