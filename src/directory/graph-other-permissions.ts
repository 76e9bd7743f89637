import type { AppRole, DelegatedPermission } from './application.ts';
import rows from './graph-other-permissions.json' with { type: 'json' };
import { appRole, delegated } from './graph-permissions.ts';

/*
 * Permissions of Microsoft Graph over what Batten does not have: mail, calendars, files, devices, and parts of the directory. Registrations
 * ask for them all the same, so they can be consented to and stand in tokens; they open nothing here.
 * Source: permissions/permissions-descriptions.json of https://github.com/microsoftgraph/microsoft-graph-devx-content, from which the
 * portal's own documents take ids and names
 */

/** A permission with its names as an administrator reads it, and as a user does where that is otherwise. */
interface Row {
  readonly id: string;
  readonly value: string;
  readonly displayName: string;
  readonly userDisplayName?: string | undefined;
}

/** For applications that act alone. */
export const otherGraphAppRoles: readonly AppRole[] = rows.forApplications.map(
  ({ id, value, displayName }) => appRole(id, value, displayName),
);

/** For applications that act for a user. */
export const otherGraphDelegatedPermissions: readonly DelegatedPermission[] = [
  ...rows.forUsers.map(delegatedOf('User')),
  ...rows.forAdministrators.map(delegatedOf('Admin')),
];

function delegatedOf(type: 'User' | 'Admin'): (row: Row) => DelegatedPermission {
  return ({ id, value, displayName, userDisplayName }) =>
    delegated(id, value, type, displayName, userDisplayName);
}
