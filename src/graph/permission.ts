import type { Caller } from '#directory/caller.ts';
import { directoryRoleTemplates } from '#directory/directory-role.store.ts';
import type { AccessRequest, Permission } from '#http/operation.ts';

/** What the decision knows beside the token: how the caller stands to the object that the request is about. */
export interface GraphFacts {
  /** The object is the caller herself. */
  readonly isSelf: boolean;
  /** The caller is an owner of the object. */
  readonly isOwner: boolean;
  /** The object is Microsoft Graph itself, whose app roles give rights over this directory. */
  readonly isGraph?: boolean;
}

/** Why the caller may, or that she may not. */
export type GraphDecision =
  | { readonly granted: true; readonly by: GraphGround }
  | { readonly granted: false; readonly reason: string };

/** What a grant rests on; what is granted by `ownership` makes the creator an owner. */
export type GraphGround = 'directoryRole' | 'appRole' | 'ownership' | 'member';

/**
 * Whether a caller may do something in her directory. An application acting alone needs an app role of Graph or a directory role. A
 * delegated token needs an OAuth scope that covers the action, and then the user's own rights decide: a directory role,
 * ownership, or what every member may do.
 * Source: https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference,
 * https://learn.microsoft.com/graph/permissions-reference, https://learn.microsoft.com/entra/fundamentals/users-default-permissions
 */
export function decideGraph(
  caller: Caller,
  request: AccessRequest,
  facts: GraphFacts,
): GraphDecision {
  const action = request.action;
  if (isDelegated(caller)) {
    const covered = caller.oauthScopes.some((name) => scopeCovers(name, action, facts));
    if (!covered) return refused(`no delegated permission of the token covers ${action}`);
  } else if (caller.appRoles.some((name) => appRoleCovers(name, action))) {
    return { granted: true, by: 'appRole' };
  }
  if (caller.directoryRoleIds.some((id) => directoryRoleCovers(id, action, facts))) {
    return { granted: true, by: 'directoryRole' };
  }
  if (ownershipCovers(caller, action, facts)) return { granted: true, by: 'ownership' };
  if (isDelegated(caller) && memberMay(action)) return { granted: true, by: 'member' };
  return refused(`neither a role, ownership nor membership allows ${action}`);
}

/** True when a caller who was allowed to create something was so as an owner: Entra then makes her the first owner of it. */
export function createsAsOwner(caller: Caller, action: string): boolean {
  const request: AccessRequest = { action, plane: 'control', scope: '/' };
  const decision = decideGraph(caller, request, { isSelf: false, isOwner: true });
  return decision.granted && decision.by === 'ownership';
}

/** A permission at the object that the request is about, or at the whole directory. */
export function may(...actions: readonly string[]): Permission {
  const documented = actions.map((action) => ({ action, plane: 'control' as const }));
  return {
    documented,
    requests: ({ scope }) => documented.map((one) => ({ ...one, scope })),
  };
}

/** True when a user acts through an application. */
function isDelegated(caller: Caller): boolean {
  return caller.principalType === 'User';
}

const readsAnything = ['Directory.Read.All', 'Directory.ReadWrite.All'];

const writesApplications = ['Application.ReadWrite.All', 'Directory.ReadWrite.All'];

/** Which names of Graph permissions cover which actions; the names are the same in `roles` and in `scp`. */
const coverage: readonly { readonly actions: string; readonly names: readonly string[] }[] = [
  {
    actions: 'microsoft.directory/applications/*/read',
    names: [...readsAnything, 'Application.Read.All', 'Application.ReadWrite.All'],
  },
  {
    actions: 'microsoft.directory/servicePrincipals/*/read',
    names: [...readsAnything, 'Application.Read.All', 'Application.ReadWrite.All'],
  },
  {
    actions: 'microsoft.directory/users/*/read',
    names: [...readsAnything, 'User.Read.All', 'User.ReadWrite.All'],
  },
  {
    actions: 'microsoft.directory/groups/*/read',
    names: [...readsAnything, 'Group.Read.All', 'Group.ReadWrite.All', 'GroupMember.Read.All'],
  },
  {
    actions: 'microsoft.directory/organization/*/read',
    names: [...readsAnything, 'Organization.Read.All'],
  },
  { actions: 'microsoft.directory/directoryObjects/*/read', names: readsAnything },
  { actions: 'microsoft.directory/oAuth2PermissionGrants/*/read', names: readsAnything },
  { actions: 'microsoft.directory/domains/*/read', names: readsAnything },
  { actions: 'microsoft.directory/directoryRoles/*/read', names: readsAnything },
  {
    actions: 'microsoft.directory/servicePrincipals/appRoleAssignedTo/update',
    names: ['AppRoleAssignment.ReadWrite.All'],
  },
  { actions: 'microsoft.directory/applications/*', names: writesApplications },
  { actions: 'microsoft.directory/servicePrincipals/*', names: writesApplications },
  { actions: 'microsoft.directory/deletedItems.applications/*', names: writesApplications },
  { actions: 'microsoft.directory/users/*', names: ['User.ReadWrite.All'] },
  {
    actions: 'microsoft.directory/groups/*',
    names: ['Group.ReadWrite.All', 'Directory.ReadWrite.All'],
  },
  {
    actions: 'microsoft.directory/oAuth2PermissionGrants/*',
    names: ['Directory.ReadWrite.All', 'DelegatedPermissionGrant.ReadWrite.All'],
  },
];

/** The first row that fits decides alone: granting app roles is not covered by writing applications. */
function appRoleCovers(name: string, action: string): boolean {
  return coverage.find((row) => fits(row.actions, action))?.names.includes(name) ?? false;
}

function scopeCovers(name: string, action: string, facts: GraphFacts): boolean {
  if (name === 'Directory.AccessAsUser.All') return true;
  if (appRoleCovers(name, action)) return true;
  if (name === 'User.ReadBasic.All') return action === 'microsoft.directory/users/standard/read';
  if (name !== 'User.Read') return false;
  const ofOrganization = action === 'microsoft.directory/organization/standard/read';
  return isRead(action) && (facts.isSelf || ofOrganization);
}

/** Actions on what has owners whose ownership gives rights. */
const ownable = ['microsoft.directory/applications/*', 'microsoft.directory/servicePrincipals/*'];

const managesApplications = [
  ...ownable,
  'microsoft.directory/oAuth2PermissionGrants/*',
  'microsoft.directory/deletedItems.applications/*',
];

/** Application administrators give app roles of anything but Graph: they could otherwise give themselves the directory. */
function directoryRoleCovers(templateId: string, action: string, facts: GraphFacts): boolean {
  switch (templateId) {
    case directoryRoleTemplates.globalAdministrator:
      return true;
    case directoryRoleTemplates.applicationAdministrator:
    case directoryRoleTemplates.cloudApplicationAdministrator:
      if (isRead(action)) return true;
      if (isAppRoleGrant(action) && facts.isGraph === true) return false;
      return managesApplications.some((pattern) => fits(pattern, action));
    case directoryRoleTemplates.directoryReaders:
      return isRead(action);
    default:
      return false;
  }
}

/**
 * What the owner of an application or service principal may do with it; giving it app roles is not among it. A service principal is
 * made by the owner of its application, and an application by anybody who will own it.
 */
function ownershipCovers(caller: Caller, action: string, facts: GraphFacts): boolean {
  if (!ownable.some((pattern) => fits(pattern, action)) || isAppRoleGrant(action)) return false;
  const registers = action === 'microsoft.directory/applications/create';
  if (!facts.isOwner && !registers) return false;
  return isDelegated(caller) || caller.appRoles.includes('Application.ReadWrite.OwnedBy');
}

/** What every member of a tenant may do while nobody has narrowed it: read. Guests are not told apart yet. */
function memberMay(action: string): boolean {
  return isRead(action);
}

function isAppRoleGrant(action: string): boolean {
  return action === 'microsoft.directory/servicePrincipals/appRoleAssignedTo/update';
}

function isRead(action: string): boolean {
  return action.endsWith('/read');
}

/** `*` stands for any one or more characters and appears at most once. */
function fits(pattern: string, action: string): boolean {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === action;
  const [head, tail] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return (
    action.length > head.length + tail.length && action.startsWith(head) && action.endsWith(tail)
  );
}

function refused(reason: string): GraphDecision {
  return { granted: false, reason };
}
