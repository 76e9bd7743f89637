import type { Caller } from '#directory/caller.ts';
import type { AccessRequest, Permission } from '#http/operation.ts';
import { appRoleCovers, fits, isRead, oauthScopeCovers } from './permission-names.ts';
import {
  directoryRoleCovers,
  isAppRoleGrant,
  isOfReports,
  isSensitive,
  isUnprotected,
} from './role-permission.ts';

/** What the decision knows beside the token: how the caller stands to the object that the request is about. */
export interface GraphFacts {
  /** The object is the caller herself, or the application that is calling. */
  readonly isSelf: boolean;
  /** The caller is an owner of the object. */
  readonly isOwner: boolean;
  /** Nothing has the alternate key that names the object: changing it may mean making it. */
  readonly isMissing?: boolean;
  /** The object is Microsoft Graph itself, whose app roles give rights over this directory. */
  readonly isGraph?: boolean;
  /** Template ids of the directory roles that the user whom the request is about holds, also through groups. */
  readonly heldRoleIds?: readonly string[];
  /** What kind of object a deleted item is, by the word that its actions have. */
  readonly deletedItems?: 'applications' | 'groups' | 'users';
}

/** Why the caller may, or that she may not. */
export type GraphDecision =
  | { readonly granted: true; readonly by: GraphGround }
  | { readonly granted: false; readonly reason: string };

/** What a grant rests on; what is granted by `ownership` makes the creator an owner. */
export type GraphGround = 'directoryRole' | 'appRole' | 'ownership' | 'self' | 'member';

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
  const action = madeByChange(namedByKind(request.action, facts), facts);
  if (isDelegated(caller)) {
    const covered = caller.oauthScopes.some((name) => oauthScopeCovers(name, action, facts));
    if (!covered) return refused(`no delegated permission of the token covers ${action}`);
  } else if (caller.appRoles.some((name) => appRoleCovers(name, action))) {
    if (!isSensitive(action) || isUnprotected(facts)) return { granted: true, by: 'appRole' };
  }
  if (caller.directoryRoleIds.some((id) => directoryRoleCovers(id, action, facts))) {
    return { granted: true, by: 'directoryRole' };
  }
  if (ownershipCovers(caller, action, facts)) return { granted: true, by: 'ownership' };
  if (!isDelegated(caller) && facts.isSelf && ofItself.includes(action)) {
    return { granted: true, by: 'self' };
  }
  if (isDelegated(caller) && memberMay(action, facts)) return { granted: true, by: 'member' };
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

/** The action on a deleted item says what kind it is, which its path does not. */
function namedByKind(action: string, { deletedItems }: GraphFacts): string {
  return deletedItems === undefined
    ? action
    : action.replace('/deletedItems/', `/deletedItems.${deletedItems}/`);
}

/** A change of what is not there is decided as making it. Source: https://learn.microsoft.com/graph/api/application-upsert */
function madeByChange(action: string, { isMissing = false }: GraphFacts): string {
  if (!isMissing || !action.endsWith('/update')) return action;
  const [room, collection] = action.split('/');
  return `${room}/${collection}/create`;
}

/** Actions on what has owners whose ownership gives rights. */
const ownable = [
  'microsoft.directory/applications/*',
  'microsoft.directory/servicePrincipals/*',
  'microsoft.directory/deletedItems.applications/*',
];

const ownableGroups = ['microsoft.directory/groups/*', 'microsoft.directory/deletedItems.groups/*'];

/** What anybody may make who will own it. */
const registers = ['microsoft.directory/applications/create', 'microsoft.directory/groups/create'];

/**
 * What the owner of an application, service principal or group may do with it; giving app roles is not among it. A service principal is
 * made by the owner of its application, an application or group by anybody who will own it.
 */
function ownershipCovers(caller: Caller, action: string, facts: GraphFacts): boolean {
  const isOfGroups = ownableGroups.some((pattern) => fits(pattern, action));
  const isOwnable = isOfGroups || ownable.some((pattern) => fits(pattern, action));
  if (!isOwnable || isAppRoleGrant(action)) return false;
  if (!facts.isOwner && !registers.includes(action)) return false;
  // UNVERIFIED: that an application needs Group.Create to act on a group that it owns; a request without it would settle it.
  const role = isOfGroups ? 'Group.Create' : 'Application.ReadWrite.OwnedBy';
  return isDelegated(caller) || caller.appRoles.includes(role);
}

/**
 * What an application needs no permission for: reading itself, and rolling its own keys.
 * Source: https://learn.microsoft.com/graph/api/serviceprincipal-get, https://learn.microsoft.com/graph/api/application-addkey
 */
const ofItself = [
  'microsoft.directory/applications/credentials/roll',
  'microsoft.directory/applications/standard/read',
  'microsoft.directory/servicePrincipals/credentials/roll',
  'microsoft.directory/servicePrincipals/standard/read',
];

/** Actions on herself that every user has, and that nobody has on another. */
const selfService = [
  'microsoft.directory/users/contactInfo/update',
  'microsoft.directory/users/invalidateAllRefreshTokens',
  'microsoft.directory/users/password/change',
];

/**
 * What every member of a tenant may do while nobody has narrowed it: read what is not deleted and no log, and look after herself. Guests are not
 * told apart yet.
 */
function memberMay(action: string, { isSelf }: GraphFacts): boolean {
  if (selfService.includes(action)) return isSelf;
  if (isOfReports(action)) return false;
  return isRead(action) && !action.startsWith('microsoft.directory/deletedItems');
}

function refused(reason: string): GraphDecision {
  return { granted: false, reason };
}
