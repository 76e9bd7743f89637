import type { GraphFacts } from './permission.ts';

/** The permission that shows of other users their basic profile alone. */
export const basicProfileName = 'User.ReadBasic.All';

const readsAnything = ['Directory.Read.All', 'Directory.ReadWrite.All'];

/** Who manages her own applications lists all of them. Source: https://learn.microsoft.com/graph/api/serviceprincipal-get */
const readsApplications = [
  ...readsAnything,
  'Application.Read.All',
  'Application.ReadWrite.All',
  'Application.ReadWrite.OwnedBy',
];

const readsUsers = [...readsAnything, 'User.Read.All', 'User.ReadWrite.All'];

const readsGroups = [...readsAnything, 'Group.Read.All', 'Group.ReadWrite.All'];

const readsMembers = [...readsGroups, 'GroupMember.Read.All', 'GroupMember.ReadWrite.All'];

const writesApplications = ['Application.ReadWrite.All', 'Directory.ReadWrite.All'];

const writesUsers = ['User.ReadWrite.All', 'Directory.ReadWrite.All'];

const writesGroups = ['Group.ReadWrite.All', 'Directory.ReadWrite.All'];

const deletesUsers = ['User.ReadWrite.All', 'User.DeleteRestore.All'];

/** Which names of Graph permissions cover which actions; the names are the same in `roles` and in `scp`. */
const coverage: readonly { readonly actions: string; readonly names: readonly string[] }[] = [
  { actions: 'microsoft.directory/applications/*/read', names: readsApplications },
  { actions: 'microsoft.directory/servicePrincipals/*/read', names: readsApplications },
  {
    actions: 'microsoft.directory/users/appRoleAssignments/read',
    names: [...readsAnything, 'AppRoleAssignment.ReadWrite.All'],
  },
  {
    actions: 'microsoft.directory/groups/appRoleAssignments/read',
    names: [...readsGroups, 'AppRoleAssignment.ReadWrite.All'],
  },
  {
    actions: 'microsoft.directory/users/standard/read',
    names: [...readsUsers, basicProfileName],
  },
  {
    actions: 'microsoft.directory/users/memberOf/read',
    names: [...readsUsers, 'GroupMember.Read.All', 'GroupMember.ReadWrite.All'],
  },
  { actions: 'microsoft.directory/users/*/read', names: readsUsers },
  { actions: 'microsoft.directory/groups/*/read', names: readsMembers },
  {
    actions: 'microsoft.directory/organization/*/read',
    names: [...readsAnything, 'Organization.Read.All', 'Organization.ReadWrite.All'],
  },
  { actions: 'microsoft.directory/directoryObjects/*/read', names: readsAnything },
  { actions: 'microsoft.directory/oAuth2PermissionGrants/*/read', names: readsAnything },
  {
    actions: 'microsoft.directory/domains/*/read',
    names: [...readsAnything, 'Domain.Read.All', 'Domain.ReadWrite.All'],
  },
  { actions: 'microsoft.directory/auditLogs/*/read', names: ['AuditLog.Read.All'] },
  { actions: 'microsoft.directory/signInReports/*/read', names: ['AuditLog.Read.All'] },
  { actions: 'microsoft.directory/userInfo/read', names: ['openid'] },
  {
    actions: 'microsoft.directory/directoryRoles/*/read',
    names: [
      ...readsAnything,
      'RoleManagement.Read.Directory',
      'RoleManagement.ReadWrite.Directory',
    ],
  },
  {
    actions: 'microsoft.directory/deletedItems.applications/standard/read',
    names: [...readsAnything, 'Application.Read.All', 'Application.ReadWrite.All'],
  },
  {
    actions: 'microsoft.directory/deletedItems.administrativeUnits/standard/read',
    names: [...readsAnything, 'AdministrativeUnit.Read.All', 'AdministrativeUnit.ReadWrite.All'],
  },
  {
    actions: 'microsoft.directory/deletedItems.devices/standard/read',
    names: [...readsAnything, 'Device.Read.All', 'Device.ReadWrite.All'],
  },
  { actions: 'microsoft.directory/deletedItems.users/standard/read', names: readsUsers },
  { actions: 'microsoft.directory/deletedItems.groups/standard/read', names: readsGroups },
  {
    actions: 'microsoft.directory/servicePrincipals/appRoleAssignedTo/update',
    names: ['AppRoleAssignment.ReadWrite.All'],
  },
  // Only tokens of the service behind the portal are taken where this is asked for.
  {
    actions: 'microsoft.directory/servicePrincipals/managePermissionGrantsForAll',
    names: ['user_impersonation'],
  },
  {
    actions: 'microsoft.directory/directoryRoles/*',
    names: ['RoleManagement.ReadWrite.Directory'],
  },
  {
    actions: 'microsoft.directory/policies/*/read',
    names: ['Policy.Read.All', 'Policy.ReadWrite.ApplicationConfiguration'],
  },
  {
    actions: 'microsoft.directory/policies/*',
    names: ['Policy.ReadWrite.ApplicationConfiguration'],
  },
  { actions: 'microsoft.directory/applications/*', names: writesApplications },
  { actions: 'microsoft.directory/servicePrincipals/*', names: writesApplications },
  { actions: 'microsoft.directory/deletedItems.applications/*', names: writesApplications },
  { actions: 'microsoft.directory/deletedItems.users/*', names: deletesUsers },
  { actions: 'microsoft.directory/deletedItems.groups/*', names: ['Group.ReadWrite.All'] },
  { actions: 'microsoft.directory/users/delete', names: deletesUsers },
  {
    actions: 'microsoft.directory/users/password/update',
    names: ['User-PasswordProfile.ReadWrite.All'],
  },
  {
    actions: 'microsoft.directory/users/enable',
    names: [...writesUsers, 'User.EnableDisableAccount.All'],
  },
  {
    actions: 'microsoft.directory/users/disable',
    names: [...writesUsers, 'User.EnableDisableAccount.All'],
  },
  {
    actions: 'microsoft.directory/users/invalidateAllRefreshTokens',
    names: [...writesUsers, 'User.RevokeSessions.All'],
  },
  { actions: 'microsoft.directory/users/*', names: writesUsers },
  { actions: 'microsoft.directory/groups/create', names: [...writesGroups, 'Group.Create'] },
  { actions: 'microsoft.directory/groups/delete', names: ['Group.ReadWrite.All'] },
  {
    actions: 'microsoft.directory/groups/members/update',
    names: [...writesGroups, 'GroupMember.ReadWrite.All'],
  },
  { actions: 'microsoft.directory/groups/*', names: writesGroups },
  {
    actions: 'microsoft.directory/oAuth2PermissionGrants/*',
    names: ['Directory.ReadWrite.All', 'DelegatedPermissionGrant.ReadWrite.All'],
  },
];

/**
 * Whether the name of an application permission covers an action. The first row that fits decides alone: granting app roles is not
 * covered by writing applications, and a password is not covered by writing users.
 * Source: https://learn.microsoft.com/graph/permissions-reference, https://learn.microsoft.com/graph/api/user-update
 */
export function appRoleCovers(name: string, action: string): boolean {
  return coverage.find((row) => fits(row.actions, action))?.names.includes(name) ?? false;
}

/** Actions with which a user may change what is her own, if the token lets her. */
const ofHerself = [
  'microsoft.directory/users/contactInfo/update',
  'microsoft.directory/users/invalidateAllRefreshTokens',
];

/** Whether the name of a delegated permission covers an action. What the user herself may do is judged apart. */
export function oauthScopeCovers(name: string, action: string, facts: GraphFacts): boolean {
  switch (name) {
    case 'Directory.AccessAsUser.All':
      return true;
    case 'User.Read':
      return isReadOfHerOwn(action, facts);
    case 'User.ReadWrite':
      return isReadOfHerOwn(action, facts) || (facts.isSelf && ofHerself.includes(action));
    case 'User.ReadWrite.All':
      return appRoleCovers(name, action) || action === 'microsoft.directory/users/password/update';
    default:
      return appRoleCovers(name, action);
  }
}

function isReadOfHerOwn(action: string, { isSelf }: GraphFacts): boolean {
  const ofOrganization = action === 'microsoft.directory/organization/standard/read';
  return isRead(action) && (isSelf || ofOrganization);
}

/** True when the action changes nothing. */
export function isRead(action: string): boolean {
  return action.endsWith('/read');
}

/** Whether an action fits a pattern. `*` stands for any one or more characters and appears at most once. */
export function fits(pattern: string, action: string): boolean {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === action;
  const [head, tail] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return (
    action.length > head.length + tail.length && action.startsWith(head) && action.endsWith(tail)
  );
}
