import { directoryRoleTemplates as roles } from '#directory/directory-role.ts';
import type { GraphFacts } from './permission.ts';
import { fits, isRead } from './permission-names.ts';

const managesApplications = [
  'microsoft.directory/applications/*',
  'microsoft.directory/servicePrincipals/*',
  'microsoft.directory/oAuth2PermissionGrants/*',
  'microsoft.directory/deletedItems.applications/*',
];

const managesGroups = ['microsoft.directory/groups/*', 'microsoft.directory/deletedItems.groups/*'];

const resetsPasswords = [
  'microsoft.directory/users/password/update',
  'microsoft.directory/users/invalidateAllRefreshTokens',
];

/** What each directory role may change; all of them read. Global Administrators may everything. */
const changes: Readonly<Record<string, readonly string[]>> = {
  [roles.applicationAdministrator]: managesApplications,
  [roles.cloudApplicationAdministrator]: managesApplications,
  [roles.directoryReaders]: [],
  [roles.globalReader]: [],
  [roles.directoryWriters]: [
    'microsoft.directory/users/basic/update',
    'microsoft.directory/users/contactInfo/update',
    'microsoft.directory/users/create',
    'microsoft.directory/users/enable',
    'microsoft.directory/users/disable',
    'microsoft.directory/users/invalidateAllRefreshTokens',
    'microsoft.directory/users/userPrincipalName/update',
    'microsoft.directory/groups/basic/update',
    'microsoft.directory/groups/create',
    'microsoft.directory/groups/members/update',
    'microsoft.directory/groups/owners/update',
  ],
  [roles.groupsAdministrator]: managesGroups,
  [roles.helpdeskAdministrator]: resetsPasswords,
  [roles.passwordAdministrator]: ['microsoft.directory/users/password/update'],
  [roles.privilegedAuthenticationAdministrator]: [
    ...resetsPasswords,
    'microsoft.directory/users/enable',
    'microsoft.directory/users/disable',
    'microsoft.directory/users/delete',
    'microsoft.directory/users/userPrincipalName/update',
    'microsoft.directory/users/contactInfo/update',
    'microsoft.directory/deletedItems.users/restore',
  ],
  [roles.privilegedRoleAdministrator]: [
    'microsoft.directory/directoryRoles/*',
    'microsoft.directory/servicePrincipals/appRoleAssignedTo/update',
    'microsoft.directory/servicePrincipals/managePermissionGrantsForAll',
    'microsoft.directory/oAuth2PermissionGrants/*',
  ],
  [roles.reportsReader]: [],
  [roles.securityReader]: [],
  [roles.userAdministrator]: [
    'microsoft.directory/users/*',
    'microsoft.directory/deletedItems.users/*',
    ...managesGroups,
  ],
};

/**
 * Whether a directory role allows an action. Application administrators give app roles of anything but Graph: they could otherwise give
 * themselves the directory. For the same reason a role changes what is sensitive only of users who hold no higher one.
 * Source: https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
 */
export function directoryRoleCovers(
  templateId: string,
  action: string,
  facts: GraphFacts,
): boolean {
  if (templateId === roles.globalAdministrator) return true;
  const allowed = changes[templateId];
  if (allowed === undefined) return false;
  if (isOfReports(action)) return readsReports.includes(templateId);
  if (isRead(action)) return true;
  const isOfApplications = allowed === managesApplications;
  if (isOfApplications && isAppRoleGrant(action) && facts.isGraph === true) return false;
  if (!allowed.some((pattern) => fits(pattern, action))) return false;
  return !isSensitive(action) || isWithinReach(templateId, facts);
}

/** Who reads the logs, beside Global Administrators. */
const readsReports: readonly string[] = [
  roles.applicationAdministrator,
  roles.cloudApplicationAdministrator,
  roles.globalReader,
  roles.reportsReader,
  roles.securityReader,
];

/** True when the action reads the logs, which being a member of the tenant is not enough for. */
export function isOfReports(action: string): boolean {
  return (
    action === 'microsoft.directory/auditLogs/allProperties/read' ||
    action === 'microsoft.directory/signInReports/allProperties/read'
  );
}

/** True when the action gives app roles. */
export function isAppRoleGrant(action: string): boolean {
  return action === 'microsoft.directory/servicePrincipals/appRoleAssignedTo/update';
}

/**
 * Actions by which one who may act on users could become another of them, or silence one.
 * Source: https://learn.microsoft.com/entra/identity/role-based-access-control/privileged-roles-permissions (who can perform sensitive actions)
 */
const sensitive = [
  'microsoft.directory/users/contactInfo/update',
  'microsoft.directory/users/delete',
  'microsoft.directory/users/enable',
  'microsoft.directory/users/disable',
  'microsoft.directory/users/invalidateAllRefreshTokens',
  'microsoft.directory/users/password/update',
  'microsoft.directory/users/userPrincipalName/update',
  'microsoft.directory/deletedItems.users/delete',
  'microsoft.directory/deletedItems.users/restore',
];

/** True when an action on a user who holds directory roles needs a role above hers. */
export function isSensitive(action: string): boolean {
  return sensitive.includes(action);
}

const passwordReach = [roles.directoryReaders, roles.passwordAdministrator];
const helpdeskReach = [...passwordReach, roles.helpdeskAdministrator];

/** Roles that a user may hold and still be in reach of another role; for those that are not named, Directory Readers alone. */
const reach: Readonly<Record<string, readonly string[]>> = {
  [roles.passwordAdministrator]: passwordReach,
  [roles.helpdeskAdministrator]: helpdeskReach,
  [roles.userAdministrator]: [...helpdeskReach, roles.groupsAdministrator, roles.userAdministrator],
};

function isWithinReach(templateId: string, { heldRoleIds = [] }: GraphFacts): boolean {
  if (templateId === roles.privilegedAuthenticationAdministrator) return true;
  const below = reach[templateId] ?? [roles.directoryReaders];
  return heldRoleIds.every((id) => below.includes(id));
}

/** True when the user that an action is about holds no directory role that protects her from applications. */
export function isUnprotected({ heldRoleIds = [] }: GraphFacts): boolean {
  return heldRoleIds.every((id) => id === roles.directoryReaders);
}
